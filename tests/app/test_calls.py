"""Calls by URL: PostgreSQL carries them without a table; foreign calls are not opened; a lost line is drawn anew."""

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from huey import Huey, RedisHuey, SqliteHuey

from app import calls
from engines import SECRET

# One server, one channel: tests of this file side by side would hear each other.
pytestmark = pytest.mark.xdist_group("calls")
ROW = "j" * 22


@pytest.fixture
def dsn(postgres_url: str) -> str:
    return postgres_url.replace("postgresql+psycopg://", "postgresql://")


class Listener:
    """A worker's end of the line."""

    def __init__(self, dsn: str, heard: list[str], secret: str = SECRET) -> None:
        self.huey: Huey = calls._of_url(dsn, immediate=False, results=False, serializer=calls.signed(secret))
        self.huey.storage._patience = 120.0
        self.task = self.huey.task(name="run_job")(heard.append)
        self.listen()

    def listen(self) -> None:
        self.huey.storage._listening()

    def next(self) -> Any:
        task = self.huey.dequeue()
        return None if task is None else self.huey.execute(task)

    def close(self) -> None:
        self.huey.storage._hang_up()


@pytest.fixture
def line(dsn: str) -> Iterator[tuple[Listener, Listener, list[str]]]:
    heard: list[str] = []
    one, two = Listener(dsn, heard), Listener(dsn, heard)
    yield one, two, heard
    one.close()
    two.close()


def test_every_host_hears_a_call_and_nothing_is_kept(line: tuple[Listener, Listener, list[str]], dsn: str) -> None:
    one, two, heard = line
    one.task(ROW)
    one.next()
    two.next()
    one.huey.storage._patience = 0.2
    assert heard == [ROW, ROW] and one.huey.dequeue() is None
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'huey%'").fetchone() == (0,)


def test_a_call_not_signed_by_us_is_not_opened(line: tuple[Listener, Listener, list[str]], dsn: str) -> None:
    one, _two, heard = line
    stranger = Listener(dsn, [], secret="another secret of an other instance")
    stranger.task(ROW)
    with pytest.raises(ValueError, match="mismatch"):
        one.next()
    one.huey.storage.enqueue(pickle.dumps(("os.system", "true")))
    with pytest.raises(ValueError, match=r"not found|mismatch"):
        one.next()
    stranger.close()
    assert heard == []


def test_a_line_that_is_cut_is_drawn_anew(line: tuple[Listener, Listener, list[str]], dsn: str) -> None:
    one, _two, heard = line
    pid = one.huey.storage._listening().info.backend_pid
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
    with pytest.raises(psycopg.OperationalError):
        one.next()
    one.listen()
    one.task(ROW)
    one.next()
    assert heard == [ROW]


def test_a_call_carries_a_row_s_name_only(line: tuple[Listener, Listener, list[str]]) -> None:
    with pytest.raises(ValueError, match="names a row"):
        line[0].task("j" * 8000)


def test_the_url_chooses(tmp_path: Path) -> None:
    more = {"immediate": False, "results": False, "serializer": calls.signed(SECRET)}
    assert isinstance(calls._of_url(f"sqlite:///{tmp_path}/q.db", **more), SqliteHuey)
    several = calls._of_url("postgresql://a:1,b:2/d", **more)
    assert isinstance(several.storage, calls.Notified)
    assert calls._in_time("postgresql://a:1,b:2/d")["target_session_attrs"] == "read-write"
    assert "connect_timeout" not in calls._in_time("postgresql://a/d?connect_timeout=9")
    assert issubclass(RedisHuey, Huey)
