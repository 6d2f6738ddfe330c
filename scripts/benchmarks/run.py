"""The process that measures: makes the worlds, runs the benchmarks asked for, prints and writes the table."""

import argparse
import sys
import traceback

from benchmarks import due, importing, loading, moves, pages, request, second_lock, totals, upkeep, writes  # noqa: F401
from benchmarks.fixture import EMPTY, UNITS, Size
from benchmarks.frame import EXACTLY, QUICK, Finding, Pace, table
from benchmarks.goals import BOTH, POSTGRESQL, SQLITE, Benchmark, known
from benchmarks.report import write
from benchmarks.world import World, Worlds
from checkout import elapsed, say, speak_plainly

WHOLE = {POSTGRESQL: Size(UNITS, 1_000_000, 5_000_000), SQLITE: Size(UNITS, 100_000, 500_000)}


def tenth(size: Size) -> Size:
    """A tenth of the rows in the same tree."""
    return Size(size.units, size.cadres // 10, size.records // 10)


class Bench:
    """What a benchmark is given: the engine, the pace, the databases."""

    def __init__(self, engine_name: str, server: str | None, *, quick: bool) -> None:
        """`quick`: a tenth of everything, and little time for each comparison."""
        whole = tenth(WHOLE[engine_name]) if quick else WHOLE[engine_name]
        self.engine_name, self.quick = engine_name, quick
        self.pace = QUICK if quick else Pace()
        self.slow_pace = Pace(2, 3, 5) if quick else Pace(10, 3, 20)  # for what takes a second by itself
        self.worlds = Worlds(engine_name, server, {"whole": whole, "tenth": tenth(whole), "empty": EMPTY})

    @property
    def whole(self) -> World:
        """The world to measure on."""
        return self.worlds.get("whole")

    @property
    def small(self) -> World:
        """The same with a tenth of the rows."""
        return self.worlds.get("tenth")

    @property
    def empty(self) -> World:
        """Migrated, without a unit."""
        return self.worlds.get("empty")


def chosen(only: list[str] | None) -> list[Benchmark]:
    """The benchmarks named, by name or number of the goal; SystemExit for an unknown one."""
    everything = known()
    if not only:
        return list(everything.values())
    found = [each for each in everything.values() if each.name in only or str(each.goal) in only]
    unknown = set(only) - {each.name for each in found} - {str(each.goal) for each in found}
    if unknown:
        raise SystemExit(f"没有这些项目:{'、'.join(sorted(unknown))};有:{'、'.join(everything)}")
    return found


def measured(benchmarks: list[Benchmark], engine_name: str, server: str | None, *, quick: bool) -> list[Finding]:
    """Every figure on one engine."""
    wanted = [each for each in benchmarks if engine_name in each.engines]
    if not wanted:
        return []
    bench = Bench(engine_name, server, quick=quick)
    findings: list[Finding] = []
    try:
        for each in wanted:
            say(f"{engine_name} · {each.goal} {each.name}")
            findings += _findings(each, bench)
    finally:
        bench.worlds.close()
    return findings


def _findings(each: Benchmark, bench: Bench) -> list[Finding]:
    """A benchmark's figures; one that breaks is a figure of its own and does not stop the others."""
    try:
        return each.run(bench)
    except Exception as error:
        traceback.print_exc()
        return [Finding(f"`{each.name}` broke: {type(error).__name__}", 1, limit=0, bound=EXACTLY, unit="failure",
                        goal=each.goal, engine=bench.engine_name)]


def main() -> int:
    """Measure and tell; 0 whatever the verdicts, which are for people."""
    speak_plainly()
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=[*BOTH, "both"], default="both")
    parser.add_argument("--url")
    parser.add_argument("--note", default="")
    parser.add_argument("--only", nargs="+")
    for flag in ("--quick", "--write", "--list"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{each.goal:>3}  {name}  ({', '.join(each.engines)})" for name, each in known().items()))
        return 0
    benchmarks = chosen(options.only)
    findings: list[Finding] = []
    for engine_name in BOTH:
        if options.engine in (engine_name, "both"):
            server = options.url if engine_name == POSTGRESQL else None
            findings += measured(benchmarks, engine_name, server, quick=options.quick)
    findings.sort(key=lambda each: each.goal)
    print(f"\n{table(findings)}\n\n{elapsed():.0f} 秒", flush=True)
    if options.write:
        write(findings, quick=options.quick, note=options.note, seconds=elapsed())
    return 0


if __name__ == "__main__":
    sys.exit(main())
