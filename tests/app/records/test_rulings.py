"""The superior's word over the API: corrections, late entries, extensions, locks; never one's own unit's."""

from typing import Any

import pytest
from record_bodies import DUE, entered

from world import Api, World

TOWN: dict[str, Any] = {"principal": "town clerk", "unit": "合德镇", "cadre": "town cadre"}
LOCKED = "2026-07-29T09:00:00+08:00"  # thirty working days after 2026-06-15 end on 2026-07-28


def late(world: World, **more: Any) -> dict[str, Any]:
    """A record of 合德镇 entered after its due day."""
    return entered(world, **TOWN, ended_on="2026-05-06", late_reason="住院值班", **more)


def act(api: Api, made: dict[str, Any], verb: str, body: Any = None) -> Any:
    """One act about a record."""
    return api.post(f"/records/visits/{made['id']}/{verb}", body or {})


def test_the_county_confirms_a_late_entry_and_it_stays_late(world: World) -> None:
    made, county = late(world), world.api("chief")
    assert (made["asks"], made["late_ruling"], made["odd"]) == (["late"], None, ["backdated"])
    waiting = county.get("/oversight?what=late").json
    assert [(each["id"], each["late_reason"]) for each in waiting["items"]] == [(made["id"], "住院值班")]
    done = act(county, made, "confirm", {"opinion": "情况属实"}).json
    assert (done["timeliness"], done["late_ruling"], done["asks"]) == ("late", "confirmed", [])
    assert county.get("/oversight?what=late").json["total"] == 0
    said = world.api("town clerk").get(f"/records/visits/{made['id']}/rulings").json["items"]
    assert [(each["kind"], each["words"], each["by_unit"]) for each in said] == [
        ("late_confirmed", "情况属实", "射阳")]
    assert act(county, made, "confirm").status_code == 409


def test_a_returned_entry_waits_for_the_clerk_and_comes_back(world: World) -> None:
    made, county, clerk = late(world), world.api("chief"), world.api("town clerk")
    assert act(county, made, "return", {}).json["fields"].keys() == {"opinion"}
    back = act(county, made, "return", {"opinion": "请写明具体原因"}).json
    assert (back["late_ruling"], back["asks"], back["timeliness"]) == ("returned", [], "late")
    answered = clerk.patch(f"/records/visits/{made['id']}", {"late_reason": "五月住院，无人代办"}).json
    assert (answered["late_ruling"], answered["asks"]) == (None, ["late"])


def test_without_a_reason_there_is_nothing_to_confirm(world: World) -> None:
    made = entered(world, **TOWN, ended_on="2026-05-06")
    assert made["asks"] == [] and act(world.api("chief"), made, "confirm").json["code"] == "nothing_to_confirm"


@pytest.mark.parametrize("verb", ["confirm", "return", "extension", "extension/decline", "reopen"])
def test_nobody_rules_on_their_own_unit(world: World, verb: str) -> None:
    own, below = entered(world, ended_on="2026-05-06", late_reason="忙"), late(world)
    for who in ("chief", "射阳 administrator", "clerk", "county auditor"):
        assert act(world.api(who), own, verb).status_code == 403, who
    assert act(world.api("合德镇 administrator"), below, verb).status_code == 403
    assert act(world.api("town clerk"), below, verb).status_code == 403
    assert act(world.api("东台 administrator"), below, verb).status_code == 404
    assert act(world.api("盐城 administrator"), own, verb).status_code in (200, 409, 422)


def test_the_earlier_day_decides_until_the_correction_is_confirmed(world: World) -> None:
    clerk, county = world.api("town clerk"), world.api("射阳 administrator")
    made = entered(world, **TOWN, draft=True, ended_on="2026-05-06")
    moved = clerk.patch(f"/records/visits/{made['id']}", {"ended_on": "2026-06-08"}).json
    assert (moved["due_on"], moved["judged_on"], moved["timeliness"]) == (DUE, "2026-05-12", "overdue")
    assert (moved["asks"], moved["odd"]) == (["correction"], ["backdated", "moved"])
    returned = act(county, made, "return", {"opinion": "请附说明"}).json
    assert (returned["correction_ruling"], returned["timeliness"]) == ("returned", "overdue")
    again = clerk.patch(f"/records/visits/{made['id']}", {"ended_on": "2026-06-09"}).json
    assert again["asks"] == ["correction"]
    sure = act(county, made, "confirm", {"matter": "correction"}).json
    assert (sure["due_on"], sure["judged_on"], sure["timeliness"]) == ("2026-06-16", "2026-06-16", "pending")
    assert sure["first_due_on"] == "2026-05-12" and not sure["correction_unconfirmed"]


def test_an_end_put_back_asks_for_nothing(world: World) -> None:
    clerk, made = world.api("clerk"), entered(world, draft=True, ended_on="2026-06-01")
    path = f"/records/visits/{made['id']}"
    assert clerk.patch(path, {"ended_on": "2026-06-05"}).json["asks"] == ["correction"]
    back = clerk.patch(path, {"ended_on": "2026-06-01"}).json
    assert (back["asks"], back["due_on"], back["odd"]) == ([], made["due_on"], ["backdated", "moved"])
    earlier = clerk.patch(path, {"ended_on": "2026-05-28"}).json
    assert (earlier["judged_on"], earlier["due_on"], earlier["asks"]) == ("2026-06-04", "2026-06-04", [])
    later = clerk.patch(path, {"ended_on": "2026-06-09"}).json
    assert later["judged_on"] == made["due_on"]


def test_a_plan_whose_day_has_not_come_is_planned_anew_and_seen(world: World) -> None:
    clerk, made = world.api("clerk"), entered(world, draft=True, ended_on="2026-06-20")
    moved = clerk.patch(f"/records/visits/{made['id']}", {"ended_on": "2026-07-20"}).json
    assert (moved["judged_on"], moved["due_on"], moved["odd"]) == ("2026-07-27", "2026-07-27", ["replanned"])
    assert moved["first_due_on"] == "2026-06-26"


def test_work_put_off_into_the_future_stays_owed(world: World) -> None:
    clerk, made = world.api("clerk"), entered(world, draft=True, ended_on="2026-06-01")
    moved = clerk.patch(f"/records/visits/{made['id']}", {"ended_on": "2026-06-20"}).json
    assert (moved["timeliness"], moved["judged_on"]) == ("overdue", "2026-06-08")


def test_deleting_and_recording_again_is_seen_whichever_comes_first(world: World) -> None:
    clerk, above = world.api("town clerk"), world.api("射阳 administrator")
    first = entered(world, **TOWN, draft=True, ended_on="2026-05-20")
    assert clerk.delete(f"/records/visits/{first['id']}").status_code == 204
    second = entered(world, **TOWN, ended_on="2026-06-08")
    assert second["odd"] == ["recreated"]
    assert above.get("/oversight?what=recreated").json["items"][0]["recreated_of"] == first["id"]
    third = entered(world, **TOWN, draft=True, ended_on="2026-06-09")
    fourth = entered(world, **TOWN, ended_on="2026-06-05", type="hospital")
    assert fourth["odd"] == ["recreated"]
    assert clerk.delete(f"/records/visits/{third['id']}").status_code == 204
    gone = above.get("/oversight?what=deleted").json["items"]
    assert [(each["id"], each["deleted_at"] is not None) for each in gone] == [
        (third["id"], True), (first["id"], True)]
    listed = above.get("/records/visits?odd=true").json
    assert {each["id"] for each in listed["items"]} == {second["id"], fourth["id"]}
    assert {each["id"] for each in above.get("/oversight?what=recreated").json["items"]} == {
        second["id"], third["id"], fourth["id"]}
    other = entered(world, ended_on="2026-06-08")
    assert other["odd"] == []


def test_one_made_beforehand_to_take_the_place_of_a_deleted_one_deleted_afterwards_is_seen(world: World) -> None:
    clerk = world.api("clerk")
    old = entered(world, draft=True, ended_on="2026-05-20")
    new = entered(world, ended_on="2026-06-08")
    assert new["odd"] == []
    assert clerk.delete(f"/records/visits/{old['id']}").status_code == 204
    assert clerk.get(f"/records/visits/{new['id']}").json["odd"] == ["recreated"]
    seen = world.api("chief").get("/oversight?what=recreated").json["items"]
    assert [(each["id"], each["recreated_of"]) for each in seen] == [(new["id"], old["id"])]


def test_a_superior_gives_more_time_before_it_is_over(world: World) -> None:
    clerk, county = world.api("town clerk"), world.api("chief")
    made = entered(world, **TOWN, draft=True)
    asked = act(clerk, made, "extension/ask", {"until": "2026-06-25", "reason": "老同志外出"}).json
    assert (asked["asks"], asked["asked_until"], asked["due_on"]) == (["extension"], "2026-06-25", DUE)
    given = act(county, made, "extension", {"until": "2026-06-22", "reason": "同意"}).json
    assert (given["due_on"], given["extended_to"], given["asked_until"]) == ("2026-06-22", "2026-06-22", None)
    world = world.at("2026-06-22T23:59:59+08:00")
    assert act(world.api("town clerk"), made, "submit").json["timeliness"] == "on_time"
    said = world.api("town clerk").get(f"/records/visits/{made['id']}/rulings").json["items"]
    assert sorted((each["kind"], each["until"], each["by_name"]) for each in said) == [
        ("extended", "2026-06-22", "射阳chief"), ("extension_asked", "2026-06-25", "合德镇clerk")]


def test_no_time_is_given_when_it_is_over(world: World) -> None:
    made = entered(world, **TOWN, draft=True)
    county = world.api("chief")
    for wrong in ({"until": DUE, "reason": "x"}, {"until": "2027-06-17", "reason": "x"}, {"until": "2026-06-20"}):
        assert act(county, made, "extension", wrong).status_code == 422
    assert act(world.api("town clerk"), made, "extension/ask", {"until": "2026-06-25", "reason": "忙"}).json["asks"]
    declined = act(county, made, "extension/decline", {"reason": "时间充足"}).json
    assert (declined["asks"], declined["due_on"]) == ([], DUE)
    assert act(county, made, "extension/decline", {"reason": "时间充足"}).json["code"] == "nothing_asked"
    world = world.at("2026-06-16T00:00:00+08:00")
    for who, verb in (("chief", "extension"), ("town clerk", "extension/ask")):
        refused = act(world.api(who), made, verb, {"until": "2026-06-25", "reason": "忙"})
        assert (refused.status_code, refused.json["code"]) == (409, "expired")
    assert act(world.api("town clerk"), made, "submit").json["timeliness"] == "late"


def test_an_entered_record_locks_and_only_the_superior_opens_it(world: World) -> None:
    made, path = entered(world, **TOWN), "/records/visits/{id}"
    path = path.format(**made)
    open_still = world.at("2026-07-28T23:59:00+08:00").api("town clerk").patch(path, {"place": "合德镇二组"})
    assert open_still.status_code == 200
    world = world.at(LOCKED)
    clerk, county = world.api("town clerk"), world.api("chief")
    for refused in (clerk.patch(path, {"place": "别处"}), clerk.patch(path, {"nothing": 1}), clerk.delete(path)):
        assert (refused.status_code, refused.json["code"]) == (409, "locked"), refused.text
        assert "2026-07-28" in refused.json["message"] and "上级" in refused.json["message"]
    assert act(county, made, "reopen", {"until": "2026-07-28", "reason": "晚了"}).status_code == 422
    opened = act(county, made, "reopen", {"until": "2026-07-31", "reason": "地点有误"}).json
    assert opened["reopened_until"] == "2026-07-31"
    assert clerk.patch(path, {"place": "合德镇三组"}).status_code == 200
    world = world.at("2026-08-01T09:00:00+08:00")
    assert world.api("town clerk").patch(path, {"place": "别处"}).json["code"] == "locked"
    log = world.api("射阳 administrator").get(f"/audit?unit={world.units['合德镇']}&action=record:reopen").json["items"]
    assert [(each["after"]["ruling"], each["after"]["until"]) for each in log] == [("reopened", "2026-07-31")]


def test_a_first_entry_is_never_refused_and_its_reason_never_locked(world: World) -> None:
    made = entered(world, **TOWN, ended_on="2025-12-01")
    clerk, path = world.api("town clerk"), f"/records/visits/{made['id']}"
    assert made["timeliness"] == "late" and clerk.patch(path, {"place": "x"}).json["code"] == "locked"
    given = clerk.patch(path, {"late_reason": "交接遗漏"}).json
    assert (given["late_reason"], given["asks"]) == ("交接遗漏", ["late"])
    assert clerk.patch(path, {"late_reason": "另一个"}).json["code"] == "locked"
    returned = act(world.api("chief"), made, "return", {"opinion": "请更正地点"}).json
    assert returned["late_ruling"] == "returned" and clerk.patch(path, {"place": "合德镇"}).status_code == 200
    assert act(world.api("chief"), made, "reopen", {"until": "2026-06-12", "reason": "x"}).status_code == 200


def test_an_open_record_is_never_locked(world: World) -> None:
    made = entered(world, **TOWN, draft=True, ended_on="2025-12-01")
    assert world.api("town clerk").patch(f"/records/visits/{made['id']}", {"place": "x"}).status_code == 200
    assert act(world.api("chief"), made, "reopen", {"until": "2026-06-12", "reason": "x"}).json["code"] == "not_locked"


def test_who_oversees_sees_what_lies_below_and_nothing_else(world: World) -> None:
    mine, town = late(world), entered(world, ended_on="2026-05-06", late_reason="忙")
    assert {each["id"] for each in world.api("county auditor").get("/oversight").json["items"]} == {
        mine["id"], town["id"]}
    assert world.api("东台 administrator").get("/oversight").json["total"] == 0
    assert world.api("clerk").get("/oversight").status_code == 403
    assert world.api("chief").get(f"/oversight?unit={world.units['合德镇']}").json["total"] == 1
    page = world.api("chief").get("/oversight?limit=1").json
    rest = world.api("chief").get(f"/oversight?limit=1&cursor={page['next']}").json
    assert page["total"] == 2 and rest["next"] is None and rest["items"][0]["id"] != page["items"][0]["id"]
