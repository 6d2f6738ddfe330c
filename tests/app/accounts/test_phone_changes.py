"""Another number for an account: who may ask and answer, what ends with the old number, what the new one brings."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sms_file
from account_forms import send
from sqlalchemy import update

import factories
from app import outbox
from app.administration import codes, phone_changes
from app.administration.login import Came
from permissions import codes as rules
from permissions import second_factor, sessions, transaction
from permissions.accounts import Account, LoginSession
from rows import ask, count
from tenants import clock
from tenants.db import db
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")
ADMIN, ABOVE = "射阳 administrator", "盐城 administrator"
PASSWORD = "haihe-zhen-72"


def phone_of(world: World, who: str) -> str:
    with world.app.app_context():
        return str(db.session.execute(WHOLE.select(Account, Account.phone).where(
            Account.id == world.accounts[who])).scalar_one())


def acting(world: World, who: str, do: Callable[[Account], object]) -> None:
    """Do something to an account past the rules."""
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(WHOLE.select(Account).where(Account.id == world.accounts[who])).scalar_one()
        do(account)
        transaction.audit.record("tests:put", "account", account.id, units_of(account))


def units_of(account: Account) -> Any:
    return db.session.execute(WHOLE.select(factories.Unit).where(factories.Unit.id == account.unit_id)).scalar_one()


def asked(world: World, who: str = "clerk", number: str | None = None) -> tuple[str, str]:
    """A request of one's own; its id and the number."""
    number = number or factories.next_phone()
    answer = world.api(who).post("/me/phone-change", {"phone": number})
    assert answer.status_code == 201, answer.text
    return answer.json["id"], number


def accepted(world: World, request: str, by: str = ADMIN) -> Any:
    return world.api(by).post(f"/phone-changes/{request}/accept")


def refused(world: World, request: str, by: str = ADMIN) -> Any:
    return world.api(by).post(f"/phone-changes/{request}/refuse", {"reason": "请本人来"})


def sessions_of(world: World, who: str) -> int:
    return count(world.app, "login_sessions", f"account_id = '{world.accounts[who]}' AND revoked_at IS NULL")


def test_accepted_the_number_changes_and_the_old_one_opens_nothing(world):
    account = world.accounts["clerk"]
    old, (request, new) = phone_of(world, "clerk"), asked(world)
    acting(world, "clerk", lambda found: factories.with_password(found, PASSWORD))
    assert world.api("clerk").get("/me").status_code == 200, "until it is answered nothing changes"
    assert accepted(world, request).json["state"] == "accepted"
    assert phone_of(world, "clerk") == new
    assert world.api("clerk").get("/me").status_code == 401 and sessions_of(world, "clerk") == 0
    opens = [world.api(None).post("/sessions", {"phone": number, "password": PASSWORD, "channel": "pc"})
             for number in (old, new)]
    assert [each.status_code for each in opens] == [401, 201]
    again = world.api(ADMIN).post("/accounts", {"unit_id": world.units["射阳"], "kind": "staff", "name": "新人",
                                                "phone": old})
    assert again.status_code == 201, "the old number is free"
    assert world.api(ADMIN).get(f"/accounts/{again.json['id']}/grants").json["total"] == 0
    life = ask(world.app, f"SELECT step, note FROM account_events WHERE account_id = '{account}'")  # noqa: S608
    assert ("phone_changed", f"{old[:3]}****{old[7:]} 换为 {new[:3]}****{new[7:]}") in life
    assert old not in str(life) and new not in str(life)
    assert ask(world.app, f"SELECT phone FROM phone_changes WHERE id = '{request}'") == [(None,)]  # noqa: S608


def test_both_numbers_are_told_and_nothing_that_waited_goes_to_the_old_one(world):
    old, (request, new) = phone_of(world, "cadre"), asked(world, "cadre")
    assert world.api(ADMIN).post(f"/accounts/{world.accounts['cadre']}/resend").status_code == 200
    acting(world, "cadre", lambda account: outbox.queue(account, "dormant", {"days": "90"}))
    assert accepted(world, request).status_code == 200
    found = [(each["to"], each["template"]) for each in sms_file.sent(world) if each["to"] in (old, new)]
    assert found.count((old, "phone_left")) == 1 and found.count((new, "phone_taken_up")) == 1
    assert "dormant" not in {template for _to, template in found}
    assert [to for to, template in found if template == "password_resent"] == [new], \
        "the single-use password of the old number is worth nothing; another goes to the new one"


def test_a_code_and_a_log_in_half_done_end_with_the_old_number(world):
    old, (request, new) = phone_of(world, "cadre"), asked(world, "cadre")
    acting(world, "cadre", lambda found: [second_factor.challenge(found, "mobile", clock.now()),
                                          *(codes.ask(number, Came()) for number in (old, new))])
    assert count(world.app, "login_codes", "ended_at IS NULL") == 2
    assert accepted(world, request).status_code == 200
    assert count(world.app, "login_codes", "ended_at IS NULL") == 0
    assert count(world.app, "login_challenges", "ended_at IS NULL") == 0


def test_nobody_answers_for_himself_nor_from_beside(world):
    for who in ("clerk", ADMIN):
        request, _number = asked(world, who)
        assert world.api(who).post(f"/phone-changes/{request}/accept").status_code in (403, 404)
        for stranger in ("other clerk", "东台 administrator", "南通 administrator"):
            assert accepted(world, request, stranger).status_code in (403, 404), stranger
    assert accepted(world, request).status_code == 403 and accepted(world, request, ABOVE).status_code == 200


def test_who_asks_on_a_cadres_behalf_does_not_answer(world):
    account = world.accounts["cadre"]
    body = {"phone": factories.next_phone(), "reason": "本人到单位申请"}
    behalf = world.api(ADMIN).post(f"/accounts/{account}/phone-change", body)
    assert behalf.status_code == 201
    assert accepted(world, behalf.json["id"]).status_code == 403, "author ≠ approver"
    assert accepted(world, behalf.json["id"], ABOVE).status_code == 200
    staff = world.api(ADMIN).post(f"/accounts/{world.accounts['nobody']}/phone-change", body)
    assert staff.json["code"] == "not_cadre"


def test_who_asks_learns_nothing_and_who_answers_only_that_it_is_taken(world):
    taken = phone_of(world, "other clerk")
    request, _number = asked(world, "clerk", taken)
    answer = accepted(world, request)
    assert (answer.status_code, answer.json["code"]) == (409, "phone_taken")
    assert "东台" not in answer.text and "other" not in answer.text and taken not in answer.text
    assert phone_of(world, "clerk") != taken and world.api("clerk").get("/me").status_code == 200
    assert world.api("clerk").get("/me/phone-change").json["request"]["state"] == "asked"
    own = world.api("phone clerk").post("/me/phone-change", {"phone": phone_of(world, "phone clerk")})
    assert (own.status_code, own.json["code"]) == (422, "invalid")


def test_refused_with_a_reason_or_taken_back_nothing_changes(world):
    old, (request, _new) = phone_of(world, "clerk"), asked(world)
    assert world.api("clerk").post("/me/phone-change", {"phone": factories.next_phone()}).json["code"] == \
        "already_asked"
    assert world.api(ADMIN).post(f"/phone-changes/{request}/refuse", {}).status_code == 422
    assert refused(world, request).status_code == 200
    assert refused(world, request).json["code"] == "already_decided"
    shown = world.api("clerk").get("/me/phone-change").json["request"]
    assert (shown["state"], shown["answer"]) == ("refused", "请本人来")
    asked(world)
    assert world.api("clerk").delete("/me/phone-change").status_code == 204
    assert world.api("clerk").delete("/me/phone-change").json["code"] == "nothing_asked"
    assert phone_of(world, "clerk") == old and world.api(ADMIN).get("/phone-changes").json["total"] == 0


def test_the_number_in_the_cadres_file_follows(world):
    old = phone_of(world, "cadre")
    assert world.api(ADMIN).patch(f"/cadres/{world.cadres['cadre']}", {"mobile": old}).status_code == 200
    request, new = asked(world, "cadre")
    assert accepted(world, request).status_code == 200
    found = [[each["id"] for each in world.api(ADMIN).get("/cadres", query_string={"q": number}).json["items"]]
             for number in (old, new)]
    assert found == [[], [world.cadres["cadre"]]]


def test_what_waits_goes_when_the_account_goes(world):
    asked(world)
    assert world.api(ADMIN).post(f"/accounts/{world.accounts['clerk']}/close").status_code == 200
    assert ask(world.app, "SELECT state, phone FROM phone_changes") == [("withdrawn", None)]


def test_staff_prove_themselves_first_and_cadres_need_no_password(world):
    for who in ("clerk", "cadre"):
        acting(world, who, lambda found: db.session.execute(
            update(LoginSession).where(LoginSession.account_id == found.id)
            .values(proved_at=clock.now() - timedelta(minutes=16))))
    number = factories.next_phone()
    assert world.api("clerk").post("/me/phone-change", {"phone": number}).json["code"] == "proof_required"
    assert world.api("cadre").post("/me/phone-change", {"phone": number}).status_code == 201
    assert send(world, "cadre", "/phone/withdraw").status_code == 303


def test_the_pages_from_asking_to_the_answer(world):
    number = factories.next_phone()
    assert send(world, "cadre", "/phone", {"phone": "123"}).status_code == 422
    assert send(world, "cadre", "/phone", {"phone": number}).status_code == 303
    own = world.browser("cadre").get("/phone").text
    assert f"{number[:3]}****{number[7:]}" in own and "撤回申请" in own and number not in own
    listed = world.browser(ADMIN).get("/desk/phone-changes").text
    request = str(ask(world.app, "SELECT id FROM phone_changes")[0][0])
    assert f"/desk/phone-changes/{request}" in listed and "换号申请" in world.browser(ADMIN).get("/desk/").text
    path = f"/desk/phone-changes/{request}"
    assert send(world, ADMIN, path, {"verdict": "refused"}).status_code == 422
    assert "已核实" in world.browser(ADMIN).get(path).text
    assert send(world, ADMIN, path, {"verdict": "accepted"}).status_code == 303
    assert phone_of(world, "cadre") == number
    account = world.accounts["second cadre"]
    form = send(world, ADMIN, f"/desk/accounts/{account}/phone", {"phone": factories.next_phone(), "reason": "来访"})
    assert form.status_code == 303 and "撤回" in world.browser(ADMIN).get(form.headers["Location"]).text
    assert send(world, ADMIN, form.headers["Location"], {"verdict": "withdrawn"}).status_code == 303


def _nothing(*_told: object, **_more: object) -> None:
    """Instead of what should have been done."""


FAULTS = {
    "sessions live on": (sessions, "revoke_all", test_accepted_the_number_changes_and_the_old_one_opens_nothing),
    "codes live on": (rules, "end_all", test_a_code_and_a_log_in_half_done_end_with_the_old_number),
    "half-done log-ins live on": (second_factor, "end_challenges",
                                  test_a_code_and_a_log_in_half_done_end_with_the_old_number),
    "messages go on to the old number": (outbox, "void",
                                         test_both_numbers_are_told_and_nothing_that_waited_goes_to_the_old_one),
    "the file keeps the old number": (phone_changes, "_follow", test_the_number_in_the_cadres_file_follows),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_planted_fault_is_seen(world, monkeypatch, name):
    module, function, seen_by = FAULTS[name]
    monkeypatch.setattr(module, function, _nothing)
    with pytest.raises(AssertionError):
        seen_by(world)
