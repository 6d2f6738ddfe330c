"""Writers of SQLite stand in line: its first asks for the lock, and nobody is passed over until his time is up."""

import fcntl
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from permissions import transaction
from tenants import db as handle
from tenants.db import begin_write, db
from world import World

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def told(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the database and of the line, in order."""
    seen: list[str] = []
    real = fcntl.flock

    def flock(line: int, how: int) -> None:
        seen.append("in line")
        real(line, how)

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith(("BEGIN", "PRAGMA busy")):
            seen.append(statement)

    monkeypatch.setattr(handle, "fcntl", SimpleNamespace(flock=flock, LOCK_EX=fcntl.LOCK_EX))
    with world.app.app_context():
        engine = db.engine
        db.session.rollback()
        event.listen(engine, "before_cursor_execute", listen)
        yield seen
        db.session.rollback()
        event.remove(engine, "before_cursor_execute", listen)


def _line() -> int:
    return os.open(f"{db.engine.url.database}.line", os.O_RDWR)


def test_a_writer_stands_in_line_first_and_a_reader_does_not(told: list[str]) -> None:
    begin_write()
    assert told == ["in line", "BEGIN IMMEDIATE"]
    told.clear()
    transaction.begin(writes=False)
    db.session.connection()
    assert told == ["BEGIN"]


def test_whoever_writes_has_left_the_line(told: list[str]) -> None:
    begin_write()
    line = _line()
    fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(line)
    assert db.session().in_transaction() and told


def test_who_stood_long_waits_only_for_what_is_left(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter((100.0, 100.0 + handle.PATIENCE - 5))
    monkeypatch.setattr(handle, "time", SimpleNamespace(monotonic=lambda: next(times)))
    kept = f"PRAGMA busy_timeout={1000 * handle.PATIENCE:.0f}"
    begin_write()
    assert told == ["in line", "PRAGMA busy_timeout=5000", "BEGIN IMMEDIATE", kept]


def test_where_no_line_can_be_made_the_database_alone_decides(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_told: Any) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(handle.os, "open", full)
    begin_write()
    assert told == ["BEGIN IMMEDIATE"]


def test_one_who_does_not_stand_in_line_is_seen(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: as it was before."""
    monkeypatch.setattr(handle, "_begin_in_turn", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    begin_write()
    assert "in line" not in told
