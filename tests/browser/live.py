"""A served instance for browsers: gunicorn and the worker as real processes on a free loopback port."""

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300.0


@dataclass
class Live:
    """The instance: where it listens, where its files lie."""

    instance: Path
    port: int
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def flask(self, *arguments: str) -> str:
        """Run a command of the program; returns what it printed."""
        done = subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", *arguments], cwd=ROOT, check=True,
                              env=self.environment, capture_output=True, text=True)
        return done.stdout

    def account(self, role: str, unit: str = "", *, first_login: bool = False) -> dict[str, Any]:
        """A demo account by role and a part of its unit's name."""
        return next(each for each in self.accounts() if each["role"] == role and unit in each["unit"]
                    and bool(each.get("first_login")) is first_login)

    def accounts(self) -> list[dict[str, Any]]:
        """Every demo account of the file."""
        found: list[dict[str, Any]] = json.loads((self.instance / "demo_accounts.json").read_text(encoding="utf-8"))
        return found

    def messages(self) -> list[dict[str, Any]]:
        """What the SMS provider was given so far."""
        path = self.instance / "sms.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def message_to(self, phone: str, *, after: int = 0) -> dict[str, Any]:
        """The newest message to a number, waited for at most a few seconds."""
        def found() -> dict[str, Any] | None:
            return next((line for line in reversed(self.messages()[after:]) if line["to"] == phone), None)

        return wait_until(found, "no SMS came")

    def stop(self) -> None:
        """End both processes the way the server command does."""
        for process in self.processes:
            process.send_signal(signal.SIGINT if process is self.processes[-1] else signal.SIGTERM)
        for process in self.processes:
            process.wait(PATIENCE)


def wait_until(look: Any, what: str) -> Any:
    """The first true answer of `look`; a bounded wait for other processes, paced by the kernel's select."""
    end = time.monotonic() + PATIENCE
    reader, writer = socket.socketpair()
    reader.settimeout(0.1)
    try:
        while time.monotonic() < end:
            answer = look()
            if answer:
                return answer
            try:
                reader.recv(1)
            except TimeoutError:
                continue
    finally:
        reader.close()
        writer.close()
    raise AssertionError(what)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(instance: Path, *, demo: str = "--small", url: str | None = None, now: str | None = None) -> Live:
    """Make, fill and serve an instance; `url` is another database than SQLite, `now` where its clock stands."""
    port = _free_port()
    environment = {**os.environ, "YINLING_INSTANCE": str(instance), "YINLING_PORT": str(port), "YINLING_DEMO": "1",
                   "YINLING_PAGE_SECONDS": "600",
                   "YINLING_SECRET_KEY": secrets.token_hex(32), "WEB_CONCURRENCY": "2",
                   "YINLING_FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()}
    environment.pop("YINLING_NOW", None)
    if now:
        environment["YINLING_NOW"] = now
    if url:
        environment["YINLING_DATABASE_URL"] = url
    live = Live(instance, port, environment)
    live.flask("db", "upgrade")
    live.flask(*["demo", "load", demo] if demo else ["demo", "load"])
    web = ["-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    worker = ["-m", "flask", "--app", "wsgi", "worker"]
    for command in (web, worker):
        live.processes.append(subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment))
    wait_until(lambda: _ready(live.url), "the server did not become ready")
    return live


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=60) as answer:  # noqa: S310  our own http address
            return bool(answer.status == 200)
    except OSError:
        return False
