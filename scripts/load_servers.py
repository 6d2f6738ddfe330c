"""The servers under load: the product's web and worker and the floor's web, each as gunicorn runs them in earnest."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from checkout import PYTHON, ROOT, Refusal

PATIENCE = 60


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One process with its children."""

    def __init__(self, name: str, words: list[str], env: Mapping[str, str], log: Path) -> None:
        """Start it; what it says goes to a file."""
        self.name = name
        with log.open("wb") as out:
            self.process = subprocess.Popen([str(PYTHON), *words], cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=out)

    def memory(self) -> int:
        """Bytes of its own and its children's share of memory (PSS)."""
        total = 0
        for pid in [self.process.pid, *_below(self.process.pid)]:
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
            except OSError:
                continue
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        return total

    def cpu(self) -> float:
        """Seconds of CPU it and its children have used."""
        ticks = 0
        for pid in [self.process.pid, *_below(self.process.pid)]:
            try:
                parts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            ticks += int(parts[11]) + int(parts[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def rest(self, *, still: bool) -> None:
        """Hold it still as it stands, or let it go on."""
        for pid in [self.process.pid, *_below(self.process.pid)]:
            os.kill(pid, signal.SIGSTOP if still else signal.SIGCONT)

    def stop(self) -> None:
        """End it kindly, then by force."""
        if self.process.poll() is None:
            self.rest(still=False)
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _below(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    found = [int(each) for each in children]
    return found + [deeper for each in found for deeper in _below(each)]


def web(env: Mapping[str, str], port: int, log: Path, application: str | None = None) -> Server:
    """gunicorn with the product's settings; of the product, or of another application."""
    words = ["-m", "gunicorn", "-c", "gunicorn.conf.py", *([application] if application else [])]
    made = Server(application or "web", words, {**env, "YINLING_PORT": str(port), "YINLING_HOST": "127.0.0.1"}, log)
    wait_for(port, "/visits" if application else "/readyz", made, log)
    return made


def worker(env: Mapping[str, str], log: Path) -> Server:
    """The product's worker."""
    return Server("worker", ["-m", "flask", "--app", "wsgi", "worker"], env, log)


def wait_for(port: int, path: str, server: Server, log: Path) -> None:
    """Return when it answers; Refusal when it does not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise Refusal(f"{server.name} 没有起来:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
