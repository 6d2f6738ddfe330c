"""The end of an account (注销): final, and all at once. Sessions, rights and the seat go, the number is let go.

A closed account keeps its name, its unit and its history. Its number is kept nowhere but masked, in the history: who
gets the number next inherits nothing and is found under nothing of the old. A closed account points at no cadre's
file, so that the cadre may be given another; its own id stands where the file's stood.
"""

from sqlalchemy import select

from app import outbox
from app.administration import phone_request, seats
from app.administration.accounts import facts, require_over
from app.administration.grants import facts as grant_facts
from app.administration.holding import hold_whole
from permissions import audit, codes, giving, guard, life, second_factor, sessions
from permissions.accounts import Account, AccountState
from permissions.actions import Action
from permissions.grants import Grant
from permissions.identity import Known
from permissions.lineage import By
from permissions.phone import mask_phone
from tenants import clock, keys
from tenants.db import db
from tenants.errors import Conflict
from tenants.models import Unit
from tenants.scope import Scope

_ALL_OF_IT = Scope.everything("what an account holds ends with it, wherever it is held")


def close(account: Account) -> Account:
    """Close an account for good. Raises Conflict `account_closed`, or Forbidden where it is not mine to close."""
    require_over(account)
    unit = hold_whole(account)
    if account.state == AccountState.closed:
        raise Conflict("该账号已经注销。", code="account_closed")
    before = facts(account)
    lose_everything(account, by=guard.me().account)
    number = account.phone
    account.state, account.pc_grant, account.mobile_access, account.ends_on = AccountState.closed, False, False, None
    if account.kind == "cadre":
        account.cadre_id = account.id
    let_number_go(account)
    life.happened(account, "closed", by=guard.me().account.id, note=f"号码 {mask_phone(number)} 已释放")
    audit.record("account:close", "account", account.id, unit, before=before, after=facts(account))
    db.session.flush()
    return account


def lose_everything(account: Account, *, by: Known | None) -> None:
    """Every session, every right, the seat with its filing, and every message that waits; whoever calls has asked."""
    now = clock.now()
    seats.free(account, by=by)
    lose_rights(account)
    phone_request.drop(account, "账号已注销或到期")
    second_factor.remove(account)
    sessions.revoke_all(account.id, now)
    outbox.void(account.id)
    codes.end_all(account.phone, now)
    db.session.flush()


def lose_rights(account: Account) -> None:
    """Every right but a seat ends, wherever it is held."""
    rows = db.session.execute(_ALL_OF_IT.mark(
        select(Grant, Unit).join(Unit, Unit.id == Grant.unit_id).where(Grant.account_id == account.id)
        .with_for_update(of=Grant))).all()
    for grant, unit in rows:
        audit.record(Action.GRANT_DELETE, "grant", grant.id, unit,
                     before=grant_facts(grant) | {"account_id": account.id})
        giving.take(grant, unit, By.leave)


def let_number_go(account: Account) -> None:
    """The number is free for somebody else, and finds this account no more."""
    account.phone, account.phone_tail_key = "", None
    account.phone_key = keys.ring().index(account.id, "accounts.phone.released")


