"""The arithmetic of the benchmarks: medians, ratios, verdicts, the order of rounds, the table. No time is judged."""

import itertools
from collections.abc import Callable

import pytest

from benchmarks.frame import AT_LEAST, AT_MOST, EXACTLY, Finding, Pace, Samples, interleave, shown, table
from benchmarks.goals import GOALS, benchmark, known


class Steps:
    """A clock that only ways move on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.called: list[str] = []

    def way(self, name: str, *seconds: float) -> Callable[[], None]:
        """A way that takes these seconds in turn."""
        each = itertools.cycle(seconds)

        def run() -> None:
            self.called.append(name)
            self.now += next(each)

        return run


def test_every_way_runs_in_each_round_in_an_order_drawn_anew() -> None:
    steps = Steps()
    ways = {name: steps.way(name, 1.0) for name in "abc"}
    samples = interleave(ways, Pace(seconds=100, least=3, most=8), clock=lambda: steps.now, warm=0)
    rounds = [steps.called[at:at + 3] for at in range(0, len(steps.called), 3)]
    assert [sorted(each) for each in rounds] == [["a", "b", "c"]] * 8
    assert len({tuple(each) for each in rounds}) > 1
    assert all(len(found) == 8 for found in samples.by_way.values())


def test_a_slow_way_stops_at_its_share_and_the_quick_one_goes_on() -> None:
    steps = Steps()
    ways = {"slow": steps.way("slow", 10.0), "quick": steps.way("quick", 0.1)}
    samples = interleave(ways, Pace(seconds=10, least=2, most=1000), clock=lambda: steps.now, warm=0)
    assert len(samples.by_way["slow"]) == 2
    assert 50 <= len(samples.by_way["quick"]) <= 52


def test_the_warm_up_is_not_counted_and_a_told_figure_goes_before_the_clock() -> None:
    steps = Steps()
    samples = interleave({"cold first": steps.way("x", 100.0, 1.0, 1.0, 1.0), "told": lambda: 7.0},
                         Pace(seconds=1, least=3, most=3), clock=lambda: steps.now)
    assert samples.median("cold first") == 1.0
    assert samples.by_way["told"] == [7.0, 7.0, 7.0]
    assert samples.ratio("told", "cold first") == 7.0


def test_the_median_is_not_led_by_one_bad_round() -> None:
    assert Samples({"a": [1.0, 1.1, 50.0]}).median("a") == 1.1


@pytest.mark.parametrize(
    ("finding", "ratio", "met", "verdict"),
    [
        (Finding("x", 2.0, 1.0, limit=3), 2.0, True, "met"),
        (Finding("x", 3.0, 1.0, limit=3), 3.0, True, "met"),
        (Finding("x", 3.3, 1.0, limit=3), 3.3, False, "missed by 10 %"),
        (Finding("x", 12.0, 1.0, limit=3), 12.0, False, "missed by 4.0×"),
        (Finding("x", 1.0, 1.0, limit=2000, bound=AT_LEAST), 1.0, False, "missed by 2,000×"),
        (Finding("x", 1.0, 300.0, limit=200, bound=AT_LEAST), 300.0, True, "met"),
        (Finding("x", 2.0, 300.0, limit=200, bound=AT_LEAST), 150.0, False, "missed by 33 %"),
        (Finding("x", 0, limit=0, bound=EXACTLY, unit="rows"), None, True, "met"),
        (Finding("x", 41_000, limit=0, bound=EXACTLY, unit="rows"), None, False, "missed: 41,000 rows"),
        (Finding("x", 5.0, 1.0), 5.0, None, ""),
        (Finding("x", 5.0), None, None, ""),
    ],
)
def test_ratio_and_verdict(finding: Finding, ratio: float | None, met: bool | None, verdict: str) -> None:
    assert finding.ratio == (pytest.approx(ratio) if ratio is not None else None)
    assert (finding.met, finding.verdict) == (met, verdict)


def test_nothing_to_compare_with_is_no_success() -> None:
    assert Finding("x", 1.0, limit=3).met is None
    assert Finding("x", 1.0, 0.0, limit=3).met is False
    assert Finding("x", 0.0, 1.0, limit=3, bound=AT_LEAST).met is True


@pytest.mark.parametrize(("value", "unit", "text"), [
    (1.5, "s", "1.5 s"), (0.0123, "s", "12.3 ms"), (4.56e-5, "s", "45.6 µs"), (1.13e-7, "s", "113 ns"),
    (0, "rows", "0 rows"), (41000, "rows", "41,000 rows"), (0.75, "tx/s", "0.75 tx/s"),
])
def test_figures_are_shown_as_people_read_them(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_the_table_has_a_line_for_each_figure_and_marks_what_is_missed() -> None:
    lines = table([
        Finding("county", 2e-3, 1e-3, "per-level columns", 3, AT_MOST, goal=1, engine="postgresql", note="two scans"),
        Finding("rows changed", 5, limit=0, bound=EXACTLY, unit="rows", goal=5, engine="sqlite"),
    ]).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2] == "| 1 | postgresql | county | 2 ms | per-level columns | 1 ms | 2× | ≤ 3× | met | two scans |"
    assert lines[3] == "| 5 | sqlite | rows changed | 5 rows |  |  |  | = 0 | **missed: 5 rows** |  |"


def test_a_name_is_given_once_and_figures_carry_their_goal() -> None:
    @benchmark("frame test", 3, "postgresql")
    def measure(bench: object) -> list[Finding]:
        return [Finding("x", 1.0)]

    class Bench:
        engine_name = "postgresql"

    try:
        made = known()["frame test"]
        assert (made.goal, made.engines) == (3, ("postgresql",)) and made.goal in GOALS
        assert [(each.goal, each.engine) for each in made.run(Bench())] == [(3, "postgresql")]
        with pytest.raises(ValueError, match="two benchmarks"):
            benchmark("frame test", 4)(measure)
    finally:
        known.__globals__["_known"].pop("frame test")
