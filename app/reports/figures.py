"""The figures of a report by direct child: from the counters where they can answer, else counted from the records.

Either way it is one statement, and so one moment: a record entered, a fold or a move that commits meanwhile is in
the figures whole or not at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, or_, select, union_all

from app import registry
from app.counters.model import Counter, CounterDelta
from app.deadlines.rules import Timeliness, Within
from app.records.listing import timeliness_is
from app.records.model import Record
from app.records.rulebook import longest_wait
from app.reports.periods import month_of, split
from tenants import tree
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

FOLDED, WAITING = "folded", "waiting"
ID_LENGTH = 22
# (id of the child or "" for the unit itself, module key) -> total, on_time, late, overdue
Figures = dict[tuple[str, str], list[int]]


@dataclass(frozen=True)
class Asked:
    """What is asked for: kinds of record due from `first` to `last`, judged on the day `today` (Asia/Shanghai)."""

    unit: Unit
    children: Sequence[str]
    keys: Sequence[str]
    first: date
    last: date
    today: date

    @property
    def place(self) -> Any:
        """The direct child a unit lies under, read from its path; nothing for the unit itself."""
        return func.substr(Unit.path, len(self.unit.path) + 1, ID_LENGTH)


def figures(asked: Asked, scope: Scope) -> Figures:
    """The figures inside a scope, which lies within the unit's subtree."""
    if scope == tree.below(asked.unit):
        return _kept(asked, scope)
    return _live(asked, scope)


def declared(keys: Iterable[str]) -> list[Within]:
    """The rules the modules themselves bring."""
    return [rule for key in keys for rule in registry.module(key).deadlines]


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _records(asked: Asked, scope: Scope, days: Sequence[tuple[date, date]]) -> Select[Any]:
    """Counted from the records due on these days; by when their work can have ended they lie under an index."""
    earliest = [first - longest_wait(declared(asked.keys)) for first, _last in days]
    outcomes = (Timeliness.on_time, Timeliness.late, Timeliness.overdue)
    return (
        select(literal(WAITING).label("kind"), asked.place.label("place"), Record.module.label("module"),
               func.count().label("total"), *(_sum(timeliness_is(each, asked.today)) for each in outcomes))
        .join(Unit, and_(Unit.id == Record.unit_id, Unit.number == Record.unit_number))
        .where(scope.both(Record, Unit), Record.module.in_(asked.keys), Record.deleted_at.is_(None),
               or_(*(and_(Record.ended_on.between(since, last), Record.due_on.between(first, last))
                     for since, (first, last) in zip(earliest, days, strict=True))))
        .group_by("place", Record.module)
    )


def _live(asked: Asked, scope: Scope) -> Figures:
    rows = db.session.execute(scope.mark(_records(asked, scope, [(asked.first, asked.last)])))
    return {(place, key): [int(each) for each in sums] for _kind, place, key, *sums in rows}


def _kept(asked: Asked, scope: Scope) -> Figures:
    period = split(asked.first, asked.last)
    parts: list[Any] = []
    if period.months is not None:
        parts += [_folded(asked, scope, period.months), _waiting(asked, scope, period.months)]
        this_month = month_of(asked.today)
        if period.months[0] <= this_month <= period.months[1] and asked.today > this_month:
            parts.append(_overdue(asked, scope, this_month))
    if period.edges:
        parts.append(_records(asked, scope, period.edges))
    return _by_child(asked, db.session.execute(scope.mark(union_all(*parts))))


def _overdue_of(model: Any, today: date) -> Any:
    """What is open of an earlier month is overdue; of a later one, it has time."""
    return func.sum(case((model.month < month_of(today), model.open), else_=0))


def _folded(asked: Asked, scope: Scope, months: tuple[date, date]) -> Select[Any]:
    return (
        select(literal(FOLDED).label("kind"), Counter.unit_id.label("place"), Counter.module.label("module"),
               func.sum(Counter.total).label("total"), func.sum(Counter.on_time), func.sum(Counter.late),
               _overdue_of(Counter, asked.today))
        .where(scope.clause(Counter), Counter.unit_id.in_([asked.unit.id, *asked.children]),
               Counter.module.in_(asked.keys), Counter.month.between(*months))
        .group_by(Counter.unit_id, Counter.module)
    )


def _waiting(asked: Asked, scope: Scope, months: tuple[date, date]) -> Select[Any]:
    return (
        select(literal(WAITING).label("kind"), asked.place.label("place"), CounterDelta.module.label("module"),
               func.sum(CounterDelta.total).label("total"), func.sum(CounterDelta.on_time),
               func.sum(CounterDelta.late), _overdue_of(CounterDelta, asked.today))
        # Outer, so that the few changes are looked up in the tree, and never the tree among the changes.
        .outerjoin(Unit, and_(Unit.id == CounterDelta.unit_id, scope.clause(Unit)))
        .where(scope.clause(CounterDelta), CounterDelta.module.in_(asked.keys),
               CounterDelta.month.between(*months))
        .group_by("place", CounterDelta.module)
    )


def _overdue(asked: Asked, scope: Scope, this_month: date) -> Select[Any]:
    """Of the running month the counters know what is open, not yet what of it is overdue: few, and under an index."""
    return (
        select(literal(WAITING).label("kind"), asked.place.label("place"), Record.module.label("module"),
               literal(0).label("total"), literal(0), literal(0), func.count())
        .join(Unit, and_(Unit.id == Record.unit_id, Unit.number == Record.unit_number))
        .where(scope.both(Record, Unit), Record.module.in_(asked.keys), Record.deleted_at.is_(None),
               Record.entered_at.is_(None), Record.due_on.between(this_month, asked.today - timedelta(days=1)))
        .group_by("place", Record.module)
    )


def _by_child(asked: Asked, rows: Iterable[Any]) -> Figures:
    """The unit's own are its folded sums less those of its children, and what waits at itself."""
    sums: Figures = defaultdict(lambda: [0, 0, 0, 0])
    for kind, place, key, *values in rows:
        own = (kind, place) == (FOLDED, asked.unit.id)
        target = sums[("" if own else place, key)]
        below = sums[("", key)] if kind == FOLDED and not own else None
        for index, value in enumerate(values):
            target[index] += int(value)
            if below is not None:
                below[index] -= int(value)
    return sums
