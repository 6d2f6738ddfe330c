"""The one statement behind the figures of a report: counters, the changes that wait, and records counted live."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Date,
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

from app.counters.model import SUMS, Counter, CounterDelta, CounterState, DayCounter
from app.deadlines.rules import Timeliness
from app.records.homes import RecordHome
from app.records.listing import strayed, timeliness_is
from app.records.model import Record
from tenants.db import db
from tenants.fields import Instant
from tenants.models import Unit
from tenants.prepared import Within

ID_LENGTH = 22


class Looked:
    """Units found by id or superior and only then held against the scope: without a plan that walks the scope."""

    unit_number = func.abs(Unit.number)


def statement_of(within: Within, keys: int, months: bool, runs: int, changes: bool, live: int, listed: int) -> Any:
    """Rows of (folded or waiting, the child's id, kind, total, on time, late, overdue), a folded sum in up to two of
    them, and rows of neither: one that says since when days are known, and the children themselves (`_children`).

    With units `listed` it is their sums, and what waits by the unit it waits at; then no children are told.
    """
    among = [bindparam(f"key_{place}", type_=String()) for place in range(keys)]
    asked = _asked(within, listed)
    parts = [select(*_row(_neither(), cast(CounterState.days_since, String)))]
    parts += [] if listed else [_children(asked)]
    parts += [_folded(asked, Counter, _of_months(among))] if months else []
    parts += [_folded(asked, DayCounter, _of_days(among, runs))] if runs else []
    parts += [_waiting(within, among, by_unit=bool(listed))] if changes else []
    parts += [part for side in (RecordHome.home_id, RecordHome.to_id) for part in [_homes(within, among, side)]
              ] if listed else []
    parts += [_live(within, among, days, by_unit=bool(listed))
              for days in (_usual(live), _astray(live))] if live else []
    return union_all(*parts)


def _neither() -> Any:
    return cast(null(), Boolean())


def _row(folded: Any, place: Any, key: Any = None, *sums: Any) -> list[Any]:
    """The columns of a row without a child's kind and status: (folded, place, key, four sums, NULL, NULL)."""
    nothing = [] if sums else [cast(null(), BigInteger())] * len(SUMS)
    words = cast(null(), String())
    return [folded, place, words if key is None else key, *sums, *nothing, words, words]


def _day(name: str) -> BindParameter[date]:
    return bindparam(name, type_=Date())


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Integer())


def _of(column: Any, among: list[Any]) -> Any:
    return column.in_(among) if among else true()


def _asked(within: Within, listed: int) -> Any:
    """The unit and its children, or the units listed: looked up once, for all that is asked of them."""
    these = Unit.id.in_([bindparam(f"unit_{place}", type_=String()) for place in range(listed)]) if listed \
        else or_(Unit.parent_id == bindparam("unit"), Unit.id == bindparam("unit"))
    facts = (Unit.id, Unit.number, Unit.name, Unit.kind, Unit.status)
    return select(*facts).where(these, within(Looked)).cte("asked").prefix_with("MATERIALIZED")


def _children(asked: Any) -> Select[Any]:
    """Direct children, closed ones too: what they have is still theirs. Name and number stand in others' columns."""
    of = asked.c
    nothing = [cast(null(), BigInteger())] * (len(SUMS) - 1)
    return select(_neither(), of.id, of.name, of.number, *nothing, of.kind, of.status).where(of.id != bindparam("unit"))


def _of_months(among: list[Any]) -> tuple[list[Any], list[Any]]:
    """What is summed up of the months, and which of them."""
    overdue = case((Counter.month <= _day("this_month"), Counter.open))
    return ([Counter.total, Counter.on_time, Counter.late, overdue],
            [_of(Counter.module, among), Counter.month.between(_day("months_first"), _day("months_last"))])


def _of_days(among: list[Any], runs: int) -> tuple[list[Any], list[Any]]:
    """Each day so many times as its run says."""
    ranges = [DayCounter.day.between(_day(f"run_first_{place}"), _day(f"run_last_{place}")) for place in range(runs)]
    times, overdue = (case(*((each, _number(f"{name}_{place}")) for place, each in enumerate(ranges)))
                      for name in ("times", "overdue"))
    return ([times * DayCounter.total, times * DayCounter.on_time, times * DayCounter.late, overdue * DayCounter.open],
            [_of(DayCounter.module, among), DayCounter.day.between(_day("days_first"), _day("days_last"))])


def _folded(asked: Any, model: Any, wanted: tuple[list[Any], list[Any]]) -> Select[Any]:
    """The sums of these units, which hold all that is below them.

    PostgreSQL adds up unit by unit, in the order of the index; over all units at once it would sort their rows first.
    SQLite reads them in that order anyway, as long as months and days are no one table to it.
    """
    values, where = wanted
    sums = [_whole(func.sum(value)).label(name) for name, value in zip(SUMS, values, strict=True)]
    if db.engine.dialect.name != "postgresql":
        inside = model.unit_id.in_(select(asked.c.id))
        return select(*_row(true(), model.unit_id, model.module, *sums)).where(inside, *where) \
            .group_by(model.unit_id, model.module)
    one = select(model.module, *sums).where(model.unit_id == asked.c.id, *where).group_by(model.module) \
        .correlate(asked).lateral()
    return select(*_row(true(), asked.c.id, *one.c)).select_from(asked.join(one, true()))


def _whole(number: Any) -> Any:
    """A sum as a whole number: of large ones PostgreSQL makes a decimal, which is dear to read."""
    return cast(number, BigInteger())


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
        return select(*_row(false(), own.c.unit_id, own.c.module, *(own.c[name] for name in SUMS)))
    placed = select(_place(own.c.unit_id, within).label("place"), own.c.module,
                    *(own.c[name] for name in SUMS)).subquery()
    sums = [_whole(func.sum(placed.c[name])) for name in SUMS]
    return select(*_row(false(), placed.c.place, placed.c.module, *sums)).group_by(placed.c.place, placed.c.module)


def _homes(within: Within, among: list[Any], side: Any) -> Select[Any]:
    """Records handed over since: added where they lay, taken away where they went; from hand to hand it cancels out."""
    sign = 1 if side is RecordHome.home_id else -1
    today: Any = _day("today")
    outcomes = [timeliness_is(each, today) for each in (Timeliness.on_time, Timeliness.late, Timeliness.overdue)]
    return (
        select(*_row(false(), side, Record.module, sign * func.count(),
                       *(sign * func.sum(case((each, 1), else_=0)) for each in outcomes)))
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
        select(*_row(false(), place, Record.module, func.count(),
                       *(func.sum(case((each, 1), else_=0)) for each in outcomes)))
        .join(Unit, and_(Unit.id == Record.unit_id, Unit.number == Record.unit_number))
        .where(within(Record), within(Unit), Record.module.in_(among), Record.deleted_at.is_(None), days)
        .group_by("place", Record.module)
    )
