"""Lists of records: filters, keyset paging, one statement for the rows and one for the total.

Newest first by (day, unit number, id). The day is `ended_on`; of open records, asked for by themselves, it is
`due_on`, under whose index they lie alone. Keys are picked from an index, the rows of one page fetched afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.counters import totals
from app.deadlines.rules import Timeliness
from app.paging import Page, decode, like, page_of
from app.records.model import Record
from app.records.module import Module
from app.records.rulebook import longest_wait
from tenants import picking
from tenants.db import db
from tenants.picking import Key, Shelf, Window
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


Chosen = tuple[Shelf, tuple[date | None, date | None], tuple[ColumnElement[bool], ...]]
_OPEN = (Timeliness.overdue, Timeliness.pending)


def timeliness_is(wanted: Timeliness, today: date) -> ColumnElement[bool]:
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


def shelf_of(module: Module, filters: Filters) -> Shelf:
    """The smallest of the three indexed sets of a module's living records that holds what the filters select."""
    fixed: tuple[ColumnElement[bool], ...] = (Record.module == module.key, Record.deleted_at.is_(None))
    if filters.odd:
        fixed = (*fixed, Record.odd.is_not(None))
    if filters.timeliness in _OPEN or filters.state == "draft":
        return Shelf(Record, Record.due_on, (*fixed, Record.entered_at.is_(None)))
    if filters.timeliness is Timeliness.late:
        return Shelf(Record, Record.ended_on, (*fixed, timeliness_is(Timeliness.late, date.max)))
    return Shelf(Record, Record.ended_on, fixed)


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _open_bounds(filters: Filters, today: date) -> tuple[date | None, date | None]:
    """Due dates of open records: overdue before today, pending from today on."""
    return (_latest(filters.due_first, today if filters.timeliness is Timeliness.pending else None),
            _earliest(filters.due_last,
                      today - timedelta(days=1) if filters.timeliness is Timeliness.overdue else None))


def _bounds(module: Module, scope: Scope, filters: Filters) -> tuple[date | None, date | None]:
    """End dates; a period of due dates bounds them, for work ends before it is due and not long before.

    Where that does not hold of some record of the period, the bounds reach as far as its end.
    """
    if filters.due_first is None and filters.due_last is None:
        return filters.first, filters.last
    soonest = filters.due_first - longest_wait(module.deadlines) if filters.due_first is not None else None
    astray = select(func.min(Record.ended_on), func.max(Record.ended_on)).where(
        scope.clause(Record), Record.module == module.key, strayed(),
        *picking.between(Record.due_on, filters.due_first, filters.due_last))
    first, last = db.session.execute(scope.mark(astray)).one()
    if soonest is not None:
        soonest = _earliest(soonest, first)
    latest = _latest(filters.due_last, last) if filters.due_last is not None else None
    return _latest(filters.first, soonest), _earliest(filters.last, latest)


def _conditions(shelf: Shelf, filters: Filters, today: date) -> list[ColumnElement[bool]]:
    """What the shelf and its bounds leave to be judged row by row."""
    period: Sequence[tuple[Any, date | None, date | None]] = (
        (Record.ended_on, filters.first, filters.last), (Record.due_on, filters.due_first, filters.due_last))
    found = [column >= first for column, first, _last in period if first is not None and column is not shelf.day]
    found += [column <= last for column, _first, last in period if last is not None and column is not shelf.day]
    if filters.timeliness is not None and not _said_by_shelf(filters):
        found.append(timeliness_is(filters.timeliness, today))
    if filters.state and filters.state != "draft":
        found.append(Record.state == filters.state)
    if filters.q:
        found.append(Record.search.like(like(filters.q), escape="\\"))
    return found


def _said_by_shelf(filters: Filters) -> bool:
    """Whether the choice of the shelf and its bounds have judged already; a condition more would cost a look at the
    row itself."""
    return filters.timeliness in _OPEN or (filters.timeliness is Timeliness.late and filters.state != "draft")


def _total(module: Module, scope: Scope, filters: Filters, counted: Any) -> int:
    """From the counters where nothing narrows the list and the scope is a subtree; else counted."""
    kept = totals.records_total(scope, [module.key]) if filters == Filters() else None
    return kept if kept is not None else int(db.session.execute(counted).scalar_one())


def newest_keys(module: Module, scope: Scope, cursor: str | None, limit: int) -> tuple[list[Key], int]:
    """(keys of a page and one more, total) of a list that nothing narrows."""
    shelf = shelf_of(module, Filters())
    total = _total(module, scope, Filters(), picking.total(shelf, scope))
    window = Window(limit, after=decode(cursor, (date, int, str)))
    keys = picking.newest(shelf, scope, window, few=total <= picking.FEW)
    return [(row[0], row[1], row[2]) for row in db.session.execute(keys)], total


def chosen(module: Module, scope: Scope, filters: Filters, today: date) -> Chosen:
    """What a list shows under these filters: the shelf, its first and last day, what is judged row by row."""
    shelf = shelf_of(module, filters)
    bounds = _open_bounds(filters, today) if shelf.day is Record.due_on else _bounds(module, scope, filters)
    return shelf, bounds, tuple(_conditions(shelf, filters, today))


def listing(module: Module, scope: Scope, filters: Filters, *, today: date, cursor: str | None,
            limit: int) -> Page[Any]:
    """A page of a module's records inside a scope, newest first, with the exact total."""
    shelf, bounds, where = chosen(module, scope, filters, today)
    window = Window(limit + 1, *bounds, where, decode(cursor, (date, int, str)))
    narrowed = [*where, *picking.between(shelf.day, *bounds)]
    total = _total(module, scope, filters, picking.total(shelf, scope, narrowed))
    few = picking.is_few(shelf, scope) if narrowed else total <= picking.FEW
    keys = picking.newest(shelf, scope, window, few=few).subquery("keys")
    model = module.record
    rows = db.session.execute(scope.mark(
        select(model).where(model.id.in_(select(keys.c.id))).order_by(*(column.desc() for column in shelf.key))
    )).scalars().all()
    return page_of(list(rows), limit, lambda row: (getattr(row, shelf.day.key), row.unit_number, row.id), total)
