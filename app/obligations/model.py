"""Obligations and the ledger of their steps. What is owed itself stands in its own table; these say who was told."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base
from tenants.fields import Id, Instant, new_id
from tenants.scope import UnitOwned, owned


class Obligation(UnitOwned, Base):
    """Something owed that is near its day: a record, a filing, whatever a source brings. Armed anew by each return.

    `next_on` is the day its next step comes, None at the end of its ladder. One that failed is held until later.
    """

    __tablename__ = "obligations"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(Id)
    generation: Mapped[int] = mapped_column(Integer, default=1)
    armed_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(8), default="open")
    next_on: Mapped[date | None] = mapped_column(Date)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    held_until: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = owned(
        UniqueConstraint("kind", "subject_id", name="uq_obligations_subject"),
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("generation > 0", name="generation"),
        Index("ix_obligations_next", "state", "next_on"),
    )


class StepDone(UnitOwned, Base):
    """A step that was taken, once: sent to somebody, missed and overtaken, or with nobody there to tell."""

    __tablename__ = "obligation_steps"

    obligation_id: Mapped[str] = mapped_column(ForeignKey("obligations.id"), primary_key=True)
    generation: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    step: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    outcome: Mapped[str] = mapped_column(String(8))
    done_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = owned(CheckConstraint("outcome IN ('sent', 'missed', 'nobody')", name="outcome"))


class Notice(UnitOwned, Base):
    """One account was told of one step: shown at once, and part of that account's next digest."""

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    obligation_id: Mapped[str] = mapped_column(ForeignKey("obligations.id"))
    generation: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    above: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(8), default="new")
    digest_id: Mapped[str | None] = mapped_column(Id)
    told_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = owned(
        UniqueConstraint("obligation_id", "generation", "step", "account_id", name="uq_notices_step_account"),
        CheckConstraint("state IN ('new', 'told', 'dropped')", name="state"),
        Index("ix_notices_state", "state", "account_id"),
        Index("ix_notices_account", "account_id", "told_at"),
    )


class Digest(UnitOwned, Base):
    """What one account was told by SMS on one day: one message at most, whatever came."""

    __tablename__ = "digests"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    day: Mapped[date] = mapped_column(Date)
    items: Mapped[int] = mapped_column(Integer)
    message_id: Mapped[str | None] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = owned(UniqueConstraint("account_id", "day", name="uq_digests_account_day"))


class Quieted(UnitOwned, Base):
    """An account that wants no reminders by SMS. What it is told as a superior is not its to refuse."""

    __tablename__ = "quieted_accounts"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = owned()
