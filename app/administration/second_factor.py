"""The second factor of staff: bound by its owner, asked for at log-in, taken off by the superior when it is lost."""

from dataclasses import dataclass

from sqlalchemy import Select

from app import outbox
from app.administration.accounts import require_over
from app.administration.login import Came, Entered, enter, failed_before, keep_refusal, may_enter, refuse_channel
from permissions import audit, devices, second_factor, sessions, slowing
from permissions.accounts import Account
from permissions.guard import open_on
from permissions.identity import Principal, principal_of
from permissions.phone import mask_phone
from permissions.roles import Channel
from tenants import clock
from tenants.db import db
from tenants.errors import Conflict, Invalid, SecondFactorWrong, TooMany
from tenants.scope import Scope

_OWN = Scope.everything("whoever logs in is looked up before anybody is known; an owner binds their own phone")
OVER = "等的时间太长，或者试的次数太多了，请从头登录。"
WRONG = "验证码不对，请看验证器上现在的 6 位数字再输一遍，还可以试 {left} 次。"
WRONG_NEW = "数字不对。请看手机验证器里“银龄”现在的 6 位数字再输一遍；还不对，请检查手机的时间是不是自动校准的。"
SLOWED = "验证码输错的次数太多，请过一会儿再试。"
STAFF_ONLY = "手机验证器供工作人员使用；老同志用密码或短信验证码登录就可以。"
MUST_STAY = "系统管理员必须使用手机验证器，不能关闭；换了手机，请点“换一部手机”。"
NOT_BOUND = "这个账号没有绑定手机验证器。"
TIMED_OUT = "这个二维码放得太久了，请重新开始绑定。"


@dataclass(frozen=True, slots=True)
class State:
    """What somebody sees of their own second factor."""

    bound: bool
    required: bool
    owed: bool
    recovery_left: int
    secret: str | None  # of one being bound
    address: str | None


def redeem(token: str, typed: str, came: Came) -> Entered:
    """The session a challenge stands for, once. Raises SecondFactorWrong saying what to do, TooMany, ChannelClosed."""
    now = clock.now()
    challenge = second_factor.challenged(token)
    if challenge is None:
        raise SecondFactorWrong(OVER, code="challenge_over")
    account = db.session.execute(_locked(challenge.account_id)).scalar_one()
    if not challenge.open_at(now) or not may_enter(account) or challenge.stamp != second_factor.stamp_of(account):
        raise SecondFactorWrong(OVER, code="challenge_over")
    wanted = slowing.brakes(f"second|{account.id}", challenge.stamp, came.address, devices.known(came.kept, account.id))
    seconds = slowing.seconds_left(wanted, now)
    if seconds:
        raise TooMany(seconds, SLOWED)
    principal = principal_of(account, Channel(challenge.channel), clock.today())
    if not open_on(principal, principal.channel):
        refuse_channel(principal)
    challenge.tries += 1
    how = second_factor.accepts(account.id, typed, now)
    if how is None:
        left = second_factor.TRIES - challenge.tries
        slowing.make_room(wanted, now)
        slowing.seconds_left(wanted, now, lock=True)
        slowing.count_failure(wanted, now)
        keep_refusal(account, "wrong_second_factor")
        raise SecondFactorWrong(WRONG.format(left=left)) if left else SecondFactorWrong(OVER, code="challenge_over")
    challenge.ended_at = now
    device = devices.known(came.kept, account.id)
    failed = challenge.tries - 1 + failed_before(account, came)
    slowing.forgive([*wanted, *slowing.brakes(account.phone, account.password_hash, came.address, device)])
    entered = enter(account, principal, came, failed=failed)
    if how == "recovery":
        audit.record("second_factor:recovery", "account", account.id, principal.unit)
    return entered


def _locked(account_id: str) -> Select[Account]:
    return (_OWN.select(Account).where(Account.id == account_id).with_for_update()
            .execution_options(populate_existing=True))


def _mine(principal: Principal) -> Account:
    if principal.is_cadre:
        raise Conflict(STAFF_ONLY, code="not_staff")
    return db.session.execute(_locked(principal.account.id)).scalar_one()


def state(principal: Principal) -> State:
    """What to show its owner; the secret of one being bound is shown until a code of it is typed."""
    bound, required = principal.account.second_factor_at is not None, second_factor.demanded(principal)
    secret = second_factor.waiting(principal.account.id, clock.now())
    return State(bound, required, required and not bound,
                 second_factor.recovery_left(principal.account.id) if bound else 0, secret,
                 second_factor.address(secret, mask_phone(principal.account.phone)) if secret is not None else None)


def begin(principal: Principal) -> None:
    """Make a secret for a phone; a phone bound before goes on until the new one has shown a right code."""
    account = _mine(principal)
    second_factor.begin(account, clock.now())
    audit.record("second_factor:begin", "account", account.id, principal.unit)


def confirm(principal: Principal, typed: str) -> list[str]:
    """Bind the phone whose code was typed; ten recovery codes, shown this once. Other sessions end."""
    account, now = _mine(principal), clock.now()
    if second_factor.waiting(account.id, now) is None:
        raise Conflict(TIMED_OUT, code="not_begun")
    if not second_factor.confirm(account, typed, now):
        raise Invalid(fields={"code": [WRONG_NEW]})
    keep = [principal.session.id] if principal.session is not None else []
    sessions.revoke_all(account.id, now, but=keep)
    audit.record("second_factor:bind", "account", account.id, principal.unit)
    return second_factor.make_recovery(account.id)


def renew_recovery(principal: Principal) -> list[str]:
    """Ten new recovery codes; those before end."""
    account = _mine(principal)
    if account.second_factor_at is None:
        raise Conflict(NOT_BOUND, code="not_bound")
    audit.record("second_factor:renew", "account", account.id, principal.unit)
    return second_factor.make_recovery(account.id)


def give_up(principal: Principal) -> None:
    """Do without, where one may."""
    account = _mine(principal)
    if account.second_factor_at is None:
        raise Conflict(NOT_BOUND, code="not_bound")
    if second_factor.demanded(principal):
        raise Conflict(MUST_STAY, code="second_factor_required")
    second_factor.remove(account)
    audit.record("second_factor:give_up", "account", account.id, principal.unit)


def reset(account: Account) -> Account:
    """Take a lost phone off an account I am set over: every session ends, its owner is told by SMS."""
    unit = require_over(account)
    if account.second_factor_at is None:
        raise Conflict(NOT_BOUND, code="not_bound")
    second_factor.remove(account)
    sessions.revoke_all(account.id, clock.now())
    outbox.queue(account, "second_factor_reset", {})
    audit.record("account:second_factor_reset", "account", account.id, unit)
    db.session.flush()
    return account
