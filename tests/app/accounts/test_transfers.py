"""An account goes to another unit when both sides agree: what goes with it, what ends, who may answer, one winner."""

import re
from typing import Any

import pytest
from account_forms import send

import factories
from permissions import transaction
from permissions.accounts import Account
from rows import ask, count
from tenants.db import db
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")
GIVES, TAKES = "射阳 administrator", "东台 administrator"
DONGTAI = "320981"


def row(world: World, who: str) -> tuple[Any, ...]:
    which = f"WHERE id = '{world.accounts[who]}'"
    return ask(world.app, f"SELECT unit_id, pc_grant FROM accounts {which}")[0]  # noqa: S608


def phone_of(world: World, who: str) -> str:
    with world.app.app_context():
        return str(db.session.execute(WHOLE.select(Account, Account.phone).where(
            Account.id == world.accounts[who])).scalar_one())


def asked_out(world: World, who: str = "clerk", by: str = GIVES, code: str = DONGTAI) -> Any:
    return send(world, by, f"/desk/accounts/{world.accounts[who]}/transfer", {"unit_code": code, "reason": "工作需要"})


def asked_in(world: World, phone: str, name: str, by: str = TAKES) -> Any:
    return send(world, by, "/desk/transfers/new", {"name": name, "phone": phone, "reason": "工作需要"})


def the_one(world: World) -> str:
    return str(ask(world.app, "SELECT id FROM account_transfers")[0][0])


def answered(world: World, by: str, verdict: str, text: str = "") -> Any:
    return send(world, by, f"/desk/transfers/{the_one(world)}", {"verdict": verdict, "answer": text})


def test_the_other_side_accepts_and_the_account_goes_without_its_rights(world):
    account = world.accounts["clerk"]
    assert asked_out(world).status_code == 303 and row(world, "clerk")[0] == world.units["射阳"]
    assert "射阳clerk" in world.browser(TAKES).get("/desk/transfers").text
    assert answered(world, GIVES, "accepted").status_code in (403, 404), "the asking side answers nothing"
    assert answered(world, "南通 administrator", "accepted").status_code == 404
    assert answered(world, TAKES, "accepted").status_code == 303
    assert row(world, "clerk")[0] == world.units["东台"] and not row(world, "clerk")[1]
    assert count(world.app, "grants", f"account_id = '{account}'") == 0
    assert world.api("clerk").get("/me").status_code == 401
    assert answered(world, TAKES, "refused", "不行").status_code == 409
    assert world.api(TAKES).get(f"/accounts/{account}").status_code == 200
    assert world.api(GIVES).get(f"/accounts/{account}").status_code == 404


def test_a_refusal_says_why_and_changes_nothing(world):
    assert asked_out(world).status_code == 303
    assert answered(world, TAKES, "refused").status_code == 422
    assert answered(world, TAKES, "refused", "没有编制").status_code == 303
    assert "没有编制" in world.browser(GIVES).get(f"/desk/transfers/{the_one(world)}").text
    assert row(world, "clerk")[0] == world.units["射阳"] and world.api("clerk").get("/me").status_code == 200


def test_asking_for_somebody_tells_nothing(world):
    known = asked_in(world, phone_of(world, "clerk"), "射阳clerk")
    lists = [world.browser(TAKES).get("/desk/transfers").text]
    nobody = asked_in(world, factories.next_phone(), "射阳clerk")
    wrong = asked_in(world, phone_of(world, "chief"), "射阳clerk")
    assert known.status_code == nobody.status_code == wrong.status_code == 303
    lists.append(world.browser(TAKES).get("/desk/transfers").text)
    assert lists[1].count("等待答复") == 3 and "射阳县" not in lists[0] and "199****" not in lists[1]
    assert world.browser(GIVES).get("/desk/transfers").text.count("等待答复") == 1


@pytest.mark.parametrize("verdict", ["accepted", "refused"])
def test_answering_oneself_tells_nothing(world, verdict):
    said = []
    for phone in (phone_of(world, "clerk"), factories.next_phone()):
        known = {each for (each,) in ask(world.app, "SELECT id FROM account_transfers")}
        assert asked_in(world, phone, "射阳clerk").status_code == 303
        fresh = {each for (each,) in ask(world.app, "SELECT id FROM account_transfers")} - known
        answer = send(world, TAKES, f"/desk/transfers/{fresh.pop()}", {"verdict": verdict, "answer": "已经商定"})
        said.append((answer.status_code, re.sub("[!-~]", "", answer.text)))  # its words, without marks of the request
    assert said[0][0] == 403 and said[0] == said[1]
    assert count(world.app, "account_transfers", "state = 'asked'") == 2


def test_the_file_of_a_cadre_goes_along_and_its_records_stay(world):
    cadre = world.cadres["cadre"]
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(WHOLE.select(factories.Unit).where(
            factories.Unit.id == world.units["射阳"])).scalar_one()
        person = db.session.execute(WHOLE.select(factories.Cadre).where(factories.Cadre.id == cadre)).scalar_one()
        factories.record(unit=unit, cadre=person, ended_on=factories.date(2026, 6, 1))
        transaction.audit.record("tests:record", "unit", None, unit)
    name = ask(world.app, f"SELECT name FROM cadres WHERE id = '{cadre}'")[0][0]  # noqa: S608
    assert asked_in(world, phone_of(world, "cadre"), str(name)).status_code == 303
    assert answered(world, GIVES, "accepted").status_code == 303
    assert row(world, "cadre")[0] == world.units["东台"]
    assert ask(world.app, f"SELECT unit_id FROM cadres WHERE id = '{cadre}'") == [  # noqa: S608
        (world.units["东台"],)]
    assert count(world.app, "records", f"unit_id = '{world.units['射阳']}'") == 1
    assert world.api(TAKES).get(f"/cadres/{cadre}").status_code == 200
    assert world.api(GIVES).get(f"/cadres/{cadre}").status_code == 404


def test_a_superior_of_both_needs_nobodys_word(world):
    assert asked_out(world, by="盐城 administrator").status_code == 303
    assert row(world, "clerk")[0] == world.units["东台"]


def test_nobody_goes_with_a_seat_and_nobody_sends_himself(world):
    assert asked_out(world, "合德镇 administrator").status_code == 409
    assert asked_out(world, "射阳 administrator", GIVES).status_code == 403
    assert asked_out(world).status_code == 303 and asked_out(world).status_code == 409, "one request at a time"
    assert asked_out(world, "chief", code="no-such").status_code == 422


def test_what_was_asked_can_be_withdrawn(world):
    assert asked_out(world).status_code == 303
    assert answered(world, GIVES, "withdrawn").status_code == 303
    assert answered(world, TAKES, "accepted").status_code == 409
    assert row(world, "clerk")[0] == world.units["射阳"]
