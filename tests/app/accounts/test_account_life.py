"""The state table of accounts, closing for good, and a number that somebody else gets afterwards."""

from typing import Any

import pytest

import factories
from permissions import transaction
from permissions.accounts import Account
from rows import ask, count
from tenants.db import db
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")
ACTS = ("suspend", "reactivate", "resend", "sign-out", "close")
# state × act → the state afterwards, or the code of the refusal; the state stays as it was where an act is refused
TABLE = {
    "opened": ("suspended", "not_suspended", "opened", "opened", "closed"),
    "active": ("suspended", "not_suspended", "active", "active", "closed"),
    "suspended": ("already_suspended", "active", "suspended!", "suspended", "closed"),
    "closed": ("account_closed",) * 5,
}
STATES = ("opened", "active", "suspended", "closed")


def put(world: World, who: str, state: str) -> None:
    """Bring an account into a state past the rules."""
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(WHOLE.select(Account).where(Account.id == world.accounts[who])).scalar_one()
        account.state = state
        transaction.audit.record("tests:put", "account", account.id, _unit(account))


def _unit(account: Account) -> Any:
    from_id = account.unit_id
    return db.session.execute(WHOLE.select(factories.Unit).where(factories.Unit.id == from_id)).scalar_one()


def state_of(world: World, who: str) -> str:
    found = ask(world.app, f"SELECT state FROM accounts WHERE id = '{world.accounts[who]}'")  # noqa: S608
    return str(found[0][0])


@pytest.mark.parametrize("state", STATES)
def test_each_act_in_each_state(world: World, state: str) -> None:
    for act, expected in zip(ACTS, TABLE[state], strict=True):
        put(world, "nobody", state)
        answer = world.api("射阳 administrator").post(f"/accounts/{world.accounts['nobody']}/{act}")
        if expected in STATES:
            after = "opened" if expected == "active" and state == "suspended" else expected  # never logged in
            assert (answer.status_code, answer.json["state"]) == (200, after), act
        else:
            code = "suspended" if expected == "suspended!" else expected
            assert (answer.status_code, answer.json["code"], state_of(world, "nobody")) == (409, code, state), act


def test_nothing_more_is_done_to_a_closed_account(world):
    admin, path = world.api("射阳 administrator"), f"/accounts/{world.accounts['clerk']}"
    assert admin.post(f"{path}/close").json["state"] == "closed"
    assert world.api("clerk").get("/me").status_code == 401
    assert admin.patch(path, {"pc_grant": True}).json["code"] == "account_closed"
    given = admin.post(f"{path}/grants", {"role": "clerk", "unit_id": world.units["射阳"]})
    assert given.json["code"] == "account_closed"
    assert count(world.app, "grants", f"account_id = '{world.accounts['clerk']}'") == 0
    assert count(world.app, "login_sessions",
                 f"account_id = '{world.accounts['clerk']}' AND revoked_at IS NULL") == 0


def test_closing_frees_the_seat_with_its_filing(world):
    account = world.accounts["合德镇 administrator"]
    for who in ("合德镇 administrator", "盐城 administrator"):
        before = count(world.app, "filings")
        answer = world.api(who).post(f"/accounts/{account}/close")
        assert answer.status_code == (403 if who.startswith("合德镇") else 200)
        assert count(world.app, "filings") - before == (answer.status_code == 200)
    assert count(world.app, "administrators", f"account_id = '{account}'") == 0
    assert ask(world.app, f"SELECT act FROM filings WHERE account_id = '{account}' ORDER BY filed_at")[-1] == (  # noqa: S608
        "remove",)


def phone_of(world: World, who: str) -> str:
    with world.app.app_context():
        return str(db.session.execute(WHOLE.select(Account, Account.phone).where(
            Account.id == world.accounts[who])).scalar_one())


def test_a_number_given_to_somebody_else_inherits_nothing(world):
    admin, other = world.api("射阳 administrator"), world.api("东台 administrator")
    number, old = phone_of(world, "clerk"), world.accounts["clerk"]
    body = {"unit_id": world.units["东台"], "kind": "staff", "name": "新人", "phone": number}
    assert other.post("/accounts", body).json["code"] == "phone_taken"
    assert admin.post(f"/accounts/{old}/close").status_code == 200
    opened = other.post("/accounts", body)
    assert opened.status_code == 201 and opened.json["id"] != old
    assert other.get(f"/accounts/{opened.json['id']}/grants").json["items"] == []
    found = [each["id"] for each in admin.get("/accounts", query_string={"q": number}).json["items"]]
    assert found == [], "the old account is found under the number no more"
    assert number not in admin.get(f"/accounts/{old}").text
    api = world.api(None)
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(WHOLE.select(Account).where(Account.id == opened.json["id"])).scalar_one()
        account.must_change_password = False
        api.token = factories.token(account, "mobile")
        transaction.audit.record("tests:token", "account", account.id, _unit(account))
    assert api.get("/me").json["roles"] == []
    assert api.get("/cadres").status_code == 403 and api.get("/records/visits").status_code == 403


def test_a_cadre_whose_account_was_closed_may_be_given_another(world):
    admin, account = world.api("射阳 administrator"), world.accounts["cadre"]
    assert admin.post(f"/accounts/{account}/close").status_code == 200
    again = admin.post("/accounts", {"unit_id": world.units["射阳"], "kind": "cadre", "phone": factories.next_phone(),
                                     "cadre_id": world.cadres["cadre"]})
    assert again.status_code == 201 and again.json["id"] != account


def test_the_dead_are_sent_nothing_and_let_in_no_more(world):
    admin, account = world.api("射阳 administrator"), world.accounts["cadre"]
    assert admin.post(f"/accounts/{account}/resend").status_code == 200
    waiting = f"account_id = '{account}' AND state = 'waiting'"
    assert count(world.app, "messages", waiting) == 1
    assert admin.patch(f"/cadres/{world.cadres['cadre']}", {"life_status": "deceased"}).status_code == 200
    assert count(world.app, "messages", waiting) == 0 and world.api("cadre").get("/me").status_code == 401
    for act in ("reactivate", "resend"):
        assert admin.post(f"/accounts/{account}/{act}").json["code"] == "deceased"
    assert admin.patch(f"/cadres/{world.cadres['cadre']}", {"life_status": "living"}).status_code == 200
    assert admin.post(f"/accounts/{account}/reactivate").status_code == 200, "registered by mistake"


def test_the_page_tells_the_steps_and_names_nobody_from_above(world):
    path = f"/accounts/{world.accounts['nobody']}"
    assert world.api("盐城 administrator").post(f"{path}/suspend").status_code == 200
    assert world.api("射阳 administrator").post(f"{path}/reactivate").status_code == 200
    page = world.browser("射阳 administrator").get(f"/desk{path}/life").text
    assert "停用" in page and "恢复" in page and "射阳管理员" in page
    assert "盐城管理员" not in page and "上级管理单位" in page
