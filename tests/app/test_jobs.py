"""Jobs: with the asker's rights at execution, taken up again after a death, never done twice, seen by their asker."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app import job_rows, jobs
from app.job_rows import Job
from app.people import importing, roster_reading, roster_upload, roster_write
from app.worker import Ticker
from permissions import transaction
from permissions.accounts import Account
from permissions.audit import AuditEntry
from permissions.grants import Seat
from roster_files import ALL, counted, planted, reported, roster, send
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from world import World

SIZE = 450  # three batches
NOW = "2026-06-10T10:00:00+08:00"
WHO = "射阳 administrator"


class Killed(BaseException):
    """The worker is gone between two instructions: nothing of ours runs any more."""


@pytest.fixture
def calls(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Calls are noted, not followed: the test says when a worker comes by. Batches are small."""
    monkeypatch.setattr(importing, "BATCH", 200)
    noted: list[str] = []
    monkeypatch.setitem(world.app.extensions, "wake", noted.append)
    jobs.stopping.clear()
    yield noted
    jobs.stopping.clear()


def asked(world: World, made: Any, query: str = "") -> str:
    answer = send(world.api(WHO), made, query)
    assert answer.status_code == 202, answer.text
    assert answer.json["job"]["state"] == "waiting"
    return str(answer.json["job"]["id"])


def work(app: Flask, job_id: str) -> None:
    with app.app_context():
        jobs.run(job_id)


def seen(world: World, job_id: str, who: str = WHO) -> dict[str, Any]:
    found: dict[str, Any] = world.api(who).get(f"/jobs/{job_id}").json
    return found


def stored(world: World) -> set[str]:
    return {path.name for path in (world.app.config["SETTINGS"].instance / "imports").glob("*")}


def interfere(monkeypatch: pytest.MonkeyPatch, batch_number: int, act: Callable[[], None]) -> None:
    """Do something in the middle of the nth batch, when its rows are inserted and not yet committed."""
    write, turns = roster_write.write, [0]

    def interfered(batch: Any, scope: Any) -> Any:
        turns[0] += 1
        written = write(batch, scope)
        if turns[0] == batch_number:
            act()
        return written

    monkeypatch.setattr(roster_write, "write", interfered)


def die() -> None:
    raise Killed


def test_a_long_import_is_done_by_the_worker(world: World, calls: list[str]) -> None:
    made, before, files = planted(world, SIZE), counted(world), stored(world)
    job_id = asked(world, made)
    assert calls == [job_id]
    assert counted(world) == before and seen(world, job_id)["progress"] == 0.0
    work(world.app, job_id)
    found = seen(world, job_id)
    assert (found["state"], found["progress"]) == ("done", 1.0)
    assert reported(found["result"]) == sorted(made.planted)
    assert found["result"]["ok"] == SIZE - len(made.bad_rows) == counted(world)[0] - before[0]
    assert world.api(WHO).get(f"/jobs/{job_id}/error-file").status_code == 200
    assert len(stored(world) - files) == 1  # the upload is gone, the error file stays
    assert seen(world, job_id, "盐城 administrator")["code"] == "not_found"
    assert world.api("cadre").get(f"/jobs/{job_id}").status_code == 403


def test_progress_is_committed_step_by_step(world: World, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)
    job_id, progress = asked(world, roster(SIZE)), []
    let_go = jobs.Run.let_go

    def watched(run: jobs.Run) -> None:
        let_go(run)
        progress.append(seen(world, job_id)["progress"])

    monkeypatch.setattr(jobs.Run, "let_go", watched)
    work(world.app, job_id)
    assert progress == sorted(progress) and len({each for each in progress if 0 < each < 1}) >= 3


@pytest.mark.parametrize("change", ["unseated", "suspended", "no PC"])
def test_a_demoted_asker_imports_nothing(world: World, calls: list[str], change: str) -> None:
    """A14: asked for with the right, run without it."""
    job_id, before = asked(world, roster(SIZE)), counted(world)
    demote(world, change)
    work(world.app, job_id)
    assert counted(world) == before
    with world.app.app_context():
        job = db.session.execute(ALL.select(Job).where(Job.id == job_id)).scalar_one()
        assert (job.state, (job.result or {})["code"]) == ("failed", "forbidden")
        assert any("\u4e00" <= mark <= "\u9fff" for mark in (job.result or {})["message"])
        refused = db.session.execute(ALL.select(AuditEntry).where(AuditEntry.object_id == job_id)).scalars().all()
        assert [(entry.result, entry.actor) for entry in refused] == [("refused", world.accounts[WHO])]


def demote(world: World, change: str) -> None:
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts[WHO])).scalar_one()
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == account.unit_id)).scalar_one()
        if change == "unseated":
            db.session.delete(db.session.execute(ALL.select(Seat).where(Seat.account_id == account.id)).scalar_one())
        elif change == "suspended":
            account.state = "suspended"
        else:
            account.pc_grant = False
        transaction.audit.record("tests:demote", "account", account.id, unit)


def test_demoted_half_way_the_rest_stays_out(world: World, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    job_id, before = asked(world, roster(SIZE, phones=False)), counted(world)
    step, taken = jobs.Run.step, [0]

    def stepping(run: jobs.Run, value: float | None = None, **more: bool) -> Any:
        if value is not None and value > 0.3:
            taken[0] += 1
            if taken[0] == 2:
                demote(world, "unseated")
        return step(run, value, **more)

    monkeypatch.setattr(jobs.Run, "step", stepping)
    work(world.app, job_id)
    assert counted(world)[0] - before[0] == importing.BATCH
    found = seen(world, job_id)
    assert (found["state"], found["result"]["code"], found["result"]["ok"]) == ("failed", "forbidden", importing.BATCH)


@pytest.mark.parametrize("mode", ["skip", "abort"])
def test_killed_half_way_and_taken_up_again(world: World, calls: list[str], monkeypatch: pytest.MonkeyPatch,
                                            mode: str) -> None:
    clock.configure(NOW)
    monkeypatch.setattr(roster_reading, "AT_ONCE", 100)  # the rows done lie in several parts of the check
    made, before = roster(SIZE), counted(world)
    if mode == "skip":
        made.plant(7, "name", None, "姓名", "required")
    job_id = asked(world, made, f"?on_error={mode}")
    with monkeypatch.context() as patch:
        interfere(patch, 3, die)
        with pytest.raises(Killed):
            work(world.app, job_id)
    assert counted(world)[0] - before[0] == (2 * importing.BATCH if mode == "skip" else 0)
    work(world.app, job_id)  # the lease still runs: nobody takes it from a worker that may live
    assert seen(world, job_id)["state"] == "running"
    clock.configure("2026-06-10T10:03:01+08:00")
    with world.app.app_context():
        assert job_rows.waiting_ids() == [job_id]
    work(world.app, job_id)
    found = seen(world, job_id)["result"]
    good = SIZE - len(made.bad_rows)
    assert (found["ok"], reported(found)) == (good, made.planted)
    assert counted(world) == (before[0] + good, before[1] + found["accounts_opened"],
                              before[2] + found["accounts_opened"])
    again = send(world.api(WHO), made, "?dry_run=true")
    work(world.app, again.json["job"]["id"])
    assert seen(world, again.json["job"]["id"])["result"]["ok"] == 0


def test_a_worker_that_comes_back_late_finds_itself_shut_out(world: World, calls: list[str],
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    clock.configure(NOW)
    job_id, before = asked(world, roster(SIZE)), counted(world)
    step, turns = jobs.Run.step, [0]

    def stepping(run: jobs.Run, value: float | None = None, **more: bool) -> Any:
        if run.attempt == 1 and value is not None and value > 0.6:
            turns[0] += 1
            if turns[0] == 1:
                clock.configure("2026-06-10T10:05:00+08:00")
                work(world.app, job_id)
        return step(run, value, **more)

    monkeypatch.setattr(jobs.Run, "step", stepping)
    work(world.app, job_id)
    assert seen(world, job_id)["result"]["ok"] == SIZE == counted(world)[0] - before[0]


def test_told_to_stop_it_goes_back_at_once(world: World, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    job_id, before = asked(world, roster(SIZE)), counted(world)
    interfere(monkeypatch, 1, jobs.stopping.set)
    work(world.app, job_id)
    assert seen(world, job_id)["state"] == "waiting" and counted(world)[0] - before[0] == importing.BATCH
    jobs.stopping.clear()
    work(world.app, job_id)
    assert seen(world, job_id)["result"]["ok"] == SIZE == counted(world)[0] - before[0]


def test_a_database_that_fails_is_tried_again_and_not_for_ever(world: World, calls: list[str],
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    def locked() -> None:
        raise OperationalError("INSERT", None, Exception("database is locked"))

    job_id, before = asked(world, roster(SIZE)), counted(world)
    interfere(monkeypatch, 1, locked)
    work(world.app, job_id)
    assert seen(world, job_id)["state"] == "waiting"
    monkeypatch.setattr(roster_write, "write", lambda _batch, _scope: locked())
    for _turn in range(jobs.MOST_ATTEMPTS):
        work(world.app, job_id)
    found = seen(world, job_id)
    assert (found["state"], found["result"]["code"]) == ("failed", "gave_up") and counted(world) == before


def test_a_defect_of_ours_quotes_nobody(world: World, calls: list[str], monkeypatch: pytest.MonkeyPatch,
                                        caplog: pytest.LogCaptureFixture) -> None:
    said = "张三 320999193801150017"

    def broken() -> None:
        raise ValueError(said)

    job_id, before = asked(world, roster(SIZE)), counted(world)
    interfere(monkeypatch, 1, broken)
    work(world.app, job_id)
    assert seen(world, job_id)["result"]["code"] == "error" and counted(world) == before
    assert "ValueError" in caplog.text and "320999" not in caplog.text and "张三" not in caplog.text


def test_a_lost_call_is_made_again_but_not_each_second(world: World, calls: list[str]) -> None:
    job_id = asked(world, roster(SIZE))
    calls.clear()
    ticker = Ticker(world.app)
    for _second in range(3):
        with world.app.app_context():
            ticker._call_again()
    assert calls == [job_id]


def test_too_many_waiting_are_refused(world: World, calls: list[str]) -> None:
    for seed in range(importing.MOST_WAITING):
        asked(world, roster(201, seed=seed, phones=False))
    answer = send(world.api(WHO), roster(201, seed=9))
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_jobs")


def test_old_imports_are_cleared_away(world: World, calls: list[str]) -> None:
    files = stored(world)
    clock.configure(NOW)
    first = asked(world, planted(world, SIZE))
    work(world.app, first)
    waiting = asked(world, roster(SIZE, seed=8))
    assert len(stored(world) - files) == 2
    with world.app.app_context():
        clock.configure("2026-06-18T10:00:00+08:00")
        roster_upload.clear_away()
        left = [job.id for job in job_rows.of_kind(importing.KIND)]
        clock.configure(None)
    assert left == [waiting] and len(stored(world) - files) == 1
    assert timedelta(days=7) == roster_upload.KEPT


def test_the_command_counts_jobs(world: World, calls: list[str]) -> None:
    runner = world.app.test_cli_runner()
    assert runner.invoke(args=["jobs", "status"]).output.splitlines()[0] == "no jobs"
    asked(world, roster(SIZE))
    assert runner.invoke(args=["jobs", "status"]).output.split()[:3] == ["cadre:import", "waiting", "1"]
