"""Where an account is logged in: its owner ends one or all others, its superior ends all."""

from app.administration.accounts import require_living, require_over
from permissions import audit, sessions
from permissions.accounts import Account, LoginSession
from permissions.identity import Principal
from tenants import clock
from tenants.db import db


def mine(principal: Principal) -> list[LoginSession]:
    """The sessions of this account that are open, the last used first."""
    return sessions.living(principal.account.id, clock.now())


def end(principal: Principal, session_id: str) -> bool:
    """End one of my own sessions; False when there is none of that id, or no more."""
    if session_id not in {each.id for each in mine(principal)}:
        return False
    sessions.revoke(session_id, clock.now())
    audit.record("session:end", "account", principal.account.id, principal.unit)
    return True


def end_others(principal: Principal) -> None:
    """End every session of mine but this one."""
    keep = [principal.session.id] if principal.session is not None else []
    sessions.revoke_all(principal.account.id, clock.now(), but=keep)
    audit.record("session:end", "account", principal.account.id, principal.unit)


def sign_out(account: Account) -> Account:
    """End every session of an account I am set over."""
    unit = require_over(account)
    require_living(account)
    sessions.revoke_all(account.id, clock.now())
    audit.record("account:sign_out", "account", account.id, unit)
    db.session.flush()
    return account
