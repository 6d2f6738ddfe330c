"""Cadres log in with a code sent to their phone: asking, sending, waiting longer, redeeming.

Asking does the same work for every number and looks at no account: the worker does, a second later. A wrong code is
refused a fixed time after it came. So neither the answer nor its time tells whether a number has an account (C6, C8).
"""

import hmac
import logging
import secrets
import time
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update

from app import outbox
from app.administration import endings
from app.administration.login import Came, Entered, enter, failed_before, keep_refusal
from permissions import audit, devices, slowing, transaction
from permissions.accounts import Account, over, phone_key
from permissions.codes import (
    AGAIN,
    EXTENDED,
    IN_ALL_AND_HOUR,
    KEPT,
    LIFE,
    LOG_IN,
    PER_ADDRESS_AND_HOUR,
    PER_DAY,
    PER_HOUR,
    TRIES,
    LoginCode,
    address_key,
    browser_key,
    code_hash,
    make,
    number_key,
)
from permissions.guard import open_on
from permissions.identity import principal_of
from permissions.phone import BadPhone, normalise
from permissions.roles import Channel
from tenants import clock, tree
from tenants.db import db
from tenants.errors import Invalid, TooMany
from tenants.fields import new_id
from tenants.scope import Scope

log = logging.getLogger("yinling.codes")
_BY_PHONE = Scope.everything("an account is found by its own phone number at log-in")
_BATCH = 100
# Of a number with an account there is a row more to read, some tenths of a millisecond: enough to be measured. Every
# refusal is rounded up to the next of these, ten times what it takes.
EVEN = 0.05  # seconds
TOO_SOON = "验证码刚发过，请等一分钟再要。"
TOO_OFTEN = "今天要验证码的次数太多了，请过一会儿再试，或改用密码登录。"
BUSY = "现在要验证码的人太多，请过几分钟再试，或改用密码登录。"
OVER = "这个验证码已经不能用了，请点“重新发验证码”。"
WRONG = "验证码不对，请看清短信再输一遍，还可以试 {left} 次。"


@dataclass(frozen=True, slots=True)
class Asked:
    """A code that was asked for: its id, and the random word that stays in the browser."""

    id: str
    nonce: str


def ask(phone: str, came: Came) -> Asked:
    """A new code for a number; earlier ones end. Raises Invalid for what is no number and TooMany."""
    try:
        number = normalise(phone)
    except BadPhone as bad:
        raise Invalid(fields={"phone": [str(bad)]}) from bad
    now = clock.now()
    slowing.hold(number, now)
    _check_limits(number, came, now)
    db.session.execute(
        update(LoginCode).where(LoginCode.number_key == number_key(number), LoginCode.purpose == LOG_IN,
                                LoginCode.ended_at.is_(None))
        .values(ended_at=now, unsent=None).execution_options(synchronize_session=False))
    code, code_id, nonce = make(), new_id(), secrets.token_urlsafe(16)
    db.session.add(LoginCode(
        id=code_id, number_key=number_key(number), address_key=address_key(came.address), purpose=LOG_IN,
        browser_key=browser_key(nonce), phone=number, code_hash=code_hash(code_id, code), unsent=code,
        created_at=now, expires_at=now + LIFE))
    return Asked(code_id, nonce)


def _check_limits(number: str, came: Came, now: datetime) -> None:
    times = list(db.session.execute(
        select(LoginCode.created_at).where(LoginCode.number_key == number_key(number),
                                           LoginCode.created_at > now - timedelta(days=1))
        .order_by(LoginCode.created_at)).scalars())
    if times and now - times[-1] < AGAIN:
        raise TooMany(_seconds(times[-1] + AGAIN, now), TOO_SOON)
    lately = [each for each in times if each > now - timedelta(hours=1)]
    if len(lately) >= PER_HOUR:
        raise TooMany(_seconds(lately[0] + timedelta(hours=1), now), TOO_OFTEN)
    if len(times) >= PER_DAY:
        raise TooMany(_seconds(times[0] + timedelta(days=1), now), TOO_OFTEN)
    if _asked_within_an_hour(LoginCode.address_key == address_key(came.address), now) >= PER_ADDRESS_AND_HOUR:
        raise TooMany(600, BUSY)
    if _asked_within_an_hour(None, now) >= IN_ALL_AND_HOUR:
        log.error("the hour's budget of %s login codes is spent: somebody may be flooding numbers", IN_ALL_AND_HOUR)
        raise TooMany(600, BUSY)


def _asked_within_an_hour(where: ColumnElement[bool] | None, now: datetime) -> int:
    statement = select(func.count()).select_from(LoginCode).where(LoginCode.created_at > now - timedelta(hours=1))
    return int(db.session.execute(statement if where is None else statement.where(where)).scalar_one())


def _seconds(until: datetime, now: datetime) -> int:
    return int((until - now).total_seconds()) + 1


def found(asked: Asked | None, *, lock: bool = False) -> LoginCode | None:
    """The code this browser asked for; None when there is none or another browser asked."""
    if asked is None:
        return None
    statement = select(LoginCode).where(LoginCode.id == asked.id, LoginCode.purpose == LOG_IN)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    code = db.session.execute(statement).scalar_one_or_none()
    if code is None or not hmac.compare_digest(code.browser_key, browser_key(asked.nonce)):
        return None
    return code


def extend(asked: Asked | None) -> None:
    """Let the code live as long again, once."""
    code = found(asked, lock=True)
    if code is None or not code.may_be_extended(clock.now()):
        raise Invalid(OVER)
    code.extended, code.expires_at = True, code.created_at + EXTENDED


def redeem(asked: Asked | None, typed: str, came: Came) -> Entered:
    """Open the session a code stands for, once. Raises Invalid saying how many tries are left."""
    began = time.monotonic()
    digits = "".join(each for each in unicodedata.normalize("NFKC", typed) if each in "0123456789")
    code = found(asked)
    account = _receiver(code.phone) if code is not None and code.open_at(clock.now()) else None
    code = found(asked, lock=True)  # after the account, as whoever closes that takes them
    if code is None or not code.open_at(clock.now()):
        raise Invalid(OVER)
    code.tries += 1
    right = hmac.compare_digest(code.code_hash, code_hash(code.id, digits))
    principal = principal_of(account, Channel.mobile, clock.today()) if right and account is not None else None
    if account is None or principal is None or not open_on(principal, Channel.mobile):
        left = TRIES - code.tries
        keep_refusal(account, "wrong_code")
        time.sleep(-(time.monotonic() - began) % EVEN)  # the transaction is over, nobody waits for what it held
        raise Invalid(fields={"code": [WRONG.format(left=left)]}) if left else Invalid(OVER)
    code.ended_at = clock.now()
    failed = code.tries - 1 + failed_before(account, came)
    slowing.forgive(slowing.brakes(code.phone, account.password_hash, came.address,
                                   devices.known(came.kept, account.id)))
    return enter(account, principal, came, failed=failed)


def _of_number(phone: str, *, lock: bool = False) -> Account | None:
    statement = _BY_PHONE.select(Account).where(Account.phone_key == phone_key(phone))
    return db.session.execute(statement.with_for_update() if lock else statement).scalar_one_or_none()


def _receiver(phone: str) -> Account | None:
    """The cadre who may log in with this number on the phone, held for that; or None."""
    return _if_cadre(endings.settled(lambda: _of_number(phone, lock=True)))


def _if_cadre(account: Account | None) -> Account | None:
    may = account is not None and account.kind == "cadre" and account.may_log_in and account.mobile_access
    return account if may else None


def send_waiting() -> int:
    """Hand codes that wait to the outbox, to those who have an account; how many. What has run out is not sent."""
    sent, late = _send()
    if late:  # written down first, with no code in hand
        endings.settle_due()
        sent += _send()[0]
    return sent


def _send() -> tuple[int, bool]:
    """How many were sent, and whether one waits for what has come for its receiver to be written down."""
    sent, late = 0, False
    with transaction.act("codes"):
        waiting = db.session.execute(
            select(LoginCode).where(LoginCode.unsent.is_not(None)).order_by(LoginCode.created_at).limit(_BATCH)
            .with_for_update(skip_locked=True)).scalars().all()
        for code in waiting:
            account = _of_number(code.phone) if code.open_at(clock.now()) else None
            if account is not None and over(account.ends_on, clock.today()):
                late = True
                continue
            account = _if_cadre(account)
            if account is not None and code.unsent is not None:
                outbox.queue(account, "login_code", {"code": code.unsent})
                audit.record("session:code", "account", account.id, tree.unit_by_id(account.unit_id, _BY_PHONE))
                sent += 1
            code.unsent = None
    return sent, late


def clear_away(now: datetime) -> None:
    """Drop codes that count for no limit any more."""
    db.session.execute(delete(LoginCode).where(LoginCode.created_at < now - KEPT)
                       .execution_options(synchronize_session=False))
