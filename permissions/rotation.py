"""How long a password of staff's own lasts, and which ones before it may not come back (第二十三条, 等保 8.1.4.1).

Of staff alone: a cadre of eighty is never made to think of another (ASVS 6.2.10), nor is anybody in a demonstration.
"""

from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from permissions.accounts import Account
from permissions.identity import Person
from tenants import clock
from tenants.db import Base, db
from tenants.fields import Id, Instant, new_id

REMINDED = 14  # days before the end
_OWN = "$argon2"


class PastPassword(Base):
    """The hash of a password somebody had."""

    __tablename__ = "past_passwords"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (Index("ix_past_passwords_account", "account_id", "ended_at"),)


def last_day(person: Person) -> date | None:
    """The last day on which this password does; None when it does for ever."""
    days = current_app.config["SETTINGS"].password_days
    if not days or person.kind != "staff" or person.must_change_password or person.password_set_at is None:
        return None
    return clock.local(person.password_set_at).date() + timedelta(days=days)


def due(person: Person) -> bool:
    """Whether it has had its time: nothing goes on before it is changed."""
    last = last_day(person)
    return last is not None and clock.today() > last


def days_left(person: Person) -> int | None:
    """How many days are left, once there are few enough to be told."""
    last = last_day(person)
    if last is None:
        return None
    left = (last - clock.today()).days
    return left if 0 <= left <= REMINDED else None


def past(account: Account) -> list[str]:
    """Hashes of the passwords before this one that may not come back."""
    many = current_app.config["SETTINGS"].password_history
    if account.kind != "staff" or not many:
        return []
    return list(db.session.execute(
        select(PastPassword.password_hash).where(PastPassword.account_id == account.id)
        .order_by(PastPassword.ended_at.desc(), PastPassword.id).limit(many)).scalars())


def keep(account: Account) -> None:
    """Remember the password that is about to end; as many as count, and no more."""
    if account.kind != "staff" or not account.password_hash.startswith(_OWN):
        return
    db.session.add(PastPassword(account_id=account.id, password_hash=account.password_hash, ended_at=clock.now()))
    db.session.flush()
    many = current_app.config["SETTINGS"].password_history
    counted = select(PastPassword.id).where(PastPassword.account_id == account.id).order_by(
        PastPassword.ended_at.desc(), PastPassword.id).limit(many)
    db.session.execute(delete(PastPassword).where(
        PastPassword.account_id == account.id, PastPassword.id.not_in(list(db.session.execute(counted).scalars())))
        .execution_options(synchronize_session=False))
