"""The official calendar and the deadline rules as stored, and the due dates that follow from them.

Notices are data with their number; a newer notice of a year replaces the older one for counting and both stay in
the table. Calendar and rules are built once per process and read anew when either has grown.
"""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Date, Engine, ForeignKey, Integer, String, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.deadlines.calendar import Due, Holiday, WorkCalendar, YearNotice
from app.deadlines.rulebook import Decided, Rulebook
from app.deadlines.rules import Within, due, due_all
from app.records.module import Module
from app.records.rulebook import EVERY_WORD, DeadlineRule, read_rulebook
from tenants import tree
from tenants.db import Base, db
from tenants.fields import Id, Instant, new_id
from tenants.place import Placed
from tenants.prepared import Prepared


class CalendarNotice(Base):
    """One State Council notice about one year, as loaded: by whom, when, and the day it was issued where known."""

    __tablename__ = "calendar_notices"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    year: Mapped[int] = mapped_column(Integer, index=True)
    notice: Mapped[str] = mapped_column(String(100))
    holidays: Mapped[list[Any]] = mapped_column(JSON)
    makeup: Mapped[list[Any]] = mapped_column(JSON)
    serial: Mapped[int] = mapped_column(Integer, unique=True)
    loaded_at: Mapped[datetime] = mapped_column(Instant)
    issued_on: Mapped[date | None] = mapped_column(Date)
    loaded_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))

    def as_notice(self) -> YearNotice:
        """The pure value the engine counts with."""
        return YearNotice(
            year=self.year,
            notice=self.notice,
            holidays=tuple(Holiday(name, date.fromisoformat(first), date.fromisoformat(last))
                           for name, first, last in self.holidays),
            makeup=tuple(date.fromisoformat(day) for day in self.makeup),
            issued=self.issued_on,
        )


@dataclass(frozen=True)
class Timing:
    """All that decides a due date: the calendar and what every unit has said."""

    calendar: WorkCalendar
    rules: Rulebook
    _kinds: dict[str, tuple[Sequence[Within], dict[date, Due]]] = field(default_factory=dict, repr=False, compare=False)

    def due(self, kind: str, declared: Sequence[Within], upward: Sequence[str], day: date) -> Due:
        """The due day of `decide` alone; of a kind nobody has said anything about each day is asked once."""
        try:
            declared_then, answers = self._kinds[kind]
            if declared_then is declared:
                return answers[day]
        except KeyError:
            pass
        return self._due_afresh(kind, declared, upward, day)

    def _due_afresh(self, kind: str, declared: Sequence[Within], upward: Sequence[str], day: date) -> Due:
        if not self.rules.silent(kind):
            return self.decide(kind, declared, upward, day).due
        found = due(declared, self.calendar, day)
        first, last = self.calendar.numbered
        if first <= day <= last:  # so that nobody's typing makes it grow without end
            if kind not in self._kinds or self._kinds[kind][0] is not declared:
                self._kinds[kind] = declared, {}
            self._kinds[kind][1][day] = found
        return found

    def due_all(self, kind: str, declared: Sequence[Within], upward: Sequence[str],
                numbers: Sequence[int]) -> Sequence[Due]:
        """`due` for many days at once, in their order, each given by its number in the calendar."""
        if self.rules.silent(kind):
            return due_all(declared, self.calendar, numbers)
        first, _last = self.calendar.numbered
        known = {number: self.decide(kind, declared, upward, first + timedelta(number)).due for number in set(numbers)}
        return [known[number] for number in numbers]

    def decide(self, kind: str, declared: Sequence[Within], upward: Sequence[str], day: date) -> Decided:
        """When work of a kind is due in the unit that `upward` ends with, and by whose rule (Art. 27)."""
        return self.rules.decide(kind, declared, upward, self.calendar, day)


NEXT_WANTED = 11  # the month from which the next year's notice is missed
_CHANGED = "calendar or rules changed"
Serials = tuple[int, int]
_kept: weakref.WeakKeyDictionary[Engine, tuple[Serials, Timing]] = weakref.WeakKeyDictionary()


def _serials() -> Serials:
    """How far notices and rules have come, in one statement."""
    [row] = _SERIALS.rows(EVERY_WORD)
    return row[0] or 0, row[1] or 0


def _how_far(_within: Any) -> Any:
    said = select(func.max(DeadlineRule.serial)).scalar_subquery()
    return select(func.max(CalendarNotice.serial), said)


_SERIALS = Prepared(_how_far)


def timing() -> Timing:
    """Calendar and rules in force; built once per process and state of both."""
    serials = _serials()
    known = _kept.get(db.engine) if not db.session.info.get(_CHANGED) else None
    if known is not None and known[0] == serials:
        return known[1]
    if known is not None and known[0][0] == serials[0]:
        built = Timing(known[1].calendar, read_rulebook())
    else:
        built = Timing(WorkCalendar(row.as_notice() for row in newest_notices().values()), read_rulebook())
    if not db.session.info.get(_CHANGED):
        _kept[db.engine] = (serials, built)
    return built


def changed() -> None:
    """Something was added in this transaction: until it ends, nothing read is kept for others."""
    db.session.info[_CHANGED] = True


def _settled(session: Session) -> None:
    session.info.pop(_CHANGED, None)


event.listen(Session, "after_commit", _settled)
event.listen(Session, "after_rollback", _settled)


def newest_notices() -> dict[int, CalendarNotice]:
    """The notice that counts, by year."""
    rows = db.session.execute(select(CalendarNotice).order_by(CalendarNotice.serial)).scalars()
    return {row.year: row for row in rows}


def work_calendar() -> WorkCalendar:
    """The calendar in force."""
    return timing().calendar


def missing_years(today: date) -> list[int]:
    """The years whose notice is missed: the running one, and from 1 November the next."""
    calendar = work_calendar()
    return [year for year in range(today.year, today.year + (2 if today.month >= NEXT_WANTED else 1))
            if not calendar.published(year)]


def decide(module: Module, ended_on: date, unit: Placed) -> Decided:
    """When a record of this kind is due in this unit, and by whose rule in force on the day the work ended."""
    return timing().decide(module.key, module.deadlines, tree.ancestor_ids(unit.path), ended_on)


def due_of(module: Module, ended_on: date, unit: Placed) -> Due:
    """When a record of this kind is due in this unit, by the rule in force on the day the work ended (Art. 27)."""
    return timing().due(module.key, module.deadlines, tree.ancestor_ids(unit.path), ended_on)
