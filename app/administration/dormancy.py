"""Accounts nobody has used for long: their owners are reminded once, staff are stopped later, administrators listed.

Days are the province's settings. Nobody is stopped who was not reminded at least a month before. Who sits as an
administrator is never stopped: the seat is the superior's to fill anew (第七条), so he stands in the list. Cadres are
reminded and never stopped; one who has never logged in is not written to, his unit calls on him (第十六条). The list
is in the order of the tree; nobody is ranked by log-ins (国办函〔2026〕12号).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, and_, func, or_, select

from app import outbox
from app.config import Settings
from permissions import audit, life, sessions, transaction
from permissions.accounts import Account, AccountKind, AccountState, present
from permissions.grants import Seat
from permissions.life import AccountEvent
from tenants import clock, tree
from tenants.db import db
from tenants.scope import Scope

_EVERYBODY = Scope.everything("the worker looks after the accounts of every unit")
BATCH = 200
NOTICE = timedelta(days=30)
MOST_SHOWN = 200
_USED = func.coalesce(Account.last_login_at, Account.opened_at)


def _unused_since(moment: datetime) -> ColumnElement[bool]:
    return and_(present(), moment >= _USED, or_(Account.reactivated_at.is_(None), Account.reactivated_at <= moment))


def _reminded(by: datetime | None = None) -> ColumnElement[bool]:
    """Whether a reminder came after the last use, and by a moment."""
    sent = select(AccountEvent.id).where(
        AccountEvent.account_id == Account.id, AccountEvent.step == "reminded", AccountEvent.at > _USED,
        or_(Account.reactivated_at.is_(None), AccountEvent.at > Account.reactivated_at))
    return (sent.where(AccountEvent.at <= by) if by is not None else sent).exists()


def _seated() -> ColumnElement[bool]:
    return select(Seat.id).where(Seat.account_id == Account.id).exists()


def _to_remind(days: int) -> ColumnElement[bool]:
    once_used = or_(Account.kind == AccountKind.staff, Account.last_login_at.is_not(None))
    return and_(_unused_since(clock.now() - timedelta(days=days)), once_used, ~_reminded())


def _to_stop(days: int) -> ColumnElement[bool]:
    return and_(_unused_since(clock.now() - timedelta(days=days)), Account.kind == AccountKind.staff,
                _reminded(clock.now() - NOTICE), ~_seated())


def look(settings: Settings) -> tuple[int, int]:
    """Remind and stop whoever it is time for; how many of each. Any number of workers may look at once, any day."""
    remind, stop = settings.dormant_remind_days, settings.dormant_suspend_days
    reminded = _each(_to_remind(remind), partial(_remind, days=remind)) if remind else 0
    return reminded, _each(_to_stop(stop), partial(_stop, days=stop)) if stop else 0


def _each(which: ColumnElement[bool], act: Callable[[Account], None]) -> int:
    done = 0
    while True:
        with transaction.act("scheduler"):
            found = db.session.execute(_EVERYBODY.mark(
                select(Account).where(which).order_by(Account.id).limit(BATCH)
                .with_for_update(of=Account, skip_locked=True))).scalars().all()
            for account in found:
                act(account)
        done += len(found)
        if len(found) < BATCH:
            return done


def _remind(account: Account, *, days: int) -> None:
    outbox.queue(account, "dormant", {"days": str(days)})
    life.happened(account, "reminded", by=None)


def _stop(account: Account, *, days: int) -> None:
    account.state = AccountState.suspended
    sessions.revoke_all(account.id, clock.now())
    outbox.void(account.id)
    life.happened(account, "dormant", by=None, note=f"{days} 天没有登录")
    unit = tree.unit_by_id(account.unit_id, _EVERYBODY)
    audit.record("account:suspend", "account", account.id, unit, after={"state": account.state})


def listing(scope: Scope, settings: Settings) -> list[Account]:
    """Whoever in a scope has not logged in for as long as a reminder takes, in the order of the tree."""
    remind = settings.dormant_remind_days
    if not remind:
        return []
    return list(db.session.execute(
        scope.select(Account).where(_unused_since(clock.now() - timedelta(days=remind)))
        .order_by(Account.unit_number, Account.name_reading, Account.id).limit(MOST_SHOWN)).scalars())
