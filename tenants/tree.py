"""Reading the tree: a unit, its children, its ancestors, and the runs of numbers that make up a subtree."""

import weakref
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, bindparam, event, exists, func, or_, select, update
from sqlalchemy.orm import Session

from tenants.db import db
from tenants.errors import Conflict, NotFound
from tenants.models import TreeState, Unit, UnitStatus
from tenants.numbering import LAST, Range, covers
from tenants.place import Place, Placed
from tenants.prepared import Prepared, Within
from tenants.scope import Scope

_WHOLE = Scope.everything("the shape of the tree itself")
CODE_TAKEN = "这个单位代码已被使用，请换一个。"
# What a `Place` is made of, in its order.
PLACE = (Unit.id, Unit.number, Unit.parent_id, Unit.path, Unit.kind, Unit.name, Unit.status)
_KEPT = 4096
_CHANGED = "tree changed"
_VERSION = "tree version"

# Per engine: (tree version, path) -> ranges. Bounded, and never filled from a transaction that changed the tree.
# The path, not the id: a unit read just before somebody's move must not leave its old place under the new version.
_ranges: weakref.WeakKeyDictionary[Engine, OrderedDict[tuple[int, str], tuple[Range, ...]]] = (
    weakref.WeakKeyDictionary()
)
# Per engine: (tree version, ranges) -> id of the unit whose subtree they are; bounded and filled like the above.
_tops: weakref.WeakKeyDictionary[Engine, OrderedDict[tuple[int, tuple[Range, ...]], str | None]] = (
    weakref.WeakKeyDictionary()
)


def span(path: str) -> tuple[str, str]:
    """The half-open range of paths of a unit and everything below it; `0` is the character after `/`."""
    return path, f"{path[:-1]}0"


def inside(path: str) -> Any:
    """The filter “this unit or below” on the unit table, by whole nodes (M6, A11)."""
    low, high = span(path)
    return (Unit.path >= low) & (Unit.path < high)


def version() -> int:
    """The tree's version as this transaction sees it; asked once in each."""
    known = db.session.info.get(_VERSION)
    if known is None:
        known = db.session.execute(select(TreeState.version)).scalar_one_or_none() or 0
        db.session.info[_VERSION] = known
    return int(known)


def settled() -> int | None:
    """The tree's version, or None while this transaction has changed it and nothing measured now may be kept."""
    info = db.session.info
    if info.get(_CHANGED):
        return None
    known: int | None = info.get(_VERSION)
    return known if known is not None else version()


def read_at(version: int) -> None:
    """Take over the version that another statement of this transaction has read along."""
    info = db.session.info
    if not info.get(_CHANGED):
        info[_VERSION] = version


def changing() -> bool:
    """Whether this transaction has changed the tree: nothing measured now may be kept."""
    return bool(db.session.info.get(_CHANGED))


def touch() -> None:
    """Take the tree's lock and raise its version; every change of the tree begins here."""
    db.session.flush()
    if not _RAISED.rows(_WHOLE):
        db.session.add(TreeState(id=1, version=1))
        db.session.flush()
    db.session.info[_CHANGED] = True
    db.session.info.pop(_VERSION, None)


def _raised(_within: Within) -> Any:
    state: Any = TreeState.__table__
    return update(state).where(state.c.id == 1).values(version=state.c.version + 1).returning(state.c.version)


_RAISED = Prepared(_raised)


def _settled(session: Session) -> None:
    session.info.pop(_CHANGED, None)
    session.info.pop(_VERSION, None)


event.listen(Session, "after_commit", _settled)
event.listen(Session, "after_rollback", _settled)


def ranges_below(unit: Placed, *, at_version: int | None = None) -> tuple[Range, ...]:
    """The maximal runs, in number order over all units, that make up a unit's subtree; usually one."""
    if unit.parent_id is None:
        return ((0, LAST),)
    if changing():
        return _measure(unit.path)
    cache = _ranges.setdefault(db.engine, OrderedDict())
    key = (version() if at_version is None else at_version, unit.path)
    if key not in cache:
        cache[key] = _measure(unit.path)
        while len(cache) > _KEPT:
            cache.popitem(last=False)
    return cache[key]


def _measure(path: str) -> tuple[Range, ...]:
    """Compute the runs from the unit table: gaps-and-islands between the subtree's extremes."""
    low, high = db.session.execute(
        _WHOLE.mark(select(func.min(Unit.number), func.max(Unit.number)).where(inside(path)))
    ).one()
    if low is None:
        return ()
    around = (
        select(Unit.number, Unit.path, func.row_number().over(order_by=Unit.number).label("place"))
        .where(Unit.number.between(low, high))
        .subquery()
    )
    first, last = span(path)
    members = (
        select(around.c.number, (around.c.place - func.row_number().over(order_by=around.c.number)).label("run"))
        .where(around.c.path >= first, around.c.path < last)
        .subquery()
    )
    runs = select(func.min(members.c.number), func.max(members.c.number)).group_by(members.c.run)
    return tuple(sorted((start, end) for start, end in db.session.execute(_WHOLE.mark(runs))))


def forget() -> None:
    """Let everything kept go: the database has been replaced by another."""
    _ranges.pop(db.engine, None)
    _tops.pop(db.engine, None)


def below(unit: Placed) -> Scope:
    """The scope of a unit and everything below it."""
    return Scope.of(ranges_below(unit))


def here(unit: Placed) -> Scope:
    """The scope of a unit alone."""
    return Scope.of([(unit.number, unit.number)])


def top_of(scope: Scope) -> str | None:
    """The id of the unit whose subtree the scope is, to the last number; None when it is not one unit's."""
    ranges = ((0, LAST),) if scope.because is not None else scope.ranges
    if changing():
        return _top(ranges)
    cache, key = _tops.setdefault(db.engine, OrderedDict()), (version(), ranges)
    if key not in cache:
        cache[key] = _top(ranges)
        while len(cache) > _KEPT:
            cache.popitem(last=False)
    return cache[key]


def _top(ranges: tuple[Range, ...]) -> str | None:
    """After moves the lowest number may be of any unit inside; the unit looked for is its topmost superior inside."""
    if ranges == ((0, LAST),):
        found = root()
        return found.id if found is not None else None
    lowest = _WHOLE.select(Unit, Unit.path).where(Unit.number == ranges[0][0]) if ranges else None
    path = db.session.execute(lowest).scalar_one_or_none() if lowest is not None else None
    if path is None:
        return None
    line = db.session.execute(_WHOLE.select(Unit).where(Unit.id.in_(ancestor_ids(path))).order_by(Unit.depth)).scalars()
    top = next((unit for unit in line if covers(ranges, unit.number)), None)
    return top.id if top is not None and ranges_below(top) == ranges else None


def unit_by_id(unit_id: str, scope: Scope) -> Unit:
    """The unit, or `NotFound` when it does not exist or lies outside the scope (the two look the same)."""
    found = db.session.execute(scope.select(Unit).where(Unit.id == unit_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def place_by_id(unit_id: str, scope: Scope) -> Place:
    """The same as facts, for whoever changes nothing of the unit."""
    found = _PLACED.rows(scope, wanted=unit_id)
    if not found:
        raise NotFound
    return Place(*found[0])


def _placed(within: Within) -> Any:
    return select(*PLACE).where(Unit.id == bindparam("wanted"), within(Unit))


_PLACED = Prepared(_placed)


def require_free_code(code: str) -> None:
    """Conflict when another unit bears it, open or closed."""
    if db.session.execute(_WHOLE.mark(select(exists().where(Unit.code == code)))).scalar():
        raise Conflict(CODE_TAKEN, code="code_taken", fields={"code": [CODE_TAKEN]})


def require_open(unit: Unit) -> None:
    """Conflict `closed` when nothing more may be put into the unit; until the act ends it cannot be closed."""
    db.session.refresh(unit, with_for_update={"read": True})
    if unit.status != UnitStatus.open:
        raise Conflict("该单位已撤销，不能再添加内容。", code="closed")


def root() -> Unit | None:
    """The province, once there is one."""
    return db.session.execute(_WHOLE.select(Unit).where(Unit.parent_id.is_(None))).scalar_one_or_none()


def superior(unit: Unit) -> Unit:
    """上级管理单位 of a unit; the root is its own."""
    if unit.parent_id is None:
        return unit
    return db.session.execute(_WHOLE.select(Unit).where(Unit.id == unit.parent_id)).scalar_one()


def ancestor_ids(path: str) -> list[str]:
    """Ids from the root down to the unit itself, read from its path."""
    return path.strip("/").split("/")


def ancestors(unit: Unit, scope: Scope) -> list[Unit]:
    """Units from the topmost one inside the scope down to the unit itself, for breadcrumbs."""
    found = db.session.execute(scope.select(Unit).where(Unit.id.in_(ancestor_ids(unit.path)))).scalars()
    return sorted(found, key=lambda each: each.depth)


def children(unit: Unit, scope: Scope, *, with_closed: bool = False) -> list[Unit]:
    """Direct children inside the scope, in tree order."""
    statement = scope.select(Unit).where(Unit.parent_id == unit.id).order_by(Unit.number)
    if not with_closed:
        statement = statement.where(Unit.status == UnitStatus.open)
    return list(db.session.execute(statement).scalars())


def parents_among(units: Sequence[Unit], scope: Scope) -> set[str]:
    """Which of these units have children inside the scope."""
    ids = [unit.id for unit in units]
    statement = scope.select(Unit, Unit.parent_id).where(Unit.parent_id.in_(ids), Unit.status == UnitStatus.open)
    return {parent for (parent,) in db.session.execute(statement.distinct()) if parent}


def topmost(scope: Scope) -> list[Unit]:
    """Units inside the scope whose parent is not: where a principal's tree begins."""
    inner = scope.select(Unit, Unit.id).subquery()
    statement = scope.select(Unit).where(or_(Unit.parent_id.is_(None), Unit.parent_id.not_in(select(inner.c.id))))
    return list(db.session.execute(statement.order_by(Unit.number)).scalars())


def ids_among(ids: Sequence[str], scope: Scope) -> set[str]:
    """Which of these units lie inside the scope."""
    return set(db.session.execute(scope.select(Unit, Unit.id).where(Unit.id.in_(ids))).scalars())


def child_of_each(unit: Unit, scope: Scope) -> dict[int, str]:
    """By number, for every unit of this subtree inside the scope: the direct child it lies under, or itself."""
    rows = db.session.execute(scope.select(Unit, Unit.number, Unit.path).where(inside(unit.path)))
    start = len(unit.path)
    return {number: path[start:].partition("/")[0] or unit.id for number, path in rows}
