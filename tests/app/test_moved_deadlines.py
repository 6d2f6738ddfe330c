"""A unit that moves comes under other rules: its open records follow at once, those concerned are told once."""

import pytest
from test_rules_page import due, open_world, record, say  # noqa: F401 - a fixture among them

import rows
from world import World


def move(world: World, name: str, parent: str) -> None:
    """By the administrator above both."""
    done = world.api("盐城 administrator").post(f"/units/{world.units[name]}/move", {"parent_id": world.units[parent]})
    assert done.status_code == 200, done.text


@pytest.mark.usefixtures("open_world")
def test_open_records_follow_the_rules_of_the_new_place(world: World) -> None:
    mine, entered = record(world, "合德镇", "2026-06-08"), record(world, "合德镇", "2026-06-08", entered=True)
    assert say(world, "东台").status_code in (200, 303) and due(world, mine) == "2026-06-15"
    before = rows.count(world.app, "jobs", "kind = 'record:redate'")
    move(world, "合德镇", "东台")
    assert (due(world, mine), due(world, entered)) == ("2026-06-11", "2026-06-15")
    told = rows.ask(world.app, "SELECT cause, records FROM tellings")
    assert told == [("合德镇改由东台管理", 1)]
    log = world.api("江苏 administrator").get(f"/audit?unit={world.units['合德镇']}&action=record:redate").json["items"]
    assert [(each["before"]["due_on"], each["after"]["due_on"]) for each in log] == [("2026-06-15", "2026-06-11")]
    move(world, "合德镇", "射阳")
    assert due(world, mine) == "2026-06-15" and len(rows.ask(world.app, "SELECT cause FROM tellings")) == 2
    assert rows.count(world.app, "jobs", "kind = 'record:redate'") == before + 2


@pytest.mark.usefixtures("open_world")
def test_a_move_that_changes_no_day_asks_for_nothing(world: World) -> None:
    mine = record(world, "合德镇", "2026-06-08")
    move(world, "合德镇", "东台")
    assert due(world, mine) == "2026-06-15" and rows.count(world.app, "jobs", "kind = 'record:redate'") == 0
