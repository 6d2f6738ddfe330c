"""What a superior should look at: records that wait for his word, and odd ones, those deleted included."""

from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from app import registry
from app.paging import Page, decode, page_of
from app.records.model import Record
from app.records.standing import ASKS, ODDITIES, Ask
from permissions import guard, needs
from permissions.actions import Action
from tenants import clock
from tenants.db import db
from tenants.scope import Scope

ALL_ASKED, ALL_ODD = "asked", "odd"
WHATS = {ALL_ASKED: "待处理", **{each.value: text for each, text in ASKS.items()}, ALL_ODD: "异常录入",
         **{each.value: text for each, text in ODDITIES.items()}}


def column_held() -> str | None:
    """A column I oversee something of, for putting the right to the table; None when a right is for all or nothing."""
    mine = guard.me()
    return next((each.column for each in registry.modules().values()
                 if needs.holds(mine, Action.RECORD_OVERSEE, each.column)), None)


def title_of(row: Record) -> str:
    """The name of a record's kind."""
    return registry.module(row.module).title


def _has(column: Any, word: str) -> ColumnElement[bool]:
    """Whether one of the words a column holds is this one; no word contains another."""
    return and_(column.is_not(None), column.like(f"%{word}%"))


def _what(what: str | None, today: date) -> ColumnElement[bool]:
    """A request for more time lapses with the time; everything else waits until it is answered."""
    in_time = and_(_has(Record.asks, Ask.extension), Record.due_on >= today)
    if what == Ask.extension:
        asked = in_time
    elif what in ASKS:
        asked = _has(Record.asks, str(what))
    else:
        asked = and_(Record.asks.is_not(None), or_(
            in_time, _has(Record.asks, Ask.late), _has(Record.asks, Ask.correction)))
    if what in ODDITIES:
        return _has(Record.odd, str(what))
    if what == ALL_ODD:
        return Record.odd.is_not(None)
    return and_(asked, Record.deleted_at.is_(None))


def _reach(action: Action) -> tuple[Scope, ColumnElement[bool] | None]:
    reach = {key: guard.sight(action, module.column) for key, module in registry.modules().items()}
    whole = Scope.of([each for scope in reach.values() for each in scope.ranges])
    allowed = [and_(Record.module == key, scope.clause(Record)) for key, scope in reach.items() if scope]
    return whole, or_(*allowed) if allowed else None


def reach() -> Scope:
    """Where I oversee records of any kind."""
    return _reach(Action.RECORD_OVERSEE)[0]


def waiting() -> int:
    """How many records wait for my word."""
    whole, allowed = _reach(Action.RECORD_CONFIRM)
    if allowed is None or not whole:
        return 0
    return int(db.session.execute(whole.mark(
        select(func.count()).select_from(Record).where(allowed, whole.clause(Record), _what(None, clock.today())))
    ).scalar_one())


def found(what: str | None, within: Scope | None, *, cursor: str | None, limit: int) -> Page[Record]:
    """A page of what waits (the default) or is odd, latest end first, inside what I oversee."""
    whole, allowed = _reach(Action.RECORD_OVERSEE)
    scope = whole.narrowed(within) if within is not None else whole
    if allowed is None or not scope:
        return Page([], None, 0)
    where = [allowed, scope.clause(Record), _what(what, clock.today())]
    total = int(db.session.execute(scope.mark(select(func.count()).select_from(Record).where(*where))).scalar_one())
    key = (Record.ended_on, Record.unit_number, Record.id)
    statement = select(Record).where(*where).order_by(*(column.desc() for column in key)).limit(limit + 1)
    if after := decode(cursor, (date, int, str)):
        statement = statement.where(tuple_(*key) < tuple_(*after))
    rows = list(db.session.execute(scope.mark(statement)).scalars())
    return page_of(rows, limit, lambda row: (row.ended_on, row.unit_number, row.id), total)
