"""The application's own filter switched off: the database shows 0 foreign rows on every route (A16)."""

from collections.abc import Callable

import pytest
from sweep_people import PEOPLE
from sweep_routes import ROWS
from sweep_run import FULL, Sweep
from sweep_world import SweepWorld

from second_lock import filter_off, policies_open

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
NAMES = [person.name for person in PEOPLE] if FULL else ["clerk", "cadre", "county administrator"]
READING = [row for row in ROWS if row.method == "GET"]


def shown(sweep: Sweep, name: str) -> list[str]:
    """What is wrong with the answers to a principal, over every route that reads; `--full` over all there are."""
    rows, places = (ROWS, None) if FULL else (READING, ("射阳", "东台"))
    return list(sweep.cells(sweep.world.people[name], rows, places))


@pytest.mark.parametrize("name", NAMES)
def test_without_the_filter_nobody_sees_more(
        sweep_world: SweepWorld, monkeypatch: pytest.MonkeyPatch, name: str,
        record_property: Callable[[str, object], None]) -> None:
    filter_off(monkeypatch)
    sweep = Sweep(sweep_world)
    found = shown(sweep, name)
    record_property("sweep:cells with the filter off", sweep.sent)
    assert sweep.sent > 50 and found == []


def test_without_both_locks_there_is_much_to_see(sweep_world: SweepWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the sweep above has eyes."""
    filter_off(monkeypatch)
    policies_open(monkeypatch)
    assert len(shown(Sweep(sweep_world), "clerk")) > 20
