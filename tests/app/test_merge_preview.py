"""A merge does exactly what its preview said: each line measured before and after, over random people and rules."""

import os
import random
from collections import Counter
from typing import Any

import pytest
from test_move_preview import furnish, measured
from test_reports import scatter
from test_rules_page import open_world  # noqa: F401 - a fixture among them

import rows
from app.administration import merge_preview
from world import World

SEEDS = range(30) if os.environ.get("YINLING_TEST_FULL") else range(3)
CASES = [("安丰镇", ["合德镇", "黄沙港镇"]), ("东台", ["射阳"]), ("射阳中学", ["合德敬老院"]), ("南通", ["盐城"]),
         ("海安", ["射阳", "东台"])]


def closed(world: World) -> set[str]:
    """Units that are closed."""
    return {row[0] for row in rows.ask(world.app, "SELECT id FROM units WHERE status = 'closed'")}


@pytest.mark.usefixtures("open_world")
@pytest.mark.parametrize("seed", SEEDS)
def test_after_the_merge_exactly_what_the_preview_said(world: World, seed: int) -> None:
    walk = random.Random(seed)
    scatter(world, 60, seed)
    furnish(world, walk)
    into, others = CASES[seed % len(CASES)]
    path, body = f"/units/{world.units[into]}", {"unit_ids": [world.units[name] for name in others]}
    province = world.api("江苏 administrator")
    before, digests = measured(world), rows.digests(world.app)
    answer = province.get(f"{path}/merge-preview?unit_ids={','.join(body['unit_ids'])}")
    assert answer.status_code == 200, answer.text
    told = answer.json["units"]
    assert rows.digests(world.app, but=("login_sessions",)) == {
        key: value for key, value in digests.items() if key != "login_sessions"}, "a preview changed rows"
    assert province.post(f"{path}/merge", body).status_code == 200
    after = measured(world)

    assert closed(world) == set(body["unit_ids"]) == {each["unit_id"] for each in told}
    for each in told:
        was = each["unit_id"]
        assert each["cadres"] == sum(unit_id == was for _id, unit_id in before["cadres"])
        assert each["accounts"] == sum(row[1] == was for row in before["accounts"])
        assert len(each["administrators"]) == sum(row[1] == was for row in before["seats"])
        assert each["records"] == sum(row[1] == was for row in before["due"].values())
        assert not any(was == row[1] for table in ("cadres", "accounts", "seats") for row in after[table])
    ids = {each["unit_id"] for each in told}
    assert sum(each["units"] for each in told) == sum(
        parent_of(before["paths"][unit]) in ids and parent_of(path_now) == world.units[into]
        for unit, path_now in after["paths"].items())
    _rights_and_days(world, told, before, after)


def _rights_and_days(world: World, told: list[dict[str, Any]], before: dict[str, Any], after: dict[str, Any]) -> None:
    """Rights taken back and ended, due days, filings: what the tables show, against what was said."""
    lost = [(right["grant_id"],) for each in told for right in each["rights"]]
    assert set(lost) == before["grants"] - after["grants"] and len(lost) == len(set(lost))
    dead = rows.ask(world.app, "SELECT g.id FROM grants g JOIN units u ON u.id = g.unit_id WHERE u.status = 'closed'")
    assert {(right["grant_id"],) for each in told for right in each["ended"]} == set(dead)
    changed = Counter((row[0], row[2], after["due"][key][2]) for key, row in before["due"].items()
                      if after["due"][key][2] != row[2])
    assert changed == sum((Counter({(row["module"], row["before"], row["after"]): row["records"]
                                    for row in each["redated"]}) for each in told), Counter())
    assert sum(each["filings"] for each in told) == sum(
        after["filings"][key] != value for key, value in before["filings"].items())


def parent_of(path: str) -> str:
    """The id of the unit above, by a path."""
    return (path.strip("/").split("/")[-2:-1] or [""])[0]


@pytest.mark.usefixtures("open_world")
def test_a_planted_fault_in_the_preview_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_preview, "_taken_back", lambda *_args: ())
    with pytest.raises(AssertionError):
        test_after_the_merge_exactly_what_the_preview_said(world, 1)
