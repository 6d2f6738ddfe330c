"""Finding units by a part of their name or code, and one unit to be looked at."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.paging import Page, decode, like, page_of
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Unit, UnitName, UnitStatus
from tenants.prepared import Prepared, Within
from tenants.scope import Scope


class Line(NamedTuple):
    """A unit as one statement saw it, whether it has open children in sight, and whether its superior is."""

    id: str
    number: int
    parent_id: str | None
    path: str
    kind: str
    name: str
    status: str
    code: str
    valid_from: date
    valid_to: date | None
    version: int
    has_children: bool
    parent_seen: bool


_Above, _Below = aliased(Unit), aliased(Unit)


class _Over:
    unit_number = _Above.number


class _Under:
    unit_number = _Below.number


def one(unit_id: str, scope: Scope) -> Line:
    """A unit inside the scope, in one statement. Raises NotFound."""
    found = _ONE.rows(scope, wanted=unit_id)
    if not found:
        raise NotFound
    return Line._make(found[0])


def _one(within: Within) -> Select[Any]:
    children = exists().where(_Below.parent_id == Unit.id, _Below.status == UnitStatus.open.value, within(_Under))
    parent = exists().where(_Above.id == Unit.parent_id, within(_Over))
    return select(*(getattr(Unit, name) for name in Line._fields[:-2]), children.label("has_children"),
                  parent.label("parent_seen")).where(Unit.id == bindparam("wanted"), within(Unit))


_ONE = Prepared(_one)


def search(scope: Scope, q: str, *, cursor: str | None, limit: int) -> Page[Unit]:
    """Units inside the scope by a part of the name, of one they bore before (曾用名), or of the code; in tree order."""
    wanted = _ever_named(q)
    statement = scope.select(Unit).where(wanted)
    after = decode(cursor, (int,))
    if after is not None:
        statement = statement.where(Unit.number > after[0])
    rows = list(db.session.execute(statement.order_by(Unit.number).limit(limit + 1)).scalars())
    total = db.session.execute(scope.select(Unit, func.count()).where(wanted)).scalar_one()
    return page_of(rows, limit, lambda unit: (unit.number,), total)


def ids_named(scope: Scope, q: str) -> set[str]:
    """All of them, for who looks among units at hand."""
    return set(db.session.execute(scope.select(Unit, Unit.id).where(_ever_named(q))).scalars())


def _ever_named(q: str) -> ColumnElement[bool]:
    former = select(UnitName.unit_id).where(func.lower(UnitName.name).like(like(q), escape="\\"))
    return or_(func.lower(Unit.name).like(like(q), escape="\\"), func.lower(Unit.code).like(like(q), escape="\\"),
               Unit.id.in_(former))


def paged(rows: list[Unit], *, cursor: str | None, limit: int) -> Page[Unit]:
    """One page of units that are already at hand, in tree order."""
    after = decode(cursor, (int,))
    rest = [unit for unit in rows if after is None or unit.number > after[0]]
    return page_of(rest[:limit + 1], limit, lambda unit: (unit.number,), len(rows))
