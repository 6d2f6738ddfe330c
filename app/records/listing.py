"""Lists of records: filters, keyset paging, one statement for the rows and one for the total."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_
from sqlalchemy.sql.elements import ColumnElement

from app.deadlines.rules import Timeliness
from app.paging import Page, decode, like, page_of
from app.records.model import Record
from app.records.module import Module
from tenants.db import db
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


def timeliness_is(wanted: Timeliness, today: date) -> ColumnElement[bool]:
    """The same judgement as `Record.timeliness`, in SQL."""
    if wanted is Timeliness.on_time:
        return and_(Record.entered_on.is_not(None), Record.entered_on <= Record.due_on)
    if wanted is Timeliness.late:
        return and_(Record.entered_on.is_not(None), Record.entered_on > Record.due_on)
    if wanted is Timeliness.overdue:
        return and_(Record.entered_on.is_(None), Record.due_on < today)
    return and_(Record.entered_on.is_(None), Record.due_on >= today)


def conditions(filters: Filters, today: date) -> list[ColumnElement[bool]]:
    """The filters as SQL."""
    found: list[ColumnElement[bool]] = [Record.deleted_at.is_(None)]
    if filters.first:
        found.append(Record.ended_on >= filters.first)
    if filters.last:
        found.append(Record.ended_on <= filters.last)
    if filters.due_first:
        found.append(Record.due_on >= filters.due_first)
    if filters.due_last:
        found.append(Record.due_on <= filters.due_last)
    if filters.timeliness:
        found.append(timeliness_is(filters.timeliness, today))
    if filters.state:
        found.append(Record.state == filters.state)
    if filters.q:
        found.append(Record.search.like(like(filters.q), escape="\\"))
    return found


def listing(module: Module | None, scope: Scope, filters: Filters, *, today: date, cursor: str | None,
            limit: int) -> Page[Any]:
    """Newest first by (ended_on, id); with no module, records of every kind without their own fields."""
    model = module.record if module is not None else Record
    wanted = conditions(filters, today)
    statement = scope.select(model).where(*wanted)
    after = decode(cursor, (date, str))
    if after is not None:
        day, record_id = after
        statement = statement.where(or_(Record.ended_on < day, and_(Record.ended_on == day, Record.id < record_id)))
    rows = list(db.session.execute(
        statement.order_by(Record.ended_on.desc(), Record.id.desc()).limit(limit + 1)
    ).scalars())
    counted = scope.select(Record, func.count()).where(*wanted)
    if module is not None:
        counted = counted.where(Record.module == module.key)
    return page_of(rows, limit, lambda row: (row.ended_on, row.id), db.session.execute(counted).scalar_one())
