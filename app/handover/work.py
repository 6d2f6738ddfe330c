"""The open work of a person: what he was told and is not done, and what he proposed; handed to a colleague."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.administration.nomination import Nomination
from app.obligations.model import Notice, Obligation
from permissions.identity import Known
from tenants.db import db
from tenants.scope import Scope

_TOLD = Scope.everything("what somebody was told and is not done, wherever it was")


@dataclass(frozen=True)
class Work:
    """How much lies open before somebody: things he was told of, and nominations he made that wait."""

    told: int
    nominations: int

    def facts(self) -> dict[str, int]:
        """For the log."""
        return {"messages": self.told, "nominations": self.nominations}


def open_work(account: Known) -> Work:
    """Count it."""
    told = db.session.execute(_TOLD.mark(
        select(func.count(func.distinct(Notice.obligation_id))).join(Obligation, Obligation.id == Notice.obligation_id)
        .where(Notice.account_id == account.id, Obligation.state == "open",
               Obligation.generation == Notice.generation))).scalar_one()
    proposed = db.session.execute(_TOLD.select(Nomination, func.count()).where(
        Nomination.made_by == account.id, Nomination.state == "open")).scalar_one()
    return Work(int(told), int(proposed))


def hand_on(giver: Known, taker: Known) -> Work:
    """Everything open is the taker's from now on, unread; what he was told himself already stays with the giver."""
    moved = open_work(giver)
    known = aliased(Notice)
    same = select(known.id).where(
        known.account_id == taker.id, known.obligation_id == Notice.obligation_id,
        known.generation == Notice.generation, known.step == Notice.step).exists()
    still = select(Obligation.id).where(
        Obligation.id == Notice.obligation_id, Obligation.state == "open",
        Obligation.generation == Notice.generation).exists()
    db.session.execute(_TOLD.update(Notice).where(Notice.account_id == giver.id, still, ~same)
                       .values(account_id=taker.id, read_at=None).execution_options(synchronize_session=False))
    db.session.execute(_TOLD.update(Nomination).where(Nomination.made_by == giver.id, Nomination.state == "open")
                       .values(made_by=taker.id).execution_options(synchronize_session=False))
    return moved
