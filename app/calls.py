"""The queue by URL (`YINLING_QUEUE_URL`): how a web process calls the workers. It only wakes; our tables are the truth.

Whatever is lost here costs a second, since each worker's ticker looks into the tables by itself. What is called
twice is done once, since a job is claimed in its row. So PostgreSQL needs no table for it: NOTIFY carries a call to
every worker that listens, on whichever host, and keeps nothing.
"""

import base64
import threading
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey
from huey.serializer import SignedSerializer
from huey.storage import BlackHoleStorage

from app.config import Settings

CHANNEL = "yinling_calls"
LONGEST = 7900  # of a NOTIFY, in bytes


def queue_of(app: Flask) -> Huey:
    """The queue of this instance, made when first asked for."""
    made: Huey = app.extensions.get("huey") or _make(app)
    return made


def _make(app: Flask) -> Huey:
    settings: Settings = app.config["SETTINGS"]
    immediate = bool(app.config.get("TESTING"))
    huey = _of_url(settings.queue_url, immediate=immediate, results=False, serializer=signed(settings.secret_key))
    app.extensions["huey"] = huey
    return huey


def signed(secret: str) -> SignedSerializer:
    """Calls are pickled, and a pickle is a program: only those signed with the instance's key are opened."""
    return SignedSerializer(secret=secret, salt="yinling.calls")


def _of_url(url: str, **more: Any) -> Huey:
    if url.startswith("sqlite:///"):
        return SqliteHuey("yinling", filename=str(Path(url.removeprefix("sqlite:///"))), **more)
    if url.startswith("postgresql://"):
        return Huey("yinling", storage_class=Notified, dsn=url, **more)
    return RedisHuey("yinling", url=url, socket_connect_timeout=3, **more)


class Notified(BlackHoleStorage):
    """Calls over PostgreSQL. A listener holds one connection and makes a new one when it is lost (fail-over)."""

    blocking = True

    def __init__(self, name: str, dsn: str, patience: float = 1.0, **more: Any) -> None:
        super().__init__(name, **more)
        self._dsn, self._patience = dsn, patience
        self._local = threading.local()

    def _connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self._dsn, autocommit=True, **_in_time(self._dsn))

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Call every listener. A connection of its own: calls are rare, and a dead one would cost more."""
        text = base64.b64encode(data).decode()
        if len(text) > LONGEST:
            raise ValueError("a call names a row; it does not carry it")
        with self._connect() as connection:
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, text))

    def dequeue(self) -> bytes | None:
        """The next call, or None after a second without."""
        waiting: list[bytes] = self._local.__dict__.setdefault("waiting", [])
        if not waiting:
            try:
                waiting.extend(base64.b64decode(each.payload) for each in self._listening().notifies(
                    timeout=self._patience, stop_after=1))
            except psycopg.Error:
                self._hang_up()  # the consumer logs it, waits a moment and asks again
                raise
        return waiting.pop(0) if waiting else None

    def _listening(self) -> "psycopg.Connection[Any]":
        connection: psycopg.Connection[Any] | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            connection = self._connect()
            connection.execute(f"LISTEN {CHANNEL}")
            self._local.connection = connection
        return connection

    def _hang_up(self) -> None:
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()


def _in_time(dsn: str) -> dict[str, Any]:
    """What the URL leaves open: give up on a host that is gone within seconds, and find the one that can write."""
    said = psycopg.conninfo.conninfo_to_dict(dsn)
    wanted: dict[str, Any] = {"connect_timeout": 3, "tcp_user_timeout": 15000, "keepalives_idle": 15}
    if "," in str(said.get("host", "")):
        wanted["target_session_attrs"] = "read-write"
    return {name: value for name, value in wanted.items() if name not in said}
