"""Accounts opened and kept by administrators (第八、九条): one person, one number, one account; the password by SMS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_
from sqlalchemy.exc import IntegrityError

from app import outbox
from app.administration import seats
from app.paging import Page, decode, page_of
from app.people import search
from app.people.model import Cadre
from app.versions import check_version
from permissions import audit, codes, giving, guard, life, passwords, rotation, sessions
from permissions.accounts import Account, AccountKind, AccountState, phone_key
from permissions.actions import Action
from permissions.identity import Known
from permissions.phone import BadPhone, normalise
from tenants import clock, in_order
from tenants.db import db
from tenants.errors import Conflict, Invalid, NotFound, Stale
from tenants.fields import new_id
from tenants.in_order import Aisle
from tenants.models import Unit
from tenants.scope import Scope
from tenants.tree import here, require_open

PHONE_TAKEN = "这个手机号码已经开通过账号，一人一号；请核对号码，或联系上级系统管理员处理。"
_ANYWHERE = Scope.everything("one phone number, one account over the whole province")
ENDS = ("pc_grant", "mobile_access")
STAFF_FACTS = ("name", "employment", "on_establishment", "in_service", "trained_on", *ENDS)


@dataclass(frozen=True)
class Filters:
    """What the list may be narrowed by."""

    within: Scope | None = None
    kind: str | None = None
    q: str | None = None
    state: str | None = None
    living: bool = False  # without those that are closed for good


def candidate(account_id: str, field: str = "account_id") -> Account:
    """Somebody named in a body: one I may see, or a field error."""
    try:
        return seen(account_id)
    except NotFound as error:
        raise Invalid(fields={field: ["没有找到这个工作人员。"]}) from error


def seen(account_id: str) -> Account:
    """An account I may see, or NotFound."""
    scope = guard.sight(Action.ACCOUNT_READ)
    found = db.session.execute(
        scope.select(Account).where(Account.id == guard.checked_id(account_id))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def unit_of(account: Account) -> Unit:
    """The unit an account belongs to."""
    return db.session.execute(_ANYWHERE.select(Unit).where(Unit.id == account.unit_id)).scalar_one()


def listing(scope: Scope, filters: Filters, *, cursor: str | None, limit: int) -> Page[Account]:
    """Accounts unit by unit in the order of the tree, in each unit by pinyin of their names."""
    inside = scope.narrowed(filters.within) if filters.within is not None else scope
    aisle = _aisle(filters, inside)
    keys = in_order.first(aisle, inside, limit + 1, decode(cursor, (int, str, str)))
    rows = in_order.fetched(Account, keys, inside)
    return page_of(rows, limit, lambda row: (row.unit_number, row.name_reading, row.id), in_order.total(aisle, inside))


def _aisle(filters: Filters, scope: Scope) -> Aisle:
    """The stretches of an index that hold what the filters select."""
    asked = ((Account.kind, filters.kind), (Account.state, filters.state))
    if filters.q:
        alive = (Account.state != AccountState.closed,) if filters.living else ()
        return search.accounts(filters.q, scope, (*(column == value for column, value in asked if value), *alive))
    kinds = [filters.kind] if filters.kind else list(AccountKind)
    states = [filters.state] if filters.state else [each for each in AccountState
                                                    if not (filters.living and each is AccountState.closed)]
    return Aisle(Account, Account.name_reading, Account.id, tuple(
        and_(Account.kind == kind, Account.state == state) for kind in kinds for state in states))


def facts(account: Account) -> dict[str, Any]:
    """What the log keeps of an account: nothing sensitive."""
    return {name: getattr(account, name) for name in STAFF_FACTS if name != "trained_on"} | {
        "kind": account.kind, "state": account.state,
        "trained_on": account.trained_on.isoformat() if account.trained_on else None,
    }


def open_account(unit: Unit, values: Mapping[str, Any]) -> Account:
    """Open an account in a unit I administer; exactly one SMS goes into the outbox."""
    guard.require(Action.ACCOUNT_OPEN, unit)
    account = make(unit, values, by=guard.me().account)
    audit.record(Action.ACCOUNT_OPEN, "account", account.id, unit, after=facts(account))
    return account


def make(unit: Unit, values: Mapping[str, Any], *, by: Known | None) -> Account:
    """The account itself, shared by the page, the API and the import; the caller has asked for the right."""
    require_open(unit)
    _check_training(values.get("trained_on"))
    phone = normalised(values["phone"])
    cadre = _cadre(unit, values) if values["kind"] == "cadre" else None
    if db.session.execute(_ANYWHERE.select(Account, Account.id).where(Account.phone_key == phone_key(phone))).first():
        raise taken()
    account = Account(
        id=new_id(), unit_id=unit.id, unit_number=unit.number, kind=values["kind"], phone=phone,
        phone_key=phone_key(phone), name=cadre.name if cadre else values["name"],
        cadre_id=cadre.id if cadre else None, opened_at=clock.now(), opened_by=by.id if by else None,
        mobile_access=values.get("mobile_access", True), state=AccountState.opened, **_staff_part(values),
    )
    password = passwords.set_initial(account, clock.now())
    db.session.add(account)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise taken() from error
    codes.end_all(phone, clock.now())
    outbox.queue(account, "account_opened", {"password": password})
    return account


def normalised(phone: str) -> str:
    """The phone number in its one spelling; Invalid when it is none."""
    try:
        return normalise(phone)
    except BadPhone as bad:
        raise Invalid(fields={"phone": [str(bad)]}) from bad


def taken() -> Conflict:
    """The refusal that names neither person nor unit."""
    return Conflict(PHONE_TAKEN, code="phone_taken", fields={"phone": [PHONE_TAKEN]})


def _staff_part(values: Mapping[str, Any]) -> dict[str, Any]:
    if values["kind"] != "staff":
        return {}
    return {name: values[name] for name in STAFF_FACTS if name in values and name not in ("name", "mobile_access")}


def _cadre(unit: Unit, values: Mapping[str, Any]) -> Cadre:
    cadre = db.session.execute(
        here(unit).select(Cadre).where(Cadre.id == values["cadre_id"])
    ).scalar_one_or_none()
    if cadre is None:
        raise Invalid(fields={"cadre_id": ["没有找到这位老同志的档案，或不归这个单位管理。"]})
    if cadre.life_status != "living":
        raise Invalid(fields={"cadre_id": ["这位老同志已登记离世，不能开通账号。"]})
    known = db.session.execute(_ANYWHERE.select(Account, Account.id).where(Account.cadre_id == cadre.id)).first()
    if known:
        raise Conflict("这位老同志已经有账号了。", code="account_exists")
    return cadre


def require_over(account: Account, action: Action = Action.ACCOUNT_UPDATE) -> Unit:
    """The right over an account: its unit in reach, not one's own, not a fellow administrator's of one's own unit."""
    unit = unit_of(account)
    guard.require(action, unit)
    giving.check_person(guard.me(), account)
    return unit


def hold(account: Account, unit: Unit) -> Unit:
    """Keep the unit open and then the account to myself until the act ends; Stale when it has moved meanwhile.

    In this order, as whoever closes the unit takes them: the other way round the two would wait for each other.
    """
    db.session.refresh(unit, with_for_update={"read": True, "key_share": True})
    db.session.refresh(account, with_for_update=True)
    if account.unit_id != unit.id:
        raise Stale
    return unit


def require_living(account: Account) -> None:
    """Closing is final, and nothing is done any more to the account of a cadre who has died."""
    if account.state == AccountState.closed:
        raise Conflict("该账号已注销，不能再办理；需要时请重新开通一个账号。", code="account_closed")
    if account.cadre_id is not None and db.session.execute(_ANYWHERE.select(Cadre, Cadre.id).where(
            Cadre.id == account.cadre_id, Cadre.life_status == "deceased")).first():
        raise Conflict("这位老同志已登记离世，账号只能注销；登记有误的，请先更正档案。", code="deceased")


def _check_training(trained_on: date | None) -> None:
    if trained_on is not None and trained_on > clock.today():
        raise Invalid(fields={"trained_on": ["培训日期不能晚于今天。"]})


def amend(account: Account, changes: Mapping[str, Any], if_match: str | None = None) -> Account:
    """Change a staff or cadre account; phone, unit and kind never change here."""
    unit = hold(account, require_over(account))
    require_living(account)
    check_version(account, if_match)
    allowed = STAFF_FACTS if account.kind == "staff" else ("mobile_access",)
    if foreign := [name for name in changes if name not in allowed]:
        raise Invalid(fields={name: ["离退休干部账号没有这一项。"] for name in foreign})
    _check_training(changes.get("trained_on"))
    before = facts(account)
    if ends := {name: changes[name] for name in ENDS if name in changes}:
        giving.set_ends(account, **ends)
    for name, value in changes.items():
        if name not in ENDS:
            setattr(account, name, value)
    if seats.is_seated(account) and seats.eligibility(account, unit):
        raise Conflict("该人员是系统管理员，更改后不再符合第七条的条件，请先免去其管理员职务。", code="still_seated")
    db.session.flush()
    audit.record(Action.ACCOUNT_UPDATE, "account", account.id, unit, before=before, after=facts(account))
    return account


def suspend(account: Account) -> Account:
    """Stop an account: every session ends, an administrator's seat is given up first by the superior."""
    unit = hold(account, require_over(account))
    require_living(account)
    if account.state == AccountState.suspended:
        raise Conflict("该账号已经停用。", code="already_suspended")
    if seats.is_seated(account):
        raise Conflict("该人员是系统管理员，请先免去其管理员职务。", code="still_seated")
    before = facts(account)
    account.state = AccountState.suspended
    sessions.revoke_all(account.id, clock.now())
    life.happened(account, "suspended", by=guard.me().account.id)
    audit.record("account:suspend", "account", account.id, unit, before=before, after=facts(account))
    db.session.flush()
    return account


def reactivate(account: Account) -> Account:
    """Open a suspended account again; it logs in with the password it had, or with a resent one."""
    unit = hold(account, require_over(account))
    require_living(account)
    if account.state != AccountState.suspended:
        raise Conflict("该账号没有停用。", code="not_suspended")
    before = facts(account)
    giving.let_back(account, AccountState.opened if account.last_login_at is None else AccountState.active)
    account.reactivated_at = clock.now()
    life.happened(account, "reactivated", by=guard.me().account.id)
    audit.record("account:reactivate", "account", account.id, unit, before=before, after=facts(account))
    db.session.flush()
    return account


def resend(account: Account) -> Account:
    """A new single-use password by SMS; the old one and every session end."""
    unit = hold(account, require_over(account))
    require_living(account)
    if not account.may_log_in:
        raise Conflict("该账号已停用，请先恢复再发送密码。", code="suspended")
    rotation.keep(account)
    password = passwords.set_initial(account, clock.now())
    sessions.revoke_all(account.id, clock.now())
    outbox.queue(account, "password_resent", {"password": password})
    audit.record("account:resend", "account", account.id, unit)
    db.session.flush()
    return account
