"""Taking effect: from 00:00 (Asia/Shanghai) of its day a planned change is done once, with its orderer's rights.

A day without workers delays it, nothing loses it. What can no longer be done fails with its reason, and the orderer
finds it in the to-do list. Each change is one act; a row lock and its state see to it that one worker does it.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.plans.kinds import KINDS
from app.plans.model import PlannedChange
from permissions import audit, guard, transaction
from permissions.accounts import Account
from permissions.identity import principal_of
from permissions.roles import Channel
from tenants import clock, tree
from tenants.db import db
from tenants.errors import Conflict, Forbidden, Refusal
from tenants.scope import Scope

log = logging.getLogger("yinling.plans")
_DUE = Scope.everything("the worker does what has come due, wherever it is")
WORKER = "worker"
GONE = "下达这项调整的人已不能办理（账号停用、注销，或不再使用电脑端）。"
LONGEST = 300


def take_effect() -> int:
    """Do everything whose day has come, in the order of days and orders; returns how many were settled."""
    return sum(_settle(change_id) for change_id in _due())


def _due() -> list[str]:
    transaction.begin(writes=False)
    try:
        return list(db.session.execute(_DUE.mark(
            select(PlannedChange.id).where(PlannedChange.state == "waiting",
                                           PlannedChange.effective_on <= clock.today())
            .order_by(PlannedChange.effective_on, PlannedChange.ordered_at, PlannedChange.id))).scalars())
    finally:
        transaction.finish_read()


def _settle(change_id: str) -> bool:
    try:
        audit.act_as(None, WORKER)
        with transaction.act(WORKER):
            change = _taken(change_id)
            if change is None:
                return False
            _stand_in(change)
            unit = tree.unit_by_id(change.unit_id, _DUE)
            kind = KINDS[change.kind]
            if kind.firm:
                tree.touch()
                require_unchanged(change, kind.check(unit, change.body))
            kind.perform(unit, change.body)
            change.state, change.settled_at = "done", clock.now()
        return True
    except Refusal as refusal:
        return _fail(change_id, refusal)
    finally:
        audit.act_as(None, WORKER)


def _taken(change_id: str) -> PlannedChange | None:
    """The change, if it still waits and nobody else has it in hand."""
    return db.session.execute(
        _DUE.select(PlannedChange).where(PlannedChange.id == change_id, PlannedChange.state == "waiting")
        .with_for_update(skip_locked=True).execution_options(populate_existing=True)).scalar_one_or_none()


def _stand_in(change: PlannedChange) -> None:
    """Take on the orderer's rights as they are now."""
    account = db.session.execute(_DUE.select(Account).where(Account.id == change.ordered_by)).scalar_one()
    principal = principal_of(account, Channel.pc, clock.today())
    if not account.may_log_in or not guard.open_on(principal, Channel.pc):
        raise Forbidden(GONE)
    audit.act_as(principal)
    guard.stand_in(principal)


def require_unchanged(change: PlannedChange, now: Mapping[str, Any]) -> None:
    """Conflict naming what is firm in the change and would now be done otherwise than was read when it was ordered."""
    then, read_now = change.preview or {}, json.loads(json.dumps(now))
    firm = KINDS[change.kind].firm
    if other := "、".join(title for name, title in firm.items() if read_now[name] != then.get(name)):
        raise Conflict(f"下达之后情况有了变化（{other}），和当时看到的不一样，请重新核对后再下达。", code="stale")


def told(refusal: Refusal) -> list[str]:
    """A refusal in sentences: the whole, then what is said of its fields."""
    return [refusal.message, *(text for texts in refusal.fields.values() for text in texts if text != refusal.message)]


def _fail(change_id: str, refusal: Refusal) -> bool:
    """In an act of its own, for what was begun has been rolled back."""
    audit.act_as(None, WORKER)
    with transaction.act(WORKER):
        change = _taken(change_id)
        if change is None:
            return False
        unit = tree.unit_by_id(change.unit_id, _DUE)
        change.state, change.settled_at = "failed", clock.now()
        change.reason = " ".join(text for text in told(refusal) if text)[:LONGEST]
        audit.record("unit:planned", "planned_change", change.id, unit,
                     after={"planned": change.kind, "state": "failed", "reason": refusal.code})
    log.warning("planned change %s failed: %s", change_id, refusal.code)
    return True
