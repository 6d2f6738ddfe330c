"""Goal 11: a secured, scoped page of 20 rows, in CPU per request, beside raw psycopg in Flask and the usual stack."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.frame import AT_LEAST, Finding, interleave
from benchmarks.goals import POSTGRESQL, benchmark
from benchmarks.people import staff_of
from benchmarks.world import World

ROUTE = "/api/v1/records/visits?limit=20"
AT_ONCE = 15


class Contender:
    """A process of its own that answers requests without a socket and tells what they cost."""

    def __init__(self, kind: str, world: World, told: dict[str, Any]) -> None:
        """Start it; `told` is what it needs to know."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contender", kind, json.dumps(told)], text=True,
            env={**os.environ, **world.env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, times: int = AT_ONCE) -> dict[str, float]:
        """CPU and wall seconds per request, and the rows of the last answer."""
        there, back = self.process.stdin, self.process.stdout
        if there is None or back is None:
            raise RuntimeError("a contender without pipes")
        print(times, file=there, flush=True)
        line = back.readline()
        if not line:
            raise RuntimeError("a contender died")
        answer: dict[str, float] = json.loads(line)
        if answer["rows"] != 20:
            raise RuntimeError(f"a contender answered {answer['rows']} rows instead of 20")
        return answer

    def end(self) -> None:
        """Let it go."""
        self.process.terminate()
        self.process.wait()


@contextlib.contextmanager
def contenders(world: World, told: dict[str, Any], *kinds: str) -> Iterator[dict[str, Contender]]:
    """Several at once, ended together."""
    made = {kind: Contender(kind, world, told) for kind in kinds}
    try:
        yield made
    finally:
        for each in made.values():
            each.end()


@benchmark("request", 11, POSTGRESQL)
def secured_page(bench: Any) -> list[Finding]:
    """The same page by the product, by raw psycopg, and by the usual stack."""
    place = bench.whole.place("county")
    account, token = staff_of(bench.whole, place, "chief")
    low, high = place.ranges[0]
    told = {"route": ROUTE, "token": token, "account": account, "low": low, "high": high}
    with contenders(bench.whole, told, "product", "raw", "usual") as made:
        wall: dict[str, list[float]] = {kind: [] for kind in made}

        def way(kind: str) -> float:
            answer = made[kind].ask()
            wall[kind].append(answer["wall"])
            return answer["cpu"]

        took = interleave({kind: (lambda kind=kind: way(kind)) for kind in made}, bench.slow_pace, warm=2)
    median = {kind: sorted(times)[len(times) // 2] for kind, times in wall.items()}
    note = "wall " + ", ".join(f"{kind} {seconds * 1e3:.2f} ms" for kind, seconds in median.items())
    return [
        Finding("CPU of the web process", took.median("product"), took.median("raw"), "raw psycopg and orjson in Flask",
                2, note=note),
        Finding("CPU of the web process", took.median("product"), took.median("usual"),
                "Flask-Login + ORM + criteria + marshmallow", 2.5, AT_LEAST, note="20 rows and their total"),
    ]
