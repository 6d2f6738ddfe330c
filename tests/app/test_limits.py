"""Nobody's work holds up everybody's: a time limit on statements, one long job of each tenant at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app import job_rows, jobs
from app.api import records as records_api
from app.job_rows import Job
from permissions import transaction
from permissions.accounts import Account
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test puts jobs down")
KIND = "tests:long"
REAL = records_api.newest
LIMIT, LONG = 3.0, 600.0  # no other statement comes near the one, however slow the machine; the other never ends


def limited(world: World, monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
    """Other time limits."""
    monkeypatch.setitem(world.app.config, "SETTINGS", replace(world.app.config["SETTINGS"], **seconds))


def slow(seconds: float) -> Callable[..., Any]:
    """The list, after a statement that takes so long."""
    def listed(*args: Any, **more: Any) -> Any:
        db.session.execute(select(func.pg_sleep(seconds)))
        return REAL(*args, **more)

    return listed


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_page_that_takes_too_long_says_what_to_do(world, monkeypatch):
    limited(world, monkeypatch, page_seconds=LIMIT)
    monkeypatch.setattr(records_api, "newest", slow(LONG))
    api = world.api("clerk")
    answer = api.get("/records/visits?q=x")
    assert (answer.status_code, answer.json["code"]) == (503, "too_slow")
    assert "缩小范围" in answer.json["message"]
    assert api.get("/cadres").status_code == 200, "the connection is as good as before"


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_without_the_limit_it_would_have_been_answered(world, monkeypatch):
    """Planted: no limit. So it is the limit that answers above."""
    limited(world, monkeypatch, page_seconds=0)
    monkeypatch.setattr(records_api, "newest", slow(0.2))
    assert world.api("clerk").get("/records/visits?q=x").status_code == 200


def put_down(world: World, who: str, at: int) -> str:
    """A job somebody asked for, so many seconds after the clock."""
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts[who])).scalar_one()
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == account.unit_id)).scalar_one()
        job = Job(kind=KIND, unit_id=unit.id, unit_number=unit.number, account_id=account.id, channel="pc", params={},
                  created_at=clock.now() + timedelta(seconds=at))
        db.session.add(job)
        db.session.flush()
        return job.id


def state_of(world: World, job_id: str) -> tuple[str, Any]:
    with world.app.app_context():
        job = db.session.execute(ALL.select(Job).where(Job.id == job_id)).scalar_one()
        return job.state, (job.result or {}).get("code")


def waiting(world: World) -> list[str]:
    with world.app.app_context():
        return job_rows.waiting_ids()


def test_each_tenant_has_one_job_running_and_its_turn(world, monkeypatch):
    first = [put_down(world, "射阳 administrator", at) for at in range(30)]
    other = put_down(world, "东台 administrator", 100)
    assert waiting(world) == [first[0], other], "thirty of one tenant do not push the other's off the list"
    meanwhile: list[Any] = []

    def runner(run: jobs.Run) -> dict[str, Any]:
        if run.job_id == first[0]:
            jobs.run(first[1])
            meanwhile.append((state_of(world, first[1])[0], waiting(world)))
            jobs.run(other)
            meanwhile.append((state_of(world, other)[0], waiting(world)))
        return {}

    monkeypatch.setitem(jobs._runners, KIND, runner)
    assert world.api("射阳 administrator").get(f"/jobs/{first[2]}").json["ahead"] == 2
    with world.app.app_context():
        jobs.run(first[0])
    assert meanwhile == [("waiting", [other]), ("done", [])]
    assert state_of(world, first[0])[0] == "done" and waiting(world) == [first[1]]


def test_without_turns_one_tenant_would_take_every_worker(world, monkeypatch):
    """Planted: a tenant counts as idle whatever it has running."""
    ids = [put_down(world, "射阳 administrator", at) for at in range(2)]
    seen: list[str] = []

    def runner(run: jobs.Run) -> dict[str, Any]:
        if run.job_id == ids[0]:
            jobs.run(ids[1])
            seen.append(state_of(world, ids[1])[0])
        return {}

    monkeypatch.setitem(jobs._runners, KIND, runner)
    monkeypatch.setattr(job_rows, "idle", lambda _tenant: Job.id == Job.id)
    with world.app.app_context():
        jobs.run(ids[0])
    assert seen == ["done"]


def test_a_dead_workers_job_does_not_hold_its_tenant_up(world, monkeypatch):
    dead, next_one = (put_down(world, "射阳 administrator", at) for at in (0, 1))
    with world.app.app_context(), transaction.act("tests"):
        assert jobs._claim(dead) is not None
    assert waiting(world) == []
    clock.configure((clock.now() + jobs.LEASE + timedelta(seconds=1)).isoformat())
    assert waiting(world) == [dead]
    assert next_one not in waiting(world)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_job_that_takes_too_long_ends_and_says_so(world, monkeypatch):
    limited(world, monkeypatch, job_seconds=LIMIT)

    def runner(run: jobs.Run) -> dict[str, Any]:
        with run.step(0.5):
            db.session.execute(select(func.pg_sleep(LONG)))
        return {}

    monkeypatch.setitem(jobs._runners, KIND, runner)
    job_id = put_down(world, "射阳 administrator", 0)
    with world.app.app_context():
        jobs.run(job_id)
    assert state_of(world, job_id) == ("failed", "too_slow")


