"""Work in a process of its own, killed with SIGKILL at a point drawn by lot: a statement, before or after a commit."""

import os
import pickle
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import event

from tenants.db import db

Work = Callable[[], Any]


@dataclass
class Fate:
    """How a process ended: whether it was killed, and what it had told of itself when it committed."""

    killed: bool
    committed: Any = None


class Doomed:
    """A process that does some work and dies at its `point`-th touch of the database, unless it ends before."""

    def __init__(self, app: Flask, work: Work, point: int, tell: Work = lambda: None) -> None:
        with app.app_context():
            db.engine.dispose()  # no open connection may be shared
        self._app, self._point, self._tell, self._touched = app, point, tell, 0
        reading, self._writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._live(work, reading)
        os.close(self._writing)
        self._reading = reading

    def _live(self, work: Work, reading: int) -> None:
        code = 1
        try:
            os.close(reading)
            with self._app.app_context():
                event.listen(db.engine, "before_cursor_execute", self._touch)
                event.listen(db.engine, "commit", self._commits)
                event.listen(db.session, "after_commit", self._committed)
                work()
            code = 0
        except BaseException:
            with suppress(OSError):
                os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(code)

    def _touch(self, *_told: Any) -> None:
        self._touched += 1
        if self._touched == self._point:
            os.kill(os.getpid(), signal.SIGKILL)

    def _commits(self, _connection: Any) -> None:
        with os.fdopen(os.dup(self._writing), "wb") as out:
            out.write(pickle.dumps(self._tell()))
        self._touch()

    def _committed(self, _session: Any) -> None:
        os.write(self._writing, b"+")
        self._touch()

    def end(self) -> Fate:
        """Wait for it. Raises AssertionError when it failed by itself."""
        with os.fdopen(self._reading, "rb") as told:
            said = told.read()
        _pid, status = os.waitpid(self._pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        assert killed or status == 0, f"a process failed by itself: {status}"
        self._wait_for_server()
        return Fate(killed, pickle.loads(said) if said.endswith(b"+") else None)  # noqa: S301  # our own child's words

    def _wait_for_server(self) -> None:
        """PostgreSQL notices a dead client a moment later; until then its locks stand."""
        with self._app.app_context():
            if db.engine.dialect.name != "postgresql":
                return
            with db.engine.connect() as connection:
                while connection.exec_driver_sql(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'").scalar_one():
                    connection.rollback()
