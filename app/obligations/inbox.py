"""What an account was told: its messages, newest first; what came back to it; and its wish to have no SMS reminders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.obligations.model import Notice, Obligation, Quieted
from app.paging import Page, decode, page_of
from app.records.model import Record
from permissions.identity import Principal
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

_OWN = Scope.everything("an account reads what it was told, wherever it was")


@dataclass(frozen=True)
class Told:
    """One message: about what of which unit, which step, and whether it still holds."""

    id: str
    kind: str
    subject_id: str
    unit_name: str
    unit_number: int
    step: str
    above: bool
    due_on: date
    told_at: datetime
    read: bool
    open: bool


def _messages(account_id: str, *where: Any) -> Any:
    return _OWN.mark(
        select(Notice, Obligation, Unit.name, Unit.number)
        .join(Obligation, Obligation.id == Notice.obligation_id).join(Unit, Unit.id == Obligation.unit_id)
        .where(Notice.account_id == account_id, *where).order_by(Notice.told_at.desc(), Notice.id.desc()))


def _told(row: Any) -> Told:
    notice, about, name, number = row
    return Told(notice.id, about.kind, about.subject_id, name, number, notice.step, notice.above, about.due_on,
                notice.told_at, notice.read_at is not None,
                about.state == "open" and about.generation == notice.generation)


def told(account_id: str, *, cursor: str | None, limit: int) -> Page[Told]:
    """A page of an account's messages."""
    after = decode(cursor, (datetime, str))
    older = [or_(Notice.told_at < after[0], and_(Notice.told_at == after[0], Notice.id < after[1]))] if after else []
    rows = [_told(row) for row in db.session.execute(_messages(account_id, *older).limit(limit + 1))]
    total = db.session.execute(
        _OWN.select(Notice, func.count()).where(Notice.account_id == account_id)).scalar_one()
    return page_of(rows, limit, lambda row: (row.told_at, row.id), total)


def modules_of(record_ids: Sequence[str]) -> dict[str, str]:
    """The kinds of the records that messages are about; no statement for none."""
    if not record_ids:
        return {}
    rows = db.session.execute(_OWN.select(Record, Record.id, Record.module).where(Record.id.in_(record_ids)))
    return {row.id: row.module for row in rows}


def unread(account_id: str) -> int:
    """How many messages an account has not read."""
    counted: int = db.session.execute(
        _OWN.select(Notice, func.count()).where(Notice.account_id == account_id, Notice.read_at.is_(None))).scalar_one()
    return counted


def read_all(account_id: str) -> None:
    """Everything told so far is read."""
    db.session.execute(
        _OWN.update(Notice).where(Notice.account_id == account_id, Notice.read_at.is_(None))
        .values(read_at=clock.now()).execution_options(synchronize_session=False))


def is_quiet(account_id: str) -> bool:
    """Whether an account wants no reminders by SMS."""
    found = db.session.execute(_OWN.select(Quieted, Quieted.account_id).where(Quieted.account_id == account_id))
    return found.scalar_one_or_none() is not None


def be_quiet(principal: Principal, *, quiet: bool) -> None:
    """Have no reminders by SMS, or have them again. What one is told as a superior comes all the same."""
    mine = principal.account.id
    if quiet and not is_quiet(mine):
        db.session.add(Quieted(account_id=mine, since=clock.now(), unit_id=principal.unit.id,
                               unit_number=principal.unit.number))
    elif not quiet:
        db.session.execute(_OWN.delete(Quieted).where(Quieted.account_id == mine)
                           .execution_options(synchronize_session=False))
