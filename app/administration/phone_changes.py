"""换号: an account's owner, or the unit on an old cadre's behalf, asks for another number; an administrator answers.

Who asks learns nothing of the number: whether somebody has it is found out on acceptance, by the constraint that one
number has one account, and said without a name. On acceptance all that hung on the old number ends in one transaction.
"""

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import outbox
from app.administration import accounts, endings, phone_request
from app.administration.accounts import hold, normalised, require_living, require_over, taken, unit_of
from app.administration.phone_request import STATES, PhoneChange
from app.people import store
from app.people.model import Cadre
from permissions import audit, codes, giving, guard, life, passwords, rotation, second_factor, sessions
from permissions.accounts import Account, phone_key
from permissions.actions import Action
from permissions.phone import mask_phone
from tenants import clock
from tenants.db import db
from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.models import Unit
from tenants.scope import Scope

_OWN = Scope.everything("whoever is logged in asks for the own account")
_ITS_OWN = Scope.everything("what follows an account that changes its number: its file, its plan, its unit")
MOST = 200
SAME = "这就是现在的号码，不用更换。"
NOT_BY_ASKER = "您提出的申请要由另一名系统管理员或上级系统管理员审核。"


@dataclass(frozen=True)
class Seen:
    """A request with whom it is for, and whether the word on it is mine."""

    row: PhoneChange
    account: Account
    unit: Unit
    mine: bool


def mine() -> PhoneChange | None:
    """The request for my own account that waits, else the newest."""
    wanted = _OWN.select(PhoneChange).where(PhoneChange.account_id == guard.me().account.id).order_by(
        (PhoneChange.state == "asked").desc(), PhoneChange.asked_at.desc(), PhoneChange.id).limit(1)
    return db.session.execute(wanted).scalar_one_or_none()


def ask_for_me(phone: str, reason: str) -> PhoneChange:
    """I have another number. Raises Invalid, or Conflict `already_asked`."""
    account = db.session.execute(_OWN.select(Account).where(Account.id == guard.me().account.id)).scalar_one()
    return _ask(account, hold(account, unit_of(account)), phone, reason)


def ask_for(account: Account, phone: str, reason: str) -> PhoneChange:
    """A cadre of mine has another number and cannot ask himself. Raises as `ask_for_me`."""
    unit = hold(account, require_over(account))
    if account.kind != "cadre":
        raise Conflict("工作人员换号请由本人在“换手机号码”里申请。", code="not_cadre")
    return _ask(account, unit, phone, reason)


def _ask(account: Account, unit: Unit, phone: str, reason: str) -> PhoneChange:
    require_living(account)
    number = normalised(phone)
    if number == account.phone:
        raise Invalid(fields={"phone": [SAME]})
    row = PhoneChange(account_id=account.id, phone=number, masked=mask_phone(number), reason=reason,
                      asked_by=guard.me().account.id, asked_at=clock.now(), unit_id=unit.id, unit_number=unit.number)
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("已经有一个等待审核的换号申请；要改号码，请先撤回。", code="already_asked") from error
    audit.record("account:ask_phone", "account", account.id, unit, after={"phone": row.masked})
    return row


def withdraw_mine() -> PhoneChange:
    """Take my own request back. Raises Conflict when none waits."""
    account = db.session.execute(_OWN.select(Account).where(Account.id == guard.me().account.id)).scalar_one()
    unit = hold(account, unit_of(account))
    row = mine()
    if row is None or row.state != "asked":
        raise Conflict("没有等待审核的换号申请。", code="nothing_asked")
    phone_request.settle(row, "withdrawn", by=account.id)
    audit.record("account:answer_phone", "account", account.id, unit, after={"verdict": "withdrawn"})
    return row


def waiting(scope: Scope) -> list[Seen]:
    """What waits in a scope, the oldest first."""
    rows = db.session.execute(scope.mark(
        select(PhoneChange, Account, Unit).join(Account, Account.id == PhoneChange.account_id)
        .join(Unit, Unit.id == Account.unit_id)
        .where(scope.both(PhoneChange, Account, Unit), PhoneChange.state == "asked")
        .order_by(PhoneChange.asked_at, PhoneChange.id).limit(MOST))).all()
    return [_as_seen(row, account, unit) for row, account, unit in rows]


def for_me() -> list[Seen]:
    """What waits for a word of mine."""
    return [each for each in waiting(guard.sight(Action.ACCOUNT_UPDATE)) if each.mine]


def seen(request_id: str) -> Seen:
    """A request for an account I administer, or NotFound."""
    scope = guard.sight(Action.ACCOUNT_UPDATE)
    row = db.session.execute(scope.select(PhoneChange).where(
        PhoneChange.id == guard.checked_id(request_id))).scalar_one_or_none()
    if row is None:
        raise NotFound
    account = accounts.seen(row.account_id)
    return _as_seen(row, account, unit_of(account))


def _as_seen(row: PhoneChange, account: Account, unit: Unit) -> Seen:
    try:
        giving.check_person(guard.me(), account)
    except Forbidden:
        return Seen(row, account, unit, mine=False)
    return Seen(row, account, unit, mine=row.state == "asked" and row.asked_by != guard.me().account.id)


def decide(request_id: str, verdict: str, answer: str) -> Seen:
    """Accept or refuse, or take back what I asked on a cadre's behalf. Of several words at once one counts."""
    found = seen(request_id)
    row, account = found.row, found.account
    unit = hold(account, require_over(account))
    db.session.refresh(row, with_for_update=True)
    asked_by_me = row.asked_by == guard.me().account.id
    if asked_by_me != (verdict == "withdrawn"):
        raise Forbidden(NOT_BY_ASKER if asked_by_me else "只有提出申请的人才能撤回。")
    if row.state != "asked":
        raise Conflict(f"这个申请{STATES[row.state]}，不能再改。", code="already_decided")
    if verdict == "refused" and len(answer) < 2:
        raise Invalid(fields={"answer": ["请写明不同意的原因，申请人会看到。"]})
    before = {"phone": mask_phone(account.phone)}
    if verdict == "accepted":
        _change(account, str(row.phone), unit)
    phone_request.settle(row, verdict, by=guard.me().account.id, answer=answer)
    audit.record("account:answer_phone", "account", account.id, unit, before=before,
                 after={"verdict": verdict, "phone": mask_phone(account.phone)})
    return Seen(row, account, unit, mine=False)


def _change(account: Account, number: str, unit: Unit) -> None:
    """The account answers to another number from now on, and nothing to the old one."""
    require_living(account)
    old, now = account.phone, clock.now()
    outbox.void(account.id)
    outbox.queue(account, "phone_left", {})
    account.phone, account.phone_key = number, phone_key(number)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise taken() from error
    sessions.revoke_all(account.id, now)
    second_factor.end_challenges(account.id, now)
    for each in (old, number):
        codes.end_all(each, now)
    outbox.queue(account, "phone_taken_up", {})
    if passwords.is_initial(account):  # the single-use one went to the old number
        rotation.keep(account)
        outbox.queue(account, "password_resent", {"password": passwords.set_initial(account, now)})
    _follow(account, old, unit)
    life.happened(account, "phone_changed", by=guard.me().account.id,
                  note=f"{mask_phone(old)} 换为 {mask_phone(number)}")


def _follow(account: Account, old: str, unit: Unit) -> None:
    """The old number stands no longer in the cadre's file, nor in what is to become one."""
    if account.cadre_id is not None:
        cadre = db.session.execute(_ITS_OWN.select(Cadre).where(
            Cadre.id == account.cadre_id).with_for_update()).scalar_one()
        if cadre.mobile == old:
            store.update(cadre, {"mobile": account.phone})
            audit.record(Action.CADRE_UPDATE, "cadre", cadre.id, unit, after={"changed": ["mobile"]})
    planned = endings.last_of(account, "planned")
    if planned is not None and planned.file is not None:
        planned.file = json.dumps(json.loads(planned.file) | {"mobile": account.phone})
    db.session.flush()

