"""Deadline rules: which one is in force, when a record is due, and whether it came in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.deadlines.calendar import Due, WorkCalendar, plain_date


@dataclass(frozen=True)
class Within:
    """So many working days after a date of the record, from `since` on (None: from the start).

    The default article is the second of the two numbered 第十八条: five working days after the
    work is done. ValueError for less than one day.
    """

    days: int
    after: str = "ended_on"
    since: date | None = None
    article: str = "第十八条"

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError("a deadline is at least one working day")


class NoRule(LookupError):
    """No rule was in force on the day."""


class Timeliness(StrEnum):
    """How a record stands against its due day; the values are those of the contract."""

    pending = "pending"
    overdue = "overdue"
    on_time = "on_time"
    late = "late"

    @property
    def label(self) -> str:
        """The outcome in Chinese."""
        return LABELS[self]


LABELS = {
    Timeliness.pending: "待录入",
    Timeliness.overdue: "逾期未录",
    Timeliness.on_time: "按时录入",
    Timeliness.late: "逾期补录",
}


def in_force(rules: Sequence[Within], day: date) -> Within:
    """The rule in force on `day`: the one whose `since` is the latest not after it.

    Art. 27: a rule works from its issue on, so a later rule leaves earlier work alone.
    NoRule when none is in force yet, ValueError when two begin on the same day.
    """
    plain_date(day)
    begun = [rule for rule in rules if rule.since is None or rule.since <= day]
    if not begun:
        raise NoRule(f"no deadline rule in force on {day}")
    latest = max(rule.since or date.min for rule in begun)
    chosen = [rule for rule in begun if (rule.since or date.min) == latest]
    if len(chosen) > 1:
        raise ValueError("two deadline rules begin on the same day")
    return chosen[0]


def due(rules: Sequence[Within], calendar: WorkCalendar, ended_on: date) -> Due:
    """The due day of work that ended on `ended_on`, a date in Asia/Shanghai.

    The rule is the one in force on that day, however late the record is written. Raises as
    `in_force` and `WorkCalendar.add`.
    """
    if len(rules) == 1 and rules[0].since is None:  # nearly every kind of record, and asked for each of them
        return calendar.add(ended_on, rules[0].days)
    return calendar.add(ended_on, in_force(rules, ended_on).days)


def judge(due_on: date, entered_on: date | None, today: date) -> Timeliness:
    """How a record stands; all three are dates in Asia/Shanghai, `entered_on` None if owed.

    The due day counts to its 24:00 (Civil Code 203), so entry on the due day is on time, and an
    owed record is overdue only from the day after. TypeError for a datetime.
    """
    plain_date(due_on)
    if entered_on is not None:
        return Timeliness.late if plain_date(entered_on) > due_on else Timeliness.on_time
    return Timeliness.overdue if plain_date(today) > due_on else Timeliness.pending
