"""Four processes with an application each, on one database: what `gunicorn -w 4` is, without a socket."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from engines import Store
from tenants import clock

PROCESSES = 4
Job = dict[str, Any]


class Servers:
    """The processes of all races of this test worker."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("server_process.py")
        self._running = [
            subprocess.Popen([sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                             encoding="utf-8", cwd=program.parents[2])
            for _ in range(PROCESSES)
        ]

    def _tell(self, process: "subprocess.Popen[str]", said: dict[str, Any]) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(said, ensure_ascii=False) + "\n")
        process.stdin.flush()

    def _hear(self, process: "subprocess.Popen[str]") -> dict[str, Any]:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"a server process ended with {process.poll()}"
        heard: dict[str, Any] = json.loads(line)
        return heard

    def all(self, said: dict[str, Any]) -> None:
        """Tell every process the same and hear every one."""
        for process in self._running:
            self._tell(process, said)
        for process in self._running:
            assert "error" not in self._hear(process)

    def open(self, store: Store) -> None:
        """Every process serves this store's database, by the clock of the test."""
        self.all({"do": "open", "instance": str(store.instance), "now": clock.now().isoformat(),
                  "url": store.app.config["SQLALCHEMY_DATABASE_URI"]})

    def rest(self) -> None:
        """Let go of the database."""
        self.all({"do": "rest"})

    def plant(self, name: str) -> None:
        """Plant a fault in every process, until `rest`."""
        self.all({"do": "plant", "name": name})

    def race(self, jobs: list[Job]) -> list[Any]:
        """Do all jobs at once, dealt out over the processes; answers in the order of the jobs."""
        hands = [jobs[place::PROCESSES] for place in range(PROCESSES)]
        dealt = [(process, hand) for process, hand in zip(self._running, hands, strict=True) if hand]
        for process, hand in dealt:
            self._tell(process, {"do": "race", "jobs": hand})
        for process, _hand in dealt:
            assert "ready" in self._hear(process)
        for process, _hand in dealt:
            self._tell(process, {"go": True})
        answers: list[Any] = [None] * len(jobs)
        for place, (process, _hand) in enumerate(dealt):
            answers[place::PROCESSES] = self._hear(process)["answers"]
        return answers

    def close(self) -> None:
        """Hang up; the processes end by themselves."""
        for process in self._running:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.close()
            process.wait(300)
            process.stdout.close()


def call(method: str, path: str, token: str | None = None, json: Any = None, **headers: str) -> Job:
    """A request as a job; `if_match="3"` becomes the header `If-Match`."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"act": "request", "method": method, "path": path, "token": token, "json": json, "headers": sent}
