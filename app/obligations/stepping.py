"""Taking the steps that have come: whole batches in one transaction each, so that a step is done once or not at all."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.deadlines.rulebook import Ladder, ladder
from app.deadlines.steps import Owed, Turn, next_day, steps, turns
from app.obligations.arming import due_of
from app.obligations.model import Notice, Obligation, StepDone
from app.obligations.people import Chart, Somebody, chart
from app.obligations.sources import Fact, fact, sources
from app.records.calendar import Timing
from app.timing.kinds import kinds
from permissions import audit
from permissions.audit import About
from tenants import clock, tree
from tenants.db import db
from tenants.fields import new_id
from tenants.scope import Scope

_EVERY = Scope.everything("the scheduler takes the steps of every unit")
BATCH = 200
log = logging.getLogger("yinling.obligations")


@dataclass
class Batch:
    """Everything one transaction reads about its obligations, and what it will write."""

    timing: Timing
    now: datetime
    today: date
    facts: dict[tuple[str, str], Fact]
    done: Mapping[tuple[str, int], set[str]]
    people: Chart
    taken: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    entries: list[About] = field(default_factory=list)
    _ladders: dict[tuple[str, str, date], Ladder] = field(default_factory=dict)

    def ladder(self, known: Fact) -> Ladder:
        """The steps under every rule that applies where it is owed."""
        key = (known.kind, known.unit_id, known.started_on)
        if key not in self._ladders:
            upward = tree.ancestor_ids(self.people.paths[known.unit_id])
            declared = kinds()[known.kind].declared
            self._ladders[key] = ladder(self.timing.rules.applied(known.kind, declared, upward, known.started_on))
        return self._ladders[key]


def take_steps(timing: Timing) -> int:
    """Take what has come of at most a batch, in the caller's transaction. Returns how many obligations it looked at.

    Rows somebody else is at are left to him; whoever dies leaves them as they were.
    """
    now, today = clock.now(), clock.today()
    rows = db.session.execute(
        _EVERY.select(Obligation)
        .where(Obligation.state == "open", Obligation.next_on <= today,
               Obligation.held_until.is_(None) | (Obligation.held_until <= now))
        .order_by(Obligation.next_on, Obligation.id).limit(BATCH)
        .with_for_update(skip_locked=True).execution_options(populate_existing=True)).scalars().all()
    if not rows:
        return 0
    facts = _facts(rows, today)
    batch = Batch(timing, now, today, facts, _done(rows), chart({each.unit_id for each in facts.values()}, today))
    for row in rows:
        try:
            _step(row, batch)
        except Exception:
            log.exception("the obligation %s is held back", row.id)
            row.attempts += 1
            row.held_until = now + timedelta(minutes=min(2 ** row.attempts, 24 * 60))
    db.session.flush()
    for model, values in ((StepDone, batch.taken), (Notice, batch.notices)):
        if values:
            db.session.execute(_EVERY.mark(insert(model)), values)
    audit.record_many("obligation:tell", batch.entries)
    return len(rows)


def _facts(rows: Sequence[Obligation], today: date) -> dict[tuple[str, str], Fact]:
    """What is still owed of these, as its own tables say."""
    found: dict[tuple[str, str], Fact] = {}
    for source in sources():
        ids = [row.subject_id for row in rows if row.kind in source.kinds()]
        if ids:
            owed = source.owed(today).subquery()
            read = db.session.execute(_EVERY.mark(select(owed).where(owed.c.subject_id.in_(ids))))
            found |= {(row.kind, row.subject_id): fact(row, source) for row in read}
    return found


def _done(rows: Sequence[Obligation]) -> Mapping[tuple[str, int], set[str]]:
    found: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    read = _EVERY.select(StepDone, StepDone.obligation_id, StepDone.generation, StepDone.step)
    for obligation_id, generation, step in db.session.execute(
            read.where(StepDone.obligation_id.in_([row.id for row in rows]))):
        found[obligation_id, generation].add(step)
    return found


def _step(row: Obligation, batch: Batch) -> None:
    known = batch.facts.get((row.kind, row.subject_id))
    if known is None:
        row.state, row.next_on = "closed", None
        return
    path = batch.people.paths[known.unit_id]
    due_on = due_of(known, path, batch.timing)
    every = steps(Owed(due_on, row.armed_on, row.generation), batch.ladder(known), batch.timing.calendar)
    done = batch.done.get((row.id, row.generation), set())
    come = [(turn, _told(turn, known, batch)) for turn in turns(every, done, batch.today)]
    row.due_on, row.next_on = due_on, next_day(every, done, batch.today)
    row.attempts, row.held_until = 0, None
    for turn, told in come:
        _keep(row, turn, told, batch, known)


def _told(turn: Turn, known: Fact, batch: Batch) -> list[Somebody]:
    if not turn.current:
        return []
    if turn.step.level is None:
        return batch.people.holders(known.unit_id, known.column)
    return batch.people.administrators(known.unit_id, turn.step.level)


def _keep(row: Obligation, turn: Turn, told: Sequence[Somebody], batch: Batch, known: Fact) -> None:
    """The step, everybody told of it, and the entry that says so, all with the number of the unit that owes it."""
    place = {"unit_id": known.unit_id, "unit_number": known.unit_number}
    step = {"obligation_id": row.id, "generation": row.generation, "step": turn.step.key} | place
    outcome = "missed" if not turn.current else "sent" if told else "nobody"
    batch.taken.append(step | {"day": turn.step.day, "outcome": outcome, "done_at": batch.now})
    batch.notices += [step | {"id": new_id(), "account_id": who.id, "above": turn.step.level is not None,
                              "state": "new", "told_at": batch.now} for who in told]
    batch.entries.append(About(
        row.kind, row.subject_id, known.unit_id, known.unit_number, batch.people.paths[known.unit_id], {},
        {"step": turn.step.key, "told": [who.name for who in told], "due_on": row.due_on.isoformat()}
        | ({} if turn.current else {"missed": True})))
