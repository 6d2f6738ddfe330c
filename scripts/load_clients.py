"""A process of clients: threads with a connection each that ask for a while and tell what each answer took.

Closed: each asks as soon as it has its answer. Open: requests fall due at random moments at a given rate, whether or
not the server keeps up, and the wait counts from the moment due; the number in flight is bounded by the threads.
"""

import http.client
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from load_kinds import Asked, Somebody, drawn, floor, log_in

LOST = 0
PATIENCE = 60


@dataclass
class Phase:
    """What these clients do: `mix` is morning, floor or log-in; a rate of 0 means closed."""

    port: int
    seconds: float
    threads: int
    rate: float
    seed: int
    mix: str
    password: str = ""
    people: list[Somebody] = field(default_factory=list)

    def ask(self, draw: Random) -> Asked:
        """The next request."""
        if self.mix == "floor":
            return floor()
        return log_in(draw, self.people, self.password) if self.mix == "log-in" else drawn(draw, self.people)


class Arrivals:
    """Moments at which requests fall due, handed to whichever thread is free."""

    def __init__(self, phase: Phase, began: float) -> None:
        self.lock = threading.Lock()
        self.moments = self._moments(phase, began)

    @staticmethod
    def _moments(phase: Phase, began: float) -> Iterator[float]:
        draw, moment = Random(phase.seed), began  # noqa: S311
        while True:
            moment += draw.expovariate(phase.rate)
            if moment > began + phase.seconds:
                return
            yield moment

    def next(self) -> float | None:
        """The next one; None when the phase is over."""
        with self.lock:
            return next(self.moments, None)


class Client:
    """One connection, kept alive; opened again when it broke."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def send(self, asked: Asked) -> int:
        """The status of the answer, LOST when there was none."""
        for again in (True, False):
            try:
                self.connection.request(asked.method, asked.path, asked.body, asked.headers)
                answer = self.connection.getresponse()
                answer.read()
                return answer.status
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # A server may close a kept connection; what was never taken is sent once more.
                self.connection.close()
                if not again:
                    return LOST
            except OSError:
                self.connection.close()
                return LOST
        return LOST


def run(phase: Phase) -> list[tuple[str, float, int]]:
    """(kind, seconds, status) of every request of a phase."""
    done: list[tuple[str, float, int]] = []
    began = time.perf_counter()
    arrivals = Arrivals(phase, began) if phase.rate else None

    def work(number: int) -> None:
        draw, client = Random(phase.seed * 1000 + number), Client(phase.port)  # noqa: S311
        while True:
            due = arrivals.next() if arrivals else time.perf_counter()
            if due is None or due > began + phase.seconds:
                return
            time.sleep(max(0.0, due - time.perf_counter()))
            asked = phase.ask(draw)
            status = client.send(asked)
            done.append((asked.kind, time.perf_counter() - due, status))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(phase.threads)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return done


def main() -> int:
    """Read the phase, do it, tell."""
    told: dict[str, Any] = json.load(sys.stdin)
    people = [Somebody(**each) for each in told.pop("people")]
    json.dump(run(Phase(people=people, **told)), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
