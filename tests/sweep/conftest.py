"""The world of the sweep on both engines, and the size of the sweep at the end of the run."""

from collections.abc import Iterator
from typing import Any

import pytest
from sweep_import import ask_for_imports
from sweep_world import NOW, SweepWorld, build_sweep_world, put_files_back

from engines import Store
from tenants import clock


@pytest.fixture
def sweep_world(store: Store) -> Iterator[SweepWorld]:
    """The marked province, made once per engine and worker and copied for each test; the clock stands at NOW."""
    if not store.has("sweep"):
        store.reset("empty")
        clock.configure(NOW)
        made = build_sweep_world(store.app)
        ask_for_imports(made)
        store.keep("sweep", made)
    store.reset("sweep")
    clock.configure(NOW)
    world: SweepWorld = store.kept("sweep")
    put_files_back(world)
    yield world
    store.rest()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Requests sent and mismatches found, by kind of sweep and engine."""
    sums: dict[str, int] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name.startswith("sweep:") and report.when == "call":
                    sums[name] = sums.get(name, 0) + int(value)
    if sums:
        terminalreporter.write_sep("-", "size of the sweep")
        for name in sorted(sums):
            terminalreporter.write_line(f"{name.removeprefix('sweep:')}: {sums[name]}")
