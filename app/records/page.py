"""A list page of one kind of record for the API: rows straight from the database, no entities (`view.Plan`)."""

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import String, bindparam, select, type_coerce
from sqlalchemy.sql.selectable import Select
from sqlalchemy_utils import StringEncryptedType

from app.paging import Page, page_of
from app.records import store, view
from app.records.listing import newest_keys
from app.records.model import Record
from app.records.module import Module
from tenants import keys
from tenants.picking import Key
from tenants.prepared import Prepared, Row, Within
from tenants.scope import Scope


def _columns(record: type[Record], names: Sequence[str]) -> list[Any]:
    """The plan's columns; encrypted ones as they lie there, to be opened where they are shown."""
    mapped = [getattr(record, name) for name in names]
    return [type_coerce(each, String) if isinstance(each.type, StringEncryptedType) else each for each in mapped]


def _by_id(within: Within, record: type[Record], names: Sequence[str], many: int) -> Select[Any]:
    ids: list[Any] = [bindparam(f"id_{place}") for place in range(many)]
    return select(*_columns(record, names)).where(within(Record), Record.id.in_(ids))


_ROWS = Prepared(_by_id)


def page(module: Module, scope: Scope, *, cursor: str | None, limit: int) -> Page[Row]:
    """Newest first by (ended_on, unit number, id): rows in the order of the module's plan, and the total."""
    keys, total = newest_keys(module, scope, cursor, limit + 1)
    return page_of(rows_of(module, scope, keys), limit, lambda row: (row[_DAY], row[UNIT_NUMBER], row[_ID]), total)


def rows_of(module: Module, scope: Scope, keys: Sequence[Key]) -> list[Row]:
    """The rows behind these keys, in their order."""
    if not keys:
        return []
    shape: tuple[Hashable, ...] = (module.record, view.plan_of(module).names, len(keys))
    named = {f"id_{place}": key[2] for place, key in enumerate(keys)}
    found = {row[_ID]: row for row in _ROWS.rows(scope, *shape, **named)}
    return [found[record_id] for _day, _number, record_id in keys if record_id in found]


_DAY, _ID, UNIT_NUMBER = (view.COMMON.index(name) for name in ("ended_on", "id", "unit_number"))


def shown(module: Module, rows: Sequence[Row], scope: Scope, keeps: Scope, today: date) -> list[dict[str, Any]]:
    """The JSON of rows; sensitive values are opened for those who keep the record, and for nobody else."""
    plan = view.plan_of(module)
    people = store.people_of([row[_ID] for row in rows], scope)
    made = []
    for row in rows:
        clear = keeps.covers(row[UNIT_NUMBER])
        values = dict(zip(plan.names, row, strict=True))
        if clear:
            for name in plan.sensitive:
                if values[name] is not None:
                    values[name] = _opened(module, name, values[name])
        made.append(view.shaped(plan, values, people[row[_ID]], today=today, clear=clear))
    return made


def _opened(module: Module, name: str, sealed: Any) -> Any:
    kind = module.record.__mapper__.columns[name].type
    if not isinstance(kind, StringEncryptedType):
        return sealed
    return keys.ring().decrypt(sealed, kind.engine.context).decode()
