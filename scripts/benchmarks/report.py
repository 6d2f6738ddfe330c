"""Writes docs/benchmarks.md: the figures of a whole run, and the machine they were measured on."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import machine
from benchmarks.frame import Finding, table
from benchmarks.goals import GOALS
from benchmarks.reasons import why
from checkout import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

<!-- Written by scripts/bench --write. -->

Each goal of province scale, measured by `scripts/bench`: the product's own code beside its floor (the cheapest way
anybody could do the same on this machine) and beside the usual way, run in turn within one process, medians. **Only
the ratios mean anything**; absolute times depend on the machine and on what else ran on it. `scripts/bench --quick`
takes a tenth of the data. None of this is asserted by a test: the tests count statements and pages instead.
"""


def facts() -> list[str]:
    """What the machine is, one sentence each."""
    memory = int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1]) // 1024**2
    processor = next((line.partition(":")[2].strip() for line in
                      Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines() if line.startswith("model name")),
                     platform.machine())
    folder = machine.postgres_folder()
    postgres = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout \
        if folder else "no PostgreSQL"
    return [f"{len(os.sched_getaffinity(0))} cores, {processor}, {memory} GB of memory", platform.system(),
            f"Python {platform.python_version()}, {postgres.strip()}",
            f"load average over the last minute at the end: {os.getloadavg()[0]:.1f}"]


def write(findings: list[Finding], *, quick: bool, note: str, seconds: float) -> None:
    """Put the page down."""
    asked = [each for each in findings if each.met is not None]
    missed = [each for each in asked if not each.met]
    said = [f"Measured {datetime.now(UTC):%Y-%m-%d}, {seconds:.0f} seconds"
            + (", a tenth of the data (`--quick`)." if quick else ", the whole data."), *([note] if note else [])]
    lines = [HEAD, *said, "", *(f"- {each}" for each in facts()), "",
             f"{len(asked) - len(missed)} of {len(asked)} figures meet their goal.", "", table(findings), "",
             *(["## What is missed, and why", "", *why([each.goal for each in missed]), ""] if missed else []),
             "## The goals", "", *(f"{number}. {text}" for number, text in GOALS.items()), ""]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
