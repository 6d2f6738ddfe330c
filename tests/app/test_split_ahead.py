"""A split ordered ahead does on its day what was read when it was ordered, or nothing, and then says why."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from test_move_preview import furnish, measured
from test_planned_changes import JULY, order, states, tick
from test_reports import scatter
from test_rules_page import (
    open_world,  # noqa: F401 - a fixture among them
)
from test_split import CASES, body_of, compare

import rows
from app.plans import kinds
from world import World

CODE = "SPLIT-1"


def ordered(world: World, principal: str = "江苏 administrator", unit: str = "射阳", **more: Any) -> Any:
    """射阳 gives 合德镇 and two people to a new unit, on the first of July."""
    made = world.api(principal).post("/unit-changes", {
        "kind": "split", "unit_id": world.units[unit], "effective_on": JULY, "name": "新分单位", "code": CODE,
        "unit_ids": [world.units["合德镇"]], "cadre_ids": [world.cadres["cadre"]],
        "account_ids": [world.accounts["nobody"]], "records": "theirs", **more})
    assert made.status_code == 201, made.text
    return made.json


def new_unit(world: World) -> str | None:
    """The unit that was split off, if it was."""
    found = {row[1]: row[0] for row in rows.ask(world.app, "SELECT id, code FROM units")}
    return found.get(CODE)


@pytest.mark.usefixtures("open_world")
@pytest.mark.parametrize("seed", range(2))
def test_on_its_day_exactly_what_was_foretold(world: World, seed: int) -> None:
    walk = random.Random(seed)
    scatter(world, 60, seed)
    furnish(world, walk)
    unit, below = CASES[seed]
    body = body_of(world, walk, unit, below)
    told = ordered(world, unit=unit, **body)["preview"]
    before = measured(world)
    assert tick(world, "2026-06-30T23:59:59+08:00") == 0 and new_unit(world) is None
    assert tick(world, "2026-07-01T00:00:00+08:00") == 1 and states(world) == [("done", None)]
    made = new_unit(world)
    assert made is not None
    compare(world, told, body, before, made)
    assert tick(world, "2026-07-01T00:00:01+08:00") == 0 and rows.count(world.app, "unit_splits") == 1
    later = world.at("2026-07-01T09:00:00+08:00").api("江苏 administrator")
    entry = later.get("/audit?action=unit:split").json["items"][0]
    assert entry["actor"] == world.accounts["江苏 administrator"] and entry["after"]["split_into"] == made


def grant(world: World) -> None:
    """Somebody who goes is given a right at what stays."""
    path = f"/accounts/{world.accounts['nobody']}/grants"
    assert world.api("射阳 administrator").post(
        path, {"role": "clerk", "unit_id": world.units["射阳"]}).status_code == 201


def open_below(world: World) -> None:
    """What goes has one more below it."""
    body = {"parent_id": world.units["合德镇"], "kind": "subordinate_unit", "name": "新所", "code": "N-1"}
    assert world.api("合德镇 administrator").post("/units", body).status_code == 201


def move(world: World) -> None:
    """The unit that is split hangs elsewhere."""
    assert world.api("江苏 administrator").post(
        f"/units/{world.units['射阳']}/move", {"parent_id": world.units["南通"]}).status_code == 200


def take_code(world: World) -> None:
    """Another unit bears the code."""
    assert world.api("射阳 administrator").post("/units", {
        "parent_id": world.units["射阳"], "kind": "township", "name": "别镇", "code": CODE}).status_code == 201


def close_account(world: World) -> None:
    """Somebody who was to go is gone."""
    assert world.api("射阳 administrator").post(f"/accounts/{world.accounts['nobody']}/close").status_code == 200


MEANWHILE = [(grant, "收回的权限"), (open_below, "转走的下级单位"), (move, "上级单位"), (take_code, "单位代码已被使用"),
             (close_account, "有 1 项不在本单位")]


def refused(world: World, meanwhile: Callable[[World], None], said: str) -> None:
    """What changed since it was ordered keeps it from being done, and who ordered it reads what."""
    made = ordered(world)
    page = world.browser("江苏 administrator")
    assert "照现在的情况，到那天会发生什么" in page.get(f"/desk/unit-changes/{made['id']}").text
    meanwhile(world)
    warned = page.get(f"/desk/unit-changes/{made['id']}").text
    assert "到那天不会办理" in warned and said in warned
    before = rows.digests(world.app)
    assert tick(world, "2026-07-01T00:00:00+08:00") == 1
    ((state, reason),) = states(world)
    assert state == "failed" and said in reason, (state, reason)
    after = rows.digests(world.app)
    touched = {table for table in before if before[table] != after[table]}
    assert touched == {"planned_changes", "audit_entries", "audit_waiting"}
    todo = world.at("2026-07-01T09:00:00+08:00").browser("江苏 administrator").get("/desk/todo").text
    assert "没有生效的机构调整" in todo and said in todo


@pytest.mark.parametrize(("meanwhile", "said"), MEANWHILE)
def test_where_something_else_would_be_done_nothing_is(world: World, meanwhile: Callable[[World], None],
                                                       said: str) -> None:
    refused(world, meanwhile, said)


@pytest.mark.parametrize(("meanwhile", "said"), MEANWHILE[:3])
def test_a_split_that_does_not_look_again_is_caught(world: World, meanwhile: Callable[[World], None], said: str,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds.KINDS, "split", replace(kinds.KINDS["split"], firm={}))  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        refused(world, meanwhile, said)


def test_work_goes_on_until_the_day_and_goes_along(world: World) -> None:
    ordered(world)
    done = world.api("clerk").post("/records/visits", {
        "unit_id": world.units["射阳"], "ended_on": "2026-06-05", "cadre_ids": [world.cadres["cadre"]],
        "type": "routine", "place": "家中", "visitors": "李主任"})
    assert done.status_code == 201, done.text
    assert tick(world, "2026-07-01T00:00:00+08:00") == 1 and states(world) == [("done", None)]
    assert dict(rows.ask(world.app, "SELECT id, unit_id FROM records"))[done.json["id"]] == new_unit(world)


def test_whom_it_names_is_told_to_those_who_could_order_it(world: World) -> None:
    made = ordered(world, "盐城 administrator")
    path, page = f"/unit-changes/{made['id']}", f"/desk/unit-changes/{made['id']}"
    for principal, whole in (("盐城 administrator", True), ("江苏 administrator", True), ("射阳 administrator", False),
                             ("合德镇 administrator", False), ("county auditor", False)):
        seen = world.api(principal).get(path).json
        assert (seen["preview"] is not None, "cadre_ids" in seen["body"]) == (whole, whole), principal
        if principal != "county auditor":
            shown = world.browser(principal).get(page).text
            assert ("会发生什么" in shown) == whole and "分出“新分单位”" in shown, principal
    assert world.api("南通 administrator").get(path).status_code == 404
    assert world.api("合德镇 administrator").post(f"{path}/cancel").status_code == 403
    assert world.api("盐城 administrator").post(f"{path}/cancel").status_code == 200
    assert tick(world, "2026-07-01T00:00:00+08:00") == 0 and new_unit(world) is None


@pytest.mark.parametrize(("who", "unit", "change", "status", "said"), [
    ("盐城 administrator", "射阳", {"name": None}, 422, "请填写新单位的名称和代码"),
    ("盐城 administrator", "射阳", {"code": "320981"}, 409, "单位代码已被使用"),
    ("盐城 administrator", "射阳", {"unit_ids": ["东台"]}, 422, "不在本单位"),
    ("盐城 administrator", "射阳", {"parent_id": "东台"}, 422, "没有这一项"),
    ("盐城 administrator", "盐城", {"unit_ids": ["射阳"]}, 403, ""),
    ("南通 administrator", "射阳", {}, 404, ""),
])
def test_what_cannot_be_is_refused_when_it_is_ordered(world: World, who: str, unit: str, change: dict[str, Any],
                                                      status: int, said: str) -> None:
    body: dict[str, Any] = {"name": "新", "code": CODE, "unit_ids": ["合德镇"]} | change
    answer = order(world, who, "split", unit, **{name: value for name, value in body.items() if value is not None})
    assert answer.status_code == status and said in answer.text, answer.text
    assert rows.count(world.app, "planned_changes") == 0
