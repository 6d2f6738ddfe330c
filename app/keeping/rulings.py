"""What a superior does about records below: confirm or return, extend, open again; and what a unit asks of him."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from app.keeping import records
from app.keeping.records import facts
from app.obligations.arming import rearm
from app.records import ruling, telling
from app.records.model import Record
from app.records.module import Module
from app.records.ruling import Said
from app.records.standing import CONFIRMED, RETURNED, Ask, locked_since, reckon, settle, words_of
from app.timing import kinds
from app.timing.kinds import RETURN
from permissions import audit, guard
from permissions.actions import Action
from tenants import clock, tree
from tenants.db import db
from tenants.errors import Conflict, Invalid
from tenants.models import Unit

LONGEST_EXTENSION = timedelta(days=366)
LONGEST_REOPENING = timedelta(days=92)
_WORDS = {
    (Ask.late, CONFIRMED): Said.late_confirmed, (Ask.late, RETURNED): Said.late_returned,
    (Ask.correction, CONFIRMED): Said.correction_confirmed, (Ask.correction, RETURNED): Said.correction_returned,
}
RULED = (Ask.late, Ask.correction)


@dataclass(frozen=True)
class About:
    """A record, its kind and its unit."""

    module: Module
    record: Record
    unit: Unit


def own_work(about: About) -> bool:
    """Nobody is above the province: others there do it, never whoever wrote the record or keeps records there."""
    if about.unit.parent_id is not None:
        return False
    authors = (about.record.created_by, about.record.entered_by)
    keeps = guard.may(Action.RECORD_UPDATE, about.unit, about.module.column)
    return keeps or guard.me().account.id in authors


def require_other(about: About) -> None:
    """Raise Conflict when it would be a word about one's own work."""
    if own_work(about):
        raise Conflict("您自己也录入本单位的记录，不能自己确认；请由本单位没有录入权限的另一位管理员或负责人办理。",
                       code="own_work")


def seen(module_key: str, record_id: str, action: Action) -> About:
    """A record I see (404) and may do this with (403)."""
    module = records.module_of(module_key)
    record, unit = records.seen(module, record_id)
    guard.require(action, unit, module.column)
    return About(module, record, unit)


def _written(about: About, action: str, act: Callable[[], ruling.Ruling]) -> ruling.Ruling:
    """Do it, work out what follows, write the log."""
    record = about.record
    before = facts(record)
    made = act()
    settle(record)
    db.session.flush()
    after = facts(record) | {"ruling": made.kind, "words": made.words,
                             "until": made.until.isoformat() if made.until else None}
    audit.record(action, about.module.key, record.id, about.unit, before=before, after=after)
    return made


def waits_for(record: Record) -> list[Ask]:
    """What can be confirmed or returned now."""
    return [each for each in RULED if each.value in words_of(record.asks)]


def rule(about: About, verb: str, values: Callable[[], Mapping[str, Any]]) -> Record:
    """Confirm or return what waits: the lateness, the corrected end, or both where none is named.

    Raises Forbidden, then Conflict when nothing waits, then what `values` raises (`matter`, `opinion`).
    """
    guard.require(Action.RECORD_CONFIRM, about.unit, about.module.column)
    require_other(about)
    waiting = waits_for(about.record)
    if not waiting:
        raise Conflict("这条记录现在没有需要确认的事项。", code="nothing_to_confirm")
    found = values()
    matters = [Ask(found["matter"])] if found.get("matter") else waiting
    if matters[0] not in waiting:
        raise Conflict("这一项现在不需要确认。", code="nothing_to_confirm")
    opinion = found.get("opinion")
    if verb == RETURNED and not opinion:
        raise Invalid(fields={"opinion": ["退回时请写明意见。"]})
    for matter in matters:
        before = about.record.due_on
        made = _written(about, "record:return" if verb == RETURNED else Action.RECORD_CONFIRM,
                        partial(_rule, about, matter, verb, opinion))
        if about.record.entered_at is None and about.record.due_on != before:
            _tell(about, made)
    if verb == RETURNED:
        due = kinds.decide(RETURN, tree.ancestor_ids(about.unit.path), clock.today()).due
        rearm(RETURN, about.record.id, about.unit, due.on)
    return about.record


def _rule(about: About, matter: Ask, verb: str, opinion: str | None) -> ruling.Ruling:
    record = about.record
    if matter is Ask.late:
        record.late_ruling = verb
    else:
        record.correction_ruling = verb
        if verb == CONFIRMED:
            _put_up_with(about)
    return ruling.add(record, _WORDS[matter, verb], guard.me(), words=opinion)


def _put_up_with(about: About) -> None:
    """The corrected end stands: an open record is reckoned anew, an entered one keeps the day it was told."""
    record = about.record
    record.held_ended_on = None
    if record.entered_at is None:
        reckon(record, about.module, about.unit)
    elif record.corrected_due_on is not None:
        record.due_on, record.corrected_due_on = record.corrected_due_on, None


def require_open(record: Record) -> None:
    """Raise Conflict unless there is still time to be extended."""
    if record.entered_at is not None:
        raise Conflict("这条记录已经录入，不需要延期。", code="already_entered")
    if record.due_on < clock.today():
        raise Conflict(f"截止日 {record.due_on.isoformat()} 已过，不能再延期；逾期照样可以录入，请写明原因。",
                       code="expired")


def _checked_until(until: date, first: date, longest: timedelta, what: str) -> None:
    if until <= first:
        raise Invalid(fields={"until": [f"应晚于{what} {first.isoformat()}。"]})
    if until > first + longest:
        raise Invalid(fields={"until": [f"最多到 {(first + longest).isoformat()}。"]})


def ask_extension(about: About, values: Callable[[], Mapping[str, Any]]) -> Record:
    """The unit asks its superior for more time, before its time is over."""
    guard.require(Action.RECORD_UPDATE, about.unit, about.module.column)
    require_open(about.record)
    found = values()
    _checked_until(found["until"], about.record.due_on, LONGEST_EXTENSION, "现在的截止日")

    def act() -> ruling.Ruling:
        about.record.asked_until = found["until"]
        return ruling.add(about.record, Said.extension_asked, guard.me(), words=found["reason"], until=found["until"])

    _written(about, "record:ask_extension", act)
    return about.record


def extend(about: About, values: Callable[[], Mapping[str, Any]]) -> Record:
    """The superior gives more time, asked or not, before the time is over; whoever enters the record is told."""
    guard.require(Action.RECORD_EXTEND, about.unit, about.module.column)
    require_other(about)
    require_open(about.record)
    found = values()
    _checked_until(found["until"], about.record.due_on, LONGEST_EXTENSION, "现在的截止日")

    def act() -> ruling.Ruling:
        about.record.extended_to, about.record.asked_until = found["until"], None
        reckon(about.record, about.module, about.unit)
        return ruling.add(about.record, Said.extended, guard.me(), words=found["reason"], until=found["until"])

    _tell(about, _written(about, Action.RECORD_EXTEND, act))
    return about.record


def _tell(about: About, made: ruling.Ruling) -> None:
    """Those who enter it hear of its new day, and are reminded by that one."""
    rearm(about.module.key, about.record.id, about.unit, about.record.due_on)
    cause = telling.Cause(made.id, f"{made.by_unit}{made.said.label}")
    telling.tell(cause, {(about.unit.id, about.unit.number): {about.module.column: 1}})


def decline(about: About, values: Callable[[], Mapping[str, Any]]) -> Record:
    """The superior gives no more time, and says why."""
    guard.require(Action.RECORD_EXTEND, about.unit, about.module.column)
    require_other(about)
    if Ask.extension.value not in words_of(about.record.asks):
        raise Conflict("这条记录没有等待处理的延期申请。", code="nothing_asked")
    found = values()

    def act() -> ruling.Ruling:
        about.record.asked_until = None
        return ruling.add(about.record, Said.extension_declined, guard.me(), words=found["reason"])

    _written(about, Action.RECORD_EXTEND, act)
    return about.record


def reopen(about: About, values: Callable[[], Mapping[str, Any]]) -> Record:
    """The superior opens a locked record for changes until a day."""
    guard.require(Action.RECORD_REOPEN, about.unit, about.module.column)
    require_other(about)
    today = clock.today()
    if locked_since(about.record, today) is None:
        raise Conflict("这条记录没有锁定，可以直接修改。", code="not_locked")
    found = values()
    _checked_until(found["until"], today - timedelta(days=1), LONGEST_REOPENING, "昨天")

    def act() -> ruling.Ruling:
        about.record.reopened_until = found["until"]
        return ruling.add(about.record, Said.reopened, guard.me(), words=found["reason"], until=found["until"])

    _written(about, Action.RECORD_REOPEN, act)
    return about.record
