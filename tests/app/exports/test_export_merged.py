"""After a merge or a split the exports of each unit hold what its lists hold, and above nothing is lost or doubled."""

from collections.abc import Callable
from typing import Any

import pytest
from export_files import exported, fill, listed
from test_export_rows import calls, mismatches  # noqa: F401 - a fixture among them

from world import World

PATHS = ("/records/visits", "/cadres")


def merge(world: World) -> dict[str, int]:
    """合德镇 goes into 安丰镇: how many rows each is then to have."""
    answer = world.api("盐城 administrator").post(f"/units/{world.units['安丰镇']}/merge",
                                                {"unit_ids": [world.units["合德镇"]]})
    assert answer.status_code == 200, answer.text
    return {"合德镇": 0, "安丰镇": 1}


def split(world: World) -> dict[str, int]:
    """A cadre of 合德镇 goes to a new unit with what is about him: all there is."""
    answer = world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/split", {
        "name": "新镇", "code": "N-1", "cadre_ids": [world.cadres["town cadre"]], "records": "theirs"})
    assert answer.status_code == 201, answer.text
    return {"合德镇": 0, answer.json["id"]: 1}


def rows_of(world: World, path: str, unit: str) -> int:
    """Rows of the list of a unit and of its export, which are the same ones."""
    query = f"{path}?unit={world.units.get(unit, unit)}"
    sheet = exported(world, "盐城 administrator", query.replace("?", "/export?"))
    total: dict[str, Any] = world.api("盐城 administrator").get(query).json
    assert len(sheet) == total["total"] == len(listed(world, "盐城 administrator", query)), (path, unit)
    return len(sheet)


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("act", [merge, split])
def test_what_a_unit_handed_over_is_exported_where_it_lies(world: World,
                                                           act: Callable[[World], dict[str, int]]) -> None:
    fill(world)
    before = {path: (rows_of(world, path, "盐城"), rows_of(world, path, "合德镇")) for path in PATHS}
    for unit, times in act(world).items():
        for path, (_all, own) in before.items():
            assert rows_of(world, path, unit) == own * times, (path, unit)
    for path, (everything, own) in before.items():
        assert own > 0 and rows_of(world, path, "盐城") == everything
    assert not list(mismatches(world, 3, 3))
