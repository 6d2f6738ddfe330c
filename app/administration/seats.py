"""Administrators' seats (第七条): appointed from above, at most two, each change filed with the superior at once."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.administration import managing, nomination
from permissions import audit, giving, guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import SEATS, Filing, Seat
from permissions.identity import Known
from permissions.lineage import By
from tenants import clock, tree
from tenants.db import db
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Unit
from tenants.scope import Scope
from tenants.tree import here

FULL = "该单位已有两名系统管理员（第七条：一般不超过2人），请先免去一名。"
_FILED = Scope.everything("the superior's seat decides whether acting is acknowledging")


def eligibility(account: Account, unit: Unit) -> list[str]:
    """What stands in the way of an appointment, quoting 第七条; empty when nothing does."""
    faults = []
    if account.kind != "staff" or account.unit_id != unit.id:
        faults.append("只能任命该单位的老干部工作人员。")
    if not account.may_log_in:
        faults.append("该账号已停用或注销。")
    if not (account.on_establishment and account.in_service):
        faults.append("第七条：系统管理员应为编制内在职工作人员。")
    if account.trained_on is None or account.trained_on > clock.today():
        faults.append("第七条：应具备计算机操作基础和网络安全知识，请先登记培训日期。")
    return faults


def listing(unit: Unit) -> Sequence[tuple[Seat, Account]]:
    """Who sits where in a unit."""
    rows = db.session.execute(
        here(unit).mark(
            select(Seat, Account).join(Account, Account.id == Seat.account_id)
            .where(Seat.unit_id == unit.id).order_by(Seat.seat)
        )
    )
    return [(seat, account) for seat, account in rows]


def is_seated(account: Account) -> bool:
    """Whether somebody sits anywhere."""
    return db.session.execute(_FILED.select(Seat, Seat.id).where(Seat.account_id == account.id)).first() is not None


def appoint(unit: Unit, account: Account) -> Seat:
    """Seat an administrator and file it, in one transaction. Conflict `seats_full` on the third."""
    guard.require(Action.ADMINISTRATOR_APPOINT, unit)
    seat = seat_in(unit, account, by=guard.me().account)
    audit.record(Action.ADMINISTRATOR_APPOINT, "administrator", account.id, unit, after={"seat": seat.seat})
    nomination.settle(unit, account.id)
    return seat


def seat_in(unit: Unit, account: Account, *, by: Known | None, path: By = By.appoint) -> Seat:
    """Take the free seat; races are decided by the database: unit + seat is unique (M1)."""
    db.session.refresh(unit, with_for_update=True)
    tree.require_open(unit)
    taken = {seat.seat: seat for seat, _account in listing(unit)}
    if any(seat.account_id == account.id for seat in taken.values()):
        raise Conflict("该人员已经是这个单位的系统管理员。", code="already_seated")
    free = [number for number in SEATS if number not in taken]
    if not free:
        raise Conflict(FULL, code="seats_full")
    if faults := eligibility(account, unit):
        raise Invalid(fields={"account_id": faults})
    try:
        seat = giving.seat(account, unit, free[0], path if by else By.bootstrap)
    except IntegrityError as error:
        raise Conflict(FULL, code="seats_full") from error
    _file("appoint", unit, account.id, seat.seat, by)
    return seat


def remove(unit: Unit, account_id: str, *, path: By = By.remove) -> None:
    """Vacate a seat and file it."""
    guard.require(Action.ADMINISTRATOR_REMOVE, unit)
    seat = db.session.execute(
        here(unit).select(Seat).where(Seat.account_id == account_id).with_for_update()
    ).scalar_one_or_none()
    if seat is None:
        raise NotFound
    _vacate(unit, seat, guard.me().account, path)
    audit.record(Action.ADMINISTRATOR_REMOVE, "administrator", account_id, unit, before={"seat": seat.seat})


def vacate_all(unit: Unit) -> None:
    """A unit that closes has no administrators left."""
    for seat, _account in listing(unit):
        _vacate(unit, seat, guard.me().account, By.close)


def free(account: Account, *, by: Known | None) -> bool:
    """Vacate and file the seat of somebody who ceases to be staff here; the caller has asked for the right to it."""
    seat = db.session.execute(
        _FILED.select(Seat).where(Seat.account_id == account.id).with_for_update()).scalar_one_or_none()
    if seat is None:
        return False
    unit = tree.unit_by_id(seat.unit_id, _FILED)
    _vacate(unit, seat, by, By.leave)
    audit.record(Action.ADMINISTRATOR_REMOVE, "administrator", account.id, unit, before={"seat": seat.seat})
    return True


def _vacate(unit: Unit, seat: Seat, by: Known | None, path: By) -> None:
    giving.vacate(seat, unit, path)
    _file("remove", unit, seat.account_id, seat.seat, by)


def _file(act: str, unit: Unit, account_id: str, seat: int, by: Known | None) -> None:
    """报备 to the superior unit; when the superior's own administrator acted, acting is acknowledging."""
    receiver = tree.superior(unit)
    now = clock.now()
    own_act = by is None or _sits_in(by, receiver)
    db.session.add(
        Filing(unit_id=unit.id, unit_number=unit.number, act=act, receiver_unit_id=receiver.id, account_id=account_id,
               seat=seat, filed_by=by.id if by else None, filed_at=now, acknowledged_at=now if own_act else None,
               acknowledged_by=by.id if by and own_act else None)
    )
    db.session.flush()


def _sits_in(account: Known, unit: Unit) -> bool:
    return db.session.execute(
        _FILED.select(Seat, Seat.id).where(Seat.unit_id == unit.id, Seat.account_id == account.id)
    ).scalar_one_or_none() is not None


def acknowledge(filing: Filing, unit: Unit) -> Filing:
    """The superior confirms having seen a filing."""
    guard.require(Action.FILING_ACKNOWLEDGE, unit)
    managing.require_answering(unit)
    db.session.refresh(filing, with_for_update=True)
    if filing.acknowledged_at is not None:
        raise Conflict("这条报备已经确认过了。", code="already_acknowledged")
    filing.acknowledged_at, filing.acknowledged_by = clock.now(), guard.me().account.id
    audit.record(Action.FILING_ACKNOWLEDGE, "filing", filing.id, unit, after={"act": filing.act})
    db.session.flush()
    return filing
