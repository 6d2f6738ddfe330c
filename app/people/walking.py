"""The whole of a roster, chunk after chunk, as plain rows: for what is longer than a page."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, bindparam, type_coerce
from sqlalchemy_utils import StringEncryptedType

from app.people.listing import MASK, MASKS, Filters, aisle_of
from app.people.model import Cadre
from app.people.schema import CadreSchema
from app.schemas.fields import Code
from tenants import in_order, keys
from tenants.db import db
from tenants.scope import Scope

Row = Mapping[str, Any]
# Written into the statement: kept as parameters, a thousand ids get a plan of PostgreSQL's that reads every row.
_THESE: Any = bindparam("these", expanding=True, literal_execute=True)


class CadreWalk:
    """Files that a list shows under these filters, in its order; sensitive values still sealed."""

    def __init__(self, scope: Scope, filters: Filters) -> None:
        self._scope, self._aisle = scope, aisle_of(filters, scope)
        self._after: tuple[int, str, str] | None = None
        self._fields = CadreSchema().named()
        names = dict.fromkeys(("id", "unit_number", "name", *self._fields))
        self._columns = [_plain(name).label(name) for name in names]

    def total(self) -> int:
        """How many rows there are."""
        return in_order.total(self._aisle, self._scope)

    def next(self, size: int) -> list[Row]:
        """The next rows, as they lie in the database; none at the end."""
        keys = in_order.first(self._aisle, self._scope, size, self._after)
        if not keys:
            return []
        self._after = keys[-1]
        ids = [row_id for _number, _reading, row_id in keys]
        found = db.session.execute(self._scope.select(Cadre, *self._columns).where(Cadre.id.in_(_THESE)),
                                   {"these": ids}).mappings()
        rows = {row["id"]: dict(row) for row in found}
        return [rows[row_id] for row_id in ids if row_id in rows]

    def shown(self, row: Row, *, clear: bool) -> dict[str, Any]:
        """A row in words: codes by their labels, sensitive values masked unless `clear`."""
        made: dict[str, Any] = {}
        for name, field in self._fields.items():
            value = row[name]
            if value is not None and field.metadata.get("sensitive"):
                value = _opened(name, value) if clear else MASKS[name](_opened(name, value)) if name in MASKS else MASK
                if value == MASK:
                    made[name] = MASK
                    continue
            made[name] = field.choices.get(value) if isinstance(field, Code) and value else value
        return made


def _plain(name: str) -> Any:
    column = getattr(Cadre, name)
    return type_coerce(column, String) if isinstance(column.type, StringEncryptedType) else column


def _opened(name: str, sealed: str) -> str:
    kind = Cadre.__mapper__.columns[name].type
    if not isinstance(kind, StringEncryptedType):
        return sealed
    return keys.ring().decrypt(sealed, kind.engine.context).decode()
