"""The newest rows of a scope, picked from an index at a cost that grows neither with the scope nor with the tree.

A list is ordered by (day, unit number, id), all descending, and lies under two indexes: one by (group, day, number,
id), one by (group, number, day, id). Which of three ways is taken depends on the scope alone (ADR-0018):

- the whole tree, or one unit: one of the indexes holds the order; its end is read;
- a scope with few rows: its runs are read from the second index and sorted;
- any other: days are walked from the newest, and in each the scope's runs, until the page is full.

What is picked are keys; the caller fetches the rows of one page by their ids ("late row fetch").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    and_,
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
from tenants.numbering import LAST, Range
from tenants.scope import Scope

# Reading a thousand index entries and sorting them costs what walking some forty days does (measured, ADR-0018).
FEW = 1000
_PATIENCE = 30  # days without a row before the next one that has any is looked up
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
    """What of a shelf is asked for: days from `first` to `last`, further conditions, and only what follows `after`."""

    limit: int
    first: date | None = None
    last: date | None = None
    where: tuple[ColumnElement[bool], ...] = ()
    after: Key | None = None

    @property
    def newest(self) -> date | None:
        """No row of the page is of a later day."""
        return min((day for day in (self.last, self.after and self.after[0]) if day is not None), default=None)


def runs(scope: Scope, model: Any) -> list[tuple[ColumnElement[bool], Range | None]]:
    """One condition per run of the scope, so that each is one stretch of an index; none for the whole tree."""
    if _whole(scope):
        return [(true(), None)]
    if len(scope.ranges) > _MOST_RUNS:
        return [(scope.clause(model), (scope.ranges[0][0], scope.ranges[-1][1]))]
    number = model.unit_number
    return [(number == low if low == high else number.between(low, high), (low, high)) for low, high in scope.ranges]


def total(shelf: Shelf, scope: Scope, where: Sequence[ColumnElement[bool]] = (), *, cap: int | None = None) -> Any:
    """The statement that counts the shelf's rows inside; with a cap, no run is read further than that."""
    parts = []
    for inside, _run in runs(scope, shelf.model):
        if cap is None:
            counted = select(func.count()).select_from(shelf.model).where(inside, *shelf.fixed, *where)
        else:
            ones: Any = select(literal_column("1")).select_from(shelf.model)
            counted = select(func.count()).select_from(ones.where(inside, *shelf.fixed, *where).limit(cap).subquery())
        parts.append(counted.scalar_subquery())
    summed: Any = parts[0] if parts else literal(0)
    for part in parts[1:]:
        summed = summed + part
    return scope.mark(select(summed))


def is_few(shelf: Shelf, scope: Scope) -> bool:
    """Whether the scope has few rows of the shelf; asks no more than it must."""
    if _ordered(scope):
        return False
    return bool(db.session.execute(total(shelf, scope, cap=FEW + 1)).scalar_one() <= FEW)


def newest(shelf: Shelf, scope: Scope, window: Window, *, few: bool) -> Select[Any]:
    """The keys of a page, newest first. `few` says that the scope has at most some thousand rows of the shelf."""
    if not scope or (window.first is not None and window.newest is not None and window.newest < window.first):
        return scope.mark(select(*shelf.key).where(literal(False)))
    if _ordered(scope):
        return scope.mark(_end_of_index(shelf, scope, window))
    return scope.mark(_sorted(shelf, scope, window) if few else _by_days(shelf, scope, window))


def _whole(scope: Scope) -> bool:
    return scope.because is not None or scope.ranges == ((0, LAST),)


def _ordered(scope: Scope) -> bool:
    """Whether one index holds exactly the scope's rows in order."""
    return _whole(scope) or (len(scope.ranges) == 1 and scope.ranges[0][0] == scope.ranges[0][1])


def between(day: Any, first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    """A period, inclusive, open where None stands."""
    return ([day >= first] if first is not None else []) + ([day <= last] if last is not None else [])


def _bounds(shelf: Shelf, window: Window) -> list[ColumnElement[bool]]:
    """The window in days, the cursor's day included."""
    return between(shelf.day, window.first, window.newest)


def _following(shelf: Shelf, after: Key | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    values = [literal(value, column.type) for value, column in zip(after, shelf.key, strict=True)]
    return [tuple_(*shelf.key) < tuple_(*values)]


def _newest_first(shelf: Shelf) -> list[Any]:
    return [column.desc() for column in shelf.key]


def _end_of_index(shelf: Shelf, scope: Scope, window: Window) -> Select[Any]:
    inside = [] if _whole(scope) else [scope.clause(shelf.model)]
    conditions = [*inside, *shelf.fixed, *_bounds(shelf, window), *window.where]
    if inside and window.after is not None:
        conditions.append(_following_in_unit(shelf, scope.ranges[0][0], window.after))
    else:
        conditions += _following(shelf, window.after)
    return select(*shelf.key).where(*conditions).order_by(*_newest_first(shelf)).limit(window.limit)


def _following_in_unit(shelf: Shelf, unit: int, after: Key) -> ColumnElement[bool]:
    """What follows a cursor, as far as one unit is concerned, in the order of that unit's stretch of the index."""
    day, number, row_id = after
    if unit != number:
        return shelf.day <= day if unit < number else shelf.day < day
    return tuple_(shelf.day, shelf.model.id) < tuple_(literal(day, shelf.day.type), literal(row_id))


def _sorted(shelf: Shelf, scope: Scope, window: Window) -> Select[Any]:
    """Every key inside, then the order: the fence keeps a planner from walking another index in the hope of luck."""
    conditions = [*shelf.fixed, *_bounds(shelf, window), *_following(shelf, window.after), *window.where]
    parts: list[Any] = [select(*shelf.key).where(inside, *conditions) for inside, _run in runs(scope, shelf.model)]
    inside = _together(parts).cte("inside").prefix_with("MATERIALIZED")
    return select(*inside.c).order_by(*(column.desc() for column in inside.c)).limit(window.limit)


def _together(parts: list[Any]) -> Any:
    if len(parts) == 1:
        return parts[0]
    return union_all(*parts)


def _by_days(shelf: Shelf, scope: Scope, window: Window) -> Select[Any]:
    """Step from day to day, count what the runs hold of each, stop when the page is full."""
    parts = runs(scope, shelf.model)
    days = _first_day(shelf, window).cte("days", recursive=True)
    found = days.c.found
    for inside, run in parts:
        found = found + _count_of_day(shelf, window, days, inside, run)
    empty = case((days.c.found > days.c.before, literal(0, BigInteger)), else_=days.c.empty + 1)
    step = select(_day_before(shelf, window, days), found, days.c.found, empty)
    days = days.union_all(step.where(days.c.day.is_not(None), days.c.found < window.limit))
    picked: list[Any] = [_rows_of_day(shelf, window, days, inside, run) for inside, run in parts]
    rows = _together(picked).subquery("picked")
    return select(*rows.c).order_by(*(column.desc() for column in rows.c)).limit(window.limit)


def _first_day(shelf: Shelf, window: Window) -> Select[Any]:
    """A day, how many rows were found on those before it and on all but the last, how many were then without any."""
    newest_day: Any = select(func.max(shelf.day)).where(*shelf.fixed, *_bounds(shelf, window)).scalar_subquery()
    if _is_postgresql() and window.newest is not None:
        newest_day = literal(window.newest, shelf.day.type)
    none = literal(0, BigInteger)
    return select(newest_day.label("day"), none.label("found"), literal(-1, BigInteger).label("before"),
                  none.label("empty"))


def _day_before(shelf: Shelf, window: Window, days: Any) -> Any:
    """The day to look at next, or NULL.

    Row security hides the rows of others from a look-up of the next day that has any, which then reads all of them
    up to the first visible one. So on PostgreSQL yesterday is next, and the look-up is for long stretches of nothing.
    """
    earlier = select(func.max(shelf.day)).where(*shelf.fixed, *_bounds(shelf, window), shelf.day < days.c.day)
    looked_up = earlier.correlate(days).scalar_subquery()
    if not _is_postgresql():
        return looked_up
    over = days.c.day <= window.first if window.first is not None else literal(False)
    return case((over, null()), (days.c.empty < _PATIENCE, days.c.day - literal(1, Integer)), else_=looked_up)


def _is_postgresql() -> bool:
    return bool(db.engine.dialect.name == "postgresql")


def _of_day(shelf: Shelf, window: Window, day: Any, inside: ColumnElement[bool], run: Range | None) -> Any:
    """The conditions on one run's rows of a day; on the cursor's day only those that follow it."""
    conditions = [inside, *shelf.fixed, *window.where]
    if window.after is not None and run is not None:
        last, number, row_id = window.after
        top = case((day == last, literal(min(run[1], number), BigInteger)), else_=literal(run[1], BigInteger))
        column = shelf.model.unit_number
        conditions.append(column <= top)
        conditions.append(or_(day < last, column < number, and_(column == number, shelf.model.id < row_id)))
    return and_(*conditions)


def _count_of_day(shelf: Shelf, window: Window, days: Any, inside: ColumnElement[bool], run: Range | None) -> Any:
    of_day = and_(shelf.day == days.c.day, _of_day(shelf, window, days.c.day, inside, run))
    some: Any = (
        select(literal_column("1")).select_from(shelf.model).where(of_day).limit(window.limit).correlate(days).subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


def _rows_of_day(shelf: Shelf, window: Window, days: Any, inside: ColumnElement[bool], run: Range | None) -> Any:
    """Keys of one run on the days walked. PostgreSQL reads no more of a day than a page; SQLite has no LATERAL, and
    would make a filter out of the whole index for a join, but not for a list of days."""
    walked = and_(days.c.day.is_not(None), days.c.found < window.limit)
    if not _is_postgresql():
        some = select(days.c.day).where(walked)
        return select(*shelf.key).where(shelf.day.in_(some), _of_day(shelf, window, shelf.day, inside, run))
    of_day = and_(shelf.day == days.c.day, _of_day(shelf, window, days.c.day, inside, run))
    newest_of_day: Any = (
        select(*shelf.key).where(of_day).order_by(*_newest_first(shelf)[1:]).limit(window.limit)
        .correlate(days).lateral()
    )
    return select(*newest_of_day.c).select_from(days).join(newest_of_day, true()).where(walked)
