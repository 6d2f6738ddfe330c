"""A simulated life, a quarter of an hour at a time, against the model: every step once, to the right person, by day."""

import os
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from days import Days
from killed_days import KilledDays
from sqlalchemy import insert
from steps_model import worked

from app.obligations import people, scheduler, stepping
from app.obligations.model import Notice
from tenants.db import begin_write, db
from world import World

FULL = os.environ.get("YINLING_TEST_FULL") == "1"
FIRST, LENGTH = (date(2025, 6, 10), 400) if FULL else (date(2026, 8, 31), 40)


def differences(days: Days) -> list[str]:
    """What the product did otherwise than the model."""
    kept, wanted = Counter(days.ledger()), Counter(days.model.ledger)
    return [f"not done: {line}" for line in wanted - kept] + [f"done: {line}" for line in kept - wanted]


def test_every_step_once_to_the_right_person_in_working_hours(world: World) -> None:
    """Two schedulers; every other time both begin in processes that are killed somewhere; so are writers."""
    days = KilledDays(world, 12, FIRST)
    days.run(LENGTH)
    assert differences(days) == []
    digests, lines = days.sent()
    assert digests == days.model.digests and {line["id"] for line in lines} == days.message_ids()
    steps = Counter(line.step for line in days.model.ledger)
    outcomes = Counter(line.outcome for line in days.model.ledger)
    assert min(steps[each] for each in ("returned", "remind-2", "remind+0", "tell0", "tell1", "tell2")) > 3, steps
    assert outcomes["missed"] > 0 and len(digests) > 40
    assert min(days.workers_killed, days.writers_killed) > LENGTH // 4
    sys.stdout.write(f"{LENGTH} days: {len(days.model.ledger)} steps {dict(outcomes)}, {len(digests)} digests, "
                     f"{days.workers_killed} workers and {days.writers_killed} writers killed\n")
    for line in lines:
        at = datetime.fromisoformat(line["at"])
        minute = at.hour * 60 + at.minute
        assert worked(at.date()) and (510 <= minute < 720 or 840 <= minute < 1080), line


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_step_kept_before_it_is_told_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: what is committed in two halves is found out by a kill between them, and by nothing else."""
    def halves(model: Any) -> Any:
        if model is Notice:
            db.session.commit()
            begin_write()
        return insert(model)

    monkeypatch.setattr(stepping, "insert", halves)
    days = KilledDays(world, 12, FIRST, often=0.9, busy=0.3, points=(10, 25), workers=1)
    days.run(4)
    assert differences(days) != []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", ["superior of yesterday", "by night", "reminders pile up"])
def test_a_fault_is_seen(world: World, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Planted: each must make the ledgers differ."""
    if fault == "superior of yesterday":
        above = people.Chart.administrators
        monkeypatch.setattr(people.Chart, "administrators",
                            lambda self, unit, level: above(self, unit, max(level - 1, 0)))
    elif fault == "by night":
        monkeypatch.setattr(scheduler, "in_office_hours", lambda: True)
    else:
        turns = stepping.turns
        monkeypatch.setattr(stepping, "turns", lambda *more: tuple(
            type(each)(each.step) for each in turns(*more)))
    days = Days(world, 11, FIRST, busy=0.3)
    days.silent_until += timedelta(days=6 if fault == "reminders pile up" else 0)
    days.run(11)
    assert differences(days) != []
