"""Reading the log: inside the tree scope only; an actor from above is not named."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.paging import Page, decode, page_of
from permissions.audit import AuditEntry, AuditSeal
from tenants.clock import SHANGHAI
from tenants.db import db
from tenants.scope import Scope


@dataclass(frozen=True)
class Filters:
    """What the log may be narrowed by; the period is in Shanghai dates, inclusive."""

    within: Scope | None = None
    first: date | None = None
    last: date | None = None
    actor: str | None = None
    action: str | None = None
    about: str | None = None  # the id of an object


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def listing(scope: Scope, filters: Filters, *, cursor: str | None, limit: int) -> Page[tuple[AuditEntry, bool]]:
    """Entries with whether they are sealed, newest first."""
    inside = scope.narrowed(filters.within) if filters.within is not None else scope
    wanted = []
    if filters.first:
        wanted.append(AuditEntry.at >= _midnight(filters.first))
    if filters.last:
        wanted.append(AuditEntry.at < _midnight(filters.last + timedelta(days=1)))
    if filters.actor:
        wanted += [AuditEntry.actor == filters.actor, _known(scope)]
    if filters.action:
        wanted.append(AuditEntry.action == filters.action)
    if filters.about:
        wanted.append(AuditEntry.object_id == filters.about)
    statement = inside.mark(
        select(AuditEntry, AuditSeal.seq.is_not(None))
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(inside.clause(AuditEntry), *wanted)
    )
    after = decode(cursor, (datetime, str))
    if after is not None:
        at, entry_id = after
        statement = statement.where(or_(AuditEntry.at < at, and_(AuditEntry.at == at, AuditEntry.id < entry_id)))
    rows = [(entry, bool(sealed)) for entry, sealed in db.session.execute(
        statement.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1)
    )]
    total = db.session.execute(inside.select(AuditEntry, func.count()).where(*wanted)).scalar_one()
    return page_of(rows, limit, lambda row: (row[0].at, row[0].id), total)


def _known(scope: Scope) -> ColumnElement[bool]:
    """Filtering by an actor finds only actors of the reader's own scope: others must not be probed for."""
    if scope.because is not None:
        return AuditEntry.actor.is_not(None)
    return or_(*(AuditEntry.actor_number.between(low, high) for low, high in scope.ranges))


def knows_actor(entry: AuditEntry, scope: Scope, own_account: str) -> bool:
    """Whether the reader may learn who acted: somebody of the scope, oneself, or the system."""
    if entry.actor is None or entry.actor == own_account:
        return True
    return entry.actor_number is not None and scope.covers(entry.actor_number)
