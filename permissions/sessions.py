"""Sessions in the database: opened at log-in, found by the hash of their token, revocable at once."""

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from permissions.accounts import LoginSession
from permissions.identity import Device, Known, Principal, of_session
from permissions.roles import Channel
from tenants.db import db

LIFE = {Channel.pc: timedelta(hours=12), Channel.mobile: timedelta(days=30)}


SEEN_AFTER, SEEN_READING_AFTER = timedelta(minutes=5), timedelta(hours=12)
PROOF_LIFE = timedelta(minutes=15)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def masked_address(address: str) -> str:
    """The network somebody came from, without the place in it: enough to know one's own again."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    parts = found.exploded.split("." if found.version == 4 else ":")
    return f"{parts[0]}.{parts[1]}.*.*" if found.version == 4 else f"{parts[0]}:{parts[1]}:*"


def start(account: Known, channel: Channel, *, now: datetime, device: str, address: str = "",
          new_device: bool = False, failed_before: int = 0) -> str:
    """Open a session and return its token, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        LoginSession(token_hash=_hash(token), account_id=account.id, channel=channel, created_at=now, seen_at=now,
                     proved_at=now, address=masked_address(address),
                     expires_at=now + LIFE[channel], new_device=new_device, failed_before=failed_before,
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


def proved(device: Device, now: datetime) -> bool:
    """Whether its owner typed the password within the last quarter of an hour."""
    return device.proved_at is not None and now - device.proved_at <= PROOF_LIFE


def prove(session_id: str, now: datetime) -> None:
    """The owner has just typed the password again."""
    db.session.execute(update(LoginSession).where(LoginSession.id == session_id).values(proved_at=now))


def unseen(device: Device, now: datetime, *, reading: bool) -> bool:
    """Whether its last use is to be kept anew; not at every request, and least for what only reads."""
    return device.seen_at is not None and now - device.seen_at >= (SEEN_READING_AFTER if reading else SEEN_AFTER)


def see(device: Device, now: datetime, address: str) -> None:
    """Keep when and from where a session was last used."""
    db.session.execute(update(LoginSession).where(LoginSession.id == device.id)
                       .values(seen_at=now, address=masked_address(address)))


def living(account_id: str, now: datetime) -> list[LoginSession]:
    """The sessions of an account that are open, the last used first."""
    return list(db.session.execute(
        select(LoginSession)
        .where(LoginSession.account_id == account_id, LoginSession.revoked_at.is_(None), LoginSession.expires_at > now)
        .order_by(LoginSession.seen_at.desc(), LoginSession.id)).scalars())


def lately(account_id: str, since: datetime, most: int) -> list[LoginSession]:
    """The log-ins of an account since then, ended ones too, the latest first."""
    return list(db.session.execute(
        select(LoginSession).where(LoginSession.account_id == account_id, LoginSession.created_at >= since)
        .order_by(LoginSession.created_at.desc(), LoginSession.id).limit(most)).scalars())


def own_up(account_id: str, but: str, now: datetime) -> None:
    """Somebody says of every log-in but the one he says it from: that was me."""
    db.session.execute(update(LoginSession).where(
        LoginSession.account_id == account_id, LoginSession.owned_at.is_(None), LoginSession.id != but)
        .values(owned_at=now))


def work_at(session_id: str, unit_id: str | None) -> None:
    """Keep which of several posts is worked in; None for all of them."""
    db.session.execute(update(LoginSession).where(LoginSession.id == session_id).values(works_at=unit_id))


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
