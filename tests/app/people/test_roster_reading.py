"""A roster checked in parts: small ones while people are at work, each row once, and an end between any two."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from app import jobs
from app.people import roster_check, roster_reading
from permissions import transaction
from permissions.accounts import Account
from roster_files import ALL, counted, roster, send
from tenants.db import db
from tenants.models import Unit
from world import World

SIZE = 450
WHO = "射阳 administrator"


@pytest.fixture(autouse=True)
def nobody_stops() -> Iterator[None]:
    """A worker of another test may have been told to."""
    jobs.stopping.clear()
    yield
    jobs.stopping.clear()


def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(world.app.extensions, "wake", lambda _job_id: None)
    return str(send(world.api(WHO), roster(SIZE)).json["job"]["id"])


def work(world: World, job_id: str) -> dict[str, Any]:
    with world.app.app_context():
        jobs.run(job_id)
    found: dict[str, Any] = world.api(WHO).get(f"/jobs/{job_id}").json
    return found


def watched(monkeypatch: pytest.MonkeyPatch, act: Any = None) -> list[int]:
    """How many rows each part has; every second one is made while people are at work. After the third comes `act`."""
    parts, look_up = list[int](), roster_check.look_up

    def looked(entries: Sequence[Any], job_id: str) -> None:
        look_up(entries, job_id)
        parts.append(len(entries))
        if act is not None and len(parts) == 3:
            act()

    monkeypatch.setattr(roster_reading, "AT_ONCE", 200)
    monkeypatch.setattr(jobs, "_resting", lambda _kind: 1e-9 * (len(parts) % 2))
    monkeypatch.setattr(roster_check, "look_up", looked)
    return parts


def test_parts_are_small_while_people_are_at_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, job_id, before = watched(monkeypatch), asked(world, monkeypatch), counted(world)
    found = work(world, job_id)
    assert parts == [200, 40, 200, 10]
    assert (found["result"]["total"], found["result"]["ok"]) == (SIZE, SIZE) and counted(world)[0] - before[0] == SIZE


def test_told_to_stop_meanwhile_it_goes_back_and_begins_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, job_id, before = watched(monkeypatch, jobs.stopping.set), asked(world, monkeypatch), counted(world)
    assert work(world, job_id)["state"] == "waiting" and len(parts) == 3 and counted(world) == before
    jobs.stopping.clear()
    assert work(world, job_id)["result"]["ok"] == SIZE == counted(world)[0] - before[0]
    assert sum(parts) == 440 + SIZE


def test_who_loses_the_right_meanwhile_imports_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def suspend() -> None:
        with world.app.app_context(), transaction.act("tests"):
            account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts[WHO])).scalar_one()
            account.state = "suspended"
            transaction.audit.record("tests:suspend", "account", account.id, db.session.execute(
                ALL.select(Unit).where(Unit.id == account.unit_id)).scalar_one())

    parts, job_id, before = watched(monkeypatch, suspend), asked(world, monkeypatch), counted(world)
    with world.app.app_context():
        jobs.run(job_id)
    assert len(parts) == 3 and counted(world) == before
