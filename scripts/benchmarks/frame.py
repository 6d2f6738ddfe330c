"""Interleaved measuring, ratios and verdicts: what every benchmark is made of, and what its figures mean."""

import random
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

AT_MOST, AT_LEAST, EXACTLY = "≤", "≥", "="
Way = Callable[[], float | None]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Pace:
    """How long a comparison may take: seconds in all, and rounds at least and at most."""

    seconds: float = 2.0
    least: int = 5
    most: int = 400


QUICK = Pace(0.4, 3, 60)


@dataclass(frozen=True)
class Finding:
    """One figure beside another. `limit` None: told for information, judged by nobody.

    AT_MOST: product / other may be at most `limit`. AT_LEAST: other / product must be at least `limit`, so many
    times quicker is the product. EXACTLY: the product's own figure must be `limit`; there is no other.
    """

    case: str
    product: float
    other: float | None = None
    against: str = ""
    limit: float | None = None
    bound: str = AT_MOST
    unit: str = "s"
    note: str = ""
    goal: int = 0
    engine: str = ""

    @property
    def ratio(self) -> float | None:
        """Product to other, or other to product where the product must be the quicker; None without another."""
        if self.other is None:
            return None
        if self.bound == AT_LEAST:
            return self.other / self.product if self.product else float("inf")
        return self.product / self.other if self.other else float("inf")

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None when nothing is asked."""
        if self.limit is None:
            return None
        measured = self.product if self.bound == EXACTLY else self.ratio
        if measured is None:
            return None
        if self.bound == EXACTLY:
            return measured == self.limit
        return measured <= self.limit if self.bound == AT_MOST else measured >= self.limit

    @property
    def verdict(self) -> str:
        """`met`, `missed by …` or nothing."""
        if self.met is None:
            return ""
        if self.met:
            return "met"
        if self.bound == EXACTLY:
            return f"missed: {shown(self.product, self.unit)}"
        ratio = self.ratio or 0.0
        far = ratio / (self.limit or 1.0) if self.bound == AT_MOST else (self.limit or 0.0) / ratio
        return f"missed by {far:,.{0 if far >= 10 else 1}f}×" if far >= 2 else f"missed by {(far - 1) * 100:.0f} %"


@dataclass
class Samples:
    """What each way took, in the order measured."""

    by_way: dict[str, list[float]] = field(default_factory=dict)

    def median(self, name: str) -> float:
        """The middle figure of a way."""
        return statistics.median(self.by_way[name])

    def ratio(self, name: str, other: str) -> float:
        """The ratio of two medians."""
        return self.median(name) / self.median(other)


def interleave(ways: Mapping[str, Way], pace: Pace, *, clock: Clock = time.perf_counter, seed: int = 1,
               warm: int = 1) -> Samples:
    """Run every way in turn, in an order drawn anew each round, until the pace's seconds are over.

    A way that gives back a number is taken at its word (CPU time, time in the database); otherwise the clock counts.
    A way that has used up its share of the seconds and has its least rounds sits the rest out, so that one slow way
    neither starves the others nor stretches the run.
    """
    order, draw = list(ways), random.Random(seed)  # noqa: S311  an order, not a secret
    samples = Samples({name: [] for name in order})
    for name in order * warm:
        ways[name]()
    spent = dict.fromkeys(order, 0.0)
    share = pace.seconds / len(order)
    for turn in range(pace.most):
        draw.shuffle(order)
        todo = [name for name in order if turn < pace.least or spent[name] < share]
        if not todo:
            break
        for name in todo:
            began = clock()
            said = ways[name]()
            took = clock() - began
            spent[name] += took
            samples.by_way[name].append(took if said is None else said)
    return samples


def timed(call: Callable[[], object]) -> Way:
    """A way of a call whose answer is of no interest: the clock counts."""

    def way() -> None:
        call()

    return way


def shown(value: float, unit: str = "s") -> str:
    """A figure as people read it: three digits and a unit that fits."""
    if unit != "s":
        return f"{value:,.0f} {unit}" if value == int(value) else f"{value:.3g} {unit}"
    for size, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if value >= size:
            return f"{value / size:.3g} {name}"
    return f"{value / 1e-9:.3g} ns"


def goal_text(finding: Finding) -> str:
    """What is asked of a figure."""
    if finding.limit is None:
        return "told"
    times = "" if finding.bound == EXACTLY else "×"
    return f"{finding.bound} {finding.limit:,g}{times}"


def table(findings: list[Finding]) -> str:
    """The figures as a Markdown table, one line each."""
    lines = ["| # | engine | case | product | beside | | ratio | goal | verdict | remark |",
             "|---:|---|---|---:|---|---:|---:|---|---|---|"]
    for each in findings:
        ratio = f"{each.ratio:,.3g}×" if each.ratio is not None and each.ratio < 1e3 else (
            f"{each.ratio:,.0f}×" if each.ratio is not None else "")
        other = shown(each.other, each.unit) if each.other is not None else ""
        verdict = f"**{each.verdict}**" if each.met is False else each.verdict
        lines.append(f"| {each.goal} | {each.engine} | {each.case} | {shown(each.product, each.unit)} | {each.against} "
                     f"| {other} | {ratio} | {goal_text(each)} | {verdict} | {each.note} |")
    return "\n".join(lines)
