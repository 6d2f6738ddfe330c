"""The steps of an obligation: when whoever owes it is reminded, when those above are told, and what of it has come.

Pure: an obligation, a ladder, a calendar and a day go in. Who the people are is asked when a step is sent.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from app.deadlines.calendar import ONE_DAY, WorkCalendar, plain_date
from app.deadlines.rulebook import Ladder

RETURNED = "returned"


@dataclass(frozen=True)
class Owed:
    """Something to be done by a day. Each return arms it anew: the generation grows, `armed_on` is that day."""

    due_on: date
    armed_on: date
    generation: int = 1

    @property
    def anchor(self) -> date:
        """The day from which being overdue is counted: after a return not before that return."""
        return self.due_on if self.generation == 1 else max(self.due_on, self.armed_on)


@dataclass(frozen=True)
class Step:
    """One step and its day. `level` None goes to whoever owes it; 0, 1, 2 to administrators so many units above."""

    key: str
    day: date
    level: int | None = None


@dataclass(frozen=True)
class Turn:
    """A step whose day has come. One that is not `current` was missed and overtaken: it is kept, nobody is told."""

    step: Step
    current: bool = True


def working_days_before(calendar: WorkCalendar, day: date, days: int) -> date:
    """The `days`-th working day before a day, which is itself not counted."""
    found = plain_date(day)
    while days:
        found -= ONE_DAY
        days -= calendar.is_worked(found)
    return found


def _reminder_day(calendar: WorkCalendar, owed: Owed, offset: int) -> date:
    if offset < 0:
        return working_days_before(calendar, owed.due_on, -offset)
    return calendar.add(owed.anchor, offset).on if offset else owed.due_on


def steps(owed: Owed, ladder: Ladder, calendar: WorkCalendar) -> tuple[Step, ...]:
    """Every step of this arming, by day; at the same day those of whoever owes it come first.

    Reminders of days before the arming are left out: what was typed in too late for them is not reminded of. An
    escalation names its level, not its days, so that a rule that changes them never tells a level twice.
    """
    told = [Step(RETURNED, owed.armed_on)] if owed.generation > 1 else []
    reminded = [Step(f"remind{offset:+d}", _reminder_day(calendar, owed, offset)) for offset in ladder.reminders]
    raised = [Step(f"tell{level}", calendar.add(owed.anchor, days).on, level)
              for level, days in enumerate(ladder.escalations)]
    found = [*told, *(step for step in reminded if step.day >= owed.armed_on), *raised]
    return tuple(sorted(found, key=lambda step: (step.day, -1 if step.level is None else step.level)))


def turns(all_steps: Iterable[Step], done: Collection[str], today: date) -> tuple[Turn, ...]:
    """The steps that have come and are not done. Of missed reminders the last alone is sent; a level never misses.

    That nothing is sent outside working hours is for the caller: `app.deadlines.hours.office_open`.
    """
    come = [step for step in all_steps if step.day <= plain_date(today) and step.key not in done]
    own = [step for step in come if step.level is None]
    last = own[-1] if own else None
    return tuple(Turn(step, step.level is not None or step is last or step.key == RETURNED) for step in come)


def next_day(all_steps: Iterable[Step], done: Collection[str], today: date) -> date | None:
    """The first day after today on which a step comes; None when the ladder is at its end."""
    return min((step.day for step in all_steps if step.day > today and step.key not in done), default=None)


def audience(level: int, seated: Iterable[bool]) -> int | None:
    """How many units above the obligation's own a level is told at; None when nobody sits anywhere up there.

    `seated` says from the own unit up to the root whether a unit has administrators now. A unit without passes the
    step up at once; beyond the root there is nobody, so the root is told instead.
    """
    units = list(seated)
    wanted = min(level, len(units) - 1)
    return next((place for place in range(wanted, len(units)) if units[place]), None)
