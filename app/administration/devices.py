"""Where an account is logged in: its owner ends one or all others, its superior ends all."""

from datetime import timedelta

from app.administration.accounts import require_living, require_over
from permissions import audit, sessions
from permissions.accounts import Account, LoginSession
from permissions.identity import Principal
from tenants import clock
from tenants.db import db

MANY_FAILURES = 3
TOLD_FOR, MOST_TOLD = timedelta(days=30), 10


def mine(principal: Principal) -> list[LoginSession]:
    """The sessions of this account that are open, the last used first."""
    return sessions.living(principal.account.id, clock.now())


def odd(principal: Principal) -> list[LoginSession]:
    """Log-ins of the last days that may not have been mine and that I have not owned up to.

    One from a device never used before is told everywhere but on that device; many failures are told there too.
    """
    here = principal.session.id if principal.session is not None else ""
    return [each for each in lately(principal) if each.owned_at is None and (
        (each.new_device and each.id != here) or each.failed_before >= MANY_FAILURES)]


def lately(principal: Principal) -> list[LoginSession]:
    """My last log-ins, ended ones too."""
    return of_account(principal.account.id)


def of_account(account_id: str) -> list[LoginSession]:
    """The last log-ins of an account; who asks has been let."""
    return sessions.lately(account_id, clock.now() - TOLD_FOR, MOST_TOLD)


def own_up(principal: Principal) -> None:
    """All of them were me; whoever came with the present session does not say so of itself."""
    here = principal.session.id if principal.session is not None else ""
    sessions.own_up(principal.account.id, here, clock.now())
    audit.record("session:own_up", "account", principal.account.id, principal.unit)


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
