"""What I owe: drafts whose work has ended, late entries without a reason, filings that wait for my word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, func, or_
from sqlalchemy.sql.elements import ColumnElement

from app import registry
from app.administration.filings import answered_by, how_many
from app.records.model import Record
from app.records.standing import is_returned
from permissions.actions import Action
from permissions.grants import Filing
from permissions.identity import Principal
from permissions.needs import scope as scope_of
from tenants.db import db
from tenants.scope import Scope


@dataclass(frozen=True)
class Owed:
    """Counts for the home page and the first records of each heap, soonest due first."""

    overdue: list[Record]
    due: list[Record]
    reasons: list[Record]
    returned: list[Record]
    filings: int


@dataclass(frozen=True)
class Counted:
    """How many of each wait, for badges and number cards."""

    overdue: int = 0
    due: int = 0
    reasons: int = 0
    filings: int = 0
    today: int = 0
    soon: int = 0
    returned: int = 0

    @property
    def records(self) -> int:
        return self.overdue + self.due + self.reasons + self.returned


def _heaps(today: date) -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    """What is overdue, what is due, and whose reason for being late is missing."""
    open_work = and_(Record.entered_at.is_(None), or_(Record.ended_on <= today, Record.held_ended_on.is_not(None)))
    return (and_(open_work, Record.due_on < today), and_(open_work, Record.due_on >= today),
            and_(Record.entered_on > Record.due_on, Record.late_reason.is_(None)))


def _reach(principal: Principal) -> Mapping[str, Scope]:
    return {key: scope_of(principal, Action.RECORD_UPDATE, module.column)
            for key, module in registry.modules().items()}


def _mine(reach: Mapping[str, Scope]) -> tuple[Scope, list[ColumnElement[bool]]]:
    """The units I keep records of, and the filter on their living records of the kinds I keep there."""
    whole = Scope.of([each for scope in reach.values() for each in scope.ranges])
    by_module = [and_(Record.module == key, scope.clause(Record)) for key, scope in reach.items() if scope]
    return whole, [or_(*by_module), Record.deleted_at.is_(None)] if by_module else []


def _records(reach: Mapping[str, Scope], condition: ColumnElement[bool], limit: int) -> list[Record]:
    whole, mine = _mine(reach)
    if not whole:
        return []
    statement = whole.select(Record).where(*mine, condition)
    return list(db.session.execute(statement.order_by(Record.due_on, Record.id).limit(limit)).scalars())


def _filings(principal: Principal) -> int:
    below = scope_of(principal, Action.FILING_ACKNOWLEDGE)
    if not below:
        return 0
    return how_many(below, Filing.acknowledged_at.is_(None), answered_by(principal.unit))


def counted(principal: Principal, today: date, soon: date | None = None) -> Counted:
    """How much waits for this principal today, and how much of what is due ends today or until `soon`.

    At most two statements.
    """
    whole, mine = _mine(_reach(principal))
    filings = _filings(principal)
    if not whole:
        return Counted(filings=filings)
    heaps = _heaps(today)
    wanted = (*heaps, and_(heaps[1], Record.due_on == today),
              and_(heaps[1], Record.due_on > today, Record.due_on <= (soon or today)), is_returned())
    sums = [func.sum(case((heap, 1), else_=0)) for heap in wanted]
    found = [int(each or 0) for each in db.session.execute(whole.select(Record, *sums).where(*mine)).one()]
    overdue, due, reasons, last_day, near, back = found
    return Counted(overdue, due, reasons, filings, today=last_day, soon=near, returned=back)


def owed(principal: Principal, today: date, *, limit: int = 20) -> Owed:
    """What waits for this principal today (Asia/Shanghai)."""
    reach = _reach(principal)
    overdue, due, reasons = _heaps(today)
    return Owed(
        overdue=_records(reach, overdue, limit),
        due=_records(reach, due, limit),
        reasons=_records(reach, reasons, limit),
        returned=_records(reach, is_returned(), limit),
        filings=_filings(principal),
    )
