"""Who may move what where, all triples (B5); what closing does, line by line (B6); former names."""

import random
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from test_reports import NAMES, PARENT

import rows
from app.administration import units
from permissions import guard, needs
from permissions.actions import Action
from permissions.roles import Role
from tenants.scope import Scope
from tenants.tree import unit_by_id
from world import ADMINISTRATORS, TREE, World

ALL = Scope.everything("a test moves units about")
KIND = {"江苏": "province_bureau"} | {name: kind for name, _parent, kind, _code in TREE}
# From the contract.
UNDER = {"province_bureau": ("city_bureau", "province_group_unit"),
         "city_bureau": ("county_bureau", "development_zone", "city_direct_unit"),
         "county_bureau": ("township", "county_direct_unit"), "development_zone": ("township", "county_direct_unit")}


def below(name: str, top: str) -> bool:
    """Whether a unit lies in another's subtree."""
    while name != top and name in PARENT:
        name = PARENT[name]
    return name == top


def expected(who: str, name: str, to: str) -> set[int]:
    """By the contract: 404 out of sight, 403 without the right at both ends, 422 for an impossible place."""
    if not below(name, who) or name == who:
        return {404, 403}
    if not below(to, who):
        return {404}
    fits = KIND[name] in UNDER.get(KIND[to], ("subordinate_unit",))
    return {200} if fits and not below(to, name) else {422}


@pytest.mark.parametrize("who", ADMINISTRATORS)
def test_every_triple_is_answered_as_the_contract_says(world: World, who: str) -> None:
    api = world.api(f"{who} administrator")
    before = rows.digests(world.app)["units"]
    for name, to in product(NAMES, NAMES):
        answer = api.get(f"/units/{world.units[name]}/move-preview?parent_id={world.units[to]}")
        assert answer.status_code in expected(who, name, to), (who, name, to, answer.text)
        if answer.status_code == 403:
            assert name == who
    refused = [(name, to) for name, to in product(NAMES, NAMES) if expected(who, name, to) != {200}]
    for name, to in random.Random(who).sample(refused, 20):
        moved = api.post(f"/units/{world.units[name]}/move", {"parent_id": world.units[to]})
        assert moved.status_code in expected(who, name, to)
    assert rows.digests(world.app)["units"] == before


def test_what_closing_does_line_by_line(world: World) -> None:
    """The table of docs/adr/0026: logins, rights, units below, what waits, and nothing above."""
    above = rows.ask(world.app, "SELECT id, status, parent_id, version FROM units WHERE depth <= 2 ORDER BY id")
    done = world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/close",
                                              {"successor_id": world.units["安丰镇"]})
    assert done.status_code == 200, done.text
    closed, into = world.units["合德镇"], world.units["安丰镇"]
    assert rows.count(world.app, "administrators", f"unit_id = '{closed}'") == 0
    assert world.api("合德镇 administrator").get("/me").json["unit"]["id"] == into
    assert world.api("town cadre").get("/me").status_code == 200
    assert world.api("town clerk").get("/me").json["roles"] == []
    assert world.api("东台 administrator").get(f"/units/{world.units['合德敬老院']}").json["parent_id"] == into
    assert world.api("射阳 administrator").get(f"/units/{closed}").json["status"] == "closed"
    assert world.api("射阳 administrator").get(f"/audit?unit={closed}&action=unit:close").json["total"] == 1
    county = world.api("射阳 administrator")
    for path, body in ((f"/units/{closed}", {"name": "新"}),):
        assert county.patch(path, body).json["code"] == "closed"
    assert county.post(f"/units/{closed}/move", {"parent_id": world.units["射阳"]}).status_code == 409
    assert county.post("/accounts", {"unit_id": closed, "kind": "staff", "name": "某", "phone": "19612345678"}
                       ).json["code"] == "closed"
    assert rows.ask(world.app, "SELECT id, status, parent_id, version FROM units WHERE depth <= 2 ORDER BY id") == above
    listed = county.get(f"/units?parent={world.units['射阳']}").json
    assert closed not in {each["id"] for each in listed["items"]}
    whole = county.get(f"/units?parent={world.units['射阳']}&closed=true").json
    assert closed in {each["id"] for each in whole["items"]} and whole["total"] == listed["total"] + 1


def test_a_unit_is_found_by_the_name_it_bore(world: World) -> None:
    county = world.api("射阳 administrator")
    county.patch(f"/units/{world.units['合德镇']}", {"name": "新名街道"})
    for principal, found in (("射阳 administrator", 1), ("盐城 administrator", 1), ("东台 administrator", 0)):
        told = world.api(principal).get("/units?q=合德镇").json
        assert told["total"] == found and len(told["items"]) == found, principal
    assert county.get("/units?q=新名").json["total"] == 1


@pytest.mark.parametrize("planted", [False, True])
def test_who_only_sees_the_new_place_moves_nothing_there(world: World, monkeypatch: pytest.MonkeyPatch,
                                                         planted: bool) -> None:
    """CVE-2026-9099: a unit put under a place that the mover may look at and not keep; planted, it goes through."""
    given = world.api("江苏 administrator").post(f"/accounts/{world.accounts['盐城 administrator']}/grants",
                                               {"role": "chief", "unit_id": world.units["江苏"]})
    assert given.status_code == 201, given.text
    if planted:
        monkeypatch.setattr(units, "require_move", lambda unit, _parent: guard.require(Action.UNIT_MOVE, unit))
    moved = world.api("盐城 administrator").post(f"/units/{world.units['射阳']}/move",
                                               {"parent_id": world.units["南通"]})
    assert moved.status_code == (200 if planted else 403), moved.text


def test_two_rights_in_two_cities_do_not_make_a_common_superior(world: World) -> None:
    with world.app.app_context():
        unit, old, new, root = (unit_by_id(world.units[name], ALL) for name in ("射阳", "盐城", "南通", "江苏"))
        asked = [(Action.UNIT_MOVE, unit), (Action.UNIT_OPEN, old), (Action.UNIT_OPEN, new)]
        for seats, both in (([old, new], False), ([old], False), ([root], True), ([new, root], True)):
            held = [SimpleNamespace(role=Role.administrator, unit=seat, columns=None, actions=None) for seat in seats]
            somebody: Any = SimpleNamespace(held=held)
            assert needs.by_one_right(somebody, asked) is both, [seat.name for seat in seats]
