"""A nomination (提名): whom a unit would like to see in one of its seats. Its superior seats him, or says why not."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from permissions import audit, guard
from tenants import clock, tree
from tenants.db import Base, db
from tenants.fields import Id, Instant, new_id
from tenants.models import Unit
from tenants.scope import UnitOwned, owned

STATES = {"open": "待上级办理", "seated": "已任命", "refused": "未同意", "withdrawn": "已撤回"}


class Nomination(UnitOwned, Base):
    """Of one of the unit's own staff, perhaps in place of an administrator who leaves; one open for each person."""

    __tablename__ = "nominations"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="open")
    made_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(String(200))
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = owned(
        CheckConstraint("state IN ('open', 'seated', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered"),
        Index("uq_nominations_open", "unit_id", "account_id", unique=True, sqlite_where=state == "open",
              postgresql_where=state == "open"),
        Index("ix_nominations_waiting", "unit_number", "made_at", sqlite_where=state == "open",
              postgresql_where=state == "open"),
    )


def open_ones(unit: Unit, *where: Any) -> list[Nomination]:
    """What a unit has proposed and nobody has answered; the rows are mine until the act ends."""
    return list(db.session.execute(
        tree.here(unit).select(Nomination).where(Nomination.state == "open", *where).with_for_update()).scalars())


def end(nomination: Nomination, state: str, answer: str | None = None) -> None:
    """What became of it, by whom and when."""
    nomination.state, nomination.answer = state, answer
    nomination.answered_by, nomination.answered_at = guard.me().account.id, clock.now()
    db.session.flush()


def settle(unit: Unit, account_id: str) -> None:
    """Whoever sits is proposed no longer, however he came to sit."""
    for each in open_ones(unit, Nomination.account_id == account_id):
        end(each, "seated")
        audit.record("nomination:seat", "nomination", each.id, unit, after={"account_id": account_id})
