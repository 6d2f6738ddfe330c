"""Each planted fault is seen by the part of the sweep named for it: a sweep that has never failed proves nothing."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

import pytest
from sweep_faults import FAULTS, Fault
from sweep_world import SweepWorld

from permissions import identity


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_sweep_sees(sweep_world: SweepWorld, monkeypatch: pytest.MonkeyPatch, fault: Fault,
                        record_property: Callable[[str, object], None]) -> None:
    monkeypatch.setattr(identity, "_kept", WeakKeyDictionary())  # what a process knew before, it built unharmed
    fault.plant(monkeypatch)
    seen = next(fault.seen(sweep_world), None)
    assert seen is not None, f"nobody saw: {fault.name}"
    assert "odd 5" not in seen, f"the fault broke the program instead of its rule: {seen}"
    record_property("sweep:planted faults seen", 1)


def test_without_a_fault_the_same_parts_see_nothing(sweep_world: SweepWorld) -> None:
    """A handful of the watches; the whole sweep is the rest of the proof."""
    for fault in [each for each in FAULTS if "audit" not in each.routes][::6]:  # refusals fill the log
        assert list(fault.seen(sweep_world)) == [], fault.name


def test_there_are_enough_and_each_has_its_own_name() -> None:
    assert len(FAULTS) >= 25
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
