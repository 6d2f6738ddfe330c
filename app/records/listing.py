"""Lists of records: filters, keyset paging, rows straight from the database, no entities.

Newest first by (day, unit number, id). The day is `ended_on`; of open records, asked for by themselves, it is
`due_on`, under whose index they lie alone. Keys are picked from an index, the rows of one page fetched by them; all
of it are statements compiled once for each shape of question (`tenants.prepared`).
"""

from collections import namedtuple
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Date, String, and_, bindparam, func, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Select

from app.counters import totals
from app.deadlines.rules import Timeliness
from app.paging import Page, decode, like, page_of
from app.records import view
from app.records.model import Record
from app.records.module import Module
from app.records.rulebook import longest_wait
from tenants import picking, tree
from tenants.picking import Shelf, Slots, Window
from tenants.prepared import Prepared, Row, Within
from tenants.scope import Scope


@dataclass(frozen=True)
class Filters:
    """What a list may be narrowed by; `first` and `last` are on `ended_on`, inclusive."""

    first: date | None = None
    last: date | None = None
    due_first: date | None = None
    due_last: date | None = None
    timeliness: Timeliness | None = None
    q: str | None = None
    state: str | None = None
    odd: bool = False


ONE_DAY = timedelta(days=1)
_OPEN = (Timeliness.overdue, Timeliness.pending)


def timeliness_is(wanted: Timeliness, today: Any) -> ColumnElement[bool]:
    """The same judgement as `Record.timeliness`, in SQL."""
    if wanted is Timeliness.on_time:
        return and_(Record.entered_on.is_not(None), Record.entered_on <= Record.due_on)
    if wanted is Timeliness.late:
        return Record.entered_on > Record.due_on
    if wanted is Timeliness.overdue:
        return and_(Record.entered_on.is_(None), Record.due_on < today)
    return and_(Record.entered_on.is_(None), Record.due_on >= today)


def strayed() -> ColumnElement[bool]:
    """The few records whose due day does not follow from their end: corrected and not confirmed, or extended."""
    return or_(Record.corrected_due_on.is_not(None), Record.extended_to.is_not(None))


def shelf_of(key: str, filters: Filters) -> Shelf:
    """The smallest of the three indexed sets of a module's living records that holds what the filters select."""
    fixed: tuple[ColumnElement[bool], ...] = (Record.module == key, Record.deleted_at.is_(None))
    if filters.odd:
        fixed = (*fixed, Record.odd.is_not(None))
    if _asks_open(filters):
        return Shelf(Record, Record.due_on, (*fixed, Record.entered_at.is_(None)))
    if filters.timeliness is Timeliness.late:
        return Shelf(Record, Record.ended_on, (*fixed, timeliness_is(Timeliness.late, date.max)))
    return Shelf(Record, Record.ended_on, fixed)


def _asks_open(filters: Filters) -> bool:
    """Whether only open records are asked for, which lie by their due dates."""
    return filters.timeliness in _OPEN or filters.state == "draft"


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _open_bounds(filters: Filters, today: date) -> tuple[date | None, date | None]:
    """Due dates of open records: overdue before today, pending from today on."""
    return (_latest(filters.due_first, today if filters.timeliness is Timeliness.pending else None),
            _earliest(filters.due_last,
                      today - timedelta(days=1) if filters.timeliness is Timeliness.overdue else None))


def _astray_of(within: Within, key: str, first: bool, last: bool) -> Any:
    """The first and the last end of records of a period of due dates that stray from it."""
    low, high = bindparam("first", type_=Date), bindparam("last", type_=Date)
    period = picking.between(Record.due_on, low if first else None, high if last else None)
    return select(func.min(Record.ended_on), func.max(Record.ended_on)).where(
        within(Record), Record.module == key, strayed(), *period)


def _bounds(module: Module, scope: Scope, filters: Filters) -> tuple[date | None, date | None]:
    """End dates; a period of due dates bounds them, for work ends before it is due and not long before.

    Where that does not hold of some record of the period, the bounds reach as far as its end.
    """
    low, high = filters.due_first, filters.due_last
    if low is None and high is None:
        return filters.first, filters.last
    soonest = low - longest_wait(module.deadlines) if low is not None else None
    astray = _ASTRAY.rows(scope, module.key, low is not None, high is not None, first=low, last=high)
    first, last = astray[0] if astray else (None, None)
    if soonest is not None:
        soonest = _earliest(soonest, first)
    latest = _latest(high, last) if high is not None else None
    return _latest(filters.first, soonest), _earliest(filters.last, latest)


def _conditions(shelf: Shelf, filters: Filters) -> list[ColumnElement[bool]]:
    """What the shelf and its bounds leave to be judged row by row."""
    period: Sequence[tuple[Any, Any, Any]] = (
        (Record.ended_on, filters.first, filters.last), (Record.due_on, filters.due_first, filters.due_last))
    found = [column >= first for column, first, _last in period if first is not None and column is not shelf.day]
    found += [column <= last for column, _first, last in period if last is not None and column is not shelf.day]
    if filters.timeliness is not None and not _said_by_shelf(filters):
        found.append(timeliness_is(filters.timeliness, bindparam("today", type_=Date)))
    if filters.state and filters.state != "draft":
        found.append(Record.state == filters.state)
    if filters.q is not None:
        found.append(Record.search.like(filters.q, escape="\\"))
    return found


def _said_by_shelf(filters: Filters) -> bool:
    """Whether the choice of the shelf and its bounds have judged already; a condition more would cost a look at the
    row itself."""
    return filters.timeliness in _OPEN or (filters.timeliness is Timeliness.late and filters.state != "draft")


_GIVEN = ("first", "last", "due_first", "due_last", "q")  # filters whose values are bound


@dataclass(frozen=True)
class Question:
    """A page asked for: what is bound, and what decides on the statements."""

    module: Module
    scope: Scope
    filters: Filters
    today: date
    window: Window

    @classmethod
    def of(cls, module: Module, scope: Scope, filters: Filters, *, today: date, cursor: str | None,
           limit: int) -> "Question":
        """The question, for one row more than the page has. Raises Malformed."""
        is_open = _asks_open(filters)
        bounds = _open_bounds(filters, today) if is_open else _bounds(module, scope, filters)
        return cls(module, scope, filters, today, Window(limit + 1, *bounds, decode(cursor, (date, int, str))))

    @property
    def day(self) -> str:
        """The name of the column whose day is the order's."""
        return "due_on" if _asks_open(self.filters) else "ended_on"

    @property
    def is_narrowed(self) -> bool:
        """Whether it is not the whole list inside the scope."""
        return self.filters != _ALL

    @property
    def shape(self) -> tuple[Hashable, ...]:
        """What decides on the statements: as `_list_of` takes it."""
        given = tuple(name for name in _GIVEN if getattr(self.filters, name))
        return self.module.key, given, *self._kind, self.window.shape

    @property
    def _kind(self) -> tuple[Timeliness | None, str | None, bool]:
        return self.filters.timeliness, self.filters.state, self.filters.odd

    @property
    def values(self) -> dict[str, Any]:
        """What is bound."""
        found = self.window.values
        if self.is_narrowed:
            found |= {f"filter_{name}": getattr(self.filters, name) for name in _GIVEN}
            found |= {"filter_q": like(self.filters.q or ""), "today": self.today}
        return found

    def total(self) -> int:
        """From the counters where the scope is a subtree and nothing or little is left out; else counted."""
        # All but what is planned for after today, which is little: so the console and the phone begin.
        unit = tree.top_of(self.scope) if self.filters in (_ALL, Filters(last=self.today)) else None
        if unit is None:
            return self.counted()
        if not self.is_narrowed:
            return totals.records_total(self.scope, [self.module.key]) or 0
        later = replace(self, filters=Filters(first=self.today + ONE_DAY), window=Window(1, self.today + ONE_DAY))
        asked = {"unit": unit, "key_0": self.module.key}
        return int(_ALL_BUT.rows(self.scope, *later.shape, **later.values, **asked)[0][0])

    def counted(self) -> int:
        """How many rows there are, each of them counted."""
        return int(_TOTAL.rows(self.scope, *self.shape, **self.values)[0][0]) if self.scope else 0

    def is_few(self) -> bool:
        """Whether the scope has few rows of the shelf; asks no more than it must."""
        if not self.scope or picking.ordered(self.scope):
            return False
        some = _SOME.rows(self.scope, self.module.key, *self._kind, picking.FEW)
        return bool(some[0][0] <= picking.FEW)

    def rows(self, names: tuple[str, ...], *, few: bool, unit: str | None = None,
             with_total: bool = False) -> list[Row]:
        """Columns of the page's rows, and one row more; with the total behind each, from a unit's counters if given."""
        if not self.scope or self.window.empty:
            return []
        counted = "" if not with_total else "counters" if unit is not None else "rows"
        asked = {"unit": unit, "key_0": self.module.key} if counted == "counters" else {}
        few = few and not picking.ordered(self.scope)
        found = _ROWS.rows(self.scope, self.module.record, names, few, counted, *self.shape, **self.values, **asked)
        return found[:self.window.limit]


def _list_of(key: str, given: tuple[str, ...], timeliness: Timeliness | None, state: str | None, odd: bool,
             window: Any) -> tuple[Shelf, Slots]:
    """The shelf and the slots of a question's shape."""
    bound = {name: bindparam(f"filter_{name}", type_=String() if name == "q" else Date()) for name in given}
    filters = replace(Filters(timeliness=timeliness, state=state, odd=odd), **bound)  # type: ignore[arg-type]
    shelf = shelf_of(key, filters)
    return shelf, Slots.of(shelf, window, _conditions(shelf, filters))


def _count(within: Within, shelf: Shelf, slots: Slots) -> Any:
    return picking.total(within, shelf, [*slots.where, *picking.between(shelf.day, slots.first, slots.last)])


def _total_of(within: Within, *shape: Any) -> Select[Any]:
    return select(_count(within, *_list_of(*shape)))


def _all_but_of(within: Within, *shape: Any) -> Select[Any]:
    """What the counters hold, less what is counted: one statement, so that both are of one moment."""
    return select(totals.summed(within, 1).scalar_subquery() - _count(within, *_list_of(*shape)))


def _some_of(within: Within, key: str, timeliness: Timeliness | None, state: str | None, odd: bool,
             most: int) -> Select[Any]:
    shelf = shelf_of(key, Filters(timeliness=timeliness, state=state, odd=odd))
    return select(picking.total(within, shelf, cap=most + 1))


def _rows_of(within: Within, record: type[Record], names: tuple[str, ...], few: bool, counted: str,
             *shape: Any) -> Select[Any]:
    """Keys picked from an index inside the scope, and the rows they belong to.

    The filter stands with the keys alone: beside them it would tempt a planner to read all rows of the scope.
    """
    shelf, slots = _list_of(*shape)
    columns = view.columns_of(record, names)
    if counted:
        total = _count(within, shelf, slots) if counted == "rows" else totals.summed(within, 1).scalar_subquery()
        columns.append(total.label("total"))
    keys = picking.newest(within, shelf, slots, few=few).subquery("keys")
    order = [column.desc() for column in shelf.key]
    return select(*columns).where(record.id.in_(select(keys.c.id))).order_by(*order)


_ALL = Filters()
_TOTAL, _SOME, _ROWS, _ASTRAY = Prepared(_total_of), Prepared(_some_of), Prepared(_rows_of), Prepared(_astray_of)
_ALL_BUT = Prepared(_all_but_of)


@cache
def _line(names: tuple[str, ...]) -> Any:
    """A row with names, and with the judgements of a record."""
    said = {"__slots__": (), "timeliness": Record.timeliness, "is_owed": Record.is_owed}
    return type("Line", (namedtuple("Line", names),), said)


def listing(module: Module, scope: Scope, filters: Filters, *, today: date, cursor: str | None,
            limit: int) -> Page[Any]:
    """A page of a module's records inside a scope, newest first, with the exact total.

    What it gives has a record's columns, save sensitive ones, and its judgements; nothing can be changed through it.
    """
    question = Question.of(module, scope, filters, today=today, cursor=cursor, limit=limit)
    total = question.total()
    few = question.is_few() if question.is_narrowed else total <= picking.FEW
    plan = view.plan_of(module)
    names = tuple(name for name in plan.names if name not in plan.sensitive)
    rows = [_line(names)._make(row) for row in question.rows(names, few=few)]
    day = question.day
    return page_of(rows, limit, lambda row: (getattr(row, day), row.unit_number, row.id), total)
