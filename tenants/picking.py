"""The newest rows of a scope, picked from an index at a cost that grows neither with the scope nor with the tree.

A list is ordered by (day, unit number, id), all descending, and lies under two indexes: one by (group, day, number,
id), one by (group, number, day, id). Which of three ways is taken depends on the scope alone (ADR-0018):

- the whole tree, or one unit: one of the indexes holds the order; its end is read;
- a scope with few rows: its runs are read from the second index and sorted;
- any other: days are walked from the newest, and in each the scope's runs, until the page is full.

What is picked are keys; the caller fetches the rows of one page by their ids ("late row fetch"). Everything here
builds templates (`tenants.prepared`): values are bound, and only what decides on the way is in the shape.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Select

from tenants.db import db
from tenants.numbering import LAST
from tenants.prepared import Inside, Within
from tenants.scope import Scope

# Reading a thousand index entries and sorting them costs what walking some forty days does (measured, ADR-0018).
FEW = 1000
_PATIENCE = 30  # days without a row before the next one that has any is looked up
_LIMITS = (21, 51, 101, 201)  # so many keys a statement is made for
_MOST_RUNS = 64  # beyond, a compound of one part per run would be longer than a database accepts

Key = tuple[date, int, str]


@dataclass(frozen=True)
class Shelf:
    """Rows of one model under the two indexes: the day they are ordered by, and what every one of them fulfils."""

    model: Any
    day: Any
    fixed: tuple[ColumnElement[bool], ...]

    @property
    def key(self) -> tuple[Any, Any, Any]:
        """The columns of the order, which are also what a cursor holds."""
        return self.day, self.model.unit_number, self.model.id


@dataclass(frozen=True)
class Window:
    """What of a shelf is asked for: days from `first` to `last`, and only what follows `after`."""

    limit: int
    first: date | None = None
    last: date | None = None
    after: Key | None = None

    @property
    def newest(self) -> date | None:
        """No row of the page is of a later day."""
        return min((day for day in (self.last, self.after and self.after[0]) if day is not None), default=None)

    @property
    def empty(self) -> bool:
        """Whether no day lies in it."""
        return self.first is not None and self.newest is not None and self.newest < self.first

    @property
    def shape(self) -> Hashable:
        """What of it decides on the statement, as `Slots.of` takes it."""
        limit = next(each for each in (*_LIMITS, self.limit) if each >= self.limit)
        return limit, self.first is not None, self.last is not None, self.newest is not None, self.after is not None

    @property
    def values(self) -> dict[str, Any]:
        """What is bound."""
        after = self.after or (None, None, None)
        return {"first": self.first, "last": self.last, "newest": self.newest,
                "after_day": after[0], "after_number": after[1], "after_id": after[2], "no_limit": None}


@dataclass(frozen=True)
class Slots:
    """A window in a template: bound parameters, None for what is not asked, and further conditions."""

    limit: int
    first: Any
    last: Any
    newest: Any
    after: tuple[Any, Any, Any] | None
    where: tuple[ColumnElement[bool], ...] = ()

    @classmethod
    def of(cls, shelf: Shelf, shape: Any, where: Sequence[ColumnElement[bool]] = ()) -> "Slots":
        """The slots of a window's shape."""
        def slot(name: str, column: Any) -> Any:
            return bindparam(name, type_=column.type)

        limit, first, last, newest, after = shape
        names = ("after_day", "after_number", "after_id")
        key = [slot(name, column) for name, column in zip(names, shelf.key, strict=True)]
        return cls(limit, slot("first", shelf.day) if first else None, slot("last", shelf.day) if last else None,
                   slot("newest", shelf.day) if newest else None, (key[0], key[1], key[2]) if after else None,
                   tuple(where))


def runs(within: Within, model: Any) -> list[Inside]:
    """One condition per run of the scope, so that each is one stretch of an index; none for the whole tree."""
    if within.parts > _MOST_RUNS:
        return [(within(model), within.bounds(0)[0], within.bounds(within.parts - 1)[1])]
    return within.runs(model)


def total(within: Within, shelf: Shelf, where: Sequence[ColumnElement[bool]] = (), *, cap: int | None = None) -> Any:
    """How many rows of the shelf lie inside, as an expression; with a cap, no run is read further than that."""
    parts = []
    for inside, _low, _high in runs(within, shelf.model):
        if cap is None:
            counted = select(func.count()).select_from(shelf.model).where(inside, *shelf.fixed, *where)
        else:
            ones: Any = select(literal_column("1")).select_from(shelf.model)
            counted = select(func.count()).select_from(ones.where(inside, *shelf.fixed, *where).limit(cap).subquery())
        parts.append(counted.scalar_subquery())
    summed: Any = parts[0]
    for part in parts[1:]:
        summed = summed + part
    return summed


def ordered(scope: Scope) -> bool:
    """Whether one index holds exactly the scope's rows in order."""
    return scope.because is not None or scope.ranges == ((0, LAST),) or (
        len(scope.ranges) == 1 and scope.ranges[0][0] == scope.ranges[0][1])


def newest(within: Within, shelf: Shelf, slots: Slots, *, few: bool) -> Select[Any]:
    """The keys of a page, newest first. `few` says that the scope has at most some thousand rows of the shelf."""
    if within.whole or within.alone:
        return _end_of_index(within, shelf, slots)
    return _sorted(within, shelf, slots) if few else _by_days(within, shelf, slots)


def between(day: Any, first: Any, last: Any) -> list[ColumnElement[bool]]:
    """A period, inclusive, open where None stands."""
    return ([day >= first] if first is not None else []) + ([day <= last] if last is not None else [])


def _bounds(shelf: Shelf, slots: Slots) -> list[ColumnElement[bool]]:
    """The window in days, the cursor's day included."""
    return between(shelf.day, slots.first, slots.newest)


def _following(shelf: Shelf, slots: Slots) -> list[ColumnElement[bool]]:
    return [tuple_(*shelf.key) < tuple_(*slots.after)] if slots.after is not None else []


def _newest_first(shelf: Shelf) -> list[Any]:
    return [column.desc() for column in shelf.key]


def _end_of_index(within: Within, shelf: Shelf, slots: Slots) -> Select[Any]:
    conditions = [within(shelf.model), *shelf.fixed, *_bounds(shelf, slots), *slots.where]
    if within.alone and slots.after is not None:
        conditions.append(_follows(shelf, slots.after, shelf.day))
    else:
        conditions += _following(shelf, slots)
    return select(*shelf.key).where(*conditions).order_by(*_newest_first(shelf)).limit(_most(slots))


def _most(slots: Slots) -> Any:
    """The limit as a literal: a planner that does not know it prepares for a tenth of the table."""
    return literal_column(str(slots.limit), Integer)


def _follows(shelf: Shelf, after: tuple[Any, Any, Any], day: Any) -> ColumnElement[bool]:
    """What comes after a cursor, day by day, in the order of one unit's or one day's stretch of an index."""
    last, number, row_id = after
    column = shelf.model.unit_number
    return or_(day < last, column < number, and_(column == number, shelf.model.id < row_id))


def _sorted(within: Within, shelf: Shelf, slots: Slots) -> Select[Any]:
    """Every key inside, then the order: the fence keeps a planner from walking another index in the hope of luck.

    On PostgreSQL it is a limit whose value is NULL, which is none: keys need not be put aside for it, as a CTE's are.
    A plan made once takes a run for a two-hundredth of the table, so PostgreSQL would rather plan anew at each page,
    which costs more than the page. A limit that it does not know makes that a tenth.
    """
    conditions = [*shelf.fixed, *_bounds(shelf, slots), *_following(shelf, slots), *slots.where]
    parts: list[Any] = [select(*shelf.key).where(inside, *conditions)
                        for inside, _low, _high in runs(within, shelf.model)]
    every = _together(parts)
    inside = every.limit(bindparam("no_limit", type_=BigInteger)).subquery("inside") if _is_postgresql() \
        else every.cte("inside").prefix_with("MATERIALIZED")
    return select(*inside.c).order_by(*(column.desc() for column in inside.c)).limit(_most(slots))


def _together(parts: list[Any]) -> Any:
    if len(parts) == 1:
        return parts[0]
    return union_all(*parts)


def _by_days(within: Within, shelf: Shelf, slots: Slots) -> Select[Any]:
    """Step from day to day, count what the runs hold of each, stop when the page is full."""
    parts = runs(within, shelf.model)
    days = _first_day(shelf, slots, parts).cte("days", recursive=True)
    found = days.c.found
    for run in parts:
        found = found + _count_of_day(shelf, slots, days, run)
    empty = case((days.c.found > days.c.before, literal_column("0", BigInteger)), else_=days.c.empty + 1)
    step = select(_day_before(shelf, slots, days), found, days.c.found, empty)
    days = days.union_all(step.where(days.c.day.is_not(None), days.c.found < _most(slots)))
    picked: list[Any] = [_rows_of_day(shelf, slots, days, run) for run in parts]
    rows = _together(picked).subquery("picked")
    return select(*rows.c).order_by(*(column.desc() for column in rows.c)).limit(_most(slots))


def _first_day(shelf: Shelf, slots: Slots, parts: list[Inside]) -> Select[Any]:
    """A day, how many rows were found on those before it and on all but the last, how many were then without any."""
    newest_day: Any = slots.newest
    if newest_day is None or not _is_postgresql():
        newest_day = _newest_day(shelf, slots, parts).scalar_subquery()
    none = literal(0, BigInteger)
    return select(newest_day.label("day"), none.label("found"), literal(-1, BigInteger).label("before"),
                  none.label("empty"))


def _newest_day(shelf: Shelf, slots: Slots, parts: list[Inside]) -> Any:
    """The newest day that may have a row. Row security hides the rows of others, each after a look at it; outside the
    scope's lowest and highest number an index passes over them by itself. SQLite reads the end of an index."""
    newest: Any = select(func.max(shelf.day)).where(*shelf.fixed, *_bounds(shelf, slots))
    low, high = parts[0][1], parts[-1][2]
    return newest.where(shelf.model.unit_number.between(low, high)) if _is_postgresql() else newest


def _day_before(shelf: Shelf, slots: Slots, days: Any) -> Any:
    """The day to look at next, or NULL. On PostgreSQL a look-up of the next day that has any passes over the rows of
    others up to it. So yesterday is next, and the look-up is for long stretches of nothing."""
    earlier = select(func.max(shelf.day)).where(*shelf.fixed, *_bounds(shelf, slots), shelf.day < days.c.day)
    looked_up = earlier.correlate(days).scalar_subquery()
    if not _is_postgresql():
        return looked_up
    over = days.c.day <= slots.first if slots.first is not None else literal(False)
    return case((over, null()), (days.c.empty < _PATIENCE, days.c.day - literal(1, Integer)), else_=looked_up)


def _is_postgresql() -> bool:
    return bool(db.engine.dialect.name == "postgresql")


def _of_day(shelf: Shelf, slots: Slots, day: Any, run: Inside) -> Any:
    """The conditions on one run's rows of a day; on the cursor's day only those that follow it."""
    inside, low, high = run
    conditions = [inside, *shelf.fixed, *slots.where]
    if slots.after is not None and low is not None:
        last, number, _row_id = slots.after
        top = case((and_(day == last, number < high), number), else_=high)
        conditions += [shelf.model.unit_number <= top, _follows(shelf, slots.after, day)]
    return and_(*conditions)


def _count_of_day(shelf: Shelf, slots: Slots, days: Any, run: Inside) -> Any:
    of_day = and_(shelf.day == days.c.day, _of_day(shelf, slots, days.c.day, run))
    some: Any = (
        select(literal_column("1")).select_from(shelf.model).where(of_day).limit(_most(slots)).correlate(days).subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


def _rows_of_day(shelf: Shelf, slots: Slots, days: Any, run: Inside) -> Any:
    """Keys of one run on the days walked. PostgreSQL reads no more of a day than a page; SQLite has no LATERAL, and
    would make a filter out of the whole index for a join, but not for a list of days."""
    walked = and_(days.c.day.is_not(None), days.c.found < _most(slots))
    if not _is_postgresql():
        some = select(days.c.day).where(walked)
        return select(*shelf.key).where(shelf.day.in_(some), _of_day(shelf, slots, shelf.day, run))
    of_day = and_(shelf.day == days.c.day, _of_day(shelf, slots, days.c.day, run))
    newest_of_day: Any = (
        select(*shelf.key).where(of_day).order_by(*_newest_first(shelf)[1:]).limit(_most(slots))
        .correlate(days).lateral()
    )
    return select(*newest_of_day.c).select_from(days).join(newest_of_day, true()).where(walked)
