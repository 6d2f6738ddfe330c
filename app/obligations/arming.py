"""Obligations as rows: opened when they come near, dated anew, closed when done, armed anew when they come back."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, cast

from sqlalchemy import Date, Row, Table, and_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app.deadlines.calendar import WorkCalendar
from app.obligations.model import Obligation
from app.obligations.sources import Fact, Source, fact, sources
from app.records.calendar import Timing
from app.timing.kinds import kinds
from tenants import clock, tree
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit
from tenants.scope import Scope

_EVERY = Scope.everything("the scheduler looks after the obligations of every unit")
SLAB = 500
OBLIGATIONS = cast(Table, Obligation.__table__)


def _inserting() -> Any:
    insert = insert_postgresql if db.engine.dialect.name == "postgresql" else insert_sqlite
    return insert(OBLIGATIONS)


def horizon(now: Timing, today: date) -> date:
    """The last due day that any rule's earliest reminder reaches from today."""
    declared = [rule for each in kinds().values() for rule in each.declared]
    said = [word.rule for word in now.rules.stated if word.rule is not None]
    ahead = max((-step for rule in (*declared, *said) for step in rule.reminders), default=0)
    return _ahead(now.calendar, today, ahead)


def _ahead(calendar: WorkCalendar, today: date, days: int) -> date:
    return calendar.add(today, days).on if days > 0 else today


TODAY, UNTIL = bindparam("today", type_=Date), bindparam("until", type_=Date)


@cache
def _closing(source: Source) -> Any:
    """Built once: the scheduler asks it every minute."""
    owed = source.owed(TODAY).subquery()
    still = select(owed.c.subject_id).where(
        owed.c.kind == Obligation.kind, owed.c.subject_id == Obligation.subject_id)
    kinds_: Any = bindparam("kinds", expanding=True)
    return (_EVERY.update(Obligation)
            .where(Obligation.state == "open", Obligation.kind.in_(kinds_), ~still.exists())
            .values(state="closed", next_on=None).returning(Obligation.id)
            .execution_options(synchronize_session=False))


def close_done() -> int:
    """Close what is no longer owed; its ladder ends there. Returns how many."""
    closed = 0
    for source in sources():
        done = db.session.execute(_closing(source), {"today": clock.today(), "kinds": list(source.kinds())})
        closed += len(done.scalars().all())
    return closed


def open_near(now: Timing, today: date) -> int:
    """Open what has come near, open again what came back, date anew what was moved; at most a slab of each source.

    Returns how many; the caller asks again until there are none.
    """
    until, found = horizon(now, today), 0
    for source in sources():
        rows = db.session.execute(_changed(source), {"today": today, "until": until}).all()
        if rows:
            found += len(rows)
            _write(source, rows, now, today)
    return found


@cache
def _changed(source: Source) -> Any:
    """What is near and not open, or open with another day; built once.

    What is owed is gathered first, from the index of what is open: a planner that sees the slab's limit would walk
    every record of the province for the first few, and there are mostly none.
    """
    owed = source.owed(TODAY).cte("owed").prefix_with("MATERIALIZED")
    return _EVERY.mark(
        select(*owed.c, Obligation.id.label("obligation_id"), Obligation.state, Obligation.generation,
               Obligation.unit_id.label("owed_by"))
        .outerjoin(Obligation, and_(Obligation.kind == owed.c.kind, Obligation.subject_id == owed.c.subject_id))
        .where(or_(owed.c.due_on.is_(None), owed.c.due_on <= UNTIL, Obligation.state == "open"),
               or_(Obligation.id.is_(None), Obligation.state == "closed", Obligation.due_on != owed.c.due_on,
                   Obligation.unit_id != owed.c.unit_id))
        .limit(SLAB))


def _write(source: Source, rows: Sequence[Row[Any]], now: Timing, today: date) -> None:
    rows = sorted(rows, key=lambda row: row.subject_id)  # writers at once take them in one order
    facts = {row.subject_id: fact(row, source) for row in rows}
    paths = paths_of({each.unit_id for each in facts.values()})
    fresh = []
    for row in rows:
        known = facts[row.subject_id]
        due_on = due_of(known, paths[known.unit_id], now)
        if row.obligation_id is None:
            fresh.append({"id": new_id(), "kind": known.kind, "subject_id": known.subject_id, "generation": 1,
                          "armed_on": known.armed_on, "due_on": due_on, "state": "open", "next_on": today,
                          "attempts": 0, "unit_id": known.unit_id, "unit_number": known.unit_number})
        else:
            again: dict[str, Any] = {}
            if row.state == "closed" or row.owed_by != known.unit_id:  # anew: another unit owes it and is told of it
                again = {"generation": row.generation + 1, "armed_on": today, "unit_id": known.unit_id,
                         "unit_number": known.unit_number}
            db.session.execute(
                _EVERY.update(Obligation)
                .where(Obligation.id == row.obligation_id, Obligation.state == row.state,
                       Obligation.generation == row.generation)
                .values(state="open", due_on=due_on, next_on=today, **again)
                .execution_options(synchronize_session=False))
    if fresh:
        made = _inserting().on_conflict_do_nothing(index_elements=["kind", "subject_id"])
        db.session.execute(_EVERY.mark(made), fresh)


def rearm(kind: str, subject_id: str, unit: Unit, due_on: date) -> None:
    """Arm something anew in the act that gives it back or grants more time: it is announced and counted from today."""
    today = clock.today()
    made = _inserting()
    made = made.on_conflict_do_update(
        index_elements=["kind", "subject_id"],
        set_={"generation": OBLIGATIONS.c.generation + 1, "armed_on": today, "due_on": due_on, "state": "open",
              "next_on": today, "attempts": 0, "held_until": None})
    db.session.execute(_EVERY.mark(made), [{
        "id": new_id(), "kind": kind, "subject_id": subject_id, "generation": 2, "armed_on": today, "due_on": due_on,
        "state": "open", "next_on": today, "attempts": 0, "unit_id": unit.id, "unit_number": unit.number}])


def paths_of(unit_ids: set[str]) -> dict[str, str]:
    """Path by id, wherever the units are."""
    rows = db.session.execute(_EVERY.select(Unit, Unit.id, Unit.path).where(Unit.id.in_(unit_ids)))
    return {row.id: row.path for row in rows}


def due_of(known: Fact, path: str, now: Timing) -> date:
    """When something is due: as its own table says, else by the rule in force on the day its period counts from."""
    if known.due_on is not None:
        return known.due_on
    declared = kinds()[known.kind].declared
    return now.decide(known.kind, declared, tree.ancestor_ids(path), known.started_on).due.on
