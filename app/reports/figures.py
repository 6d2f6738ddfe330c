"""The figures of a report by direct child: from the counters where they can answer, else counted from the records.

Either way it is one statement, and so one moment: a record entered, a fold or a move that commits meanwhile is in
the figures whole or not at all.
"""

import weakref
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Engine,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)

from app import registry
from app.counters.model import SUMS, Counter, CounterDelta, CounterState, DayCounter
from app.deadlines.rules import Timeliness
from app.deadlines.rules import Within as Rule
from app.records.homes import RecordHome
from app.records.listing import strayed, timeliness_is
from app.records.model import Record
from app.records.rulebook import longest_wait
from app.reports.periods import Cut, cut, month_of
from tenants import tree
from tenants.db import db
from tenants.fields import Instant
from tenants.models import Unit
from tenants.place import Placed
from tenants.prepared import Prepared, Row, Within
from tenants.scope import Scope

ID_LENGTH = 22
# (id of the child or "" for the unit itself, module key) -> total, on_time, late, overdue
Figures = dict[tuple[str, str], list[int]]

# Per engine: from which day on days were known when last asked. Every answer says it again.
_since: weakref.WeakKeyDictionary[Engine, date] = weakref.WeakKeyDictionary()


class Looked:
    """Units found by id or superior and only then held against the scope: without a plan that walks the scope."""

    unit_number = func.abs(Unit.number)


@dataclass(frozen=True)
class Asked:
    """What is asked for: kinds of record due from `first` to `last`, judged on the day `today` (Asia/Shanghai)."""

    unit: Placed
    keys: Sequence[str]
    first: date
    last: date
    today: date


def declared(keys: Iterable[str]) -> list[Rule]:
    """The rules the modules themselves bring."""
    return [rule for key in keys for rule in registry.module(key).deadlines]


def figures(asked: Asked, scope: Scope) -> Figures:
    """The figures inside a scope, which lies within the unit's subtree."""
    return _by_child(asked, rows_of(asked, scope, counted=scope == tree.below(asked.unit)))


def rows_of(asked: Asked, scope: Scope, *, counted: bool, listed: Sequence[str] = (),
            handed_since: datetime | None = None) -> list[Row]:
    """Rows as `_statement` says, from the counters where they can answer; `listed` wants the sums of these units."""
    if not counted:
        return _rows(asked, scope, Cut(None, (), None, ((asked.first, asked.last),)), listed, handed_since)
    since = _since.get(db.engine, date.min)
    while True:
        rows = _rows(asked, scope, cut(asked.first, asked.last, today=asked.today, since=since), listed, handed_since)
        known = next(date.fromisoformat(row[1]) for row in rows if row[0] is None)
        if known == since:
            return rows
        since = _since[db.engine] = known


def _rows(asked: Asked, scope: Scope, made: Cut, listed: Sequence[str],
          handed_since: datetime | None) -> list[Row]:
    """One statement, in as many shapes as periods are cut and, by twos, units are listed."""
    values: dict[str, Any] = {"unit": asked.unit.id, "after": len(asked.unit.path) + 1, "today": asked.today,
                              "this_month": month_of(asked.today)}
    # All kinds are read quickest without asking which; an index of the records wants to know.
    among = [] if set(asked.keys) >= set(registry.modules()) and not made.live else asked.keys
    values |= {f"key_{place}": key for place, key in enumerate(among)}
    for name, days in (("months", made.months), ("changes", made.changes)):
        values |= {f"{name}_first": days[0], f"{name}_last": days[1]} if days is not None else {}
    for place, run in enumerate(made.runs):
        values |= {f"run_first_{place}": run.first, f"run_last_{place}": run.last, f"times_{place}": run.times,
                   f"overdue_{place}": run.overdue}
    if made.runs:
        values |= {"days_first": min(run.first for run in made.runs), "days_last": max(run.last for run in made.runs)}
    # By when their work can have ended, what is due on these days lies under an index.
    wait = longest_wait(declared(asked.keys)) if made.live else timedelta()
    for place, (first, last) in enumerate(made.live):
        values |= {f"ended_{place}": first - wait, f"live_first_{place}": first, f"live_last_{place}": last}
    values |= {"handed_since": handed_since, "first": asked.first, "last": asked.last}
    places = 1 << (len(listed) - 1).bit_length() if listed else 0
    values |= {f"unit_{place}": listed[min(place, len(listed) - 1)] for place in range(places)}
    return _FIGURES.rows(scope, len(among), made.months is not None, len(made.runs), made.changes is not None,
                         len(made.live), places, **values)


def _statement(within: Within, keys: int, months: bool, runs: int, changes: bool, live: int, listed: int) -> Any:
    """Rows of (folded or waiting, the child's id, kind, total, on time, late, overdue), and one of neither that says
    since when days are known. With units `listed` it is their sums, and what waits by the unit it waits at."""
    among = [bindparam(f"key_{place}", type_=String()) for place in range(keys)]
    parts = [select(null(), cast(CounterState.days_since, String), *[null()] * (1 + len(SUMS)))]
    sums = ([_months(among)] if months else []) + ([_days(among, runs)] if runs else [])
    parts += [_folded(within, sums, listed)] if sums else []
    parts += [_waiting(within, among, by_unit=bool(listed))] if changes else []
    parts += [part for side in (RecordHome.home_id, RecordHome.to_id) for part in [_homes(within, among, side)]
              ] if listed else []
    parts += [_live(within, among, days, by_unit=bool(listed))
              for days in (_usual(live), _astray(live))] if live else []
    return union_all(*parts)


def _day(name: str) -> BindParameter[date]:
    return bindparam(name, type_=Date())


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Integer())


def _of(column: Any, among: list[Any]) -> Any:
    return column.in_(among) if among else true()


def _months(among: list[Any]) -> Select[Any]:
    return select(Counter.unit_id, Counter.module, Counter.total, Counter.on_time, Counter.late,
                  case((Counter.month <= _day("this_month"), Counter.open)).label("open")).where(
        _of(Counter.module, among), Counter.month.between(_day("months_first"), _day("months_last")))


def _days(among: list[Any], runs: int) -> Select[Any]:
    """Each day so many times as its run says."""
    ranges = [DayCounter.day.between(_day(f"run_first_{place}"), _day(f"run_last_{place}")) for place in range(runs)]
    times, overdue = (case(*((each, _number(f"{name}_{place}")) for place, each in enumerate(ranges)))
                      for name in ("times", "overdue"))
    return select(DayCounter.unit_id, DayCounter.module, times * DayCounter.total, times * DayCounter.on_time,
                  times * DayCounter.late, overdue * DayCounter.open).where(
        _of(DayCounter.module, among), DayCounter.day.between(_day("days_first"), _day("days_last")))


def _folded(within: Within, parts: list[Select[Any]], listed: int) -> Select[Any]:
    """Of the unit and its children, or of those listed; their sums hold all that is below them."""
    these = Unit.id.in_([bindparam(f"unit_{place}", type_=String()) for place in range(listed)]) if listed \
        else or_(Unit.parent_id == bindparam("unit"), Unit.id == bindparam("unit"))
    asked = select(Unit.id).where(these, within(Looked)).cte("asked")
    sums = union_all(*(part.where(part.selected_columns.unit_id.in_(select(asked.c.id))) for part in parts)).subquery()
    return select(true(), sums.c.unit_id, sums.c.module, *(func.sum(each) for each in list(sums.c)[2:])) \
        .group_by(sums.c.unit_id, sums.c.module)


def _place(unit_id: Any, within: Within) -> Any:
    """The direct child a unit lies under, read from its path; nothing for the unit itself. One look-up for each."""
    return select(func.substr(Unit.path, _number("after"), ID_LENGTH)).where(Unit.id == unit_id, within(Looked)) \
        .scalar_subquery()


def _waiting(within: Within, among: list[Any], *, by_unit: bool) -> Select[Any]:
    """What waits, by unit, and only then by the child: few units, which are looked up in the tree."""
    own = (
        select(CounterDelta.unit_id, CounterDelta.module,
               *(func.sum(getattr(CounterDelta, name)).label(name) for name in SUMS[:-1]),
               func.sum(case((CounterDelta.day < _day("today"), CounterDelta.open))).label("open"))
        .where(within(CounterDelta), _of(CounterDelta.module, among),
               CounterDelta.day.between(_day("changes_first"), _day("changes_last")))
        .group_by(CounterDelta.unit_id, CounterDelta.module).subquery()
    )
    if by_unit:
        return select(false(), own.c.unit_id, own.c.module, *(own.c[name] for name in SUMS))
    placed = select(_place(own.c.unit_id, within).label("place"), own.c.module,
                    *(own.c[name] for name in SUMS)).subquery()
    return select(false(), placed.c.place, placed.c.module, *(func.sum(placed.c[name]) for name in SUMS)) \
        .group_by(placed.c.place, placed.c.module)


def _homes(within: Within, among: list[Any], side: Any) -> Select[Any]:
    """Records handed over since: added where they lay, taken away where they went; from hand to hand it cancels out."""
    sign = 1 if side is RecordHome.home_id else -1
    today: Any = _day("today")
    outcomes = [timeliness_is(each, today) for each in (Timeliness.on_time, Timeliness.late, Timeliness.overdue)]
    return (
        select(false(), side, Record.module, sign * func.count(),
               *(sign * func.sum(case((each, 1), else_=0)) for each in outcomes))
        .join(Record, Record.id == RecordHome.record_id)
        .where(within(Record), within(RecordHome), _of(Record.module, among), Record.deleted_at.is_(None),
               RecordHome.handed_at >= bindparam("handed_since", type_=Instant()),
               Record.due_on.between(_day("first"), _day("last")))
        .group_by(side, Record.module)
    )


def _usual(live: int) -> Any:
    """Records due on these days whose end bounds when they are due."""
    return and_(not_(strayed()), or_(*(
        and_(Record.ended_on.between(_day(f"ended_{place}"), _day(f"live_last_{place}")),
             Record.due_on.between(_day(f"live_first_{place}"), _day(f"live_last_{place}")))
        for place in range(live))))


def _astray(live: int) -> Any:
    """The few due on these days wherever they end; they lie under an index of their own."""
    return and_(strayed(), or_(*(Record.due_on.between(_day(f"live_first_{place}"), _day(f"live_last_{place}"))
                                 for place in range(live))))


def _live(within: Within, among: list[Any], days: Any, *, by_unit: bool) -> Select[Any]:
    """Counted from the records, by the child or by the unit."""
    today: Any = _day("today")
    outcomes = [timeliness_is(each, today)
                for each in (Timeliness.on_time, Timeliness.late, Timeliness.overdue)]
    place = (Unit.id if by_unit else func.substr(Unit.path, _number("after"), ID_LENGTH)).label("place")
    return (
        select(false(), place, Record.module, func.count(),
               *(func.sum(case((each, 1), else_=0)) for each in outcomes))
        .join(Unit, and_(Unit.id == Record.unit_id, Unit.number == Record.unit_number))
        .where(within(Record), within(Unit), Record.module.in_(among), Record.deleted_at.is_(None), days)
        .group_by("place", Record.module)
    )


def _by_child(asked: Asked, rows: Iterable[Row]) -> Figures:
    """The unit's own are its folded sums less those of its children, and what waits at itself."""
    sums: Figures = defaultdict(lambda: [0, 0, 0, 0])
    for folded, place, key, *values in rows:
        if key not in asked.keys:
            continue
        own = folded and place == asked.unit.id
        target = sums[("" if own else place, key)]
        below = sums[("", key)] if folded and not own else None
        for index, value in enumerate(values):
            number = int(value or 0)
            target[index] += number
            if below is not None:
                below[index] -= number
    return sums


_FIGURES = Prepared(_statement)
