"""Nominations (提名): the unit proposes, the superior's administrator seats or says why not; nobody seats his own."""

from typing import Any

import pytest

import factories
from app.administration import nominations
from permissions import guard, transaction
from permissions.accounts import Account
from permissions.identity import principal_of
from permissions.roles import Channel
from rows import ask, run
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")


def person(world: World, where: str, **more: Any) -> str:
    """A staff member of a unit who may be seated, unless told otherwise."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units[where])).scalar_one()
        account = factories.staff(unit=unit, **more)
        transaction.audit.record("tests:person", "account", account.id, unit)
        return str(account.id)


def nominate(world: World, who: str, unit: str, account: str, **more: Any) -> Any:
    """Propose over the API."""
    return world.api(who).post(f"/units/{world.units[unit]}/nominations", {"account_id": account, **more})


@pytest.mark.parametrize("who", ["射阳 administrator", "chief"])
def test_the_unit_proposes_and_its_superior_seats(world, who):
    account = person(world, "射阳")
    made = nominate(world, who, "射阳", account, reason="接替退休同志")
    assert (made.status_code, made.json["state"]) == (201, "open")
    path = f"/nominations/{made.json['id']}"
    for other in ("射阳 administrator", "chief", "合德镇 administrator", "county auditor"):
        assert world.api(other).post(f"{path}/seat").status_code in (403, 404), other
    city = world.api("盐城 administrator")
    assert [each["id"] for each in city.get("/nominations?state=open").json["items"]] == [made.json["id"]]
    seated = city.post(f"{path}/seat")
    assert (seated.status_code, seated.json["account_id"], seated.json["seat"]) == (201, account, 2)
    again = city.post(f"{path}/seat")
    assert (again.status_code, again.json["code"]) == (409, "already_answered")
    (mine,) = world.api(who).get("/nominations").json["items"]
    assert (mine["state"], mine["answered_at"] is not None) == ("seated", True)


def test_a_refusal_says_why_and_the_unit_reads_it(world):
    made = nominate(world, "chief", "射阳", person(world, "射阳"))
    path = f"/nominations/{made.json['id']}"
    city = world.api("盐城 administrator")
    assert city.post(f"{path}/refuse", {}).status_code == 422
    assert city.post(f"{path}/refuse", {"reason": "请先参加培训"}).json["state"] == "refused"
    (mine,) = world.api("chief").get("/nominations").json["items"]
    assert (mine["state"], mine["answer"]) == ("refused", "请先参加培训")
    assert world.api("chief").post(f"{path}/withdraw").json["code"] == "already_answered"


def test_only_one_s_own_unit_s_staff_and_only_by_its_own(world):
    account = person(world, "射阳")
    for who, unit, status in (("盐城 administrator", "射阳", 403), ("clerk", "射阳", 403),
                              ("county auditor", "射阳", 403),
                              ("合德镇 administrator", "射阳", 404), ("东台 administrator", "射阳", 404)):
        assert nominate(world, who, unit, account).status_code == status, who
    for other in (world.accounts["town clerk"], world.accounts["other clerk"], world.accounts["cadre"]):
        made = nominate(world, "chief", "射阳", other)
        assert made.status_code == 422 and list(made.json["fields"]) == ["account_id"]


@pytest.mark.parametrize("more", [{"on_establishment": False}, {"in_service": False}, {"trained_on": None}])
def test_who_is_not_eligible_is_not_proposed(world, more):
    account = person(world, "射阳")
    (column, value), = more.items()
    run(world.app, f"UPDATE accounts SET {column} = {'NULL' if value is None else 'FALSE'} "  # noqa: S608
                   f"WHERE id = '{account}'")
    made = nominate(world, "chief", "射阳", account)
    assert made.status_code == 422 and "第七条" in made.json["fields"]["account_id"][0]


def test_nobody_is_proposed_twice_and_a_withdrawn_one_may_be_again(world):
    account = person(world, "射阳")
    first = nominate(world, "chief", "射阳", account)
    assert nominate(world, "射阳 administrator", "射阳", account).json["code"] == "already_nominated"
    assert world.api("chief").post(f"/nominations/{first.json['id']}/withdraw").json["state"] == "withdrawn"
    assert nominate(world, "射阳 administrator", "射阳", account).status_code == 201
    sitting = world.accounts["射阳 administrator"]
    assert nominate(world, "chief", "射阳", sitting).json["code"] == "already_seated"
    stranger = nominate(world, "chief", "射阳", person(world, "射阳"), replaces_id=account)
    assert list(stranger.json["fields"]) == ["replaces_id"]


def test_whoever_is_seated_otherwise_waits_no_longer(world):
    account = person(world, "射阳")
    nominate(world, "chief", "射阳", account)
    path = f"/units/{world.units['射阳']}/administrators"
    seated = world.api("盐城 administrator").post(path, {"account_id": account})
    assert seated.status_code == 201
    assert ask(world.app, "SELECT state FROM nominations") == [("seated",)]


def test_a_closing_unit_proposes_nobody(world):
    made = nominate(world, "合德镇 administrator", "合德镇", person(world, "合德镇"))
    assert made.status_code == 201
    closed = world.api("射阳 administrator").post(f"/units/{world.units['合德镇']}/close",
                                                {"successor_id": world.units["黄沙港镇"]})
    assert closed.status_code == 200, closed.text
    assert ask(world.app, "SELECT state, unit_id FROM nominations") == [("withdrawn", world.units["合德镇"])]


def test_a_nomination_waits_with_the_nearest_superior_that_has_anybody(world):
    """射阳 has lost its administrator: what 合德镇 proposes is shown to 盐城."""
    nominate(world, "合德镇 administrator", "合德镇", person(world, "合德镇", name="赵新"))
    shown = {who: world.browser(f"{who} administrator").get("/desk/todo").text for who in ("射阳", "盐城", "江苏")}
    assert ["赵新" in text for text in shown.values()] == [True, False, False]
    run(world.app, f"DELETE FROM administrators WHERE unit_id = '{world.units['射阳']}'")  # noqa: S608
    shown = {who: world.browser(f"{who} administrator").get("/desk/todo").text for who in ("盐城", "江苏")}
    assert ["赵新" in text for text in shown.values()] == [True, False]


def test_who_is_to_follow_somebody_takes_his_place_at_once(world):
    """Both seats are taken: the one who leaves goes and the nominee comes in one act, filed both ways."""
    city, sitting = world.api("盐城 administrator"), world.accounts["射阳 administrator"]
    seats = f"/units/{world.units['射阳']}/administrators"
    assert city.post(seats, {"account_id": person(world, "射阳")}).status_code == 201
    heir, clerk = person(world, "射阳"), person(world, "合德镇")
    given = world.api("射阳 administrator").post(f"/accounts/{clerk}/grants", {
        "role": "clerk", "unit_id": world.units["合德镇"]})
    assert given.status_code == 201, given.text
    made = nominate(world, "射阳 administrator", "射阳", heir, replaces_id=sitting, reason="工作调动")
    question = world.browser("盐城 administrator").get(f"/desk/nominations/{made.json['id']}/seat")
    assert question.location.endswith(f"/administrators/{sitting}/replace?successor={heir}"), "chosen on the page"
    done = city.post(f"/nominations/{made.json['id']}/seat")
    assert (done.status_code, done.json["account_id"]) == (201, heir), done.text
    assert sitting not in {row["account_id"] for row in city.get(seats).json["items"]}
    assert ask(world.app, f"SELECT given_by FROM grants WHERE account_id = '{clerk}'") == [(heir,)]  # noqa: S608
    acts = ask(world.app, f"SELECT act FROM filings WHERE account_id IN ('{heir}', '{sitting}') "  # noqa: S608
                          "ORDER BY filed_at DESC, act LIMIT 2")
    assert acts == [("appoint",), ("remove",)]
    assert ask(world.app, "SELECT state FROM nominations") == [("seated",)]
    assert city.post(f"/nominations/{made.json['id']}/seat").json["code"] == "already_answered"
    assert world.api("射阳 administrator").get("/accounts").json["code"] == "forbidden"


def test_when_he_who_leaves_has_gone_already_the_nominee_takes_the_free_seat(world):
    city, sitting = world.api("盐城 administrator"), world.accounts["射阳 administrator"]
    heir = person(world, "射阳")
    made = nominate(world, "chief", "射阳", heir, replaces_id=sitting)
    assert city.delete(f"/units/{world.units['射阳']}/administrators/{sitting}").status_code == 204
    assert world.browser("盐城 administrator").get(f"/desk/nominations/{made.json['id']}/seat").status_code == 200
    assert city.post(f"/nominations/{made.json['id']}/seat").status_code == 201


@pytest.mark.parametrize("who", ["射阳 administrator", "chief", "东台 administrator", "合德镇 administrator"])
def test_nobody_but_a_superior_puts_one_in_the_place_of_another(world, who):
    sitting = world.accounts["射阳 administrator"]
    made = nominate(world, "chief", "射阳", person(world, "射阳"), replaces_id=sitting)
    assert world.api(who).post(f"/nominations/{made.json['id']}/seat").status_code in (403, 404)
    assert ask(world.app, f"SELECT 1 FROM administrators WHERE account_id = '{sitting}'") == [(1,)]  # noqa: S608


def test_what_others_answer_for_pushes_nothing_of_mine_off_the_list(world):
    """Older ones of 合德镇 wait for 射阳; 盐城 is shown what 射阳 proposes, however short the list."""
    for _each in range(3):
        assert nominate(world, "合德镇 administrator", "合德镇", person(world, "合德镇")).status_code == 201
    mine = [nominate(world, "chief", "射阳", person(world, "射阳")).json["id"] for _each in range(2)]
    shown = {}
    for who in ("盐城 administrator", "射阳 administrator", "江苏 administrator", "chief"):
        with world.app.test_request_context():
            account = db.session.execute(WHOLE.select(Account).where(Account.id == world.accounts[who])).scalar_one()
            guard.stand_in(principal_of(account, Channel.pc, clock.today()))
            shown[who] = [each.id for each in nominations.waiting_for_me(1)], nominations.how_many_wait()
            db.session.rollback()
    first, number = shown["盐城 administrator"]
    assert len(first) == 1 and set(first) <= set(mine) and number == 2
    assert (len(shown["射阳 administrator"][0]), shown["射阳 administrator"][1]) == (1, 3)
    assert shown["江苏 administrator"] == shown["chief"] == ([], 0)
