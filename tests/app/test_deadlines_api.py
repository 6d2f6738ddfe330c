"""Why a date is due: every counted and every skipped day by name, for everybody on the staff."""

from datetime import date, timedelta

import pytest

from world import World

WHY = {"weekday", "makeup_workday", "weekend", "public_holiday", "statutory_holiday"}


def asked(world: World, ended_on: str, module: str = "visits", principal: str = "clerk") -> dict:
    """The answer to one question."""
    answer = world.api(principal).get(f"/deadlines/explain?ended_on={ended_on}&module={module}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


@pytest.mark.parametrize(("ended_on", "due_on"), [
    ("2026-02-14", "2026-02-28"), ("2026-02-18", "2026-02-28"), ("2026-09-18", "2026-09-24"),
    ("2026-09-24", "2026-10-09"), ("2026-06-08", "2026-06-15"), ("2025-12-31", "2026-01-08"),
])
def test_golden_days(world: World, ended_on: str, due_on: str) -> None:
    assert asked(world, ended_on)["due_on"] == due_on


@pytest.mark.parametrize("ended_on", ["2026-02-14", "2026-09-24", "2026-12-31", "2024-04-30", "2023-01-20"])
def test_the_days_told_are_all_days_between(world: World, ended_on: str) -> None:
    told = asked(world, ended_on)
    counted, skipped = told["counted"], told["skipped"]
    days = sorted(each["date"] for each in counted + skipped)
    first = date.fromisoformat(ended_on)
    last = date.fromisoformat(told["due_on"])
    assert days == [str(first + timedelta(days=step)) for step in range(1, (last - first).days + 1)]
    assert len(counted) == 5 and counted[-1]["date"] == told["due_on"]
    assert {each["why"] for each in counted} <= {"weekday", "makeup_workday"}
    assert {each["why"] for each in skipped} <= WHY - {"weekday", "makeup_workday"}
    assert "第十八条" in told["rule"] and "走访慰问" in told["rule"]


def test_holidays_and_make_up_days_are_named(world: World) -> None:
    told = asked(world, "2026-02-14")
    assert "makeup_workday" in {each["why"] for each in told["counted"]}
    spring = [each for each in told["skipped"] if each["why"] == "public_holiday"]
    assert spring and all("春节" in each["name"] for each in spring)


def test_beyond_the_notices_it_is_provisional(world: World) -> None:
    assert asked(world, "2026-12-24")["provisional"] is False
    told = asked(world, "2026-12-25")
    assert (told["provisional"], told["due_on"]) == (True, "2027-01-04")
    assert "statutory_holiday" in {each["why"] for each in told["skipped"]}


def test_all_staff_may_ask_and_a_cadre_may_not(world: World) -> None:
    for principal in ("clerk", "phone clerk", "column clerk", "chief", "reviewer", "province auditor",
                      "合德镇 administrator"):
        assert asked(world, "2026-06-08", principal=principal)["due_on"] == "2026-06-15"
    path = "/deadlines/explain?ended_on=2026-06-08&module=visits"
    assert world.api("nobody").get(path).status_code == 403
    assert world.api("cadre").get(path).json["code"] == "channel_closed"
    assert world.api(None).get(path).status_code == 401


@pytest.mark.parametrize(("query", "status"), [
    ("ended_on=2026-06-08", 400), ("module=visits", 400), ("ended_on=2026-02-30&module=visits", 400),
    ("ended_on=08/06/2026&module=visits", 400), ("ended_on=2026-06-08&module=nothing", 404),
    ("ended_on=2026-06-08&module=visits&module=visits", 400), ("ended_on=2026-06-08&module=visits&x=1", 400),
    ("ended_on=1899-01-01&module=visits", 400), ("ended_on=9999-12-31&module=visits", 400),
])
def test_bad_questions_are_refused(world: World, query: str, status: int) -> None:
    assert world.api("clerk").get(f"/deadlines/explain?{query}").status_code == status


@pytest.mark.parametrize("ended_on", ["1900-01-01", "1949-10-01", "1999-12-31", "2004-02-29", "2100-12-31"])
def test_days_of_long_ago_and_far_ahead_have_an_answer(world: World, ended_on: str) -> None:
    told = asked(world, ended_on)
    assert told["due_on"] > ended_on and told["provisional"] is True
