"""The official calendar in the database, and the due dates that follow from it.

Notices are data with their number, loaded by command; a newer notice of a year replaces the older one for counting
and both stay in the table. Loading recomputes the open records, whose due date was provisional or has changed.
"""

import weakref
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Engine, Integer, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.deadlines.calendar import Due, Holiday, WorkCalendar, YearNotice
from app.deadlines.rules import due
from app.records.model import Record
from app.records.module import Module
from permissions import audit
from tenants import clock, tree
from tenants.db import Base, db
from tenants.fields import Id, Instant, new_id
from tenants.scope import Scope

_ALL_OPEN = Scope.everything("a new calendar moves the due dates of every open record")


class CalendarNotice(Base):
    """One State Council notice about one year, as loaded."""

    __tablename__ = "calendar_notices"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    year: Mapped[int] = mapped_column(Integer, index=True)
    notice: Mapped[str] = mapped_column(String(100))
    holidays: Mapped[list[Any]] = mapped_column(JSON)
    makeup: Mapped[list[Any]] = mapped_column(JSON)
    serial: Mapped[int] = mapped_column(Integer, unique=True)
    loaded_at: Mapped[datetime] = mapped_column(Instant)

    def as_notice(self) -> YearNotice:
        """The pure value the engine counts with."""
        return YearNotice(
            year=self.year,
            notice=self.notice,
            holidays=tuple(Holiday(name, date.fromisoformat(first), date.fromisoformat(last))
                           for name, first, last in self.holidays),
            makeup=tuple(date.fromisoformat(day) for day in self.makeup),
        )


_kept: weakref.WeakKeyDictionary[Engine, tuple[int, WorkCalendar]] = weakref.WeakKeyDictionary()


def work_calendar() -> WorkCalendar:
    """The calendar in force; built once per process and set of notices."""
    serial = db.session.execute(select(func.max(CalendarNotice.serial))).scalar() or 0
    known = _kept.get(db.engine)
    if known is not None and known[0] == serial:
        return known[1]
    newest: dict[int, CalendarNotice] = {}
    for row in db.session.execute(select(CalendarNotice).order_by(CalendarNotice.serial)).scalars():
        newest[row.year] = row
    built = WorkCalendar([row.as_notice() for row in newest.values()])
    if not db.session.new and not db.session.dirty:
        _kept[db.engine] = (serial, built)
    return built


def due_of(module: Module, ended_on: date) -> Due:
    """When a record of this kind is due, by the rule in force on the day the work ended (Art. 27)."""
    return due(module.deadlines, work_calendar(), ended_on)


def store_notices(notices: list[YearNotice], modules: Mapping[str, Module]) -> tuple[int, int]:
    """Keep notices and recompute open records. Returns (years stored, due dates changed)."""
    serial = db.session.execute(select(func.max(CalendarNotice.serial))).scalar() or 0
    for offset, notice in enumerate(notices, start=1):
        db.session.add(
            CalendarNotice(
                year=notice.year, notice=notice.notice, serial=serial + offset, loaded_at=clock.now(),
                holidays=[[each.name, each.first.isoformat(), each.last.isoformat()] for each in notice.holidays],
                makeup=[day.isoformat() for day in notice.makeup],
            )
        )
    db.session.flush()
    _kept.pop(db.engine, None)
    root = tree.root()
    changed = recompute_open(modules) if root is not None else 0
    if root is not None:
        audit.record("calendar:load", "calendar", None, root,
                     after={"years": [notice.year for notice in notices], "due_dates_changed": changed})
    else:
        audit.forget(db.session())
    return len(notices), changed


def recompute_open(modules: Mapping[str, Module]) -> int:
    """Give every open record the due date of today's calendar; each change goes into the log with both values."""
    changed = 0
    calendar = work_calendar()
    open_records = db.session.execute(
        _ALL_OPEN.select(Record, Record.id, Record.module, Record.ended_on, Record.due_on, Record.due_provisional,
                         Record.unit_id)
        .where(Record.entered_at.is_(None), Record.deleted_at.is_(None))
        .execution_options(yield_per=1000)
    ).all()
    for row in open_records:
        now_due = due(modules[row.module].deadlines, calendar, row.ended_on)
        if (now_due.on, now_due.provisional) == (row.due_on, row.due_provisional):
            continue
        db.session.execute(
            _ALL_OPEN.update(Record).where(Record.id == row.id)
            .values(due_on=now_due.on, due_provisional=now_due.provisional, version=Record.version + 1)
        )
        if now_due.on != row.due_on:
            unit = tree.unit_by_id(row.unit_id, _ALL_OPEN)
            audit.record("record:redate", row.module, row.id, unit, before={"due_on": row.due_on.isoformat()},
                         after={"due_on": now_due.on.isoformat()})
            changed += 1
    return changed
