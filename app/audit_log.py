"""Reading the log: inside the tree scope only; an actor from above is not named.

However long the log is, a page is the end of an index (ADR-0018 for records): by time where the scope is wide, by
unit and time where it is narrow, by actor, object or action where one is asked for.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.paging import Page, decode, page_of
from permissions import sealing
from permissions.audit import AuditEntry, AuditSeal
from tenants.clock import SHANGHAI
from tenants.db import db
from tenants.numbering import LAST
from tenants.scope import Scope

# So many entries SQLite reads and sorts before walking the whole log by time is the cheaper way to a page.
FEW = 5000


@dataclass(frozen=True)
class Filters:
    """What the log may be narrowed by; the period is in Shanghai dates, inclusive."""

    within: Scope | None = None
    first: date | None = None
    last: date | None = None
    actor: str | None = None
    action: str | None = None
    about: str | None = None  # the id of an object

    @property
    def picks(self) -> bool:
        """Whether an index of its own leads to what is asked for."""
        return any((self.actor, self.action, self.about))

    @property
    def narrows(self) -> bool:
        """Whether anything of the scope is left out."""
        return self.picks or self.first is not None or self.last is not None


def listing(scope: Scope, filters: Filters, *, cursor: str | None, limit: int) -> Page[tuple[AuditEntry, bool]]:
    """Entries with whether they are sealed, newest first."""
    inside = scope.narrowed(filters.within) if filters.within is not None else scope
    wanted = _conditions(scope, filters)
    total = _total(inside, filters, wanted)
    after = decode(cursor, (datetime, str))
    if after is not None:
        at, entry_id = after
        wanted.append(or_(AuditEntry.at < at, and_(AuditEntry.at == at, AuditEntry.id < entry_id)))
    by_unit = total <= FEW and not filters.picks
    keys = (select(AuditEntry.id).where(_lies_in(inside, by_unit=by_unit), *wanted)
            .order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1).cte("picked"))
    found = db.session.execute(inside.mark(
        select(AuditEntry, AuditSeal.seq.is_not(None))
        .join(keys, keys.c.id == AuditEntry.id)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())))
    rows = [(entry, bool(sealed)) for entry, sealed in found]
    return page_of(rows, limit, lambda row: (row[0].at, row[0].id), total)


def _conditions(scope: Scope, filters: Filters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
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
    return wanted


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _total(inside: Scope, filters: Filters, wanted: list[ColumnElement[bool]]) -> int:
    """The whole log counts itself by its seals; a part of it is counted from an index."""
    if not filters.narrows and (inside.because is not None or inside.ranges == ((0, LAST),)):
        return sealing.entries_in_all()
    counted = select(func.count()).select_from(AuditEntry).where(_lies_in(inside, by_unit=not filters.picks), *wanted)
    return int(db.session.execute(inside.mark(counted)).scalar_one())


def _lies_in(scope: Scope, *, by_unit: bool) -> ColumnElement[bool]:
    """The scope's condition. SQLite takes any index it has a condition for: a sum is none.

    PostgreSQL weighs the ways by what it knows of the units, and must see the column.
    """
    if by_unit or scope.because is not None or db.engine.dialect.name == "postgresql":
        return scope.clause(AuditEntry)
    return scope.clause(AuditEntry, AuditEntry.unit_number + 0)


def _known(scope: Scope) -> ColumnElement[bool]:
    """Filtering by an actor finds only actors of the reader's own scope: others must not be probed for."""
    if scope.because is not None:
        return AuditEntry.actor.is_not(None)
    return or_(false(), *(AuditEntry.actor_number.between(low, high) for low, high in scope.ranges))


def knows_actor(entry: AuditEntry, scope: Scope, own_account: str) -> bool:
    """Whether the reader may learn who acted: somebody of the scope, oneself, or the system."""
    if entry.actor is None or entry.actor == own_account:
        return True
    return entry.actor_number is not None and scope.covers(entry.actor_number)
