"""The tree as it stood at the end of a day, from dated facts alone: openings, moves, names, closings (ADR-0026).

A move is undone by counting and not by order: of the moves after the day, the superior of then is the one left once
more than come to. So two moves of one instant need no order between them. A unit opened later stands where it was
first put, so that what it holds has a place in every tree.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select

from tenants import clock
from tenants.db import db
from tenants.models import Unit, UnitMove, UnitName, UnitStatus
from tenants.scope import Scope
from tenants.tree import inside

_HISTORY = Scope.everything("the tree of a day is made of all that has happened to it since")
_MOST_BRANCHES = 50


@dataclass(frozen=True, slots=True)
class Then:
    """A unit on a day: the superior, name and state of then; `parent_now` is today's."""

    id: str
    number: int
    parent_id: str | None
    parent_now: str | None
    kind: str
    name: str
    opened_on: date
    closed_on: date | None
    status: str  # on the day: open, closed or coming


@dataclass(frozen=True)
class TreeOn:
    """Units by id as they stood at the end of a day, in the order of their numbers."""

    day: date
    units: dict[str, Then]
    _below: dict[str | None, list[Then]] = field(default_factory=dict)

    def children(self, unit_id: str) -> list[Then]:
        """Direct children of then, with those closed by then and those that came later."""
        if not self._below:
            for unit in self.units.values():
                self._below.setdefault(unit.parent_id, []).append(unit)
        return self._below.get(unit_id, [])

    def below(self, unit_id: str) -> Iterator[Then]:
        """The unit and everything under it on the day, superiors first."""
        waiting = [self.units[unit_id]] if unit_id in self.units else []
        while waiting:
            unit = waiting.pop()
            yield unit
            waiting += reversed(self.children(unit.id))

    def line(self, unit_id: str) -> list[Then]:
        """From the topmost unit known down to the unit itself."""
        found: list[Then] = []
        at: str | None = unit_id
        while at is not None and at in self.units:
            found.append(self.units[at])
            at = self.units[at].parent_id
        return found[::-1]


def end_of(day: date) -> datetime:
    """24:00 of the day in Shanghai: what happened before is of the day."""
    return datetime.combine(day + timedelta(days=1), time(), clock.SHANGHAI)


def superiors_on(day: date) -> dict[str, str]:
    """The superior of then of every unit that has moved since the day (its own one again, when it came back)."""
    left: defaultdict[str, Counter[str]] = defaultdict(Counter)
    rows = db.session.execute(_HISTORY.mark(
        select(UnitMove.unit_id, UnitMove.from_parent_id, UnitMove.to_parent_id).where(UnitMove.moved_at >= end_of(day))
    ))
    for unit_id, before, after in rows:
        left[unit_id][before] += 1
        left[unit_id][after] -= 1
    return {unit_id: parents.most_common(1)[0][0] for unit_id, parents in left.items()
            if parents.most_common(1)[0][1] == 1}


def names_on(day: date) -> dict[str, str]:
    """The name of then of every unit that has been renamed since the day."""
    rows = db.session.execute(_HISTORY.mark(
        select(UnitName.unit_id, UnitName.name).where(UnitName.until >= end_of(day)).order_by(UnitName.until.desc())))
    return {unit_id: name for unit_id, name in rows}  # noqa: C416 - the earliest end comes last and stays


def tree_on(day: date, below: Unit | None = None) -> TreeOn:
    """The tree at the end of a day; with `below` at least all that the unit has now or had under it then."""
    superiors, names = superiors_on(day), names_on(day)
    facts = (Unit.id, Unit.number, Unit.parent_id, Unit.kind, Unit.name, Unit.valid_from, Unit.valid_to, Unit.status)
    statement = select(*facts).order_by(Unit.number)
    if below is not None and below.parent_id is not None and len(superiors) <= _MOST_BRANCHES:
        statement = statement.where(or_(*(inside(path) for path in [below.path, *_paths(superiors)])))
    found = {}
    for unit_id, number, parent, kind, name, opened, closed, status in db.session.execute(_HISTORY.mark(statement)):
        ended = closed if status == UnitStatus.closed else None
        found[unit_id] = Then(unit_id, number, superiors.get(unit_id, parent), parent, kind, names.get(unit_id, name),
                              opened, ended, _state(day, opened, ended))
    return TreeOn(day, found)


def line_on(day: date, unit: Unit) -> list[Then]:
    """From the root down to a unit, as it hung at the end of a day; a step of one row each, since lines are short."""
    superiors, names = superiors_on(day), names_on(day)
    found: list[Then] = []
    at: str | None = unit.id
    while at is not None:
        row = db.session.execute(_HISTORY.select(Unit).where(Unit.id == at)).scalar_one()
        ended = row.valid_to if row.status == UnitStatus.closed else None
        above = superiors.get(row.id, row.parent_id)
        found.append(Then(row.id, row.number, above, row.parent_id, row.kind, names.get(row.id, row.name),
                          row.valid_from, ended, _state(day, row.valid_from, ended)))
        at = above
    return found[::-1]


def _state(day: date, opened: date, closed: date | None) -> str:
    """Closed on a day is closed at its end; opened on it is open."""
    if closed is not None and closed <= day:
        return "closed"
    return "open" if opened <= day else "coming"


def _paths(unit_ids: Iterable[str]) -> list[str]:
    return list(db.session.execute(_HISTORY.select(Unit, Unit.path).where(Unit.id.in_(list(unit_ids)))).scalars())


def changed_since(day: date) -> bool:
    """Whether any unit stands elsewhere than it did at the end of the day."""
    moved = select(UnitMove.id).where(UnitMove.moved_at >= end_of(day)).limit(1)
    return db.session.execute(_HISTORY.mark(moved)).first() is not None


def seen_in(then: TreeOn, scope: Scope) -> TreeOn:
    """The same tree as far as a scope of today reaches; a unit whose superior is left out becomes a topmost one."""
    kept = {each.id: each for each in then.units.values() if scope.covers(each.number)}
    return TreeOn(then.day, {unit_id: each if each.parent_id in kept else replace(each, parent_id=None)
                             for unit_id, each in kept.items()})
