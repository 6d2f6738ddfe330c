"""A right changed over the API: as the page does it, through the one door, by whoever could give it, one at a time."""

from typing import Any

import pytest

from permissions import giving, needs
from rows import ask, count
from world import World

COUNTY, TOWN = "射阳 administrator", "合德镇 administrator"


def right_of(world: World, who: str) -> tuple[str, str]:
    """Where the one right of somebody is, and its id."""
    account = world.accounts[who]
    found = str(ask(world.app, f"SELECT id FROM grants WHERE account_id = '{account}'")[0][0])  # noqa: S608
    return f"/accounts/{account}/grants/{found}", found


def stored(world: World, right: str) -> tuple[Any, ...]:
    """What the database holds of a right."""
    return tuple(ask(world.app, "SELECT channel, since, until, given_by, version FROM grants "  # noqa: S608
                                f"WHERE id = '{right}'")[0])


def test_what_is_named_changes_and_all_else_stays_and_whoever_changes_answers_for_it(world: World) -> None:
    path, right = right_of(world, "town clerk")
    town, clerk = world.api(TOWN), world.api("town clerk")
    seen = next(each for each in town.get(path.rpartition("/")[0]).json["items"] if each["id"] == right)
    assert seen["version"] == 1 and clerk.get("/records/visits").status_code == 200
    changed = town.patch(path, {"columns": ["party_garden"], "until": "2026-12-31"})
    assert changed.status_code == 200, changed.text
    assert changed.json == seen | {"columns": ["party_garden"], "until": "2026-12-31", "version": 2,
                                   "given_at": changed.json["given_at"]}
    assert clerk.get("/records/visits").status_code == 403, "from the next request"
    assert town.patch(path, {"columns": None}).json["columns"] is None
    assert clerk.get("/records/visits").status_code == 200
    assert stored(world, right)[3] == world.accounts[TOWN]
    told = world.api(TOWN).get("/audit?action=grant:change").json["items"]
    said = [(each["before"]["columns"], each["after"]["columns"]) for each in told]
    assert len(said) == 2 and (None, ["party_garden"]) in said and (["party_garden"], None) in said
    ways = ask(world.app, f"SELECT path, ended_path FROM rights_given WHERE right_id = '{right}'")  # noqa: S608
    assert sorted(str(each[1]) for each in ways if each[0] == "edit") == ["None", "edit"]


def test_nothing_changed_is_nothing_given(world: World) -> None:
    path, right = right_of(world, "town clerk")
    before = stored(world, right)
    whole = next(each for each in world.api(COUNTY).get(path.rpartition("/")[0]).json["items"] if each["id"] == right)
    for sent in ({}, {name: whole[name] for name in ("role", "unit_id", "columns", "channel", "since", "until")}):
        assert world.api(COUNTY).patch(path, sent).status_code == 200
    assert stored(world, right) == before and not count(world.app, "audit_entries", "action = 'grant:change'")


@pytest.mark.parametrize(("sent", "field"), [
    ({"role": "chief"}, "role"), ({"role": "administrator"}, "role"), ({"unit_id": "射阳"}, "unit_id"),
    ({"columns": []}, "columns"), ({"columns": ["nothing"]}, "columns"), ({"channel": "all"}, "channel"),
    ({"channel": None}, "channel"), ({"until": "2020-01-01"}, "until"), ({"frozen": False}, "frozen"),
    ({"since": "2027-01-02", "until": "2027-01-01"}, "until"), ({"template_id": "x" * 22}, "template_id"),
    ({"given_by": "x"}, "given_by")])
def test_what_is_wrong_is_said_by_field_and_stands_in_the_log(world: World, sent: dict[str, Any], field: str) -> None:
    path, right = right_of(world, "town clerk")
    before = stored(world, right)
    if "unit_id" in sent:
        sent = {"unit_id": world.units[sent["unit_id"]]}
    refused = world.api(COUNTY).patch(path, sent)
    assert refused.status_code == 422 and list(refused.json["fields"]) == [field], refused.text
    assert stored(world, right) == before
    assert count(world.app, "audit_entries", "action = 'grant:create' AND result = 'refused'") == 1


@pytest.mark.parametrize(("who", "status"), [
    ("town clerk", 403), ("chief", 403), ("county auditor", 403), ("clerk", 403), ("东台 administrator", 404),
    ("南通 administrator", 404), (None, 401)])
def test_nobody_changes_his_own_or_what_is_not_his_to_give(world: World, who: str | None, status: int) -> None:
    path, right = right_of(world, "town clerk")
    before = stored(world, right)
    answer = world.api(who).patch(path, {"columns": None, "until": None, "channel": "pc"})
    assert answer.status_code in {status, 404 if status == 403 else status}
    assert stored(world, right) == before


def test_a_fellow_administrators_right_is_not_mine_and_no_template_is_left_behind(world: World) -> None:
    county, boss = world.api(COUNTY), world.api("盐城 administrator")
    given = boss.post(f"/accounts/{world.accounts[COUNTY]}/grants", {"role": "chief", "unit_id": world.units["射阳"]})
    own = f"/accounts/{world.accounts[COUNTY]}/grants/{given.json['id']}"
    assert county.patch(own, {"channel": "pc"}).status_code == 403
    made = county.post("/role-templates", {"unit_id": world.units["射阳"], "name": "只录活动", "role": "clerk",
                                           "columns": ["party_garden"], "channel": "pc"})
    path, _right = right_of(world, "town clerk")
    narrow = {"template_id": made.json["id"], "columns": ["party_garden"], "channel": "pc"}
    assert county.patch(path, narrow).status_code == 200
    wider = county.patch(path, {"columns": ["party_garden", "precision_service"]})
    assert wider.status_code == 422 and "columns" in wider.json["fields"], "not beyond its template"
    assert county.patch(path, {"template_id": None, "channel": "both", "columns": None}).status_code == 200


def test_of_two_who_saw_one_version_the_second_is_told(world: World) -> None:
    path, right = right_of(world, "town clerk")
    seen = {"If-Match": '"1"'}
    assert world.api(COUNTY).patch(path, {"channel": "pc"}, headers=seen).status_code == 200
    late = world.api(TOWN).patch(path, {"channel": "mobile"}, headers=seen)
    assert (late.status_code, late.json["code"]) == (409, "stale")
    assert world.api(TOWN).delete(path, headers=seen).json["code"] == "stale"
    assert world.api(TOWN).post(f"{path}/freeze").json["version"] == 3
    frozen = world.api(TOWN).patch(path, {"channel": "both"})
    assert (frozen.status_code, frozen.json["code"]) == (409, "frozen")
    assert world.api(TOWN).post(f"{path}/thaw").json["version"] == 4
    assert stored(world, right)[0] == "pc"
    assert world.api(TOWN).delete(path, headers={"If-Match": '"4"'}).status_code == 204
    assert world.api(TOWN).patch(path, {"channel": "both"}).status_code == 404


def test_a_door_that_asks_nobody_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: what is seen may be changed, whoever holds it."""
    monkeypatch.setattr(giving, "check_person", lambda *_told: None)
    monkeypatch.setattr(needs, "may_hand_out", lambda *_told: True)
    given = world.api("盐城 administrator").post(
        f"/accounts/{world.accounts[COUNTY]}/grants", {"role": "chief", "unit_id": world.units["射阳"]})
    own = f"/accounts/{world.accounts[COUNTY]}/grants/{given.json['id']}"
    assert world.api(COUNTY).patch(own, {"channel": "pc"}).status_code == 200, "his own: the test above sees it"
