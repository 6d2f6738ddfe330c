"""Accounts (one person, one phone number, one account: 第九条) and their revocable sessions."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    and_,
    event,
    false,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants import clock, keys
from tenants.db import Base
from tenants.fields import Id, Instant, encrypted, new_id
from tenants.scope import UnitOwned, owned
from tenants.words import UNSPELLED, Word


class AccountKind(StrEnum):
    """The only two classes of user (第八条)."""

    staff = "staff"
    cadre = "cadre"


class AccountState(StrEnum):
    """Opened until the first login, active from then on; suspended and closed ones cannot log in."""

    opened = "opened"
    active = "active"
    suspended = "suspended"
    closed = "closed"


STATE_LABELS = {"opened": "未登录过", "active": "使用中", "suspended": "已停用", "closed": "已注销"}


PRESENT = (AccountState.opened, AccountState.active)


def over(ends_on: date | None, today: date) -> bool:
    """Whether the day on which an account ends has come, be it written down already or not."""
    return ends_on is not None and ends_on <= today


def present() -> ColumnElement[bool]:
    """The filter on accounts that may log in today."""
    return and_(Account.state.in_(PRESENT), or_(Account.ends_on.is_(None), Account.ends_on > clock.today()))


def phone_key(phone: str) -> str:
    """The keyed index under which a normalised phone number is unique and can be found."""
    return keys.ring().index(phone, "accounts.phone")


def phone_tail_key(phone: str) -> str:
    """The keyed index under which the last four digits can be found; unlike the whole number they are no secret."""
    return keys.ring().index(phone[-4:], "accounts.phone.tail")


class Account(UnitOwned, Base):
    """A staff member or a cadre who may log in with their own phone number."""

    __tablename__ = "accounts"
    __audited__ = True
    blocks_closing = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(50))
    name_reading: Mapped[str] = mapped_column(String(200), default="", server_default="")
    name_words: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(encrypted("accounts.phone"))
    phone_key: Mapped[str] = mapped_column(String(64), unique=True)
    phone_tail_key: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default=AccountState.opened)
    pc_grant: Mapped[bool] = mapped_column(Boolean, default=False)
    mobile_access: Mapped[bool] = mapped_column(Boolean, default=True)
    employment: Mapped[str | None] = mapped_column(String(10))
    on_establishment: Mapped[bool] = mapped_column(Boolean, default=False)
    in_service: Mapped[bool] = mapped_column(Boolean, default=False)
    trained_on: Mapped[date | None] = mapped_column(Date)
    cadre_id: Mapped[str | None] = mapped_column(Id, unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=True)
    initial_until: Mapped[datetime | None] = mapped_column(Instant)
    initial_used_at: Mapped[datetime | None] = mapped_column(Instant)
    password_set_at: Mapped[datetime | None] = mapped_column(Instant)  # by its owner
    second_factor_at: Mapped[datetime | None] = mapped_column(Instant)  # since when codes are asked for
    opened_at: Mapped[datetime] = mapped_column(Instant)
    opened_by: Mapped[str | None] = mapped_column(Id)
    last_login_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_on: Mapped[date | None] = mapped_column(Date)  # the first day on which it is no staff account any more
    reactivated_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_version: Mapped[str | None] = mapped_column(String(20))  # of the commitment, the last one
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = owned(
        CheckConstraint("kind IN ('staff', 'cadre')", name="kind"),
        CheckConstraint("state IN ('opened', 'active', 'suspended', 'closed')", name="state"),
        CheckConstraint("kind = 'staff' OR (pc_grant IS FALSE AND cadre_id IS NOT NULL)", name="cadre_on_phone"),
        CheckConstraint("kind = 'cadre' OR cadre_id IS NULL", name="staff_no_cadre"),
        Index("ix_accounts_kind", "kind", "state", "unit_number", "name_reading", "id"),
        Index("ix_accounts_tail", "phone_tail_key", "unit_number", "name_reading", "id"),
        Index("ix_accounts_unspelled", "id", postgresql_where=UNSPELLED, sqlite_where=UNSPELLED),
    )
    __mapper_args__ = {"version_id_col": version}

    @property
    def may_log_in(self) -> bool:
        return self.state in PRESENT and not over(self.ends_on, clock.today())


@event.listens_for(Account.phone, "set")
def _keep_tail(account: Account, phone: str, _before: object, _event: object) -> None:
    account.phone_tail_key = phone_tail_key(phone)


class AccountWord(Word, Base):
    """A word that an account's name is found by."""

    __tablename__ = "account_words"


class LoginSession(Base):
    """One device of one account. The token itself is never stored, only its SHA-256."""

    __tablename__ = "login_sessions"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    channel: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    device: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(40), default="", server_default="")  # masked
    proved_at: Mapped[datetime | None] = mapped_column(Instant)  # when its owner last proved to be there
    new_device: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    failed_before: Mapped[int] = mapped_column(Integer, default=0, server_default="0")  # within a day
    works_at: Mapped[str | None] = mapped_column(Id)  # the one of several posts that is worked in
    owned_at: Mapped[datetime | None] = mapped_column(Instant)  # when its owner said from elsewhere: that was me

    __table_args__ = (CheckConstraint("channel IN ('pc', 'mobile')", name="channel"),)


class LoginThrottle(Base):
    """Failures per number and per address; the keys are keyed hashes, so that unknown numbers leave no trace."""

    __tablename__ = "login_throttles"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    first_at: Mapped[datetime] = mapped_column(Instant)
    blocked_until: Mapped[datetime | None] = mapped_column(Instant)
