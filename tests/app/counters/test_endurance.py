"""Writers and folders killed in the middle of their work leave the counters exact: a short turn of the long trial."""

from pathlib import Path

from trials.endurance import endure
from world import World


def test_killed_processes_leave_nothing_behind(world: World, tmp_path: Path) -> None:
    told = endure(world.app, tmp_path, operations=120, writers=2, folders=1, pause=0.3)
    assert told.operations >= 120 and sum(told.killed.values()) > 0 and told.records > 0
    assert told.differences == []
