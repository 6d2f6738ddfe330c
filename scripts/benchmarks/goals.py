"""The fifteen goals, each with the benchmarks that answer for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.frame import Finding

POSTGRESQL, SQLITE = "postgresql", "sqlite"
BOTH = (POSTGRESQL, SQLITE)

GOALS = {
    1: "newest 20 records at every level: ≤ 3× of per-level columns with five indexes",
    2: "the same page, ten times the records: grows ≤ 1.5× at every level",
    3: "overdue page: ≤ 3× of per-level columns at every level",
    4: "batch insert: ≤ 1.3× of the same tables without the scope column and its indexes",
    5: "moving a county: 0 records changed, ≤ 15× of a one-row update, counters included",
    6: "subtree totals: ≥ 200× faster than a live count at the province",
    7: "12-month rollup by child: ≤ 1.5× of the bare counter read, ≥ 100× faster than live GROUP BY at the province, "
       "growth ≤ 1.3× with ten times the records",
    8: "the same with overdue: ≤ 2×",
    9: "counter upkeep: batch write ≤ 1.25×, 8 writers keep ≥ 0.7 of the throughput, no deadlock",
    10: "due dates: ≥ 1,000× of the chinesecalendar loop one at a time, ≥ 10,000× in bulk, 0 wrong",
    11: "secured, scoped page of 20 rows: CPU ≤ 2× of raw psycopg in Flask, ≥ 2.5× less than Flask-Login + ORM + "
        "criteria + marshmallow",
    12: "row security on top of the filter: ≤ 1.5× at every level; with the filter forgotten: 0 foreign rows",
    13: "200,000 people xlsx → checked → database: ≥ 9× faster than openpyxl + phonenumbers + ORM",
    14: "loading 23,563 units: ≤ 3× of COPY",
    15: "SQLite: every list page ≤ 5 ms-class, ≥ 20× ahead of path or recursive CTE at the province",
}

Measure = Callable[[Any], list[Finding]]


@dataclass(frozen=True)
class Benchmark:
    """A named benchmark: the goal it answers for, the engines it runs on, and what measures it."""

    name: str
    goal: int
    engines: tuple[str, ...]
    measure: Measure

    def run(self, bench: Any) -> list[Finding]:
        """Measure, and put the goal and the engine on every figure."""
        return [replace(each, goal=self.goal, engine=each.engine or bench.engine_name)
                for each in self.measure(bench)]


_known: dict[str, Benchmark] = {}


def benchmark(name: str, goal: int, *engines: str) -> Callable[[Measure], Measure]:
    """Register a measuring function under a name; without engines it runs on both."""

    def keep(measure: Measure) -> Measure:
        if name in _known:
            raise ValueError(f"two benchmarks are called {name}")
        _known[name] = Benchmark(name, goal, engines or BOTH, measure)
        return measure

    return keep


def known() -> dict[str, Benchmark]:
    """Every benchmark by name, in the order of the goals."""
    return dict(sorted(_known.items(), key=lambda item: (item[1].goal, item[0])))
