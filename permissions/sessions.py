"""Sessions in the database: opened at log-in, found by the hash of their token, revocable at once."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import update

from permissions.accounts import LoginSession
from permissions.identity import Known, Principal, of_session
from permissions.roles import Channel
from tenants.db import db

LIFE = {Channel.pc: timedelta(hours=12), Channel.mobile: timedelta(days=30)}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(account: Known, channel: Channel, *, now: datetime, device: str) -> str:
    """Open a session and return its token, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        LoginSession(token_hash=_hash(token), account_id=account.id, channel=channel, created_at=now, seen_at=now,
                     expires_at=now + LIFE[channel],
                     device="".join(each for each in device[:200] if each.isprintable()))
    )
    return token


def find(token: str, now: datetime, today: date) -> Principal | None:
    """Who a token speaks for, in one statement; None when its session is dead, expired or unknown."""
    if not 20 <= len(token) <= 100 or not token.isascii():
        return None
    found = of_session(_hash(token), today)
    if found is None or found.session is None or not found.account.may_log_in:
        return None
    if found.session.revoked_at is not None or found.session.expires_at <= now:
        return None
    return found


def revoke(session_id: str, now: datetime) -> None:
    """End one session."""
    db.session.execute(
        update(LoginSession).where(LoginSession.id == session_id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


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
