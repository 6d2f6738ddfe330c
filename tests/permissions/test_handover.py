"""An administrator replaced, a post handed over: one transaction, both sides in the log, nothing left over."""

from typing import Any

import pytest

import factories
from app.handover import gave
from permissions import transaction
from permissions.accounts import Account
from rows import ask, count, digests
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")
CITY, COUNTY, TOWN = "盐城 administrator", "射阳 administrator", "合德镇 administrator"


def person(world: World, where: str, *, eligible: bool = True) -> str:
    """A staff member of a unit."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units[where])).scalar_one()
        account = factories.staff(unit=unit, eligible=eligible)
        transaction.audit.record("tests:person", "account", account.id, unit)
        return str(account.id)


def given(world: World) -> dict[str, str]:
    """射阳's administrator gives a clerk's right at home, a clerk's right below, and a seat below."""
    api = world.api(COUNTY)
    town, clerk, home = person(world, "合德镇"), person(world, "合德镇"), person(world, "射阳")
    assert api.post(f"/units/{world.units['合德镇']}/administrators", {"account_id": town}).status_code == 201
    for account, unit in ((clerk, "合德镇"), (home, "射阳")):
        body = {"role": "clerk", "unit_id": world.units[unit]}
        assert api.post(f"/accounts/{account}/grants", body).status_code == 201
    return {"seated": town, "clerk": clerk, "home": home}


def replace(world: World, who: str, successor: str, **more: Any) -> Any:
    """射阳's administrator replaced over the API."""
    path = f"/units/{world.units['射阳']}/administrators/{world.accounts[COUNTY]}/replace"
    return world.api(who).post(path, {"successor_id": successor, **more})


def living(world: World) -> dict[str, str]:
    """holder -> giver of every living right that anybody gave."""
    return {str(who): str(by) for who, by in ask(
        world.app, "SELECT account_id, given_by FROM rights_given WHERE ended_at IS NULL AND given_by IS NOT NULL")}


def test_out_and_in_at_once_and_the_successor_answers_for_what_was_given(world):
    rights, successor = given(world), person(world, "射阳")
    assert set(living(world).values()) == {world.accounts[COUNTY]}
    done = replace(world, CITY, successor, reason="工作调动")
    assert done.status_code == 201, done.text
    assert done.json["rights"] == {"successor": 3, "mine": 0, "frozen": 0, "left": 0}
    seated = ask(world.app, f"SELECT account_id FROM administrators WHERE unit_id = '{world.units['射阳']}'")  # noqa: S608
    assert seated == [(successor,)]
    assert {who: by for who, by in living(world).items() if who in rights.values()} == dict.fromkeys(
        rights.values(), successor)
    acts = ask(world.app, f"SELECT act, account_id FROM filings WHERE unit_id = '{world.units['射阳']}' "  # noqa: S608
                          "ORDER BY act")
    assert set(acts) == {("appoint", world.accounts[COUNTY]), ("appoint", successor),
                         ("remove", world.accounts[COUNTY])}
    assert world.api(COUNTY).get("/accounts").json["code"] == "forbidden"
    assert count(world.app, "audit_entries", "action = 'administrator:replace' AND result = 'ok'") == 1
    assert world.api("合德镇 administrator").get("/units").status_code == 200


def test_frozen_rights_give_nothing_and_seats_fall_to_whoever_acts(world):
    rights, successor = given(world), person(world, "射阳")
    done = replace(world, CITY, successor, rights="freeze")
    assert done.json["rights"] == {"successor": 1, "mine": 0, "frozen": 2, "left": 0}, done.json
    assert count(world.app, "grants", "frozen_at IS NOT NULL") == 2
    assert living(world)[rights["seated"]] == successor


def test_removed_without_a_successor_what_he_gave_falls_to_whoever_acts(world):
    rights = given(world)
    path = f"/desk/units/{world.units['射阳']}/administrators/{world.accounts[COUNTY]}/remove"
    world.app.config["WTF_CSRF_ENABLED"] = False
    try:
        asked = world.browser(CITY).get(path).text
        done = world.browser(CITY).post(path, data={"rights": "rehome"})
    finally:
        world.app.config["WTF_CSRF_ENABLED"] = True
    assert "最后一名系统管理员" in asked and "仍然有效的权限（3 项）" in asked
    assert done.status_code == 303
    assert {living(world)[each] for each in rights.values()} == {world.accounts[CITY]}


def test_suspending_an_administrator_frees_the_seat_and_files_it_in_one_act(world, monkeypatch):
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    city, who = world.browser(CITY), world.accounts[COUNTY]
    assert world.api(CITY).post(f"/accounts/{who}/suspend").json["code"] == "still_seated"
    led = city.get(f"/desk/accounts/{who}/suspend")
    path = f"/desk/units/{world.units['射阳']}/administrators/{who}/remove"
    assert (led.status_code, led.location) == (302, f"{path}?suspend=true")
    assert "下面两件事一次办完" in city.get(led.location).text
    assert city.post(path, data={"rights": "rehome", "suspend": "1"}).status_code == 303
    assert ask(world.app, f"SELECT state FROM accounts WHERE id = '{who}'") == [("suspended",)]  # noqa: S608
    assert count(world.app, "administrators", f"account_id = '{who}'") == 0
    assert count(world.app, "filings", f"account_id = '{who}' AND act = 'remove'") == 1
    assert world.api(CITY).post(f"/accounts/{who}/reactivate").status_code == 200
    assert count(world.app, "administrators", f"account_id = '{who}'") == 0, "coming back seats nobody"


@pytest.mark.parametrize("who", [COUNTY, TOWN, "chief", "county auditor", "东台 administrator"])
def test_nobody_replaces_in_the_own_unit_above_or_beside(world, who):
    successor, before = person(world, "射阳"), digests(world.app, but=["audit_entries"])
    done = replace(world, who, successor)
    assert done.status_code in (403, 404)
    after = digests(world.app, but=["audit_entries"])
    assert {name for name in after if after[name] != before[name]} <= {"accounts"}


def test_a_successor_who_may_not_sit_leaves_everything_as_it_was(world):
    given(world)
    hired, stranger = person(world, "射阳", eligible=False), person(world, "合德镇")
    before = digests(world.app, but=["audit_entries"])
    refused = replace(world, CITY, hired)
    assert refused.status_code == 422 and "第七条" in str(refused.json["fields"])
    assert replace(world, CITY, stranger).status_code == 422
    assert replace(world, CITY, world.accounts[COUNTY]).status_code == 422
    assert replace(world, CITY, "x" * 22).json["fields"].keys() == {"successor_id"}
    assert digests(world.app, but=["audit_entries"]) == before


def test_whoever_dies_between_leaves_everything_as_it_was(world, monkeypatch):
    given(world)
    successor, before = person(world, "射阳"), digests(world.app)
    with monkeypatch.context() as patched:
        patched.setattr(gave.grants, "rehome", lambda *_told: (_ for _ in ()).throw(OSError("died here")))
        assert replace(world, CITY, successor).status_code == 500
    assert digests(world.app) == before


def hand_over(world: World, who: str, giver: str, taker: str) -> Any:
    """A post handed over through the API."""
    return world.api(who).post(f"/accounts/{giver}/hand-over", {"taker_id": taker, "reason": "轮岗"})


def test_a_post_goes_to_a_colleague_with_its_rights_and_its_work(world):
    giver, taker = world.accounts["clerk"], person(world, "射阳")
    draft = world.api("clerk").post("/records/visits", {
        "unit_id": world.units["射阳"], "ended_on": "2026-06-09", "draft": True, "type": "routine",
        "cadre_ids": [world.cadres["cadre"]], "place": "合德镇", "visitors": "李主任"})
    assert draft.status_code == 201, draft.text
    done = hand_over(world, COUNTY, giver, taker)
    assert (done.status_code, done.json["rights"]) == (200, 1), done.text
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(WHOLE.select(Account).where(Account.id == taker)).scalar_one()
        token = factories.token(account, "pc")
        unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        transaction.audit.record("tests:token", "account", taker, unit)
    path = f"/records/visits/{draft.json['id']}/submit"
    assert world.api("clerk").post(path, {}).status_code in (403, 404)
    world_now = world.app.test_client()
    entered = world_now.post(f"/api/v1{path}", json={}, headers={"Authorization": f"Bearer {token}"})
    assert entered.status_code == 200, entered.text
    logged = ask(world.app, "SELECT action, object_id FROM audit_entries WHERE action IN "
                            "('account:hand_over', 'account:take_over') ORDER BY action")
    assert logged == [("account:hand_over", giver), ("account:take_over", taker)]
    again = hand_over(world, COUNTY, giver, taker)
    assert again.json["rights"] == 0


@pytest.mark.parametrize(("who", "giver", "status"), [
    ("clerk", "clerk", 403), (COUNTY, COUNTY, 403), ("chief", "clerk", 404), (TOWN, "clerk", 404),
    ("东台 administrator", "clerk", 404)])
def test_a_post_is_handed_over_by_whoever_administers_it(world, who, giver, status):
    done = hand_over(world, who, world.accounts[giver], person(world, "射阳"))
    assert done.status_code in (403, 404) and (status != 403 or done.status_code in (403, 404))


def test_a_post_stays_in_its_unit(world):
    before = digests(world.app, but=["audit_entries"])
    for taker in (world.accounts["town clerk"], world.accounts["clerk"], world.accounts["cadre"]):
        done = hand_over(world, CITY, world.accounts["clerk"], taker)
        assert done.status_code == 422 and list(done.json["fields"]) == ["taker_id"], done.text
    assert digests(world.app, but=["audit_entries"]) == before


def rights_of(world: World, who: str) -> list[tuple[object, ...]]:
    """since, until and role of somebody's rights."""
    return ask(world.app, f"SELECT since, until, role FROM grants WHERE account_id = '{who}'")  # noqa: S608


def as_taker(world: World, account_id: str) -> Any:
    """Ask for records as somebody who has no token of the named province yet."""
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(WHOLE.select(Account).where(Account.id == account_id)).scalar_one()
        token = factories.token(account, "pc")
        unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == account.unit_id)).scalar_one()
        transaction.audit.record("tests:token", "account", account_id, unit)
    return world.app.test_client().get("/api/v1/records/visits", headers={"Authorization": f"Bearer {token}"})


def test_a_post_ordered_for_a_day_changes_hands_at_midnight_of_it(world):
    giver, taker = world.accounts["clerk"], person(world, "射阳")
    done = world.api(COUNTY).post(f"/accounts/{giver}/hand-over", {"taker_id": taker, "effective_on": "2026-06-15"})
    assert (done.status_code, done.json["rights"], done.json["effective_on"]) == (200, 1, "2026-06-15"), done.text
    assert [str(each) for row in rights_of(world, giver) for each in row] == ["None", "2026-06-14", "clerk"]
    assert [str(each) for row in rights_of(world, taker) for each in row] == ["2026-06-15", "None", "clerk"]
    assert world.api("clerk").get("/records/visits").status_code == 200
    assert as_taker(world, taker).status_code == 403
    assert count(world.app, "audit_entries", "action = 'account:hand_over' AND result = 'ok'") == 1
    eve, day = world.at("2026-06-14T23:59:59+08:00"), world.at("2026-06-15T00:00:00+08:00")
    assert day.api("clerk").get("/records/visits").status_code == 403
    assert as_taker(day, taker).status_code == 200
    world.at("2026-06-14T23:59:59+08:00")
    assert eve.api("clerk").get("/records/visits").status_code == 200
    assert as_taker(eve, taker).status_code == 403


@pytest.mark.parametrize("day", ["2026-06-10", "2026-06-09", "2029-01-01"])
def test_a_day_that_is_today_gone_or_too_far_is_refused(world, day):
    before = digests(world.app, but=["audit_entries"])
    giver = world.accounts["clerk"]
    done = world.api(COUNTY).post(f"/accounts/{giver}/hand-over", {
        "taker_id": world.accounts["column clerk"], "effective_on": day})
    assert done.status_code == 422 and list(done.json["fields"]) == ["effective_on"]
    assert digests(world.app, but=["audit_entries"]) == before


def test_what_ends_before_the_day_stays_and_what_begins_after_it_goes_whole(world):
    giver, taker = person(world, "射阳"), person(world, "射阳")
    for days in ({"until": "2026-06-12"}, {"since": "2026-06-20"}):
        body = {"role": "clerk", "unit_id": world.units["射阳"], **days}
        assert world.api(COUNTY).post(f"/accounts/{giver}/grants", body).status_code == 201
    done = world.api(COUNTY).post(f"/accounts/{giver}/hand-over", {"taker_id": taker, "effective_on": "2026-06-15"})
    assert done.json["rights"] == 1, done.text
    assert [str(row[1]) for row in rights_of(world, giver)] == ["2026-06-12"]
    assert [str(row[0]) for row in rights_of(world, taker)] == ["2026-06-20"]
