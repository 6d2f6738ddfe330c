"""How a record stands: the day that decides, what its superior is asked for and should see, whether it is locked."""

from datetime import date
from enum import StrEnum

from sqlalchemy import and_, literal, or_
from sqlalchemy.sql.elements import ColumnElement

from app.deadlines import verdict
from app.deadlines.rules import Timeliness
from app.records.calendar import timing, work_calendar
from app.records.model import Record
from app.records.module import Module
from tenants import clock, tree
from tenants.errors import Conflict
from tenants.place import Placed


class Ask(StrEnum):
    """What a record waits for its superior to say."""

    late = "late"
    correction = "correction"
    extension = "extension"

    @property
    def label(self) -> str:
        return ASKS[self]


class Odd(StrEnum):
    """What the superior should see of a record."""

    moved = "moved"
    replanned = "replanned"
    backdated = "backdated"
    deleted = "deleted"
    recreated = "recreated"

    @property
    def label(self) -> str:
        return ODDITIES[self]


ASKS = {Ask.late: "逾期补录待确认", Ask.correction: "改期待确认", Ask.extension: "申请延期"}
ODDITIES = {
    Odd.moved: "改过结束日期", Odd.replanned: "改过计划日期", Odd.backdated: "登记时已逾期",
    Odd.deleted: "已删除", Odd.recreated: "删后重录",
}
CONFIRMED, RETURNED = "confirmed", "returned"


def words_of(kept: str | None) -> list[str]:
    """What a column of several words holds."""
    return kept.split() if kept else []


def mark(record: Record, odd: Odd) -> None:
    """Let the superior see something; what was once seen stays."""
    if odd not in (known := words_of(record.odd)):
        record.odd = " ".join([*known, odd.value])


def reckon(record: Record, module: Module, unit: Placed) -> None:
    """Give the record its due days by its end, what it holds against itself, and the time it was given."""
    now, upward = timing(), tree.ancestor_ids(unit.path)
    found = verdict.decide(lambda day: now.due(module.key, module.deadlines, upward, day), record.ended_on,
                           record.held_ended_on, record.extended_to)
    record.due_on, record.due_provisional, record.corrected_due_on = found.on, found.provisional, found.stated
    if record.first_due_on is None:
        record.first_due_on = found.on


def correct_end(record: Record, ended_on: date, today: date) -> None:
    """Another end of the work. The one that stood goes on counting until the superior confirms, unless nothing was
    owed yet: a plan whose day has not come is planned anew, which is shown and not held against it.
    """
    if record.held_ended_on is None and record.ended_on <= today:
        record.held_ended_on = record.ended_on
    if ended_on != record.held_ended_on:
        mark(record, Odd.moved if record.held_ended_on is not None else Odd.replanned)
    record.ended_on = ended_on
    record.correction_ruling = None
    if ended_on == record.held_ended_on:
        record.held_ended_on = None


def settle(record: Record) -> None:
    """Work out what the superior is asked for, after any change."""
    late = record.timeliness(clock.today()) is Timeliness.late
    if not late:
        record.late_ruling = None
    found = [
        Ask.late if late and record.late_reason and record.late_ruling is None else None,
        Ask.correction if record.corrected_due_on is not None and record.correction_ruling is None else None,
        Ask.extension if record.asked_until is not None and record.entered_at is None else None,
    ]
    record.asks = " ".join(each.value for each in found if each is not None) or None


def returned(record: Record) -> bool:
    """Whether the superior sent it back and nobody has answered yet."""
    return RETURNED in (record.late_ruling, record.correction_ruling)


def is_returned() -> ColumnElement[bool]:
    """The same of living records, as a condition; a partial index holds them."""
    word = literal(RETURNED, literal_execute=True)  # or no plan would see that it is the index's own condition
    return and_(or_(Record.late_ruling == word, Record.correction_ruling == word), Record.deleted_at.is_(None))


def last_day(record: Record) -> date:
    """The last day on which an entered record may be changed by those who keep it."""
    return work_calendar().add(record.due_on, verdict.LOCK_AFTER).on


def locked_since(record: Record, today: date) -> date | None:
    """The last day it could be changed, when that has passed and the superior has not opened it again; else None."""
    if record.entered_on is None or returned(record):
        return None
    if record.reopened_until is not None and today <= record.reopened_until:
        return None
    last = last_day(record)
    return last if today > last else None


def require_unlocked(record: Record) -> None:
    """Raise Conflict when the record may no longer be changed."""
    last = locked_since(record, clock.today())
    if last is not None:
        raise Conflict(f"截止日后 {verdict.LOCK_AFTER} 个工作日（到 {last.isoformat()}）已过，这条记录已锁定，"
                       "不能再修改或删除；确需更正的，请上级单位重新开放。", code="locked")
