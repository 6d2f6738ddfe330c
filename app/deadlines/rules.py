"""Deadline rules: which one is in force, when a record is due, and whether it came in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.deadlines.calendar import ONE_DAY, Day, Due, WorkCalendar, plain_date


class Measure(StrEnum):
    """What an amount of time is counted in."""

    working_days = "working_days"
    calendar_days = "calendar_days"
    working_hours = "working_hours"

    @property
    def label(self) -> str:
        """The unit in Chinese, as it follows a number."""
        return MEASURES[self]


MEASURES = {
    Measure.working_days: "个工作日", Measure.calendar_days: "天（自然日）", Measure.working_hours: "个工作小时",
}
_USUAL = Measure.working_days  # a name of its own: looking a member up in its class takes as long as the answer
MOST = {Measure.working_days: 250, Measure.calendar_days: 366, Measure.working_hours: 7}


@dataclass(frozen=True)
class Within:
    """So much time after a date of the record, from `since` on (None: from the start).

    `days` counts what `measure` says. `reminders` are working days from the due day, negative before
    it; `escalations` are the working days overdue after which the unit's administrators, the superior's
    and theirs are told. The default article is the second of the two numbered 第十八条: five working
    days after the work is done. ValueError for an amount below one or beyond `MOST`.
    """

    days: int
    after: str = "ended_on"
    since: date | None = None
    article: str = "第十八条"
    measure: Measure = Measure.working_days
    reminders: tuple[int, ...] = (-2, 0)
    escalations: tuple[int, ...] = (1, 3, 5)

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError("a deadline is at least one working day")
        if self.days > MOST[self.measure]:
            raise ValueError(f"at most {MOST[self.measure]} {self.measure}")

    @property
    def words(self) -> str:
        """The amount in Chinese: `5 个工作日`."""
        return f"{self.days} {self.measure.label}"


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
    if len(rules) == 1 and (only := rules[0]).since is None:  # nearly every kind of record, asked for each of them
        return calendar.add(ended_on, only.days) if only.measure is _USUAL else due_by(only, calendar, ended_on)
    return due_by(in_force(rules, ended_on), calendar, ended_on)


def due_all(rules: Sequence[Within], calendar: WorkCalendar, numbers: Sequence[int]) -> Sequence[Due]:
    """`due` for many days at once, in their order, each given by its number in `WorkCalendar.numbered`."""
    if len(rules) == 1 and (only := rules[0]).since is None and only.measure is _USUAL:
        return calendar.add_all(numbers, only.days)
    first, _last = calendar.numbered
    known = {number: due(rules, calendar, first + ONE_DAY * number) for number in set(numbers)}
    return [known[number] for number in numbers]


def due_by(rule: Within, calendar: WorkCalendar, start: date) -> Due:
    """The due day under one rule, `start` not counted.

    Calendar days end on a working day: one that would end on a free day ends on the next worked one
    (Civil Code 203). Hours within a working day begin with the first one after `start`.
    """
    if rule.measure is Measure.working_days:
        return calendar.add(start, rule.days)
    if rule.measure is Measure.working_hours:
        return calendar.add(start, 1)
    return calendar.add(plain_date(start) + ONE_DAY * (rule.days - 1), 1)


def explain_by(rule: Within, calendar: WorkCalendar, start: date) -> tuple[list[Day], list[Day]]:
    """The days after `start` through the due day in order: those counted, those skipped."""
    if rule.measure is Measure.working_days:
        return calendar.explain(start, rule.days)
    if rule.measure is Measure.working_hours:
        return calendar.explain(start, 1)
    last = plain_date(start) + ONE_DAY * rule.days
    due_on = due_by(rule, calendar, start).on
    days = [calendar.day(start + ONE_DAY * n) for n in range(1, (due_on - start).days + 1)]
    return [day for day in days if day.date <= last], [day for day in days if day.date > last]


def judge(due_on: date, entered_on: date | None, today: date) -> Timeliness:
    """How a record stands; all three are dates in Asia/Shanghai, `entered_on` None if owed.

    The due day counts to its 24:00 (Civil Code 203), so entry on the due day is on time, and an
    owed record is overdue only from the day after. TypeError for a datetime.
    """
    plain_date(due_on)
    if entered_on is not None:
        return Timeliness.late if plain_date(entered_on) > due_on else Timeliness.on_time
    return Timeliness.overdue if plain_date(today) > due_on else Timeliness.pending
