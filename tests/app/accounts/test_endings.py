"""Leaving and retiring on a day: at midnight in Shanghai, once, and true though nobody has written it down."""

from typing import Any

import pytest
from account_forms import send

import factories
from app.administration import endings
from permissions import sessions, transaction
from permissions.accounts import Account
from permissions.roles import Channel
from rows import ask, count
from tenants import clock
from tenants.db import db
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")
DAY = "2026-06-20"
EVE, MIDNIGHT = "2026-06-19T23:59:59+08:00", f"{DAY}T00:00:00+08:00"


def form(**more: Any) -> dict[str, Any]:
    return {"comes_on": DAY, "retirement_type": "tuixiu", "id_number": factories.id_number(), "former_unit": "射阳局",
            **more}


def planned(world: World, who: str = "clerk", by: str = "射阳 administrator", what: str = "retire", **more: Any) -> Any:
    body = form(**more) if what == "retire" else {"comes_on": DAY} | more
    return send(world, by, f"/desk/accounts/{world.accounts[who]}/{what}", body)


def row(world: World, who: str) -> Any:
    return ask(world.app, "SELECT kind, state, pc_grant, ends_on FROM accounts "  # noqa: S608
                          f"WHERE id = '{world.accounts[who]}'")[0]


def settle(world: World) -> int:
    with world.app.app_context():
        return endings.settle_due()


def token(world: World, who: str) -> Any:
    """A session long enough to live through the night."""
    api = world.api(None)
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(WHOLE.select(Account).where(Account.id == world.accounts[who])).scalar_one()
        api.token = sessions.start(account, Channel.mobile, now=clock.now(), device="tests")
    return api


def test_nothing_is_open_from_midnight_though_the_worker_sleeps(world):
    assert planned(world).status_code == 303
    api = token(world, "clerk")
    clock.configure(EVE)
    assert settle(world) == 0
    assert api.get("/me").json["roles"] != [] and api.get("/records/visits").status_code == 200
    clock.configure(MIDNIGHT)
    assert api.get("/me").status_code == 401 and row(world, "clerk")[0] == "staff", "nobody has written anything yet"
    clock.configure("2026-07-15T09:00:00+08:00")
    assert api.get("/me").status_code == 401


def test_the_clerk_becomes_a_cadre_once(world):
    assert planned(world).status_code == 303
    account = world.accounts["clerk"]
    clock.configure(MIDNIGHT)
    cadres = count(world.app, "cadres")
    assert [settle(world), settle(world)] == [1, 0]
    assert row(world, "clerk")[:2] == ("cadre", "active") and not row(world, "clerk")[2]
    assert count(world.app, "cadres") == cadres + 1
    assert count(world.app, "grants", f"account_id = '{account}'") == 0
    assert ask(world.app, f"SELECT state, file FROM account_endings WHERE account_id = '{account}'") == [("done", None)]  # noqa: S608
    assert count(world.app, "account_events", f"account_id = '{account}' AND step = 'retired'") == 1
    api = token(world, "clerk")
    own = api.get("/me/cadre").json
    assert own["name"] == "射阳clerk" and own["retired_on"] == DAY and own["retirement_type"] == "tuixiu"
    assert api.get("/records/visits").status_code == 403 and api.get("/cadres").status_code == 403


def test_a_worker_that_was_off_for_days_writes_it_down_as_well(world):
    assert planned(world).status_code == 303
    clock.configure("2026-06-27T15:00:00+08:00")
    assert settle(world) == 1 and row(world, "clerk")[0] == "cadre"


def test_a_log_in_before_the_worker_writes_it_down(world):
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(WHOLE.select(Account).where(Account.id == world.accounts["clerk"])).scalar_one()
        factories.with_password(account, "nongshi-72-ji")
        phone = account.phone
        unit = db.session.execute(WHOLE.select(factories.Unit).where(factories.Unit.id == account.unit_id)).scalar_one()
        transaction.audit.record("tests:password", "account", account.id, unit)
    assert planned(world).status_code == 303
    clock.configure(MIDNIGHT)
    body = {"phone": phone, "password": "nongshi-72-ji"}
    at_pc = world.api(None).post("/sessions", body | {"channel": "pc"})
    assert (at_pc.status_code, at_pc.json["code"]) == (403, "channel_closed")
    on_phone = world.api(None).post("/sessions", body | {"channel": "mobile"})
    assert on_phone.status_code == 201 and on_phone.json["account"]["kind"] == "cadre"
    assert settle(world) == 0


def test_the_seat_of_a_retiree_is_freed_and_filed_with_the_rest(world):
    account = world.accounts["合德镇 administrator"]
    assert planned(world, "合德镇 administrator", "合德镇 administrator").status_code == 403, "not one's own"
    assert planned(world, "合德镇 administrator").status_code == 303
    clock.configure(EVE)
    assert settle(world) == 0 and count(world.app, "administrators", f"account_id = '{account}'") == 1
    clock.configure(MIDNIGHT)
    assert settle(world) == 1 and count(world.app, "administrators", f"account_id = '{account}'") == 0
    assert count(world.app, "filings", f"account_id = '{account}' AND act = 'remove'") == 1
    assert row(world, "合德镇 administrator")[0] == "cadre"


def test_a_file_that_is_there_already_is_taken(world):
    number = factories.id_number()
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(WHOLE.select(factories.Unit).where(
            factories.Unit.id == world.units["射阳"])).scalar_one()
        cadre = factories.cadre(unit=unit, name="射阳clerk", id_number=number).id
        transaction.audit.record("tests:cadre", "cadre", cadre, unit)
    assert planned(world, id_number=number).status_code == 303
    clock.configure(MIDNIGHT)
    before = count(world.app, "cadres")
    assert settle(world) == 1 and count(world.app, "cadres") == before
    assert ask(world.app, f"SELECT cadre_id FROM accounts WHERE id = '{world.accounts['clerk']}'") == [(cadre,)]  # noqa: S608


def test_a_number_taken_meanwhile_stops_the_account_and_says_so(world):
    number = factories.id_number()
    assert planned(world, id_number=number).status_code == 303
    made = world.api("东台 administrator").post("/cadres", {
        "unit_id": world.units["东台"], "name": "别人", "id_number": number, "retirement_type": "tuixiu"})
    assert made.status_code == 201
    clock.configure(MIDNIGHT)
    assert settle(world) == 1 and row(world, "clerk")[:2] == ("staff", "suspended")
    later = world.at(f"{DAY}T09:00:00+08:00")
    page = later.browser("射阳 administrator").get(f"/desk/accounts/{world.accounts['clerk']}").text
    assert "退休当天没有办成" in page and "东台" not in page


@pytest.mark.parametrize(("more", "says"), [
    ({"comes_on": "2026-06-09"}, "日期不能早于今天"), ({"comes_on": ""}, "退休日期"),
    ({"id_number": "320999194003010019"}, "身份证"), ({"retirement_type": ""}, "离退休类型")])
def test_what_cannot_be_is_refused_and_keeps_what_was_typed(world, more, says):
    answer = planned(world, **more)
    assert answer.status_code == 422 and says in answer.text and "射阳局" in answer.text


def test_a_plan_can_be_taken_back_before_its_day_only(world):
    path = f"/desk/accounts/{world.accounts['clerk']}/keep"
    assert planned(world).status_code == 303 and planned(world).status_code == 409
    assert send(world, "射阳 administrator", path).status_code == 303
    assert row(world, "clerk")[3] is None
    clock.configure(MIDNIGHT)
    assert settle(world) == 0 and row(world, "clerk")[0] == "staff"


def test_somebody_who_leaves_is_stopped_on_the_day(world):
    assert planned(world, what="leave").status_code == 303
    api = token(world, "clerk")
    clock.configure(MIDNIGHT)
    assert api.get("/me").status_code == 401
    assert settle(world) == 1 and row(world, "clerk")[:2] == ("staff", "suspended")
    assert count(world.app, "grants", f"account_id = '{world.accounts['clerk']}'") == 0


def test_today_is_at_once(world):
    assert planned(world, comes_on="2026-06-10").status_code == 303
    assert row(world, "clerk")[0] == "cadre"


def test_without_the_day_in_the_first_statement_it_is_open_late(world, monkeypatch):
    """Planted: the session's account is taken as its row says, not as it stands today."""
    assert planned(world).status_code == 303
    api = token(world, "clerk")
    monkeypatch.setattr("permissions.identity.over", lambda ends_on, today: False)
    clock.configure(MIDNIGHT)
    assert api.get("/me").status_code == 200, "the fault shows, so the test above would have seen it"
