"""The figures of a morning: shares of time by kind of request, and the page they are written to."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.frame import EXACTLY, Finding, goal_text, shown, table
from benchmarks.report import facts
from checkout import ROOT
from load_kinds import LISTS, READS, WRITES

PAGE = ROOT / "docs" / "load.md"
SERVER_ERROR = 500
FAMILIES = {"read": READS, "list and search": LISTS, "write": WRITES}
HEAD = """# A province's morning

<!-- Written by scripts/load --write. -->

`scripts/load` serves a generated province with gunicorn, the worker and PostgreSQL on one machine, over the loopback,
and has clients ask for what people ask for in the morning: 70 % reads, 20 % lists and searches, 10 % new records; then
the same while everybody logs in, and while a roster is imported and a long list is exported: in turns of five seconds
with turns in which the worker is held still, so that whatever else the machine does touches both alike.
`scripts/load --show` does it at 420,000 records with an export of 100,000 rows and an import of 50,000, in some six
minutes, and ends with one line of verdict for each figure. The clients are two processes on the same machine, so they
and the database share the cores with the web. Open phases count the wait from the moment a request fell due, so that a
stalled server cannot hide behind clients that wait for it.
"""

Sample = tuple[str, float, int]


@dataclass
class Window:
    """What one phase gave."""

    name: str
    seconds: float
    samples: list[Sample] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests answered in a second."""
        return sum(status != 0 for _kind, _took, status in self.samples) / self.seconds

    def of(self, kinds: Iterable[str]) -> list[float]:
        """Seconds of some kinds, in order."""
        wanted = set(kinds)
        return sorted(took for kind, took, _status in self.samples if kind in wanted)

    @property
    def bad(self) -> dict[int, int]:
        """How many answers were no success, by status; 0 is no answer."""
        found: dict[int, int] = {}
        for _kind, _took, status in self.samples:
            if not 200 <= status < 300:
                found[status] = found.get(status, 0) + 1
        return found

    @property
    def broken(self) -> int:
        """5xx and lost answers."""
        return sum(count for status, count in self.bad.items() if status >= SERVER_ERROR or status == 0)


def at(ordered: list[float], share: float) -> float:
    """The value below which this share of the values lies; 0 of nothing."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def window_lines(windows: list[Window]) -> str:
    """p50, p95 and p99 of each family and kind in each phase."""
    lines = ["| phase | kind | requests | p50 | p95 | p99 | not 2xx |", "|---|---|---:|---:|---:|---:|---|"]
    for window in windows:
        kinds = sorted({kind for kind, _took, _status in window.samples})
        rows = {name: inside for name, inside in FAMILIES.items() if set(inside) & set(kinds)}
        rows |= {f"· {kind}": (kind,) for kind in kinds}
        for name, inside in {"all": tuple(kinds), **rows}.items():
            took = window.of(inside)
            bad = ", ".join(f"{count} × {status or 'lost'}" for status, count in window.bad.items()) \
                if name == "all" else ""
            lines.append(f"| {window.name} | {name} | {len(took):,} | {shown(at(took, 0.5))} | {shown(at(took, 0.95))} "
                         f"| {shown(at(took, 0.99))} | {bad} |")
    return "\n".join(lines)


@dataclass
class Morning:
    """Everything measured."""

    product: list[Window]
    floor: list[Window]
    calm: Window
    storm: Window
    busy: Window
    still: Window
    cores: int
    memory: dict[str, tuple[int, int]]
    done: dict[str, str]
    cpu: dict[str, float]
    whole: bool = True
    each_cpu: tuple[float, float] = (0.0, 0.0)  # of the web for a request at their most: the product's, the floor's

    @property
    def open_phases(self) -> tuple[Window, ...]:
        """Those that ask at a rate fixed beforehand."""
        return self.calm, self.storm, self.busy, self.still

    def findings(self) -> list[Finding]:
        """The figures with a goal."""
        most = statistics.median(each.rate for each in self.product)
        floor = statistics.median(each.rate for each in self.floor)
        ordinary = [*READS, *LISTS, *WRITES]
        calm, busy, still = (at(each.of(ordinary), 0.95) for each in (self.calm, self.busy, self.still))
        storm = at(self.storm.of(ordinary), 0.95)
        broken = sum(each.broken for each in (*self.product, *self.open_phases))
        found = [
            Finding("requests a second of a bare route, for one of ours", 1 / most, 1 / floor, "Flask + raw psycopg",
                    1 / 0.4, unit="s", note=f"product {most:,.0f}/s, floor {floor:,.0f}/s: {most / floor:.2f} of it"),
            Finding("CPU of the web for a request, at their most", *self.each_cpu, "Flask + raw psycopg",
                    note="user and system; on a shared machine it says more than the rate"),
            Finding("requests a second for each core, at their most", most / self.cores, 25, "orientation",
                    unit="rps", note=f"p95 {shown(at(self.product[0].of(ordinary), 0.95))}"),
            Finding("p95 of a calm morning", calm, 0.4, "orientation 400 ms", 1, note=f"at {self.calm.rate:.0f}/s"),
            Finding("p95 while everybody logs in", storm, calm, "the calm morning", 2,
                    note=f"{self.storm.rate:.0f}/s, log-ins among them"),
            Finding("p95 with an export and an import running", busy, still, "turns with the worker held still", 1.2,
                    note=", ".join(f"{name}: {said}" for name, said in self.done.items())),
            Finding("long jobs that did not end well", float(not self.whole), limit=0, bound=EXACTLY, unit="jobs"),
            Finding("5xx or no answer", broken, limit=0, bound=EXACTLY, unit="requests"),
        ]
        return found + [Finding(f"memory of the {name} at the end", end / 2**20, start / 2**20, "after warming up", 1.1,
                                unit="MB") for name, (start, end) in self.memory.items()]


def text(morning: Morning) -> str:
    """Both tables."""
    cpu = ", ".join(f"{name} {shown(seconds)}" for name, seconds in morning.cpu.items())
    return (f"{table(morning.findings())}\n\nCPU over the whole run: {cpu}.\n\n"
            f"{window_lines([morning.product[0], morning.floor[0], *morning.open_phases])}")


def merged(name: str, windows: list[Window]) -> Window:
    """Several windows of the same kind as one."""
    return Window(name, sum(each.seconds for each in windows), [each for window in windows for each in window.samples])


def verdicts(morning: Morning) -> str:
    """One line for each figure that has a goal."""
    return "\n".join(
        f"{each.verdict.upper() if each.met else each.verdict}: {each.case}: {shown(each.product, each.unit)}"
        + (f", {each.ratio:.3g}× of {shown(each.other, each.unit)} ({each.against})"
           if each.other is not None and each.ratio is not None else "")
        + f", goal {goal_text(each)}"
        for each in morning.findings() if each.met is not None)


def write(morning: Morning, *, told: str, note: str) -> None:
    """Put the page down."""
    lines = [HEAD, f"Measured {datetime.now(UTC):%Y-%m-%d}: {told}.", *([note] if note else []), "",
             *(f"- {each}" for each in facts()), "", text(morning), ""]
    PAGE.write_text("\n".join(lines), encoding="utf-8")


