"""Templates, freezing and the question why over the API: as the pages do it, and the answer is what requests meet."""

from typing import Any

import pytest

from permissions.actions import Action
from rows import ask, count
from world import Api, World

COUNTY, TOWN = "射阳 administrator", "合德镇 administrator"


def grant_of(world: World, who: str) -> str:
    """The one right of somebody."""
    return str(ask(world.app, f"SELECT id FROM grants WHERE account_id = '{world.accounts[who]}'")[0][0])  # noqa: S608


def make(world: World, who: str, unit: str, **more: Any) -> Any:
    """A template for clerks at a unit."""
    return world.api(who).post("/role-templates", {
        "unit_id": world.units[unit], "name": "只录走访", "role": "clerk", **more})


def test_a_template_is_made_copied_narrower_used_narrowed_and_withdrawn(world: World) -> None:
    made = make(world, COUNTY, "射阳", columns=["precision_service", "party_garden"], channel="pc")
    assert (made.status_code, made.json["version"], made.json["withdrawn"]) == (201, 1, False), made.text
    wider = make(world, TOWN, "合德镇", parent_id=made.json["id"], columns=["silver_brilliance"], channel="pc")
    assert wider.status_code == 422 and "columns" in wider.json["fields"]
    copy = make(world, TOWN, "合德镇", parent_id=made.json["id"], channel="pc")
    assert copy.json["columns"] == ["party_garden", "precision_service"], "left open: all the original allows"
    town = world.api(TOWN)
    listed = {each["id"]: each["unit_id"] for each in town.get("/role-templates").json["items"]}
    assert listed == {made.json["id"]: None, copy.json["id"]: world.units["合德镇"]}, "no superior is named"
    given = town.post(f"/accounts/{world.accounts['town clerk']}/grants", {
        "role": "clerk", "unit_id": world.units["合德镇"], "template_id": copy.json["id"]})
    assert given.status_code == 201, given.text
    path = f"/role-templates/{copy.json['id']}"
    assert town.patch(path, {"name": "甲"}, headers={"If-Match": '"9"'}).json["code"] == "stale"
    assert town.patch(path, {"channel": "both"}).status_code == 422, "not beyond its original"
    narrowed = town.patch(path, {"columns": ["party_garden"]})
    assert (narrowed.status_code, narrowed.json["name"], narrowed.json["version"]) == (200, "只录走访", 2)
    again = town.patch(path, {"columns": ["party_garden", "precision_service"]})
    assert (again.status_code, again.json["code"]) == (409, "in_use")
    assert town.get(f"/role-templates/{made.json['id']}").status_code == 404
    assert town.post(f"{path}/withdraw").json["withdrawn"] is True
    assert town.post(f"{path}/withdraw").json["code"] == "withdrawn"
    for action, many in (("template:make", 2), ("template:amend", 1), ("template:withdraw", 1)):
        assert count(world.app, "audit_entries", f"action = '{action}' AND result = 'ok'") == many


@pytest.mark.parametrize(("who", "unit", "status"), [
    ("clerk", "射阳", 403), ("chief", "射阳", 403), (TOWN, "射阳", 404), ("东台 administrator", "射阳", 404),
    (COUNTY, "盐城", 404)])
def test_nobody_makes_templates_above_or_beside(world: World, who: str, unit: str, status: int) -> None:
    assert make(world, who, unit).status_code in (status, 403)
    assert count(world.app, "role_templates") == 0


def test_a_right_is_frozen_and_thawed_and_the_thawer_answers_for_it(world: World) -> None:
    path = f"/accounts/{world.accounts['town clerk']}/grants/{grant_of(world, 'town clerk')}"
    town, clerk = world.api(TOWN), world.api("town clerk")
    assert clerk.get("/records/visits").status_code == 200
    assert town.post(f"{path}/freeze").json["frozen"] is True
    assert clerk.get("/records/visits").status_code == 403
    assert town.post(f"{path}/freeze").json["code"] == "frozen"
    for other in ("clerk", "chief", "东台 administrator"):
        assert world.api(other).post(f"{path}/thaw").status_code in (403, 404)
    assert clerk.post(f"{path}/thaw").status_code in (403, 404), "nobody thaws his own"
    assert world.api(COUNTY).post(f"{path}/thaw").json["frozen"] is False
    assert clerk.get("/records/visits").status_code == 200
    given = ask(world.app, f"SELECT given_by FROM grants WHERE account_id = '{world.accounts['town clerk']}'")  # noqa: S608
    assert given == [(world.accounts[COUNTY],)]
    assert world.api(COUNTY).post(f"{path}/thaw").json["code"] == "not_frozen"


# What tells by a list whether somebody may, at a unit: an empty list or 403 is a no.
LISTS = {Action.UNIT_READ: "/units/{unit}", Action.ADMINISTRATOR_READ: "/units/{unit}/administrators",
         Action.GRANT_READ: "/role-templates?unit={unit}",
         Action.RECORD_READ: "/reports/timeliness?unit={unit}&from=2026-06-01&to=2026-06-30"}


def why(asker: Api, account: str, **asked: str) -> Any:
    """The answer of the API."""
    return asker.get(f"/accounts/{account}/explain", query_string=asked)


@pytest.mark.parametrize("who", ["clerk", "chief", "reviewer", "county auditor", "nobody", TOWN, "town clerk"])
def test_why_says_what_requests_and_lists_meet(world: World, who: str) -> None:
    asker = world.api("盐城 administrator")
    for action, path in LISTS.items():
        for name in ("射阳", "合德镇", "黄沙港镇", "东台"):
            unit = world.units[name]
            told = why(asker, world.accounts[who], action=action.value, unit=unit)
            assert told.status_code == 200, told.text
            pc = next(each for each in told.json["ends"] if each["channel"] == "pc")
            met = world.api(who).get(path.format(unit=unit)).status_code
            assert pc["passes"] is (met == 200), (who, action, name, met, pc)
            assert all(each["origin"] for each in pc["reasons"]) and told.json["rule"]


def test_why_says_the_ground_and_is_silent_about_what_lies_outside(world: World) -> None:
    county, clerk = world.api(COUNTY), world.accounts["clerk"]
    told = why(county, clerk, action="record:create", unit=world.units["合德镇"]).json
    assert [each["code"] for each in told["ends"][0]["reasons"]] == ["reach"]
    assert {"role": "经办人", "reach": "本单位"} in told["rule"]
    assert why(county, clerk, action="record:confirm").status_code == 200
    assert why(county, world.accounts["江苏 administrator"], action="unit:read").status_code == 404
    assert why(county, clerk, action="unit:read", unit=world.units["南通"]).status_code == 404
    assert why(county, clerk).json["code"] == why(county, clerk, action="x:y").json["code"] == "malformed"
    assert why(world.api("clerk"), clerk, action="unit:read").status_code in (403, 404)
    above = world.api("江苏 administrator").post(f"/accounts/{clerk}/grants", {
        "role": "reviewer", "unit_id": world.units["南通"]})
    assert above.status_code == 201, above.text
    assert [each["hidden"] for each in why(county, clerk, action="unit:read").json["ends"]] == [True, True]
