"""The one door through which every right comes into being, is changed, or ends: grants, seats, opened ends.

Every path names itself (`By`). What a person does by hand is asked here and nowhere else: nobody gives to himself or
changes what he holds, nobody reaches over to a fellow administrator or a superior, nobody hands out what the second
block of the table does not let him hand out. Each right leaves a row of lineage: who gave it, under which of his own
rights; and that row is closed when the right ends. A test of the house finds whoever goes round this door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from permissions import audit, identity, needs, templates
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Grant, RightGiven, Seat
from permissions.identity import Known, Principal
from permissions.lineage import FOLLOWS, UNASKED, By, begin, end, right_of, under
from permissions.narrowing import Limits, channels_of
from permissions.roles import Channel, Role
from tenants import clock
from tenants.db import db
from tenants.errors import Conflict, Forbidden, Invalid
from tenants.fields import new_id
from tenants.models import Unit, UnitStatus
from tenants.place import Placed
from tenants.scope import Scope
from tenants.tree import require_open

_WHOLE = Scope.everything("a right is judged with all its giver and its holder hold, wherever it lies")
SELF = "不能更改自己的账号和权限，请联系上级系统管理员。"
FELLOW = "不能更改同级系统管理员的账号，请联系上级系统管理员。"
NOT_MINE = "您不能在这个单位授予这个角色。"
APART = "检查人只查看、不办理，不能与其他角色同在一个账号上；请先收回{held}的权限，或另选人员。"


class Ungiven(RuntimeError):
    """A right would come into being with nobody to answer for it: a defect of ours."""


@dataclass(frozen=True)
class Terms:
    """What a grant gives: a role, for some columns or all, on which ends, from when till when, by which template."""

    role: Role
    columns: Sequence[str] | None = None
    channel: str = "both"
    since: date | None = None
    until: date | None = None
    template_id: str | None = None


def check_person(actor: Principal, account: Known) -> None:
    """Nobody acts on himself, on a fellow administrator or on a superior. Raises Forbidden."""
    if account.id == actor.account.id:
        raise Forbidden(SELF)
    seated_at = db.session.execute(_WHOLE.mark(
        select(Unit).join(Seat, Seat.unit_id == Unit.id).where(Seat.account_id == account.id))).scalars()
    if not all(needs.allows(actor, Action.ADMINISTRATOR_APPOINT, unit) for unit in seated_at):
        raise Forbidden(FELLOW)


def _check_home(actor: Principal, account: Account) -> None:
    home = db.session.execute(_WHOLE.select(Unit).where(Unit.id == account.unit_id)).scalar_one()
    if not needs.allows(actor, Action.GRANT_CREATE, home):
        raise Forbidden("这名工作人员不归您管理，请联系其所在单位的上级。")


def _giver(account: Account, unit: Placed, role: Role, by: By) -> Principal | None:
    """Who answers for a right about to be given; None for the system itself. Raises Forbidden."""
    actor = audit.acting().principal
    if actor is None:
        if by not in UNASKED:
            raise Ungiven(f"a right by {by} with nobody to answer for it")
        return None
    if by in UNASKED or by in FOLLOWS:
        raise Ungiven(f"{by} gives nothing on behalf of a person")
    check_person(actor, account)
    _check_home(actor, account)
    if not needs.may_hand_out(actor, role, unit):
        raise Forbidden(NOT_MINE)
    return actor


def grant(account: Account, unit: Unit, terms: Terms, by: By = By.grant) -> Grant:
    """Give a role at a unit. Raises Forbidden, or Invalid for a cadre, days out of order, or beyond its template."""
    giver = _giver(account, unit, terms.role, by)
    require_open(unit)
    _check_terms(account, unit, terms)
    _check_apart(giver, account, terms.role, "role")
    made = Grant(
        id=new_id(), account_id=account.id, unit_id=unit.id, unit_number=unit.number, role=terms.role.value,
        columns=list(terms.columns) if terms.columns is not None else None, channel=terms.channel, since=terms.since,
        until=terms.until, template_id=terms.template_id, given_by=giver.account.id if giver else None,
        given_at=clock.now())
    db.session.add(made)
    db.session.flush()
    begin(made, giver.account if giver else None, by, under(giver, terms.role, unit))
    return made


def _check_terms(account: Account, unit: Unit, terms: Terms) -> None:
    if account.kind != "staff":
        raise Invalid(fields={"role": ["离退休干部不授予工作角色。"]})
    if terms.role is Role.administrator or terms.role is Role.cadre:
        raise Invalid(fields={"role": ["这个角色不能这样授予。"]})
    if terms.until is not None and audit.acting().principal is not None and terms.until < clock.today():
        raise Invalid(fields={"until": ["截止日期不能早于今天。"]})
    if terms.since is not None and terms.until is not None and terms.until < terms.since:
        raise Invalid(fields={"until": ["截止日期不能早于起始日期。"]})
    if terms.template_id is not None:
        templates.check_use(terms.template_id, unit, Limits(
            terms.role, None, None if terms.columns is None else frozenset(terms.columns), channels_of(terms.channel)))


def _check_apart(giver: Principal | None, account: Account, role: Role, field: str) -> None:
    """Whoever audits does nothing else, wherever (职责分离, B10); two who give at once queue here. Raises Invalid."""
    if giver is None:
        return
    db.session.execute(_WHOLE.select(Account, Account.id).where(Account.id == account.id).with_for_update())
    held = set(db.session.execute(_WHOLE.select(Grant, Grant.role).where(
        Grant.account_id == account.id, Grant.until.is_(None) | (Grant.until >= clock.today()))).scalars())
    if db.session.execute(_WHOLE.select(Seat, Seat.id).where(Seat.account_id == account.id)).first():
        held.add(Role.administrator.value)
    clashes = sorted(each for each in held if (each == Role.auditor.value) != (role is Role.auditor))
    if clashes:
        raise Invalid(fields={field: [APART.format(held="、".join(Role(each).label for each in clashes))]})


def change(held: Grant, account: Account, unit: Unit, terms: Terms) -> Grant:
    """Give a grant other columns, ends or days: as much a giving as the first. The role and unit stay. As `grant`."""
    if terms.role.value != held.role:
        raise Invalid(fields={"role": ["角色不能改；请收回这项权限，另行授予。"]})
    if held.frozen_at is not None:
        raise Conflict("这项权限已冻结，请先解冻。", code="frozen")
    giver = _giver(account, unit, terms.role, By.edit)
    require_open(unit)
    _check_terms(account, unit, terms)
    _check_apart(giver, account, terms.role, "role")
    end(held, By.edit)
    held.columns = list(terms.columns) if terms.columns is not None else None
    held.channel, held.since, held.until = terms.channel, terms.since, terms.until
    held.template_id = terms.template_id
    _regiven(held, giver, under(giver, terms.role, unit), By.edit)
    return held


def _regiven(held: Grant, giver: Principal | None, under_: str | None, by: By) -> None:
    held.given_by, held.given_at = giver.account.id if giver else None, clock.now()
    held.version += 1
    db.session.flush()
    begin(held, giver.account if giver else None, by, under_)


def _check_taking(account: Account, unit: Placed, action: Action, by: By) -> None:
    actor = audit.acting().principal
    if actor is None or by in FOLLOWS:
        return
    if account.id == actor.account.id:
        raise Forbidden(SELF)
    if action is Action.GRANT_DELETE:
        check_person(actor, account)
    if not needs.allows(actor, action, unit):
        raise Forbidden


def take(held: Grant, unit: Placed, by: By = By.remove) -> None:
    """End a grant; it is gone at the next request. Raises Forbidden."""
    _check_taking(_holder(held), unit, Action.GRANT_DELETE, by)
    end(held, by)
    db.session.delete(held)
    db.session.flush()


def seat(account: Account, unit: Unit, number: int, by: By = By.appoint) -> Seat:
    """Put somebody in a seat of a unit; whether it is free the database decides. Raises Forbidden."""
    giver = _giver(account, unit, Role.administrator, by)
    require_open(unit)
    _check_apart(giver, account, Role.administrator, "account_id")
    made = Seat(id=new_id(), unit_id=unit.id, unit_number=unit.number, account_id=account.id, seat=number,
                since=clock.now(), appointed_by=giver.account.id if giver else None)
    db.session.add(made)
    db.session.flush()
    begin(made, giver.account if giver else None, by, under(giver, Role.administrator, unit))
    return made


def vacate(taken: Seat, unit: Placed, by: By = By.remove) -> None:
    """Free a seat. Raises Forbidden."""
    _check_taking(_holder(taken), unit, Action.ADMINISTRATOR_REMOVE, by)
    end(taken, by)
    db.session.delete(taken)
    db.session.flush()


def freeze(held: Grant, unit: Placed) -> None:
    """Let a grant give nothing until somebody who could hand it out now thaws it. Raises Forbidden, Conflict."""
    _check_taking(_holder(held), unit, Action.GRANT_DELETE, By.freeze)
    if held.frozen_at is not None:
        raise Conflict("这项权限已经冻结。", code="frozen")
    end(held, By.freeze)
    held.frozen_at, held.version = clock.now(), held.version + 1
    db.session.flush()


def thaw(held: Grant, unit: Unit) -> None:
    """Let a frozen grant count again: it is given anew by whoever acts. Raises as `grant`, Conflict."""
    if held.frozen_at is None:
        raise Conflict("这项权限没有冻结。", code="not_frozen")
    giver = _giver(_holder(held), unit, Role(held.role), By.thaw)
    require_open(unit)
    held.frozen_at = None
    _regiven(held, giver, under(giver, Role(held.role), unit), By.thaw)


def rehome(given: RightGiven, to: Account) -> None:
    """Let a successor answer for a living right: he must be able to hand it out now, and so must whoever acts.

    Raises Forbidden; Conflict for a right that has ended.
    """
    if given.ended_at is not None:
        raise Conflict("这项权限已经结束，不能改由他人负责。", code="ended")
    right: Grant | Seat = right_of(given)
    unit = db.session.execute(_WHOLE.select(Unit).where(Unit.id == given.unit_id)).scalar_one()
    holder, role = _holder(given), Role(given.role)
    _giver(holder, unit, role, By.hand_over)
    successor = identity.principal_of(to, Channel.pc, clock.today())
    if to.id == holder.id or not needs.may_hand_out(successor, role, unit):
        raise Forbidden(f"{to.name}不能在这个单位授予这项权限，不能接手。")
    end(right, By.hand_over)
    if isinstance(right, Grant):
        right.given_by, right.version = to.id, right.version + 1
    else:
        right.appointed_by = to.id
    db.session.flush()
    begin(right, to, By.hand_over, under(successor, role, unit))


def _holder(right: Grant | Seat | RightGiven) -> Account:
    found: Account = db.session.execute(_WHOLE.select(Account).where(Account.id == right.account_id)).scalar_one()
    return found


def check_all_given(actor: Principal, account: Account) -> None:
    """Giving an account back its reach hands out every right it holds: each must be mine to hand out (B2)."""
    rows = db.session.execute(_WHOLE.mark(
        select(Grant.role, Unit).join(Unit, Unit.id == Grant.unit_id).where(
            Grant.account_id == account.id, Unit.status == UnitStatus.open,
            Grant.until.is_(None) | (Grant.until >= clock.today()))
    ))
    if any(not needs.may_hand_out(actor, Role(role), unit) for role, unit in rows):
        raise Forbidden("该人员持有上级授予的权限，请联系上级系统管理员办理。")


def set_ends(account: Account, *, pc_grant: bool | None = None, mobile_access: bool | None = None) -> None:
    """Open or close an account's ends. An end that opens gives every right the account holds there. Forbidden."""
    actor = audit.acting().principal
    if actor is not None:
        check_person(actor, account)
        check_all_given(actor, account)
    if pc_grant is not None:
        account.pc_grant = pc_grant
    if mobile_access is not None:
        account.mobile_access = mobile_access


def let_back(account: Account, state: str) -> None:
    """Bring a suspended account back with all it holds (`By.reactivate`). Raises Forbidden."""
    actor = audit.acting().principal
    if actor is not None:
        check_person(actor, account)
        check_all_given(actor, account)
    account.state = state
