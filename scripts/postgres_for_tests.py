#!/usr/bin/env python3
"""A throw-away PostgreSQL for the tests: made in a temporary folder, gone afterwards.

By hand: `scripts/postgres_for_tests.py run -- .venv/bin/python -m pytest tests/some_test.py`.
"""

import argparse
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import machine
from checkout import Refusal, speak_plainly
from children import Stop, end_with_parent, listen

VARIABLE = "YINLING_TEST_POSTGRES_URL"
PATIENCE = 300
# A path of a Unix socket may have 107 bytes; a deep TMPDIR would leave no room for the name.
_LONGEST_FOLDER = 70
SETTINGS = {
    # Nothing here must survive a crash.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "jit": "off",
    # Not the zone of the province, so that code that trusts the server's zone is found out.
    "timezone": "UTC",
    "log_min_messages": "fatal",
}


@contextlib.contextmanager
def running(more: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve a fresh cluster (UTF-8, C.UTF-8) for as long as the block runs; gives its superuser URL.

    `more` are server settings that go before ours. Raises Refusal when PostgreSQL is missing or does not start.
    """
    programs = machine.postgres_folder()
    if programs is None:
        raise Refusal("没有找到 PostgreSQL(apt-get install postgresql)。")
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="yinling-pg-", dir=parent_folder()))
    server: subprocess.Popen[bytes] | None = None
    try:
        password = secrets.token_urlsafe(18)
        make_cluster(programs, folder, password, account)
        port = free_port()
        server = _start(programs, folder, port, account, {**SETTINGS, **(more or {})})
        wait_ready(server, folder, port)
        yield f"postgresql+psycopg://postgres:{password}@127.0.0.1:{port}/postgres"
    finally:
        if server is not None:
            stop_now(server)
        shutil.rmtree(folder, ignore_errors=True)


def server_account() -> dict[str, Any]:
    """How to start PostgreSQL, which refuses to run as root: as another account when we are root."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def parent_folder() -> Path:
    folder = Path(tempfile.gettempdir())
    return folder if len(os.fsencode(folder)) <= _LONGEST_FOLDER else Path("/tmp")  # noqa: S108  mkdtemp is private


def make_cluster(programs: Path, folder: Path, password: str, account: dict[str, Any]) -> None:
    secret = folder / "password"
    secret.write_text(password, encoding="utf-8")
    if account:
        for path in (folder, secret):
            os.chown(path, account["user"], account["group"])
    words = [programs / "initdb", "--pgdata", folder / "data", "--username=postgres", f"--pwfile={secret}"]
    words += ["--auth=scram-sha-256", "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, **account)
    if done.returncode:
        raise Refusal(f"initdb 失败:\n{done.stdout}{done.stderr}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(programs: Path, folder: Path, port: int, account: dict[str, Any],
           settings: dict[str, str]) -> subprocess.Popen[bytes]:
    settings = {**settings, "listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(folder)}
    words: list[str | Path] = [programs / "postgres", "-D", folder / "data"]
    for name, value in settings.items():
        words += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            words,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A session of its own: Ctrl-C must reach the tests first and the database last.
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(signal.SIGQUIT),
            **account,
        )


def wait_ready(server: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    """Return when the cluster says it is ready; its own status file tells without a password."""
    status = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError):
            if status.read_text(encoding="utf-8").splitlines()[7:8] == ["ready   "]:
                return
        time.sleep(0.05)
    log = (folder / "log").read_text(encoding="utf-8", errors="replace")
    raise Refusal(f"PostgreSQL 没有在端口 {port} 上启动:\n{log[-2000:]}")


def stop_now(server: subprocess.Popen[bytes]) -> None:
    # SIGQUIT is PostgreSQL's immediate shutdown: the data is thrown away in the next line anyway.
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def main() -> int:
    """Run a command with the cluster's URL in its environment; the command's exit code."""
    speak_plainly()
    parser = argparse.ArgumentParser(description=f"临时起一个 PostgreSQL,把网址放进 {VARIABLE},运行命令,然后删除。")
    parser.add_argument("action", choices=["run"])
    parser.add_argument("command", nargs="+", help="要运行的命令,写在 -- 之后")
    options = parser.parse_args()
    listen()
    try:
        with running() as url:
            return subprocess.run(options.command, env={**os.environ, VARIABLE: url}, check=False).returncode
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Stop:
        return 130


if __name__ == "__main__":
    sys.exit(main())
