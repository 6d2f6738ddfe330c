"""Leaving and retiring on a day: planned beforehand, true from 00:00 of that day, written down once.

From that moment on nothing is open to the account whether or not anybody has written it down: its row carries the day,
and every request judges it by today. The worker writes it down; so does a log-in that comes before the worker.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, column
from sqlalchemy.orm import Mapped, mapped_column

from app.administration import closing
from app.administration.accounts import facts, hold, require_living, require_over
from app.administration.holding import hold_whole
from app.people import store
from app.people.listing import log_facts
from app.people.model import Cadre
from permissions import audit, giving, guard, life, transaction
from permissions.accounts import Account, AccountState, over
from permissions.actions import Action
from tenants import clock
from tenants.db import Base, begin_write, db
from tenants.errors import Conflict, Invalid
from tenants.fields import Id, Instant, encrypted, new_id
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope, UnitOwned, owned

log = logging.getLogger("yinling.accounts")
_ANYWHERE = Scope.everything("what is planned of an account already seen; the worker writes down what is due anywhere")
PLANNED = column("state") == "planned"
ID_ELSEWHERE = "这个身份证号已有档案，不在本单位或已有账号，请核对后重新登记。"
UNIT_GONE = "所在单位已撤销，请先调动到现管单位再登记。"
ALREADY = "已经登记过离岗或退休，要改日期请先取消原来的登记。"


class AccountEnding(UnitOwned, Base):
    """One ending that is planned, done, dropped or failed. `file` is what the cadre's file is to hold, encrypted."""

    __tablename__ = "account_endings"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(8))
    comes_on: Mapped[date] = mapped_column(Date)
    file: Mapped[str | None] = mapped_column(encrypted("account_endings.file"))
    planned_by: Mapped[str | None] = mapped_column(Id)
    planned_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(8), default="planned")
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    fault: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = owned(
        CheckConstraint("kind IN ('leave', 'retire')", name="kind"),
        CheckConstraint("state IN ('planned', 'done', 'dropped', 'failed')", name="state"),
        Index("uq_account_endings_planned", "account_id", unique=True, postgresql_where=PLANNED, sqlite_where=PLANNED),
        Index("ix_account_endings_due", "state", "comes_on"),
    )


@dataclass(frozen=True)
class Planner:
    """Who planned it, and so acts when it comes."""

    id: str


def last_of(account: Account, *states: str) -> AccountEnding | None:
    """The newest ending of an account in one of these states."""
    return db.session.execute(
        _ANYWHERE.select(AccountEnding).where(AccountEnding.account_id == account.id, AccountEnding.state.in_(states))
        .order_by(AccountEnding.planned_at.desc(), AccountEnding.id).limit(1)).scalar_one_or_none()


def plan(account: Account, kind: str, comes_on: date, file: Mapping[str, Any] | None = None) -> AccountEnding:
    """Plan that somebody leaves or retires; at once when the day is today. Raises Invalid or Conflict."""
    unit = hold(account, require_over(account))
    require_living(account)
    if account.kind != "staff":
        raise Conflict("离退休干部账号不登记离岗或退休。", code="not_staff")
    if last_of(account, "planned") is not None:
        raise Conflict(ALREADY, code="already_planned")
    if comes_on < clock.today():
        raise Invalid(fields={"comes_on": ["日期不能早于今天。"]})
    kept = None
    if kind == "retire":
        kept = json.dumps(_checked(account, unit, comes_on, file or {}))
    by = guard.me().account.id
    ending = AccountEnding(account_id=account.id, unit_id=unit.id, unit_number=unit.number, kind=kind, file=kept,
                           comes_on=comes_on, planned_by=by, planned_at=clock.now())
    db.session.add(ending)
    account.ends_on = comes_on
    words = "退休" if kind == "retire" else "离岗"
    life.happened(account, "planned", by=by, note=f"{comes_on} 起{words}")
    audit.record("account:plan_ending", "account", account.id, unit,
                 after={"kind": kind, "comes_on": comes_on.isoformat()})
    db.session.flush()
    if over(comes_on, clock.today()):
        settle(account)
    return ending


def _file_of(account: Account, unit: Unit, comes_on: date, given: Mapping[str, Any]) -> dict[str, Any]:
    return {"former_unit": unit.name, **{name: value for name, value in given.items() if value is not None},
            "name": account.name, "mobile": account.phone, "retired_on": comes_on.isoformat(), "life_status": "living"}


def _checked(account: Account, unit: Unit, comes_on: date, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the file is to hold, checked as if it were made now. Raises Invalid or Conflict."""
    file = _file_of(account, unit, comes_on, given)
    wanted = store.drafted(file, unit, author=None)
    if _elsewhere(store.with_id_number(wanted.id_number_key), unit.id):
        raise Conflict(ID_ELSEWHERE, code="id_number_taken", fields={"id_number": [ID_ELSEWHERE]})
    return file


def _elsewhere(found: Cadre | None, unit_id: str) -> bool:
    """Whether somebody's file is there already and cannot be the retiring person's own."""
    return found is not None and (
        found.unit_id != unit_id or found.life_status != "living" or store.account_of(found) is not None)


def drop(account: Account) -> None:
    """Take a plan back before its day."""
    unit = hold(account, require_over(account))
    ending = last_of(account, "planned")
    if ending is None or over(ending.comes_on, clock.today()):
        raise Conflict("没有可以取消的登记；已到日期的，请按现在的状态办理。", code="nothing_planned")
    ending.state, ending.settled_at, ending.file, account.ends_on = "dropped", clock.now(), None, None
    life.happened(account, "plan_dropped", by=guard.me().account.id)
    audit.record("account:drop_ending", "account", account.id, unit, before={"comes_on": ending.comes_on.isoformat()})
    db.session.flush()


def settle(account: Account) -> bool:
    """Write down what has come for an account; False when there is nothing, or somebody else was first."""
    unit = hold_whole(account)
    ending = last_of(account, "planned")
    if ending is None or not over(ending.comes_on, clock.today()):
        return False
    before = facts(account)
    closing.lose_everything(account, by=Planner(ending.planned_by) if ending.planned_by else None)
    account.ends_on, account.pc_grant, account.in_service = None, False, False
    fault = _retire(account, unit, ending) if ending.kind == "retire" else _leave(account)
    ending.state, ending.settled_at, ending.fault, ending.file = "failed" if fault else "done", clock.now(), fault, None
    step = {"leave": "left", "retire": "not_retired" if fault else "retired"}[ending.kind]
    life.happened(account, step, by=None, note=fault or f"按登记的日期，{ending.comes_on} 起")
    audit.record("account:retire" if ending.kind == "retire" else "account:leave", "account", account.id, unit,
                 before=before, after=facts(account) | {"fault": fault})
    db.session.flush()
    return True


def _leave(account: Account) -> str:
    account.state = AccountState.suspended
    return ""


def _retire(account: Account, unit: Unit, ending: AccountEnding) -> str:
    """The same account becomes a cadre's, with a file of its own or the one that is there; what stood in the way."""
    file = json.loads(ending.file or "{}")
    wanted = store.drafted(file, unit, author=None)
    found = store.with_id_number(wanted.id_number_key)
    if unit.status != UnitStatus.open or _elsewhere(found, unit.id):
        account.state = AccountState.suspended
        return UNIT_GONE if unit.status != UnitStatus.open else ID_ELSEWHERE
    cadre = found or store.create(file, unit, author=None)
    if found is None:
        audit.record(Action.CADRE_CREATE, "cadre", cadre.id, unit, after=log_facts(cadre))
    account.kind, account.cadre_id, account.name = "cadre", cadre.id, cadre.name
    giving.set_ends(account, mobile_access=True)
    account.employment, account.on_establishment, account.trained_on = None, False, None
    return ""


def settle_due() -> int:
    """Write down everything that has come by today, each by itself, so that one that fails holds up no other."""
    transaction.begin(writes=False)
    waiting = list(db.session.execute(
        _ANYWHERE.select(AccountEnding, AccountEnding.account_id)
        .where(AccountEnding.state == "planned", AccountEnding.comes_on <= clock.today())
        .order_by(AccountEnding.comes_on, AccountEnding.id)).scalars())
    transaction.finish_read()
    return sum(_settle_one(account_id) for account_id in waiting)


def _settle_one(account_id: str) -> bool:
    try:
        with transaction.act("scheduler"):
            return settle(db.session.execute(_ANYWHERE.select(Account).where(Account.id == account_id)).scalar_one())
    except Exception:
        log.exception("what was planned of account %s could not be written down and will be tried again", account_id)
        return False


def settled(find: Callable[[], Account | None]) -> Account | None:
    """The account as it is today: what has come and nobody has written down yet is written down first.

    `find` takes it for itself, before anything was written: what it holds is let go of, since units come first.
    """
    account = find()
    if account is None or not over(account.ends_on, clock.today()):
        return account
    account_id = account.id
    begin_write()
    settle(db.session.execute(_ANYWHERE.select(Account).where(Account.id == account_id)).scalar_one())
    return find()


