"""Codes sent by SMS: six digits for one number, one purpose and one browser; only a keyed hash outlives the sending."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Boolean, Index, Integer, String, update
from sqlalchemy.orm import Mapped, mapped_column

from tenants import keys
from tenants.db import Base, db
from tenants.fields import Id, Instant, encrypted, new_id

DIGITS = 6
LIFE, EXTENDED = timedelta(minutes=5), timedelta(minutes=10)
TRIES = 5
AGAIN = timedelta(seconds=60)
PER_HOUR, PER_DAY = 5, 10
PER_ADDRESS_AND_HOUR, IN_ALL_AND_HOUR = 20, 3000
KEPT = timedelta(days=2)
LOG_IN = "login"


def number_key(phone: str) -> str:
    """Under which the codes of a number are found, whether anybody has it or not."""
    return keys.ring().index(phone, "login_codes.phone")


def address_key(address: str) -> str:
    """Under which the codes asked for from an address are counted."""
    return keys.ring().index(address, "login_codes.address")


def browser_key(nonce: str) -> str:
    """What is stored of the random word that stays in the browser which asked."""
    return keys.ring().index(nonce, "login_codes.browser")


def code_hash(code_id: str, code: str) -> str:
    """What is stored of a code: keyed, so that a million digests tell nothing without the key."""
    return keys.ring().index(f"{code_id}:{code}", "login_codes.code")


def make() -> str:
    """Six digits from the system's generator."""
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


class LoginCode(Base):
    """One code. It is written for every number alike; the worker finds out whether anybody is to get it."""

    __tablename__ = "login_codes"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number_key: Mapped[str] = mapped_column(String(64))
    address_key: Mapped[str] = mapped_column(String(64))
    browser_key: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(16))
    phone: Mapped[str] = mapped_column(encrypted("login_codes.phone"))
    code_hash: Mapped[str] = mapped_column(String(64))
    unsent: Mapped[str | None] = mapped_column(encrypted("login_codes.unsent"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    extended: Mapped[bool] = mapped_column(Boolean, default=False)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_login_codes_number", "number_key", "created_at"),
        Index("ix_login_codes_address", "address_key", "created_at"),
        Index("ix_login_codes_created", "created_at"),
    )

    def open_at(self, now: datetime) -> bool:
        """Whether a try is still worth anything."""
        return self.ended_at is None and self.tries < TRIES and now < self.expires_at

    def may_be_extended(self, now: datetime) -> bool:
        """Once, and also just after it ran out: the eye is slower than the clock."""
        return (self.ended_at is None and self.tries < TRIES and not self.extended
                and now < self.created_at + EXTENDED)


def end_all(phone: str, now: datetime) -> None:
    """End every code of a number, for whatever purpose: the number has changed hands."""
    db.session.execute(update(LoginCode).where(LoginCode.number_key == number_key(phone), LoginCode.ended_at.is_(None))
                       .values(ended_at=now, unsent=None).execution_options(synchronize_session=False))
