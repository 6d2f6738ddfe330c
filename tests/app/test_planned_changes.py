"""What is ordered ahead takes effect at 00:00 of its day, once, with the rights of then; a merge leaves one unit."""

from typing import Any

import pytest
from test_reports import scatter

import rows
from app.plans import effect
from permissions import transaction
from tenants import clock
from world import World

JULY = "2026-07-01"


def order(world: World, principal: str, kind: str, unit: str, day: str = JULY, **more: Any) -> Any:
    """Ordered over the API; units by name."""
    body = {name: world.units[value] if name.endswith("_id") else [world.units[each] for each in value]
            if name.endswith("_ids") else value for name, value in more.items()}
    return world.api(principal).post("/unit-changes", {"kind": kind, "unit_id": world.units[unit], "effective_on": day,
                                                       **body})


def tick(world: World, at: str) -> int:
    """The worker looks at a moment."""
    clock.configure(at)
    with world.app.app_context():
        return effect.take_effect()


def stands(world: World, name: str) -> tuple[str, str, str]:
    """A unit's superior, name and state; the superior by its first name."""
    first = {unit_id: known for known, unit_id in world.units.items()}
    found = {row[0]: row[1:] for row in rows.ask(world.app, "SELECT id, parent_id, name, status FROM units")}
    superior, called, state = found[world.units[name]]
    return first[superior], called, state


def parent(world: World, name: str) -> str:
    """The name of a unit's superior."""
    return stands(world, name)[0]


def states(world: World) -> list[tuple[str, Any]]:
    """Every planned change and why it failed."""
    return [tuple(row) for row in rows.ask(world.app, "SELECT state, reason FROM planned_changes ORDER BY ordered_at")]


def test_a_move_takes_effect_at_midnight_of_its_day_and_once(world: World) -> None:
    made = order(world, "江苏 administrator", "move", "射阳", parent_id="南通")
    assert made.status_code == 201 and made.json["state"] == "waiting", made.text
    assert made.json["preview"]["units"] == 6 and made.json["preview"]["to_name"] == "南通"
    assert tick(world, "2026-06-30T23:59:59+08:00") == 0 and parent(world, "射阳") == "盐城"
    assert tick(world, "2026-07-01T00:00:00+08:00") == 1 and parent(world, "射阳") == "南通"
    assert states(world) == [("done", None)] and tick(world, "2026-07-01T00:00:01+08:00") == 0
    later = world.at("2026-07-01T09:00:00+08:00").api("江苏 administrator")
    entry = later.get(f"/audit?action=unit:move&unit={world.units['射阳']}").json["items"][0]
    assert entry["actor"] == world.accounts["江苏 administrator"] and entry["after"]["parent_id"] == world.units["南通"]
    assert rows.count(world.app, "unit_moves") == 1


def test_days_without_a_worker_lose_nothing_and_keep_the_order(world: World) -> None:
    order(world, "盐城 administrator", "rename", "合德镇", "2026-06-20", name="合德街道")
    order(world, "盐城 administrator", "move", "合德镇", "2026-06-15", parent_id="东台")
    assert tick(world, "2026-07-09T03:00:00+08:00") == 2
    assert stands(world, "合德镇") == ("东台", "合德街道", "open")


@pytest.mark.parametrize(("meanwhile", "said"), [
    ("seat", "不在您的管理范围内"), ("closed", "撤销"), ("suspended", "不能办理"),
])
def test_what_can_no_longer_be_done_fails_with_its_reason(world: World, meanwhile: str, said: str) -> None:
    order(world, "盐城 administrator", "move", "合德镇", parent_id="东台")
    province = world.api("江苏 administrator")
    seat = world.accounts["盐城 administrator"]
    if meanwhile == "seat":
        province.delete(f"/units/{world.units['盐城']}/administrators/{seat}")
    elif meanwhile == "closed":
        assert province.post(f"/units/{world.units['东台']}/close",
                             {"successor_id": world.units["海安"]}).status_code == 200
    else:
        rows.run(world.app, "UPDATE accounts SET state = 'suspended' WHERE name = '盐城管理员'")
    assert tick(world, "2026-07-01T00:00:00+08:00") == 1
    ((state, reason),) = states(world)
    assert state == "failed" and said in reason and parent(world, "合德镇") == "射阳", reason
    assert tick(world, "2026-07-02T00:00:00+08:00") == 0
    if meanwhile == "closed":
        browser = world.at("2026-07-02T09:00:00+08:00").browser("盐城 administrator")
        todo = browser.get("/desk/todo").text
        assert "没有生效的机构调整" in todo and said in todo


def test_cancelled_before_its_day_nothing_happens(world: World) -> None:
    made = order(world, "江苏 administrator", "close", "黄沙港镇").json["id"]
    for principal, status in (("射阳 administrator", 200), ("盐城 administrator", 409), ("clerk", 404),
                              ("东台 administrator", 404)):
        answer = world.api(principal).post(f"/unit-changes/{made}/cancel")
        assert answer.status_code == status, (principal, answer.text)
    assert tick(world, "2026-07-01T00:00:00+08:00") == 0
    assert rows.count(world.app, "units", "status = 'closed'") == 0 and states(world)[0][0] == "cancelled"


def test_those_whom_it_concerns_find_it(world: World) -> None:
    made = order(world, "盐城 administrator", "move", "合德镇", parent_id="东台").json["id"]
    for principal, found in (("盐城 administrator", True), ("射阳 administrator", True), ("合德镇 administrator", True),
                             ("东台 administrator", True), ("南通 administrator", False), ("county auditor", True)):
        listed = world.api(principal).get("/unit-changes?state=waiting").json
        assert [each["id"] for each in listed["items"]] == ([made] if found else []), principal
        assert listed["total"] == int(found)
        assert world.api(principal).get(f"/unit-changes/{made}").status_code == (200 if found else 404)
    narrow = world.api("盐城 administrator").get(f"/unit-changes?unit={world.units['黄沙港镇']}").json
    assert narrow["total"] == 0
    assert world.api("盐城 administrator").get(f"/unit-changes?unit={world.units['东台']}").json["total"] == 1


@pytest.mark.parametrize(("kind", "unit", "more", "status"), [
    ("move", "合德镇", {"parent_id": "海安"}, 404), ("move", "合德镇", {"parent_id": "盐城"}, 422),
    ("move", "合德镇", {}, 422),
    ("close", "射阳", {"successor_id": "盐城市直"}, 422), ("close", "射阳", {"successor_id": "合德镇"}, 422),
    ("close", "合德镇", {}, 409), ("rename", "合德镇", {}, 422), ("rename", "盐城", {"name": "新"}, 403),
    ("merge", "合德镇", {"unit_ids": ["射阳教育局"]}, 422), ("merge", "合德镇", {"unit_ids": []}, 422),
    ("rename", "合德镇", {"name": "新", "day": "2026-06-10"}, 422),
    ("rename", "合德镇", {"name": "新", "day": "2029-01-01"}, 422),
])
def test_what_cannot_be_is_refused_when_it_is_ordered(world: World, kind: str, unit: str, more: dict[str, Any],
                                                      status: int) -> None:
    answer = order(world, "盐城 administrator", kind, unit, **more)
    assert answer.status_code == status, answer.text
    assert rows.count(world.app, "planned_changes") == 0


def test_a_merge_leaves_one_and_all_the_rest_with_it(world: World) -> None:
    scatter(world, 30, 3)
    into = world.units["安丰镇"]
    before = {table: rows.count(world.app, table) for table in ("records", "cadres", "accounts")}
    done = world.api("盐城 administrator").post(f"/units/{into}/merge", {
        "unit_ids": [world.units["合德镇"], world.units["黄沙港镇"]], "name": "安丰新镇"})
    assert done.status_code == 200 and done.json["name"] == "安丰新镇", done.text
    assert before == {table: rows.count(world.app, table) for table in before}
    for name in ("合德镇", "黄沙港镇"):
        assert stands(world, name)[2] == "closed"
        assert rows.count(world.app, "records", f"unit_id = '{world.units[name]}'") == 0
    assert parent(world, "合德敬老院") == "安丰镇"
    assert rows.count(world.app, "administrators", f"unit_id = '{into}'") <= 2
    crossing = world.api("射阳 administrator").post(f"/units/{world.units['射阳']}/merge",
                                                  {"unit_ids": [world.units["射阳教育局"]]})
    assert crossing.status_code == 422
    refused = world.api("盐城 administrator").post(f"/units/{world.units['射阳']}/merge",
                                                 {"unit_ids": [world.units["海安"]]})
    assert refused.status_code == 404


def test_a_planned_merge_takes_effect_whole_or_not_at_all(world: World) -> None:
    order(world, "盐城 administrator", "merge", "安丰镇", unit_ids=["合德镇", "黄沙港镇"])
    with world.app.app_context(), transaction.act("tests"):
        transaction.audit.forget(transaction.db.session())
    closed = world.api("射阳 administrator").post(f"/units/{world.units['黄沙港镇']}/close")
    assert closed.status_code == 200
    assert tick(world, "2026-07-01T00:00:00+08:00") == 1
    assert states(world)[0][0] == "failed"
    assert rows.count(world.app, "units", "status = 'closed'") == 1


def test_the_same_waits_once(world: World) -> None:
    """Pressed twice, or by two: one order. Called off, done, or of another day, another is taken."""
    first = order(world, "江苏 administrator", "move", "射阳", parent_id="南通")
    again = order(world, "江苏 administrator", "move", "射阳", parent_id="南通")
    assert (again.status_code, again.json["code"]) == (409, "already_ordered") and "先取消" in again.json["message"]
    assert order(world, "江苏 administrator", "move", "射阳", parent_id="盐城").status_code == 409
    assert order(world, "江苏 administrator", "rename", "射阳", name="射阳市").status_code == 201
    assert order(world, "江苏 administrator", "move", "射阳", "2026-07-02", parent_id="南通").status_code == 201
    assert world.api("江苏 administrator").post(f"/unit-changes/{first.json['id']}/cancel", {}).status_code == 200
    assert order(world, "江苏 administrator", "move", "射阳", parent_id="南通").status_code == 201
    assert [state for state, _why in states(world)].count("cancelled") == 1 and len(states(world)) == 4


def test_a_unit_takes_in_others_on_one_day_each_once(world: World) -> None:
    assert order(world, "盐城 administrator", "merge", "射阳", unit_ids=["东台"]).status_code == 201
    assert order(world, "盐城 administrator", "merge", "射阳", unit_ids=["东台"]).status_code == 409
