"""What I owe: drafts whose work has ended, late entries without a reason, filings that wait for my word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_

from app import registry
from app.records.model import Record
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
    filings: int


def _reach(principal: Principal) -> Mapping[str, Scope]:
    return {key: scope_of(principal, Action.RECORD_UPDATE, module.column)
            for key, module in registry.modules().items()}


def _records(reach: Mapping[str, Scope], condition: object, limit: int) -> list[Record]:
    whole = Scope.of([each for scope in reach.values() for each in scope.ranges])
    if not whole:
        return []
    by_module = [and_(Record.module == key, scope.clause(Record)) for key, scope in reach.items() if scope]
    statement = whole.select(Record).where(or_(*by_module), Record.deleted_at.is_(None), condition)
    return list(db.session.execute(statement.order_by(Record.due_on, Record.id).limit(limit)).scalars())


def owed(principal: Principal, today: date, *, limit: int = 20) -> Owed:
    """What waits for this principal today (Asia/Shanghai)."""
    reach = _reach(principal)
    open_work = and_(Record.entered_at.is_(None), Record.ended_on <= today)
    filings = scope_of(principal, Action.FILING_ACKNOWLEDGE)
    waiting = db.session.execute(
        filings.select(Filing, func.count())
        .where(Filing.acknowledged_at.is_(None), Filing.receiver_unit_id == principal.unit.id)
    ).scalar_one() if filings else 0
    return Owed(
        overdue=_records(reach, and_(open_work, Record.due_on < today), limit),
        due=_records(reach, and_(open_work, Record.due_on >= today), limit),
        reasons=_records(reach, and_(Record.entered_on > Record.due_on, Record.late_reason.is_(None)), limit),
        filings=waiting,
    )
