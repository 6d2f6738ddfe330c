"""A job does little at a time and rests in between where others want the machine, in the worker's threads only."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask

from app import jobs, room
from app.jobs import Run
from app.timing.redate_job import KIND
from permissions import transaction
from tenants.db import db

Say = Callable[[int, int, float], None]


def run(kind: str = "cadre_import", since: float = 1000.0) -> Run:
    return Run("x", kind, 1, {}, "u", since=(since, 0.0))


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was rested, in a thread that does jobs; nobody waits."""
    found: list[float] = []

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            found.append(timeout or 0.0)
            return False

    monkeypatch.setattr(jobs, "stopping", Watched())
    monkeypatch.setattr(jobs, "_manners", threading.local())
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=lambda: 1000.0, thread_time=lambda: 0.0))
    return found


@pytest.mark.parametrize(("words", "said", "anew"), [
    (["python", "-m", "flask", "--app", "wsgi", "worker"], {}, True),
    (["python", "/bin/flask", "worker"], {"PYTHONMALLOC": "pymalloc"}, False),
    (["python", "-m", "gunicorn", "wsgi:app", "--worker-class", "gthread"], {}, False)])
def test_the_worker_begins_anew_under_an_allocator_that_gives_back(
    monkeypatch: pytest.MonkeyPatch, words: list[str], said: dict[str, str], anew: bool
) -> None:
    begun: list[tuple[list[str], str]] = []
    monkeypatch.setattr(room.sys, "orig_argv", words)
    monkeypatch.setattr(room.os, "environ", said)
    monkeypatch.setattr(room.platform, "libc_ver", lambda: ("glibc", "2.36"))
    monkeypatch.setattr(room.os, "execve", lambda _program, again, env: begun.append((again, env["PYTHONMALLOC"])))
    room.begin_anew()
    assert begun == ([(words, "malloc")] if anew else [])


@pytest.mark.parametrize(("rest", "others", "took", "kind", "rests", "part"), [
    (8.0, 0.9, 10.0, "cadre_import", 1.0, 100), (8.0, 0.9, 0.0625, "cadre_import", 0.5, 100),
    (8.0, 0.9, 1.0, KIND, 0.5, 100), (8.0, 0.1, 10.0, "cadre_import", None, 500),
    (0.0, 0.9, 10.0, "cadre_import", None, 500)])
def test_a_job_makes_room(monkeypatch: pytest.MonkeyPatch, waited: list[float], rest: float, others: float,
                          took: float, kind: str, rests: float | None, part: int) -> None:
    jobs._manners.rest = rest
    monkeypatch.setattr(jobs, "_gauge", SimpleNamespace(others=lambda: others, worked=lambda _seconds: None))
    attempt = run(kind, 1000.0 - took)
    attempt._make_room()
    assert waited == ([] if rests is None else [rests])
    assert attempt.part(500) == part


def test_a_thread_that_serves_pages_never_rests(monkeypatch: pytest.MonkeyPatch, waited: list[float]) -> None:
    monkeypatch.setattr(jobs, "_gauge", SimpleNamespace(others=lambda: 1.0, worked=lambda _seconds: None))
    attempt = run(since=900.0)
    attempt._make_room()
    assert waited == [] and attempt.part(500) == 500


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Say:
    """Let a machine of four cores tell what ran, and when."""
    file = tmp_path / "stat"

    def told(busy: int, niced: int, at: float) -> None:
        file.write_text(f"cpu  {busy} {niced} 0 {100_000 - busy - niced} 0 0 0 0 0 0\ncpu0 1 2 3\n", encoding="ascii")
        monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=lambda: at))

    monkeypatch.setattr(room, "_TICKS", file)
    monkeypatch.setattr(room.os, "cpu_count", lambda: 4)
    return told


def grown(say: Say, busy: int, niced: int, at: float) -> None:
    """So many ticks later."""
    say(1000 + busy, 1000 + niced, at)


def test_what_others_want_is_seen_afresh_and_without_our_own(monkeypatch: pytest.MonkeyPatch, say: Say) -> None:
    monkeypatch.setattr(room, "_ticks", lambda: ticks[0])
    ticks = [(0, 0)]
    say(0, 0, 10.0)
    gauge = room.Gauge()
    seen = []
    for at, busy, ours in ((10.4, 160, 0.0), (11.0, 300, 0.0), (12.0, 100, 0.0), (13.0, 300, 2.0)):
        ticks[0] = (ticks[0][0] + busy, ticks[0][1] + 400) if at != 10.4 else ticks[0]
        say(0, 0, at)
        for _part in range(4):
            gauge.worked(ours / 4)
        seen.append(round(gauge.others(), 2))
    # Too soon to tell; three of four cores; one; three, of which our jobs had the database do two.
    assert seen == [0.0, 0.75, 0.25, 0.25]


@pytest.mark.parametrize(("lull", "seen"), [(room.LULL, [0.75, 0.75, 0.75, 0.05]), (0.0, [0.75, 0.05, 0.05, 0.05])])
def test_a_lull_is_no_end(monkeypatch: pytest.MonkeyPatch, say: Say, lull: float, seen: list[float]) -> None:
    """Others have gone when they have wanted little for five seconds; planted: at once."""
    monkeypatch.setattr(room, "LULL", lull)
    monkeypatch.setattr(room, "_ticks", lambda: ticks[0])
    ticks = [(0, 0)]
    say(0, 0, 10.0)
    gauge, found = room.Gauge(), []
    for at, busy in ((11.0, 300), (12.0, 20), (15.5, 70), (16.5, 20)):
        ticks[0] = (ticks[0][0] + busy, ticks[0][1] + (1400 if at == 15.5 else 400))
        say(0, 0, at)
        found.append(round(gauge.others(), 2))
    assert found == seen


def test_niced_work_wants_nothing(say: Say) -> None:
    grown(say, 0, 0, 1.0)
    first = room._ticks()
    grown(say, 50, 300, 2.0)
    second = room._ticks()
    assert first is not None and second is not None and second[0] - first[0] == 50


def test_a_system_without_ticks_goes_by_its_load(monkeypatch: pytest.MonkeyPatch, say: Say, tmp_path: Path) -> None:
    monkeypatch.setattr(room, "_TICKS", tmp_path / "none")
    monkeypatch.setattr(room.os, "getloadavg", lambda: (2.0, 0.0, 0.0))
    monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=lambda: 1.0))
    gauge = room.Gauge()
    monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=lambda: 2.0))
    assert gauge.others() == 0.5


def test_what_need_not_last_waits_for_no_disk_and_only_that(app: Flask, engine_name: str) -> None:
    told = "SELECT source = 'session' FROM pg_settings WHERE name = 'synchronous_commit'"
    seen = []
    with app.app_context():
        for lasting in (True, False, True):
            with transaction.act("tests", lasting=lasting):
                seen.append(engine_name == "postgresql" and db.session.connection().execute(sa.text(told)).scalar_one())
    assert seen == [False, engine_name == "postgresql", False]
