"""A request for another number: one waits for each account; the number asked for is erased once it is answered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, column
from sqlalchemy.orm import Mapped, mapped_column

from permissions.accounts import Account
from tenants import clock
from tenants.db import Base, db
from tenants.fields import Id, Instant, encrypted, new_id
from tenants.scope import Scope, UnitOwned, owned

_OF_IT = Scope.everything("what waits for an account already seen goes when the account goes")
ASKED = column("state") == "asked"
STATES = {"asked": "等待审核", "accepted": "已换号", "refused": "未同意", "withdrawn": "已撤回"}


class PhoneChange(UnitOwned, Base):
    """One request. `phone` is the number asked for while it waits, `masked` what is shown of it ever after."""

    __tablename__ = "phone_changes"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    phone: Mapped[str | None] = mapped_column(encrypted("phone_changes.phone"))
    masked: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(200), default="")
    asked_by: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(10), default="asked")
    decided_by: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = owned(
        CheckConstraint("state IN ('asked', 'accepted', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'asked') = (phone IS NOT NULL)", name="number_while_waiting"),
        Index("uq_phone_changes_asked", "account_id", unique=True, postgresql_where=ASKED, sqlite_where=ASKED),
        Index("ix_phone_changes_waiting", "unit_number", "asked_at", postgresql_where=ASKED, sqlite_where=ASKED),
    )


def settle(row: PhoneChange, state: str, *, by: str | None, answer: str = "") -> None:
    """What became of it; the number asked for is kept no longer."""
    row.state, row.answer, row.phone = state, answer[:200], None
    row.decided_by, row.decided_at = by, clock.now()
    db.session.flush()


def drop(account: Account, why: str) -> None:
    """What waits for an account is worth nothing once the account has gone or been closed."""
    row = db.session.execute(_OF_IT.select(PhoneChange).where(
        PhoneChange.account_id == account.id, PhoneChange.state == "asked").with_for_update()).scalar_one_or_none()
    if row is not None:
        settle(row, "withdrawn", by=None, answer=why)
