"""Sessions in the database: opened at log-in, found by the hash of their token, revocable at once."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from permissions.accounts import Account, LoginSession
from permissions.roles import Channel
from tenants.db import db
from tenants.scope import Scope

_BY_TOKEN = Scope.everything("an account is found by its own session's token")
LIFE = {Channel.pc: timedelta(hours=12), Channel.mobile: timedelta(days=30)}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(account: Account, channel: Channel, *, now: datetime, device: str) -> str:
    """Open a session and return its token, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        LoginSession(token_hash=_hash(token), account_id=account.id, channel=channel, created_at=now, seen_at=now,
                     expires_at=now + LIFE[channel],
                     device="".join(each for each in device[:200] if each.isprintable()))
    )
    return token


def find(token: str, now: datetime) -> tuple[LoginSession, Account] | None:
    """The live session of a token with its account, in one statement; None when dead, expired or unknown."""
    if not 20 <= len(token) <= 100 or not token.isascii():
        return None
    found = db.session.execute(
        _BY_TOKEN.mark(
            select(LoginSession, Account)
            .join(Account, Account.id == LoginSession.account_id)
            .where(LoginSession.token_hash == _hash(token))
        )
    ).first()
    if found is None:
        return None
    session, account = found
    if session.revoked_at is not None or session.expires_at <= now or not account.may_log_in:
        return None
    return session, account


def revoke(session: LoginSession, now: datetime) -> None:
    """End one session."""
    session.revoked_at = now


def revoke_all(account_id: str, now: datetime, *, but: Iterable[str] = ()) -> None:
    """End every session of an account, at the next request of each; `but` lists session ids to keep."""
    db.session.execute(
        update(LoginSession)
        .where(
            LoginSession.account_id == account_id,
            LoginSession.revoked_at.is_(None),
            LoginSession.id.not_in(list(but)),
        )
        .values(revoked_at=now)
    )
