"""What a superior sends back is owed anew: told at once to whoever keeps the record, then upwards, until answered."""

from typing import Any

import pytest

import factories
import rows
from app import outbox
from app.obligations import scheduler
from permissions import transaction
from tenants import clock, tree
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test looks at everything")
STEPS = ("SELECT o.generation, s.step, s.day FROM obligations o JOIN obligation_steps s ON s.obligation_id = o.id "
         "AND s.generation = o.generation WHERE o.kind = 'record_return' ORDER BY s.day, s.step")


def entered(world: World, **more: Any) -> dict[str, Any]:
    """A visit of 合德镇 as its clerk enters it."""
    made = world.api("town clerk").post("/records/visits", {
        "unit_id": world.units["合德镇"], "cadre_ids": [world.cadres["town cadre"]], "type": "routine",
        "ended_on": "2026-06-08"} | more)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json
    return found


def look(world: World, at: str) -> list[tuple[Any, ...]]:
    """One look at a time of day; every step about returns there is."""
    clock.configure(at)
    with world.app.app_context():
        scheduler.look()
        outbox.drain()
    return [(number, step, str(day)[:10]) for number, step, day in rows.ask(world.app, STEPS)]


def sent_back(world: World) -> dict[str, Any]:
    """A late entry of 合德镇 that the county returns on Wednesday, 10 June."""
    made = entered(world, ended_on="2026-05-06", late_reason="忙")
    answer = world.api("chief").post(f"/records/visits/{made['id']}/return", {"opinion": "请写明原因"})
    assert answer.status_code == 200, answer.text
    return made


def test_a_return_is_told_at_once_and_upwards_when_it_is_overdue(world: World) -> None:
    made = sent_back(world)
    assert look(world, "2026-06-10T11:00:00+08:00") == [(2, "returned", "2026-06-10")]
    (line,) = outbox_lines(world)
    assert "您有 1 项被退回" in line and made["id"] not in line
    desk = world.browser("town clerk").get("/desk/todo").text
    assert "上级退回" in desk and "退回记录的更正（更正），截止日 2026-06-17" in desk
    assert f"/desk/records/visits/{made['id']}" in desk
    later = look(world.at("2026-06-18T09:00:00+08:00"), "2026-06-18T09:00:00+08:00")
    assert (2, "tell0", "2026-06-18") in later


def test_an_answer_ends_it_and_another_return_begins_anew(world: World) -> None:
    made = sent_back(world)
    look(world, "2026-06-10T11:00:00+08:00")
    path = f"/records/visits/{made['id']}"
    assert world.api("town clerk").patch(path, {"late_reason": "五月住院"}).status_code == 200
    look(world, "2026-06-10T11:30:00+08:00")
    assert rows.ask(world.app, "SELECT state FROM obligations WHERE kind = 'record_return'") == [("closed",)]
    clock.configure("2026-06-10T11:40:00+08:00")
    world.api("chief").post(f"{path}/return", {"opinion": "还不清楚"})
    assert look(world, "2026-06-10T14:00:00+08:00") == [(3, "returned", "2026-06-10")]


def test_more_time_is_not_called_a_return(world: World) -> None:
    made = entered(world, draft=True)
    world.api("chief").post(f"/records/visits/{made['id']}/extension", {"until": "2026-06-25", "reason": "汛期"})
    look(world, "2026-06-10T11:00:00+08:00")
    assert all("退回" not in line for line in outbox_lines(world))
    assert "退回" not in world.browser("town clerk").get("/desk/todo").text.split("<main")[1]


def outbox_lines(world: World) -> list[str]:
    """The words of every message sent."""
    with world.app.app_context():
        path = outbox.sms_file()
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.mark.parametrize("verb", ["confirm", "return"])
def test_in_the_province_others_rule_and_never_the_author(world: World, verb: str) -> None:
    with world.app.app_context(), transaction.act("tests"):
        root = tree.unit_by_id(world.units["江苏"], ALL)
        keeper, chief = factories.staff(unit=root), factories.staff(unit=root)
        factories.grant(account=keeper, unit=root, role="clerk")
        for each in (keeper, chief):
            factories.grant(account=each, unit=root, role="chief")
        cadre = factories.cadre(unit=root).id
        tokens = {"keeper": factories.token(keeper, "pc"), "chief": factories.token(chief, "pc")}
        transaction.audit.record("tests:staff", "unit", None, root)
    api = {name: world.api("clerk").__class__(world.app.test_client(), token) for name, token in tokens.items()}
    made = api["keeper"].post("/records/visits", {
        "unit_id": world.units["江苏"], "cadre_ids": [cadre], "type": "routine", "ended_on": "2026-05-06",
        "late_reason": "忙"})
    assert made.status_code == 201, made.text
    path, body = f"/records/visits/{made.json['id']}/{verb}", {"opinion": "请核对"}
    refused = api["keeper"].post(path, body)
    assert (refused.status_code, refused.json["code"]) == (409, "own_work")
    assert world.api("盐城 administrator").post(path, body).status_code == 404
    assert world.api("province auditor").post(path, body).status_code == 403
    assert api["chief"].post(path, body).json["late_ruling"] == f"{verb}ed"
