"""Two throw-away PostgreSQL servers: a primary, and a standby that follows it by streaming replication."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

import machine
import postgres_for_tests as cluster
from checkout import Refusal
from children import end_with_parent

# Unlike the clusters of the tests, these must keep what they acknowledged.
SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "wal_level": "replica",
    "hot_standby": "on",
    "max_wal_size": "512MB",
}


@dataclass
class Server:
    """One of the two: where it lies, where it listens."""

    programs: Path
    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None
    settings: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Serve. Raises Refusal when it does not."""
        settings = {**SETTINGS, **self.settings, "listen_addresses": "127.0.0.1", "port": str(self.port),
                    "unix_socket_directories": str(self.folder)}
        words: list[str | Path] = [self.programs / "postgres", "-D", self.folder / "data"]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        # A killed server leaves the file that says it is ready.
        (self.folder / "data/postmaster.pid").unlink(missing_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=lambda: end_with_parent(signal.SIGQUIT), **cluster.server_account())
        cluster.wait_ready(self.process, self.folder, self.port)

    def kill(self) -> None:
        """`kill -9` of the postmaster: nothing is said, nothing is flushed."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Stop at once; what is there is thrown away."""
        if self.process is not None and self.process.poll() is None:
            cluster.stop_now(self.process)


@dataclass
class Pair:
    """The two servers and the addresses an application is given."""

    primary: Server
    standby: Server
    password: str

    def url(self, *servers: Server, database: str = "yinling") -> str:
        """A libpq address of these servers; of several the one that can write is meant."""
        hosts = ",".join(f"127.0.0.1:{each.port}" for each in servers)
        more = "?target_session_attrs=read-write" if len(servers) > 1 else ""
        return f"postgresql://postgres:{self.password}@{hosts}/{database}{more}"

    def ask(self, server: Server, statement: str, database: str = "yinling") -> list[tuple[object, ...]]:
        """Rows of a statement on one server."""
        with psycopg.connect(self.url(server, database=database), autocommit=True) as connection:
            done = connection.execute(statement)  # type: ignore[arg-type]
            return list(done.fetchall()) if done.description else []

    def promote(self) -> None:
        """Make the standby the one that writes; returns when it is."""
        self.ask(self.standby, "SELECT pg_promote(true, 60)", database="postgres")

    def hold_replay(self, *, held: bool) -> None:
        """Let the standby receive and not apply, or apply again."""
        self.ask(self.standby, f"SELECT pg_wal_replay_{'pause' if held else 'resume'}()", database="postgres")
        if held:
            self._until(self.standby, "SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def caught_up(self) -> None:
        """Return when the standby has applied all the primary wrote."""
        position = self.ask(self.primary, "SELECT pg_current_wal_lsn()")[0][0]
        self._until(self.standby, f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn")

    def _until(self, server: Server, statement: str) -> None:
        deadline = time.monotonic() + cluster.PATIENCE
        while time.monotonic() < deadline:
            if self.ask(server, statement, database="postgres") == [(True,)]:
                return
            time.sleep(0.02)
        raise Refusal(f"等不到:{statement}")


@contextlib.contextmanager
def streaming_pair(*, synchronous: bool = True) -> Iterator[Pair]:
    """A pair for as long as the block runs, with an empty database `yinling`.

    Synchronous: a commit is acknowledged when the standby has it on disk. Raises Refusal when PostgreSQL is missing.
    """
    programs = machine.postgres_folder()
    if programs is None:
        raise Refusal("没有找到 PostgreSQL(apt-get install postgresql)。")
    folder = Path(tempfile.mkdtemp(prefix="yinling-pair-", dir=cluster.parent_folder()))
    servers: list[Server] = []
    try:
        servers += [Server(programs, _place(folder, name), cluster.free_port()) for name in ("a", "b")]
        pair = Pair(servers[0], servers[1], secrets.token_urlsafe(18))
        cluster.make_cluster(programs, pair.primary.folder, pair.password, cluster.server_account())
        pair.primary.start()
        _follow(pair)
        pair.ask(pair.primary, "CREATE DATABASE yinling", database="postgres")
        if synchronous:
            # Told to this server only: the standby, once promoted, must not wait for anybody.
            pair.ask(pair.primary, "ALTER SYSTEM SET synchronous_standby_names = '*'", database="postgres")
            pair.ask(pair.primary, "SELECT pg_reload_conf()", database="postgres")
            pair._until(pair.primary, "SELECT bool_or(sync_state = 'sync') FROM pg_stat_replication")
        pair.caught_up()
        yield pair
    finally:
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _place(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    owner = cluster.server_account()
    if owner:
        for path in (folder, place):
            os.chown(path, owner["user"], owner["group"])
    return place


def _follow(pair: Pair) -> None:
    """Copy the primary and let the copy follow it."""
    words: list[str | Path] = [pair.primary.programs / "pg_basebackup", "-D", pair.standby.folder / "data", "-R"]
    words += ["-X", "stream", "--checkpoint=fast", "--no-sync", "-d", pair.url(pair.primary, database="postgres")]
    done = subprocess.run(words, cwd=pair.standby.folder, capture_output=True, text=True, check=False,
                          **cluster.server_account())
    if done.returncode:
        raise Refusal(f"pg_basebackup 失败:\n{done.stderr}")
    pair.standby.start()
