"""Drafts, what is owed, lateness and its reason, to the second of midnight in Shanghai."""

import time
from collections.abc import Iterator

import pytest
from record_bodies import DUE, body, entered
from sqlalchemy.exc import IntegrityError

import rows
from world import World

LAST_SECOND, MIDNIGHT = "2026-06-15T23:59:59+08:00", "2026-06-16T00:00:00+08:00"


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Asia/Shanghai"])
def server_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone the server's own clock is in."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_the_due_day_ends_at_midnight_in_shanghai(world: World, server_zone: str) -> None:
    drafts = [entered(world, draft=True)["id"] for _each in range(2)]
    world = world.at(LAST_SECOND)
    clerk = world.api("clerk")
    assert clerk.get(f"/records/visits/{drafts[0]}").json["timeliness"] == "pending"
    in_time = clerk.post(f"/records/visits/{drafts[0]}/submit").json
    assert (in_time["timeliness"], in_time["entered_at"]) == ("on_time", LAST_SECOND)
    assert entered(world)["timeliness"] == "on_time"
    world = world.at(MIDNIGHT)
    clerk = world.api("clerk")
    assert clerk.get(f"/records/visits/{drafts[1]}").json["timeliness"] == "overdue"
    late = clerk.post(f"/records/visits/{drafts[1]}/submit").json
    assert (late["timeliness"], late["late_reason_owed"], late["due_on"]) == ("late", True, DUE)
    assert clerk.get(f"/records/visits/{drafts[0]}").json["timeliness"] == "on_time"


def test_a_day_of_entry_is_a_day_of_shanghai(world: World, server_zone: str) -> None:
    world = world.at("2026-06-11T00:00:00+08:00")  # still 10 June in UTC and in Los Angeles
    assert entered(world, ended_on="2026-06-11")["state"] == "entered"
    world = world.at("2026-06-11T23:59:59+08:00")
    refused = world.api("clerk").post("/records/visits", body(world, ended_on="2026-06-12"))
    assert refused.status_code == 422 and "ended_on" in refused.json["fields"]


def test_a_draft_is_owed_and_may_be_empty(world: World) -> None:
    clerk = world.api("clerk")
    made = clerk.post("/records/visits", {"unit_id": world.units["射阳"], "ended_on": "2026-06-08", "draft": True})
    assert made.status_code == 201, made.text
    shown = made.json
    assert (shown["state"], shown["entered_at"], shown["entered_by"]) == ("draft", None, None)
    assert (shown["timeliness"], shown["due_on"], shown["cadre_ids"]) == ("pending", DUE, [])
    path = f"/records/visits/{shown['id']}"
    refused = clerk.post(f"{path}/submit")
    assert refused.status_code == 422 and set(refused.json["fields"]) == {"type", "cadre_ids"}
    assert clerk.patch(path, {"type": "hospital", "cadre_ids": [world.cadres["cadre"]]}).status_code == 200
    assert clerk.post(f"{path}/submit").json["state"] == "entered"
    again = clerk.post(f"{path}/submit")
    assert (again.status_code, again.json["code"]) == (409, "already_entered")


def test_a_draft_is_checked_where_it_says_something(world: World) -> None:
    clerk = world.api("clerk")
    for change, field in (({"type": "x"}, "type"), ({"ended_on": None}, "ended_on"),
                          ({"cadre_ids": ["A" * 22]}, "cadre_ids")):
        refused = clerk.post("/records/visits", body(world, draft=True, **change))
        assert refused.status_code == 422 and field in refused.json["fields"]


def test_a_plan_may_be_dated_ahead_and_not_entered_before_its_end(world: World) -> None:
    clerk = world.api("clerk")
    plan = entered(world, draft=True, ended_on="2026-06-20")
    path = f"/records/visits/{plan['id']}"
    assert (plan["timeliness"], plan["due_on"]) == ("pending", "2026-06-26")
    refused = clerk.post(f"{path}/submit")
    assert refused.status_code == 422 and "ended_on" in refused.json["fields"]
    world = world.at("2026-06-20T00:00:00+08:00")
    assert world.api("clerk").post(f"{path}/submit").json["timeliness"] == "on_time"


def test_an_entered_record_cannot_be_moved_behind_its_own_entry(world: World) -> None:
    made = entered(world)
    refused = world.api("clerk").patch(f"/records/visits/{made['id']}", {"ended_on": "2026-06-11"})
    assert refused.status_code == 422 and "ended_on" in refused.json["fields"]


def test_late_entry_is_accepted_labelled_and_its_reason_asked(world: World) -> None:
    clerk = world.api("clerk")
    silent = entered(world, ended_on="2026-05-06")
    assert (silent["timeliness"], silent["late_reason_owed"]) == ("late", True)
    given = entered(world, ended_on="2026-05-06", late_reason="住院值班")
    assert (given["timeliness"], given["late_reason"], given["late_reason_owed"]) == ("late", "住院值班", False)
    later = clerk.patch(f"/records/visits/{silent['id']}", {"late_reason": "系统停机"}).json
    assert (later["timeliness"], later["late_reason_owed"]) == ("late", False)
    draft = entered(world, ended_on="2026-05-06", draft=True)
    assert draft["timeliness"] == "overdue" and not draft["late_reason_owed"]
    done = clerk.post(f"/records/visits/{draft['id']}/submit", {"late_reason": "补录"}).json
    assert (done["timeliness"], done["late_reason"]) == ("late", "补录")
    assert entered(world)["late_reason_owed"] is False


def test_a_new_end_date_keeps_the_first_due_date_and_its_verdict(world: World) -> None:
    clerk = world.api("clerk")
    made = entered(world, draft=True, ended_on="2026-05-06")
    assert (made["due_on"], made["first_due_on"], made["timeliness"]) == ("2026-05-12", "2026-05-12", "overdue")
    path = f"/records/visits/{made['id']}"
    moved = clerk.patch(path, {"ended_on": "2026-06-08"}).json
    assert (moved["due_on"], moved["first_due_on"], moved["timeliness"]) == (DUE, "2026-05-12", "overdue")
    assert (moved["judged_on"], moved["correction_unconfirmed"]) == ("2026-05-12", True)
    again = clerk.patch(path, {"ended_on": "2026-06-09"}).json
    assert (again["due_on"], again["first_due_on"]) == ("2026-06-16", "2026-05-12")
    log = world.api("射阳 administrator").get(f"/audit?unit={world.units['射阳']}&action=record:update").json["items"]
    assert {(each["before"]["due_on"], each["after"]["due_on"]) for each in log} == {
        ("2026-05-12", DUE), (DUE, "2026-06-16")}


def test_an_entry_stays_late_until_its_corrected_end_is_confirmed(world: World) -> None:
    made = entered(world, ended_on="2026-05-06")
    world = world.at("2026-06-22T09:00:00+08:00")
    changed = world.api("clerk").patch(f"/records/visits/{made['id']}", {"ended_on": "2026-06-08"}).json
    assert (changed["timeliness"], changed["entered_at"]) == ("late", "2026-06-10T10:00:00+08:00")
    confirmed = world.api("盐城 administrator").post(f"/records/visits/{made['id']}/confirm", {"matter": "correction"})
    assert (confirmed.json["timeliness"], confirmed.json["entered_at"]) == ("on_time", changed["entered_at"])
    assert confirmed.json["first_due_on"] == "2026-05-12"


def test_beyond_the_published_calendar_a_due_date_is_provisional(world: World) -> None:
    last_known = entered(world, draft=True, ended_on="2026-12-24")
    first_unknown = entered(world, draft=True, ended_on="2026-12-25")
    assert (last_known["due_on"], last_known["due_provisional"]) == ("2026-12-31", False)
    assert (first_unknown["due_on"], first_unknown["due_provisional"]) == ("2027-01-04", True)
    assert entered(world)["due_provisional"] is False


@pytest.mark.parametrize("change", ["entered_at = NULL", "state = 'draft'", "entered_on = '2026-06-01'",
                                    "state = 'lost'"])
def test_the_database_refuses_what_the_rules_refuse(world: World, change: str) -> None:
    entered(world)
    with pytest.raises(IntegrityError):
        rows.run(world.app, f"UPDATE records SET {change}")  # noqa: S608 - our own words
