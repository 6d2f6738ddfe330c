"""What a cadre sees: his own file masked, whom to call, what was done for him; and nothing of anybody else's."""

from typing import Any

import pytest

import factories
import rows
from world import World

ROUTES = ("/me/cadre", "/me/contact", "/me/services", "/me/opinions")


def visit(world: World, cadre: str = "cadre", **more: Any) -> dict[str, Any]:
    """A visit entered by the clerk of 射阳."""
    made = world.api("clerk").post("/records/visits", factories.FIELDS["visits"] | {
        "unit_id": world.units["射阳"], "cadre_ids": [world.cadres[cadre]], "ended_on": "2026-06-08"} | more)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json
    return found


def test_my_own_file_is_mine_and_masked(world: World) -> None:
    mine = world.api("cadre").get("/me/cadre").json
    assert mine["id"] == world.cadres["cadre"] and mine["name"] == "射阳老c" and mine["unit_name"] == "射阳"
    assert "********" in mine["id_number"] and "****" in mine["mobile"] and mine["address"] == "***"
    assert mine["started_work_on"] == "1958-07"
    assert world.api("second cadre").get("/me/cadre").json["id"] == world.cadres["second cadre"]
    for staff_only in ("created_by", "contact_account_id", "unit_number", "name_reading", "id_number_key"):
        assert staff_only not in mine


def test_my_contact_is_a_clerk_of_my_unit_with_a_number_to_dial(world: World) -> None:
    contact = world.api("cadre").get("/me/contact").json
    assert contact["name"] == "射阳clerk" and contact["unit_name"] == "射阳"
    assert contact["phone"].isdigit() and len(contact["phone"]) == 11 and contact["tel"] == f"tel:{contact['phone']}"
    assert world.api("town cadre").get("/me/contact").json["name"] == "合德镇clerk"


def test_without_a_clerk_the_administrator_is_called_and_without_anybody_nobody(world: World) -> None:
    administrator = world.api("射阳 administrator")
    for name in ("clerk", "phone clerk", "column clerk"):
        assert administrator.post(f"/accounts/{world.accounts[name]}/suspend").status_code == 200
    assert world.api("cadre").get("/me/contact").json["name"] == "射阳管理员"
    above = world.api("盐城 administrator")
    seat = f"/units/{world.units['射阳']}/administrators/{world.accounts['射阳 administrator']}"
    assert above.delete(seat).status_code == 204
    assert world.api("cadre").get("/me/contact").json == {"name": None, "phone": None, "unit_name": "射阳"}


def test_what_was_done_for_me_is_told_and_nothing_sensitive(world: World) -> None:
    done = visit(world, feedback="密CANARY", demand="密CANARY")
    visit(world, draft=True)
    visit(world, cadre="second cadre")
    clerk = world.api("clerk")
    for module in ("hardship_aid", "volunteer_service"):
        made = clerk.post(f"/records/{module}", factories.FIELDS[module] | factories.people_value(
            module, world.cadres["cadre"]) | {"unit_id": world.units["射阳"], "ended_on": "2026-06-07"})
        assert made.status_code == 201, made.text
    told = world.api("cadre").get("/me/services").json
    assert told["total"] == 3 and told["items"][0]["module"] == "visits"
    assert told["items"][0] | {"id": done["id"], "service": "看望了您", "on": "2026-06-08"} == told["items"][0]
    assert {each["minutes"] for each in told["items"]} == {None, 90}
    text = world.api("cadre").get("/me/services").text
    for hidden in ("CANARY", "serious_illness", "amount", "100000", "unit_number", world.units["射阳"]):
        assert hidden not in text
    assert "重大疾病" not in str(told)
    assert world.api("cadre").get(f"/records/visits/{done['id']}").json["code"] == "channel_closed"


def test_a_meeting_i_missed_was_not_done_for_me(world: World) -> None:
    for status in ("present", "absent", "leave"):
        made = world.api("clerk").post("/records/branch_activities", factories.FIELDS["branch_activities"] | {
            "unit_id": world.units["射阳"], "ended_on": "2026-06-08", "topic": status,
            "attendance": [{"cadre_id": world.cadres["cadre"], "status": status}]})
        assert made.status_code == 201
    told = world.api("cadre").get("/me/services").json["items"]
    assert [each["summary"] for each in told] == ["主题党日 · present"]


@pytest.mark.parametrize("path", ROUTES)
def test_a_cadres_routes_are_a_cadres(world: World, path: str) -> None:
    assert world.api("cadre").get(path).status_code == 200
    for principal in ("clerk", "phone clerk", "射阳 administrator", "province auditor"):
        assert world.api(principal).get(path).status_code == 403, principal
    assert world.api(None).get(path).status_code == 401


def test_a_cadres_token_opens_no_staff_route(world: World) -> None:
    cadre = world.api("cadre")
    for path in ("/units", "/accounts", "/cadres", "/records/visits", "/opinions", "/audit", "/filings",
                 f"/cadres/{world.cadres['cadre']}", f"/units/{world.units['射阳']}", "/deadlines/explain",
                 "/reports/timeliness"):
        answer = cadre.get(path)
        assert (answer.status_code, answer.json["code"]) == (403, "channel_closed"), path


def test_reading_changes_nothing(world: World) -> None:
    visit(world)
    before = rows.digests(world.app)
    for path in ROUTES:
        world.api("cadre").get(path)
    assert rows.digests(world.app) == before
