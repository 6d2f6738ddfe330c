"""A list page of one kind of record for the API: rows straight from the database, no entities (`view.Plan`)."""

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import String, and_, bindparam, func, or_, select, type_coerce
from sqlalchemy.sql.selectable import Select
from sqlalchemy_utils import StringEncryptedType

from app.paging import Page, decode, page_of
from app.records import store, view
from app.records.model import Record
from app.records.module import Module
from tenants import keys
from tenants.prepared import Prepared, Row, Within
from tenants.scope import Scope


def _columns(record: type[Record], names: Sequence[str]) -> list[Any]:
    """The plan's columns; encrypted ones as they lie there, to be opened where they are shown."""
    mapped = [getattr(record, name) for name in names]
    return [type_coerce(each, String) if isinstance(each.type, StringEncryptedType) else each for each in mapped]


def _newest(within: Within, record: type[Record], names: Sequence[str], continued: bool) -> Select[Any]:
    statement = select(*_columns(record, names)).where(within(Record), Record.deleted_at.is_(None))
    if continued:
        day: Any = bindparam("after_day")
        statement = statement.where(or_(Record.ended_on < day, and_(Record.ended_on == day,
                                                                    Record.id < bindparam("after_id"))))
    return statement.order_by(Record.ended_on.desc(), Record.id.desc()).limit(bindparam("many"))


def _counted(within: Within) -> Select[Any]:
    return select(func.count()).select_from(Record).where(within(Record), Record.module == bindparam("key"),
                                                          Record.deleted_at.is_(None))


_NEWEST, _COUNTED = Prepared(_newest), Prepared(_counted)


def page(module: Module, scope: Scope, *, cursor: str | None, limit: int) -> Page[Row]:
    """Newest first by (ended_on, id): rows in the order of the module's plan, and the total."""
    after = decode(cursor, (date, str))
    shape: tuple[Hashable, ...] = (module.record, view.plan_of(module).names, after is not None)
    values: dict[str, Any] = {"many": limit + 1}
    if after is not None:
        values["after_day"], values["after_id"] = after
    rows = _NEWEST.rows(scope, *shape, **values)
    total = _COUNTED.rows(scope, key=module.key)
    return page_of(rows, limit, lambda row: (row[_DAY], row[_ID]), total[0][0] if total else 0)


_DAY, _ID, _NUMBER = (view.COMMON.index(name) for name in ("ended_on", "id", "unit_number"))


def shown(module: Module, rows: Sequence[Row], scope: Scope, keeps: Scope, today: date) -> list[dict[str, Any]]:
    """The JSON of rows; sensitive values are opened for those who keep the record, and for nobody else."""
    plan = view.plan_of(module)
    people = store.people_of([row[_ID] for row in rows], scope)
    made = []
    for row in rows:
        clear = keeps.covers(row[_NUMBER])
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
