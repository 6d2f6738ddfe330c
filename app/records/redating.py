"""New notices and rules move the due dates of open records: slab by slab, each change in the log with both values.

An entered record keeps its verdict. What a slab changes is written with one statement; triggers on the rows fire as
for any other change.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select, tuple_

from app.deadlines import verdict
from app.deadlines.calendar import Due, YearNotice
from app.deadlines.verdict import Verdict
from app.records.calendar import CalendarNotice, Timing, changed, timing
from app.records.day_numbers import day_number
from app.records.model import Record
from app.records.module import Module
from app.records.moving import move
from app.records.telling import Cause, tell
from permissions import audit
from permissions.audit import About
from tenants import clock, tree
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

_ALL_OPEN = Scope.everything("a new calendar or rule moves the due dates of open records")
SLAB = 10_000
Modules = Mapping[str, Module]
Cursor = tuple[int, str]


class End(NamedTuple):
    """What a record's due day follows from: its end, the end held against it, the time it was given."""

    ended_on: date
    held: date | None
    extended_to: date | None


@dataclass
class Sum:
    """What has been gone through: records looked at, due dates moved, people newly told."""

    seen: int = 0
    changed: int = 0
    told: int = 0
    cursor: Cursor | None = field(default=None, repr=False)


class Answers:
    """Due days for one state of calendar and rules: once per kind and set of units with a say, all days together."""

    def __init__(self, timing_: Timing, modules: Modules) -> None:
        self.timing, self.modules = timing_, modules
        self.bearing = {key: timing_.rules.bearing(key) for key in modules}

    def _said(self, key: str, path: str) -> tuple[str, ...]:
        """The root and those from there down to the unit at `path` that have said something about a kind."""
        upward = tree.ancestor_ids(path)
        return upward[0], *(each for each in upward[1:] if each in self.bearing[key])

    def due(self, key: str, path: str, ended_on: date) -> Due:
        """The due day of a record of a kind in the unit at `path`."""
        return self.timing.due(key, self.modules[key].deadlines, self._said(key, path), ended_on)

    def of_all(self, rows: Sequence[Row[Any]], paths: Mapping[str, str]) -> list[Due]:
        """The due day of each row, in their order."""
        alike: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            alike[row.module, row.unit_id].append(place)
        together: defaultdict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
        for (key, unit_id), places in alike.items():
            together[key, self._said(key, paths[unit_id])] += places
        found: dict[int, Due] = {}
        for (key, said), places in together.items():
            declared = self.modules[key].deadlines
            numbered = [place for place in places if rows[place].number is not None]
            answers = self.timing.due_all(key, declared, said, [rows[place].number for place in numbered])
            found.update(zip(numbered, answers, strict=True))
            found.update((place, self.timing.due(key, declared, said, rows[place].ended_on)) for place in places
                         if rows[place].number is None)
        return [found[place] for place in range(len(rows))]

    def verdict(self, key: str, path: str, end: End) -> Verdict:
        """The day that decides about a record of a kind in the unit at `path`."""
        return verdict.decide(lambda day: self.due(key, path, day), *end)


def _open(within: Scope) -> Any:
    return within.clause(Record) & Record.entered_at.is_(None) & Record.deleted_at.is_(None)


_END = (Record.ended_on, Record.held_ended_on, Record.extended_to)


def _paths(unit_ids: set[str]) -> dict[str, str]:
    rows = db.session.execute(_ALL_OPEN.select(Unit, Unit.id, Unit.path).where(Unit.id.in_(unit_ids)))
    return {row.id: row.path for row in rows}


def redate_slab(modules: Modules, cause: Cause, so_far: Sum, within: Scope = _ALL_OPEN) -> bool:
    """Go through the next records in order of their units; False when there are none left. `so_far` grows."""
    now = timing()
    statement = _ALL_OPEN.mark(
        select(Record.id, Record.module, Record.due_on, Record.due_provisional, Record.corrected_due_on,
               Record.unit_id, Record.unit_number, *_END,
               day_number(Record.ended_on, now.calendar.numbered).label("number"))
        .where(_open(within), Record.module.in_(list(modules)))
        .order_by(Record.unit_number, Record.id).limit(SLAB))
    if so_far.cursor is not None:
        statement = statement.where(tuple_(Record.unit_number, Record.id) > tuple_(*so_far.cursor))
    rows = db.session.execute(statement).all()
    if not rows:
        return False
    so_far.cursor = (rows[-1].unit_number, rows[-1].id)
    so_far.seen += len(rows)
    _redate(rows, Answers(now, modules), modules, cause, so_far)
    return True


def _redate(rows: Sequence[Row[Any]], answers: Answers, modules: Modules, cause: Cause, so_far: Sum) -> None:
    paths = _paths({row.unit_id for row in rows})
    moves: dict[str, tuple[Row[Any], Verdict]] = {}
    for row, stated in zip(rows, answers.of_all(rows, paths), strict=True):
        end = End(row.ended_on, row.held_ended_on, row.extended_to)
        now = (answers.verdict(row.module, paths[row.unit_id], end) if any(end[1:])
               else Verdict(stated.on, stated.provisional))
        if (now.on, now.provisional, now.stated) != (row.due_on, row.due_provisional, row.corrected_due_on):
            moves[row.id] = row, now
    told: list[About] = []
    concerned: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for row, now in (moves[record_id] for record_id in move(moves.values())):
        if row.due_on == now.on:
            continue
        before = {"due_on": row.due_on.isoformat()}
        after = {"due_on": now.on.isoformat(), "cause": cause.words}
        told.append(About(row.module, row.id, row.unit_id, row.unit_number, paths[row.unit_id], before, after))
        concerned[row.unit_id, row.unit_number][modules[row.module].column] += 1
    so_far.changed += audit.record_many("record:redate", told)
    so_far.told += tell(cause, concerned) if concerned else 0


def recompute_open(modules: Modules, cause: Cause, within: Scope = _ALL_OPEN) -> Sum:
    """Give every open record the due date of today's calendar and rules, in this one transaction."""
    done = Sum()
    db.session.flush()
    while redate_slab(modules, cause, done, within):
        pass
    db.session.expire_all()
    return done


def would_move(timing_: Timing, modules: Modules, within: Scope = _ALL_OPEN) -> Sum:
    """How many open records another calendar or rulebook would give another due date; nothing is written."""
    counted = Sum()
    answers = Answers(timing_, modules)
    for path, module, end, due_on, many in open_groups(modules, within):
        counted.seen += many
        counted.changed += many if answers.verdict(module, path, end).on != due_on else 0
    return counted


def open_groups(modules: Modules, within: Scope) -> Iterator[tuple[str, str, End, date, int]]:
    """Open records counted by unit, kind, end and due day."""
    rows = db.session.execute(_ALL_OPEN.mark(
        select(Unit.path, Record.module, Record.due_on, func.count(), *_END)
        .join(Unit, Unit.id == Record.unit_id)
        .where(_open(within), Record.module.in_(list(modules)))
        .group_by(Unit.path, Record.module, Record.due_on, *_END)))
    for path, module, due_on, many, *end in rows:
        yield path, module, End(*end), due_on, many


def open_count(within: Scope = _ALL_OPEN) -> int:
    """How many records are open."""
    found: int = db.session.execute(_ALL_OPEN.mark(select(func.count()).select_from(Record).where(_open(within)))
                                    ).scalar_one()
    return found


def put_notices(notices: Sequence[YearNotice]) -> Cause:
    """Keep notices; from now on they count. Returns what moves the open records. ValueError without any."""
    serial = db.session.execute(select(func.max(CalendarNotice.serial))).scalar() or 0
    who = audit.acting().principal
    rows = [
        CalendarNotice(
            year=notice.year, notice=notice.notice, serial=serial + offset, loaded_at=clock.now(),
            holidays=[[each.name, each.first.isoformat(), each.last.isoformat()] for each in notice.holidays],
            makeup=[day.isoformat() for day in notice.makeup], issued_on=notice.issued,
            loaded_by=who.account.id if who else None)
        for offset, notice in enumerate(notices, start=1)
    ]
    if not rows:
        raise ValueError("no notice to keep")
    db.session.add_all(rows)
    changed()
    db.session.flush()
    return Cause(rows[-1].id, "、".join(named(each) for each in notices))


def named(notice: YearNotice) -> str:
    """What a notice is called in the log and to those it concerns."""
    return f"{notice.year} 年放假安排" + (f"（{notice.notice}）" if notice.notice else "")


def log_notices(notices: Sequence[YearNotice], moved: int | None) -> None:
    """The entry about a load; `moved` None while the records are still being gone through."""
    root = tree.root()
    if root is None:
        audit.forget(db.session())
        return
    after: dict[str, Any] = {"years": [notice.year for notice in notices], "notices": [each.notice for each in notices]}
    audit.record("calendar:load", "calendar", None, root,
                 after=after | ({} if moved is None else {"due_dates_changed": moved}))


def store_notices(notices: Sequence[YearNotice], modules: Modules) -> tuple[int, int]:
    """Keep notices and recompute open records at once. Returns (years stored, due dates changed)."""
    cause = put_notices(notices)
    moved = recompute_open(modules, cause).changed if tree.root() is not None else 0
    log_notices(notices, moved)
    return len(notices), moved
