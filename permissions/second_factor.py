"""The second factor: codes of an authenticator on somebody's own phone, ten recovery codes, each accepted once.

A log-in that needs it stops half-way: the right password gives a challenge that lives for minutes, and only the
challenge with a code gives a session (C11).
"""

import hmac
import re
import secrets
import unicodedata
from datetime import datetime, timedelta

import pyotp
from flask import current_app
from sqlalchemy import ForeignKey, Integer, String, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from permissions.accounts import Account
from permissions.identity import Principal
from permissions.roles import Role
from tenants import keys
from tenants.db import Base, db
from tenants.fields import Id, Instant, encrypted, new_id

STEP, WINDOW = 30, 1  # seconds of a code's life; how many of them a phone's clock may be off
RECOVERY_CODES = 10
CHALLENGE_LIFE, WAITING_LIFE = timedelta(minutes=5), timedelta(minutes=30)
TRIES = 5
KEPT = timedelta(days=2)
ISSUER = "银龄"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread: no i, l, o, 0, 1


class SecondFactor(Base):
    """The authenticator of one account; `waiting` is a secret shown and not yet confirmed by a code."""

    __tablename__ = "second_factors"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    secret: Mapped[str | None] = mapped_column(encrypted("second_factors.secret"))
    waiting: Mapped[str | None] = mapped_column(encrypted("second_factors.waiting"))
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    last_step: Mapped[int] = mapped_column(Integer, default=0)


class RecoveryCode(Base):
    """One of the codes for the day the phone is lost."""

    __tablename__ = "recovery_codes"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class LoginChallenge(Base):
    """A log-in half done: the password was right, the code is still owed. The token itself is not stored."""

    __tablename__ = "login_challenges"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    stamp: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    def open_at(self, now: datetime) -> bool:
        """Whether a try is still worth anything."""
        return self.ended_at is None and self.tries < TRIES and now < self.created_at + CHALLENGE_LIFE


def _challenge_hash(token: str) -> str:
    return keys.ring().index(token, "login_challenges.token")


def stamp_of(account: Account) -> str:
    """What changes with the password and the authenticator: a challenge from before either is worth nothing."""
    return keys.ring().index(f"{account.password_hash}|{account.second_factor_at}", "login_challenges.stamp")


def _recovery_hash(account_id: str, code: str) -> str:
    return keys.ring().index(f"{account_id}:{code}", "recovery_codes.code")


def demanded(principal: Principal) -> bool:
    """Whether somebody may not do without: an administrator, where the province says so."""
    living = [each.held for each in principal.rights if each.why is None]  # at whichever post one works now
    seated = any(held.role is Role.administrator for held in (*principal.held, *living))
    return seated and bool(current_app.config["SETTINGS"].second_factor)


def owed(principal: Principal) -> bool:
    """Whether somebody must bind a phone before anything else."""
    return principal.account.second_factor_at is None and demanded(principal)


def challenge(account: Account, channel: str, now: datetime) -> str:
    """A challenge for somebody whose password was right; its token exists nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.add(LoginChallenge(token_hash=_challenge_hash(token), account_id=account.id, channel=channel,
                                  stamp=stamp_of(account), created_at=now))
    return token


def challenged(token: str) -> LoginChallenge | None:
    """The challenge of a token, locked until the act ends."""
    if not 20 <= len(token) <= 100 or not token.isascii():
        return None
    return db.session.execute(select(LoginChallenge).where(LoginChallenge.token_hash == _challenge_hash(token))
                              .with_for_update()).scalar_one_or_none()


def of(account_id: str, *, lock: bool = False) -> SecondFactor | None:
    """The authenticator of an account."""
    statement = select(SecondFactor).where(SecondFactor.account_id == account_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(statement).scalar_one_or_none()


def begin(account: Account, now: datetime) -> None:
    """Make a secret to be shown; what the account has already goes on until a code of the new one is typed."""
    found = of(account.id, lock=True)
    if found is None:
        found = SecondFactor(account_id=account.id, last_step=0)
        db.session.add(found)
    found.waiting, found.waiting_since = pyotp.random_base32(), now


def waiting(account_id: str, now: datetime) -> str | None:
    """The secret that is shown and not confirmed; None when there is none, or none any more."""
    found = of(account_id)
    if found is None or found.waiting is None or found.waiting_since is None:
        return None
    return found.waiting if now - found.waiting_since < WAITING_LIFE else None


def address(secret: str, label: str) -> str:
    """What the QR code says: the secret, and the account's name in the authenticator."""
    return pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=ISSUER)


def confirm(account: Account, typed: str, now: datetime) -> bool:
    """Take the waiting secret into use when the code is one of its own."""
    found = of(account.id, lock=True)
    secret = waiting(account.id, now)
    step = _step(secret, _plain(typed), now, after=0) if secret is not None else None
    if found is None or step is None:
        return False
    found.secret, found.waiting, found.waiting_since, found.last_step = secret, None, None, step
    account.second_factor_at = now
    return True


def accepts(account_id: str, typed: str, now: datetime) -> str | None:
    """`code` or `recovery` when what was typed opens; it never does so again. The caller holds a write transaction."""
    found = of(account_id, lock=True)
    if found is None or found.secret is None:
        return None
    plain = _plain(typed)
    step = _step(found.secret, plain, now, after=found.last_step)
    if step is not None:
        found.last_step = step
        return "code"
    spent = db.session.execute(
        update(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None),
                                   RecoveryCode.code_hash == _recovery_hash(account_id, plain))
        .values(used_at=now).execution_options(synchronize_session=False))
    return "recovery" if spent.rowcount == 1 else None  # type: ignore[attr-defined]


def is_code(typed: str) -> bool:
    """Whether it looks like what an authenticator shows; no password is so short."""
    plain = _plain(typed)
    return len(plain) == 6 and plain.isascii() and plain.isdigit()


def _plain(typed: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).lower()


def _step(secret: str, digits: str, now: datetime, *, after: int) -> int | None:
    """Which step of time a code belongs to, if one near enough and later than any accepted before."""
    if not is_code(digits):
        return None
    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    fits = [step for step in range(here - WINDOW, here + WINDOW + 1)
            if hmac.compare_digest(totp.at(step * STEP), digits) and step > after]
    return fits[0] if fits else None


def make_recovery(account_id: str) -> list[str]:
    """Ten new recovery codes, to be shown once; the ones before end."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id)
                       .execution_options(synchronize_session=False))
    made = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    db.session.add_all([RecoveryCode(account_id=account_id, code_hash=_recovery_hash(account_id, each))
                        for each in made])
    return [f"{each[:5]}-{each[5:]}" for each in made]


def recovery_left(account_id: str) -> int:
    """How many recovery codes are unused."""
    return int(db.session.execute(select(func.count()).select_from(RecoveryCode).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))).scalar_one())


def remove(account: Account) -> None:
    """Forget the authenticator and the recovery codes."""
    for model in (RecoveryCode, SecondFactor):
        db.session.execute(delete(model).where(model.account_id == account.id)
                           .execution_options(synchronize_session=False))
    account.second_factor_at = None


def end_challenges(account_id: str, now: datetime) -> None:
    """Log-ins half done are over."""
    db.session.execute(update(LoginChallenge).where(LoginChallenge.account_id == account_id,
                                                    LoginChallenge.ended_at.is_(None))
                       .values(ended_at=now).execution_options(synchronize_session=False))


def clear_away(now: datetime) -> None:
    """Drop challenges nobody can answer any more."""
    db.session.execute(delete(LoginChallenge).where(LoginChallenge.created_at < now - KEPT)
                       .execution_options(synchronize_session=False))
