"""Hashing in its turn: one at a time, behind everything else, with a queue that ends and no connection held."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import rows
from permissions import hashing, passwords
from tenants.db import db
from tenants.errors import Busy
from world import World


class Gate:
    """Work that waits until it is let go, and tells how much of it ran at once."""

    def __init__(self) -> None:
        self.open, self.lock, self.now, self.most = threading.Event(), threading.Lock(), 0, 0
        self.nice: list[int] = []

    def __call__(self) -> str:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.nice.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        self.open.wait(300)
        with self.lock:
            self.now -= 1
        return "done"


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open.set()


def crowd(gate: Gate, many: int, run: Callable[[Gate], str]) -> list[str | None]:
    """Many come at once; what each got, None for those who were sent away. The gate opens when the rest wait."""
    with ThreadPoolExecutor(many) as people:
        def come() -> str | None:
            try:
                return run(gate)
            except Busy:
                return None

        coming = [people.submit(come) for _each in range(many)]
        while sum(each.done() for each in coming) < many - hashing.PLACES and gate.most < many:
            threading.Event().wait(0.005)
        gate.open.set()
        return [each.result() for each in coming]


def test_one_at_a_time_and_a_queue_that_ends(gate: Gate) -> None:
    got = crowd(gate, 20, hashing.in_turn)
    assert got.count("done") == hashing.PLACES and got.count(None) == 20 - hashing.PLACES
    assert gate.most == 1
    here = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert set(gate.nice) == {max(here, hashing.NICE)} or set(gate.nice) == {hashing.NICE}


def test_without_the_queue_all_would_run_at_once(gate: Gate) -> None:
    """Planted: what the first test would see."""
    assert crowd(gate, 20, lambda work: work()).count("done") == 20 and gate.most > 1


def test_who_waits_too_long_is_sent_away(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "PATIENCE", 0.01)
    with pytest.raises(Busy):
        hashing.in_turn(gate)
    gate.open.set()
    monkeypatch.setattr(hashing, "PATIENCE", 300)
    assert hashing.in_turn(lambda: "next") == "next"


def test_busy_is_told_and_counts_as_no_failure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"phone": "19900000009", "password": "Wrong-1234", "channel": "pc"}
    monkeypatch.setattr(hashing, "_places", threading.BoundedSemaphore(1))
    with hashing._places:
        answer = world.api(None).post("/sessions", body)
        page = world.browser("clerk").get("/healthz")
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "busy", "5")
    assert "稍等" in answer.json["message"] and page.status_code == 200
    assert rows.count(world.app, "login_throttles") == 0
    assert world.api(None).post("/sessions", body).status_code == 401


def test_nobody_holds_a_connection_while_he_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    real = passwords._argon

    def watched(stored: str, typed: str) -> bool:
        held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return real(stored, typed)

    monkeypatch.setattr(passwords, "_argon", watched)
    world.api(None).post("/sessions", {"phone": "19900000009", "password": "Wrong-1234", "channel": "pc"})
    world.api("clerk")("PUT", "/me/password", {"old": "Wrong-1234", "new": "Morning-Sun-58"})
    assert held == [0, 0]
