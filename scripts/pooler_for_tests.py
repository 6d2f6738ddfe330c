"""A throw-away PgBouncer in transaction mode in front of a PostgreSQL server."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import machine
from checkout import Refusal
from children import end_with_parent
from postgres_for_tests import PATIENCE, free_port, parent_folder, server_account

# Two connections to the server, however many callers: each transaction runs where the last one of somebody else ended.
_SETTINGS = """[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {users}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
logfile = {log}
"""


@contextlib.contextmanager
def pooled(url: str) -> Iterator[str]:
    """The URL again, through a pooler that lives as long as the block. Raises Refusal when there is none to start."""
    program = machine.pooler()
    if program is None:
        raise Refusal("没有找到 PgBouncer(apt-get install pgbouncer)。")
    parts = urlsplit(url)
    folder = Path(tempfile.mkdtemp(prefix="yinling-pooler-", dir=parent_folder()))
    port, account, process = free_port(), server_account(), None
    try:
        _write(folder, account, host=parts.hostname, server_port=parts.port or 5432, port=port,
               users=folder / "users", log=folder / "log")
        (folder / "users").write_text(f'"{parts.username}" "{parts.password}"\n', encoding="utf-8")
        process = subprocess.Popen(
            [program, "-q", folder / "pgbouncer.ini"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=lambda: end_with_parent(signal.SIGQUIT),
            **account)
        _wait(process, port, folder / "log")
        yield parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl()
    finally:
        if process is not None:
            process.kill()  # its signals for stopping mean other things from version to version; nothing is kept
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, account: dict[str, int], **said: object) -> None:
    (folder / "pgbouncer.ini").write_text(_SETTINGS.format(**said), encoding="utf-8")
    if account:
        os.chown(folder, account["user"], account["group"])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    raise Refusal(f"PgBouncer 没有在端口 {port} 上启动:\n{said[-2000:]}")
