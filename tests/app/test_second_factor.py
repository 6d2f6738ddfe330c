"""The second factor: bound with a code, asked for at log-in, each code once, recovery codes, reset by the superior."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
import sms_file
from test_login import PHONE, enter, settled

import rows
from permissions import second_factor
from world import Api, World

START = datetime.fromisoformat("2026-06-10T10:00:00+08:00")


def later(world: World, seconds: int) -> datetime:
    """Move the clock; the moment it shows."""
    moment = START + timedelta(seconds=seconds)
    world.at(moment.isoformat())
    return moment


def bound(world: World, phone: str = PHONE, **more: Any) -> tuple[Api, str, pyotp.TOTP, list[str]]:
    """A staff member with an authenticator: API, password, authenticator, recovery codes."""
    api, own = settled(world, phone, **more)
    shown = api.post("/me/second-factor")
    assert shown.status_code == 201 and shown.json["secret"] in shown.json["uri"]
    totp = pyotp.TOTP(shown.json["secret"])
    done = api.post("/me/second-factor/confirm", {"code": totp.at(START)})
    assert done.status_code == 200, done.text
    return api, own, totp, done.json["recovery_codes"]


def half(world: World, own: str, phone: str = PHONE, **more: Any) -> str:
    """A right password's challenge."""
    answer = enter(world, phone, own, **more)
    assert (answer.status_code, answer.json["code"]) == (401, "second_factor_required"), answer.text
    assert "token" not in answer.json
    return str(answer.json["challenge"])


def redeem(world: World, challenge: str, code: str, **more: Any) -> Any:
    """The second step."""
    return world.api(None).post("/sessions/second-factor", {"challenge": challenge, "code": code}, **more)


def test_a_password_alone_does_not_open_any_more(world: World) -> None:
    _api, own, totp, _codes = bound(world)
    sessions = rows.count(world.app, "login_sessions")
    challenge = half(world, own)
    assert rows.count(world.app, "login_sessions") == sessions
    assert Api(world.app.test_client(), challenge).get("/me").status_code == 401
    entered = redeem(world, challenge, totp.at(START + timedelta(seconds=30)))
    assert entered.status_code == 201 and set(entered.json) == {"token", "must_change_password", "account", "device"}
    assert Api(world.app.test_client(), entered.json["token"]).get("/me").status_code == 200


def test_without_one_nothing_changes(world: World) -> None:
    _api, own = settled(world)
    assert enter(world, PHONE, own).status_code == 201


@pytest.mark.parametrize(("steps", "fine"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_of_one_step_off_is_taken(world: World, steps: int, fine: bool) -> None:
    _api, own, totp, _codes = bound(world)
    now = later(world, 300)
    answer = redeem(world, half(world, own), totp.at(now + timedelta(seconds=30 * steps)))
    assert answer.status_code == (201 if fine else 401)


def test_a_code_is_taken_once_and_none_before_it(world: World) -> None:
    _api, own, totp, _codes = bound(world)
    now = later(world, 300)
    code = totp.at(now)
    assert redeem(world, half(world, own), code).status_code == 201
    for used in (code, totp.at(now - timedelta(seconds=30))):
        again = redeem(world, half(world, own), used)
        assert (again.status_code, again.json["code"]) == (401, "wrong_code")
    assert redeem(world, half(world, own), totp.at(now + timedelta(seconds=30))).status_code == 201


def test_the_code_that_bound_it_opens_nothing(world: World) -> None:
    _api, own, totp, _codes = bound(world)
    assert redeem(world, half(world, own), totp.at(START)).status_code == 401


def test_a_recovery_code_opens_once_however_it_is_typed(world: World) -> None:
    api, own, _totp, codes = bound(world)
    assert len(set(codes)) == 10
    assert redeem(world, half(world, own), codes[0].upper().replace("-", " ")).status_code == 201
    assert redeem(world, half(world, own), codes[0]).status_code == 401
    assert api.get("/me/second-factor").json["recovery_left"] == 9
    new = api.post("/me/second-factor/recovery-codes", {}).json["recovery_codes"]
    assert redeem(world, half(world, own), codes[1]).status_code == 401
    assert redeem(world, half(world, own), new[1]).status_code == 201


def test_five_wrong_codes_end_a_challenge_and_slow_the_account(world: World) -> None:
    _api, own, totp, _codes = bound(world)
    challenge = half(world, own)
    said = [redeem(world, challenge, "000000") for _each in range(5)]
    assert [each.json["code"] for each in said] == ["wrong_code"] * 4 + ["challenge_over"]
    right = totp.at(START + timedelta(seconds=30))
    assert redeem(world, challenge, right).json["code"] == "challenge_over"
    slowed = redeem(world, half(world, own), right)
    assert slowed.status_code == 429 and 1 <= int(slowed.headers["Retry-After"]) <= 61
    now = later(world, 62)
    assert redeem(world, half(world, own), totp.at(now)).status_code == 201


def test_a_challenge_lives_five_minutes_and_opens_once(world: World) -> None:
    _api, own, totp, _codes = bound(world)
    challenge = half(world, own)
    now = later(world, 301)
    assert redeem(world, challenge, totp.at(now)).json["code"] == "challenge_over"
    challenge = half(world, own)
    assert redeem(world, challenge, totp.at(now)).status_code == 201
    assert redeem(world, challenge, totp.at(now + timedelta(seconds=30))).json["code"] == "challenge_over"
    for nonsense in ("x", "x" * 43, "ü" * 30):
        assert redeem(world, nonsense, totp.at(now)).json["code"] == "challenge_over"


def test_a_challenge_dies_with_the_password_the_account_and_the_phone(world: World) -> None:
    api, own, totp, _codes = bound(world)
    account = api.get("/me").json["account"]["id"]
    challenge, right = half(world, own), totp.at(START + timedelta(seconds=30))
    administrator = world.api("射阳 administrator")
    assert administrator.post(f"/accounts/{account}/suspend").status_code == 200
    assert redeem(world, challenge, right).json["code"] == "challenge_over"
    administrator.post(f"/accounts/{account}/reactivate")
    challenge = half(world, own)
    assert administrator.post(f"/accounts/{account}/resend").status_code == 200
    assert redeem(world, challenge, right).json["code"] == "challenge_over"
    challenge = half(world, sms_file.password_for(world, PHONE))
    assert administrator.delete(f"/accounts/{account}/second-factor").status_code == 200
    assert redeem(world, challenge, right).json["code"] == "challenge_over"


def test_a_single_use_password_opens_one_session_here_too(world: World) -> None:
    api, _own, totp, _codes = bound(world)
    account = api.get("/me").json["account"]["id"]
    world.api("射阳 administrator").post(f"/accounts/{account}/resend")
    word = sms_file.password_for(world, PHONE)
    first, second = half(world, word), half(world, word)
    assert redeem(world, first, totp.at(START + timedelta(seconds=30))).status_code == 201
    assert redeem(world, second, totp.at(START + timedelta(seconds=30))).json["code"] == "challenge_over"
    assert enter(world, PHONE, word).json["code"] == "wrong_credentials"


def test_binding_ends_the_other_sessions_and_needs_a_right_code(world: World) -> None:
    api, own = settled(world)
    other = Api(world.app.test_client(), enter(world, PHONE, own).json["token"])
    assert api.post("/me/second-factor/confirm", {"code": "000000"}).json["code"] == "not_begun"
    secret = api.post("/me/second-factor").json["secret"]
    assert api.post("/me/second-factor/confirm", {"code": "000000"}).status_code == 422
    assert enter(world, PHONE, own).status_code == 201, "nothing is bound yet"
    assert api.post("/me/second-factor/confirm", {"code": pyotp.TOTP(secret).at(START)}).status_code == 200
    assert other.get("/me").status_code == 401 and api.get("/me").status_code == 200


def test_another_phone_takes_over_when_it_has_shown_a_code(world: World) -> None:
    api, own, old, _codes = bound(world)
    new = pyotp.TOTP(api.post("/me/second-factor").json["secret"])
    now = later(world, 300)
    assert redeem(world, half(world, own), old.at(now)).status_code == 201
    assert api.post("/me/second-factor/confirm", {"code": new.at(now)}).status_code == 200
    now = later(world, 400)
    assert redeem(world, half(world, own), old.at(now)).status_code == 401
    assert redeem(world, half(world, own), new.at(now)).status_code == 201


def test_cadres_have_none(world: World) -> None:
    cadre = world.api("cadre")
    assert cadre.post("/me/second-factor").json["code"] == "not_staff"
    assert cadre.post("/me/second-factor/recovery-codes", {}).status_code == 409


def test_a_lost_phone_is_taken_off_by_the_superior_who_tells_its_owner(world: World) -> None:
    api, own, _totp, codes = bound(world)
    account = api.get("/me").json["account"]["id"]
    for who in ("东台 administrator", "合德镇 administrator", "chief", "county auditor"):
        assert world.api(who).delete(f"/accounts/{account}/second-factor").status_code in (403, 404), who
    administrator = world.api("射阳 administrator")
    assert administrator.delete(f"/accounts/{account}/second-factor").status_code == 200
    assert api.get("/me").status_code == 401 and enter(world, PHONE, own).status_code == 201
    told = sms_file.sent(world, PHONE)[-1]
    assert told["template"] == "second_factor_reset" and "://" not in told["text"] and "www" not in told["text"]
    log = administrator.get("/audit?action=account:second_factor_reset").json["items"]
    assert [each["object_id"] for each in log] == [account]
    assert administrator.delete(f"/accounts/{account}/second-factor").json["code"] == "not_bound"
    assert rows.count(world.app, "recovery_codes") == rows.count(world.app, "second_factors") == 0 != len(codes)


def test_a_fellow_administrator_cannot_take_it_off(world: World) -> None:
    administrator = world.accounts["射阳 administrator"]
    rows.run(world.app, f"UPDATE accounts SET second_factor_at = '2026-06-10 00:00:00+00' WHERE id = '{administrator}'")  # noqa: S608
    assert world.api("射阳 administrator").delete(f"/accounts/{administrator}/second-factor").status_code == 403
    assert world.api("盐城 administrator").delete(f"/accounts/{administrator}/second-factor").status_code == 200


@pytest.fixture
def demanded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The province as it is in service: administrators must."""
    monkeypatch.setitem(world.app.config, "SETTINGS", replace(world.app.config["SETTINGS"], second_factor=True))


@pytest.mark.usefixtures("demanded")
def test_an_administrator_must_bind_one_before_anything_else(world: World) -> None:
    api = world.api("射阳 administrator")
    for path in ("/units", "/cadres", "/audit", "/accounts", "/me/sessions"):
        refused = api.get(path)
        assert (refused.status_code, refused.json["code"]) == (403, "second_factor_enrolment_required"), path
    assert api.get("/me").status_code == 200 and api.get("/me/second-factor").json["required"] is True
    totp = pyotp.TOTP(api.post("/me/second-factor").json["secret"])
    assert api.post("/me/second-factor/confirm", {"code": totp.at(START)}).status_code == 200
    assert api.get("/units").status_code == 200
    assert api.delete("/me/second-factor").json["code"] == "second_factor_required"
    assert world.api("clerk").get("/units").status_code == 200, "others as they like"


@pytest.mark.usefixtures("demanded")
def test_a_guard_that_lets_them_pass_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nobody owes anything."""
    monkeypatch.setattr(second_factor, "owed", lambda _principal: False)
    assert world.api("射阳 administrator").get("/units").status_code == 200


def test_staff_may_do_without_again(world: World) -> None:
    api, own, _totp, _codes = bound(world)
    assert api.delete("/me/second-factor").status_code == 204
    assert enter(world, PHONE, own).status_code == 201


def test_nothing_of_it_is_stored_or_logged_in_clear(world: World) -> None:
    _api, own, totp, codes = bound(world)
    challenge, code = half(world, own), totp.at(START + timedelta(seconds=30))
    redeem(world, challenge, code)
    for table in ("second_factors", "recovery_codes", "login_challenges", "audit_entries", "messages"):
        stored = str(rows.ask(world.app, f"SELECT * FROM {table}"))  # noqa: S608
        plain = [totp.secret, challenge, *codes, *[each.replace("-", "") for each in codes]]
        assert not [each for each in plain if each in stored], table


def test_after_a_quarter_of_an_hour_a_token_proves_again(world: World) -> None:
    api, own, totp, _codes = bound(world)
    world.api("盐城 administrator")
    now = later(world, 16 * 60)
    refused = api.delete("/me/second-factor")
    assert (refused.status_code, refused.json["code"]) == (403, "proof_required")
    assert api.post("/sessions/current/proof", {}).status_code == 422
    wrong = api.post("/sessions/current/proof", {"password": "wrong"})
    assert (wrong.status_code, wrong.json["code"]) == (403, "wrong_password")
    assert api.post("/sessions/current/proof", {"code": "000000"}).status_code == 403
    assert api.delete("/me/second-factor").status_code == 403
    assert api.post("/sessions/current/proof", {"code": totp.at(now)}).status_code == 204
    assert api.post("/sessions/current/proof", {"code": totp.at(now)}).status_code == 403, "a code proves once"
    assert api.post("/me/second-factor/recovery-codes", {}).status_code == 200
    later(world, 32 * 60)
    assert api.post("/sessions/current/proof", {"password": own}).status_code == 204
    assert api.delete("/me/second-factor").status_code == 204
