"""What can be opened = listed = counted = searched = exported, for every principal and kind of row (A6)."""

from collections.abc import Callable

import pytest
from sweep_agreement import Agreement
from sweep_people import PEOPLE
from sweep_world import SweepWorld

STAFF = [person.name for person in PEOPLE if person.kind == "staff" and person.session == "live" and person.door_open]


@pytest.mark.parametrize("name", STAFF)
def test_one_rule_speaks_everywhere(sweep_world: SweepWorld, engine_name: str, name: str,
                                    record_property: Callable[[str, object], None]) -> None:
    agreement = Agreement(sweep_world)
    mismatches = list(agreement.mismatches(sweep_world.people[name]))
    record_property(f"sweep:agreements on {engine_name}", agreement.compared)
    assert not mismatches, "\n".join(mismatches[:40])
