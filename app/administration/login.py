"""Logging in, changing the password, logging out: slowed down on failures, the same answer for unknown numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.administration import endings
from app.people.model import Cadre
from permissions import (
    audit,
    devices,
    life,
    passwords,
    rotation,
    second_factor,
    sessions,
    slowing,
    transaction,
    weak_words,
)
from permissions.accounts import Account, AccountState, phone_key
from permissions.guard import open_on
from permissions.identity import Principal, principal_of
from permissions.phone import BadPhone, normalise
from permissions.roles import Channel
from tenants import clock, tree
from tenants.db import begin_write, db, end_read
from tenants.errors import ChannelClosed, Invalid, SecondFactorRequired, Stale, TooMany, WrongCredentials
from tenants.models import Unit
from tenants.scope import Scope

_BY_PHONE = Scope.everything("an account is found by its own phone number at log-in")
CADRE_AT_PC = "老同志请用手机登录：电脑端只供老干部工作人员使用（第十条）。"
NO_PC_GRANT = "您的账号没有开通电脑端，请用手机端；工作需要时，请本单位系统管理员为您开通。"
NO_PHONE = "您的账号没有开通手机端，请联系本单位系统管理员为您开通。"
SLOWED = "登录失败次数过多，请过一会儿再试，或请本单位系统管理员重新发送密码。"


@dataclass(frozen=True, slots=True)
class Came:
    """Where somebody comes from: the address, what the browser calls itself, what the device keeps of earlier times."""

    address: str = ""
    device: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """A session just opened: its token, whose it is, what the device is to keep."""

    token: str
    principal: Principal
    kept: str


def log_in(phone: str, password: str, channel: Channel, came: Came) -> Entered:
    """A new session. Raises WrongCredentials, ChannelClosed, TooMany, or SecondFactorRequired with a challenge.

    The slow password check runs outside any write transaction; the outcome is written afterwards. A number nobody
    has costs the same work and the same statements as a wrong password.
    """
    try:
        number = normalise(phone)
    except BadPhone:
        number = phone.strip()[:64]
    account = _found(number)
    known = passwords.stored(account)
    checked = known.password_hash if known is not None else ""
    wanted = slowing.brakes(number, checked, came.address,
                            devices.known(came.kept, known.id if known is not None else None))
    _check_slowed(wanted)
    end_read()  # nobody waits for his turn to be hashed with a connection in his hand
    right = passwords.matches(known, password)
    begin_write()
    account = endings.settled(lambda: _found(number, lock=True))
    # Changed or resent while we were looking, or guessed at by so many at once that the answer is not given.
    right = right and account is not None and account.password_hash == checked
    if account is None or not right or not may_enter(account):
        raise _failed(account, wanted)
    _check_slowed(wanted, lock=True)
    principal = principal_of(account, channel, clock.today())
    if not open_on(principal, channel):
        refuse_channel(principal)
    if account.second_factor_at is not None:
        raise _half_way(account, channel)
    failed = failed_before(account, came)
    slowing.forgive(wanted)
    return enter(account, principal, came, failed=failed)


def failed_before(account: Account, came: Came) -> int:
    """How often somebody tried this account's password in vain before its owner came now."""
    return slowing.failed_lately(account.phone, account.password_hash, devices.known(came.kept, account.id),
                                 clock.now())


def _half_way(account: Account, channel: Channel) -> SecondFactorRequired:
    token = second_factor.challenge(account, channel.value, clock.now())
    transaction.finish_act()
    return SecondFactorRequired(token)


def _found(number: str, *, lock: bool = False) -> Account | None:
    statement = _BY_PHONE.select(Account).where(Account.phone_key == phone_key(number))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(statement).scalar_one_or_none()


def _check_slowed(wanted: Sequence[slowing.Brake], *, lock: bool = False) -> None:
    seconds = slowing.seconds_left(wanted, clock.now(), lock=lock)
    if seconds:
        raise TooMany(seconds, SLOWED)


def may_enter(account: Account) -> bool:
    """Whether a right password opens: not for who is suspended, nor with a single-use one that is spent."""
    return account.may_log_in and (not passwords.is_initial(account) or
                                   passwords.initial_is_usable(account, clock.now()))


def _failed(account: Account | None, wanted: Sequence[slowing.Brake]) -> WrongCredentials:
    now = clock.now()
    slowing.make_room(wanted, now)
    _check_slowed(wanted, lock=True)
    slowing.count_failure(wanted, now)
    keep_refusal(account, "wrong_credentials")
    return WrongCredentials()


def keep_refusal(account: Account | None, reason: str) -> None:
    """What has been counted stays counted and is told to the log, even though the log-in is refused."""
    root = tree.root()
    if root is not None:
        home = tree.unit_by_id(account.unit_id if account is not None else root.id, _BY_PHONE)
        audit.refuse("session:open", "account", account.id if account else None, home, reason)
        db.session.add_all(audit.waiting())
        audit.waiting().clear()
    transaction.finish_act()


def refuse_channel(principal: Principal) -> None:
    """Raise ChannelClosed saying where to go instead."""
    audit.act_as(principal)
    audit.refuse("session:open", "account", principal.account.id, principal.unit, "channel_closed")
    if principal.channel is Channel.mobile:
        raise ChannelClosed(NO_PHONE)
    raise ChannelClosed(CADRE_AT_PC if principal.is_cadre else NO_PC_GRANT)


def enter(account: Account, principal: Principal, came: Came, *, failed: int = 0) -> Entered:
    """Open a session for somebody who has proved to be the account's owner, on the principal's channel.

    A device never used before, and failures before this success, are kept with it for the owner and the
    administrator to see (C14); the very first log-in of all is neither.
    """
    now, channel = clock.now(), principal.channel
    if passwords.is_initial(account):
        account.initial_used_at = now
    new_device = account.last_login_at is not None and devices.known(came.kept, account.id) is None
    account.last_login_at = now
    if account.state == AccountState.opened:
        account.state = AccountState.active
        life.happened(account, "first_login", by=account.id)
    token = sessions.start(account, channel, now=now, device=came.device, address=came.address,
                           new_device=new_device, failed_before=failed)
    audit.act_as(principal)
    odd = ({"new_device": True} if new_device else {}) | ({"failed_before": failed} if failed else {})
    audit.record("session:open", "account", account.id, principal.unit, after={"channel": channel.value} | odd)
    return Entered(token, principal, devices.remember(came.kept, account.id))


def _words_of(principal: Principal, account: Account) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What points to the owner of an account, and so makes no password; and the places of the units."""
    names = db.session.execute(_BY_PHONE.select(Unit, Unit.name).where(
        Unit.id.in_(tree.ancestor_ids(principal.unit.path)))).scalars()
    born = db.session.execute(_BY_PHONE.select(Cadre, Cadre.birth_date).where(
        Cadre.id == account.cadre_id)).scalar_one_or_none() if account.cadre_id is not None else None
    return (tuple(weak_words.personal(phone=account.phone, name=account.name, born=born)),
            tuple(weak_words.places(names.all())))


def change_password(principal: Principal, old: str | None, new: str) -> None:
    """Change one's own password; every other session of the account ends. Raises Invalid naming the field.

    `old` may be None at the forced first change alone: the session was opened with it a moment ago, and sixteen
    digits are not typed twice by an 80-year-old.
    """
    account = _of(principal)
    known = passwords.stored(account)
    asked_for = old is not None or not (account.must_change_password and passwords.is_initial(account))
    kind, past, (personal, places) = account.kind, rotation.past(account), _words_of(principal, account)
    transaction.undo()  # the slow part, outside any transaction
    if asked_for and not (old and passwords.matches(known, old)):
        raise Invalid(fields={"old": ["原密码不正确。"]})
    made = passwords.accepted(known, new, kind=kind, personal=personal, places=places, past=past)
    transaction.begin(writes=True)
    account = _of(principal, lock=True)
    if passwords.stored(account) != known:
        raise Stale
    rotation.keep(account)
    passwords.put_own(account, made)
    keep = [principal.session.id] if principal.session is not None else []
    sessions.revoke_all(account.id, clock.now(), but=keep)
    audit.record("password:change", "account", account.id, principal.unit)


def _of(principal: Principal, *, lock: bool = False) -> Account:
    statement = _BY_PHONE.select(Account).where(Account.id == principal.account.id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(statement).scalar_one()


def log_out(principal: Principal) -> None:
    """End this session."""
    if principal.session is not None:
        sessions.revoke(principal.session.id, clock.now())
    audit.record("session:close", "account", principal.account.id, principal.unit)
