"""Logging in, changing the password, logging out: slowed down on failures, the same answer for unknown numbers."""

from datetime import timedelta

from sqlalchemy import select

from permissions import audit, passwords, sessions, transaction
from permissions.accounts import Account, AccountState, LoginThrottle, phone_key
from permissions.guard import open_on
from permissions.identity import Principal, principal_of
from permissions.phone import BadPhone, normalise
from permissions.roles import Channel
from tenants import clock, keys, tree
from tenants.db import begin_write, db
from tenants.errors import ChannelClosed, Invalid, TooMany, WrongCredentials
from tenants.scope import Scope

_BY_PHONE = Scope.everything("an account is found by its own phone number at log-in")
FREE_FAILURES, FREE_PER_ADDRESS = 5, 1000
CADRE_AT_PC = "老同志请用手机登录：电脑端只供老干部工作人员使用（第十条）。"
NO_PC_GRANT = "您的账号没有开通电脑端，请用手机端；工作需要时，请本单位系统管理员为您开通。"
NO_PHONE = "您的账号没有开通手机端，请联系本单位系统管理员为您开通。"
FIRST_WAIT = timedelta(minutes=1)
# Many people stand behind one address: it waits a minute at most and is forgotten in ten; a number waits longer.
LONGEST_WAIT, FORGET = timedelta(hours=1), timedelta(hours=24)
ADDRESS_WAIT, ADDRESS_FORGET = timedelta(minutes=1), timedelta(minutes=10)


def _throttles(phone: str, address: str) -> list[tuple[str, int, timedelta, timedelta]]:
    """(key, failures that are free, longest wait, when the count begins afresh) of the number and of the address."""
    ring = keys.ring()
    return [(ring.index(phone, "throttle.phone"), FREE_FAILURES, LONGEST_WAIT, FORGET),
            (ring.index(address, "throttle.address"), FREE_PER_ADDRESS, ADDRESS_WAIT, ADDRESS_FORGET)]


def _check_slowed(phone: str, address: str) -> None:
    now = clock.now()
    wanted = [each[0] for each in _throttles(phone, address)]
    rows = db.session.execute(select(LoginThrottle.blocked_until).where(LoginThrottle.key.in_(wanted))).scalars()
    waits = [(until - now).total_seconds() for until in rows if until is not None and until > now]
    if waits:
        raise TooMany(int(max(waits)) + 1, "登录失败次数过多，请过一会儿再试，或请本单位系统管理员重新发送密码。")


def _count_failure(phone: str, address: str) -> None:
    now = clock.now()
    for key, free, longest, forget in _throttles(phone, address):
        row = db.session.get(LoginThrottle, key, with_for_update=True)
        if row is None:
            row = LoginThrottle(key=key, failures=0, first_at=now)
            db.session.add(row)
        if now - row.first_at > forget:
            row.failures, row.first_at = 0, now
        row.failures += 1
        if row.failures >= free:
            row.blocked_until = now + min(FIRST_WAIT * 2 ** min(row.failures - free, 10), longest)


def forget_failures(phone: str) -> None:
    """A success, or a new password from the administrator, starts the count afresh."""
    row = db.session.get(LoginThrottle, keys.ring().index(phone, "throttle.phone"))
    if row is not None:
        db.session.delete(row)


def log_in(phone: str, password: str, channel: Channel, *, address: str, device: str) -> tuple[str, Principal]:
    """A new session's token and its principal. Raises WrongCredentials, ChannelClosed or TooMany.

    The slow password check runs outside any write transaction; the outcome is written afterwards.
    """
    try:
        number = normalise(phone)
    except BadPhone:
        number = phone.strip()[:64]
    _check_slowed(number, address)
    account = db.session.execute(
        _BY_PHONE.select(Account).where(Account.phone_key == phone_key(number))
    ).scalar_one_or_none()
    right = passwords.matches(account, password)
    checked = account.password_hash if account is not None else None
    begin_write()
    if account is not None:
        db.session.refresh(account, with_for_update=True)
        right = right and account.password_hash == checked  # changed or resent while we were looking
    if account is None or not right or not _may_enter(account):
        raise _failed(account, number, address)
    principal = principal_of(account, channel, clock.today())
    if not open_on(principal, channel):
        _refuse_channel(principal)
    return _enter(account, principal, channel, device, number), principal


def _may_enter(account: Account) -> bool:
    return account.may_log_in and (not passwords.is_initial(account) or
                                   passwords.initial_is_usable(account, clock.now()))


def _failed(account: Account | None, number: str, address: str) -> WrongCredentials:
    _count_failure(number, address)
    home = tree.unit_by_id(account.unit_id, _BY_PHONE) if account is not None else tree.root()
    if home is not None:
        audit.refuse("session:open", "account", account.id if account else None, home, "wrong_credentials")
        db.session.add_all(audit.waiting())
        audit.waiting().clear()
    transaction.finish_act()
    return WrongCredentials()


def _refuse_channel(principal: Principal) -> None:
    audit.act_as(principal)
    audit.refuse("session:open", "account", principal.account.id, principal.unit, "channel_closed")
    if principal.channel is Channel.mobile:
        raise ChannelClosed(NO_PHONE)
    raise ChannelClosed(CADRE_AT_PC if principal.is_cadre else NO_PC_GRANT)


def _enter(account: Account, principal: Principal, channel: Channel, device: str, number: str) -> str:
    now = clock.now()
    if passwords.is_initial(account):
        account.initial_used_at = now
    account.last_login_at = now
    if account.state == AccountState.opened:
        account.state = AccountState.active
    forget_failures(number)
    token = sessions.start(account, channel, now=now, device=device)
    audit.act_as(principal)
    audit.record("session:open", "account", account.id, principal.unit, after={"channel": channel.value})
    return token


def change_password(principal: Principal, old: str | None, new: str) -> None:
    """Change one's own password; every other session of the account ends. Raises Invalid naming the field.

    `old` may be None at the forced first change alone: the session was opened with it a moment ago, and sixteen
    digits are not typed twice by an 80-year-old.
    """
    account = db.session.execute(_BY_PHONE.select(Account).where(Account.id == principal.account.id)).scalar_one()
    asked_for = old is not None or not (account.must_change_password and passwords.is_initial(account))
    if asked_for and not (old and passwords.matches(account, old)):
        raise Invalid(fields={"old": ["原密码不正确。"]})
    passwords.set_own(account, new, account.phone)
    keep = [principal.session.id] if principal.session is not None else []
    sessions.revoke_all(account.id, clock.now(), but=keep)
    audit.record("password:change", "account", account.id, principal.unit)


def log_out(principal: Principal) -> None:
    """End this session."""
    if principal.session is not None:
        sessions.revoke(principal.session.id, clock.now())
    audit.record("session:close", "account", principal.account.id, principal.unit)
