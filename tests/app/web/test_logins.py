"""Where I am logged in, ending others, and the password asked for again before an act of weight."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from phone_browser import Tab, tab, text_of, with_password
from test_login import PHONE, enter, settled

import rows
from permissions import guard, sessions
from world import Api, World

START = datetime.fromisoformat("2026-06-10T10:00:00+08:00")
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0 Safari/537.36"


def later(world: World, minutes: int) -> None:
    """Move the clock; sessions stay what they were."""
    world.at((START + timedelta(minutes=minutes)).isoformat())


def test_i_see_each_device_with_its_last_use_and_no_more_of_its_address(world: World) -> None:
    _api, own = settled(world)
    browser = tab(world, None)
    browser.client.environ_base |= {"REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": CHROME}
    browser.log_in(PHONE, own, "desk")
    page = browser.get("/devices")
    told = text_of(page)
    assert "就是这一台" in told and "Windows 电脑 · Chrome" in told and "203.0.*.*" in told and "113" not in told
    assert told.count("让它退出") == 2 and "203.0.113" not in str(rows.ask(world.app, "SELECT * FROM login_sessions"))


@pytest.mark.parametrize(("address", "masked"), [
    ("203.0.113.77", "203.0.*.*"), ("2001:db8:1:2::9", "2001:0db8:*"), ("", ""), ("not an address", "")])
def test_addresses_are_kept_without_the_place(address: str, masked: str) -> None:
    assert sessions.masked_address(address) == masked


def test_one_or_all_others_are_ended_and_only_mine(world: World) -> None:
    first, own = settled(world)
    second, third = (Api(world.app.test_client(), enter(world, PHONE, own, channel).json["token"])
                     for channel in ("pc", "mobile"))
    items = second.get("/me/sessions").json["items"]
    assert len(items) == 3 and [each["current"] for each in items].count(True) == 1
    (mobile,) = [each["id"] for each in items if each["channel"] == "mobile"]
    stranger = world.api("clerk")
    nobody = [stranger.post("/me/sessions/end", {"session_id": each}) for each in (mobile, "A" * 22)]
    assert [each.status_code for each in nobody] == [404, 404] and nobody[0].json == nobody[1].json
    assert third.get("/me").status_code == 200
    assert second.post("/me/sessions/end", {"session_id": mobile}).status_code == 204
    assert third.get("/me").status_code == 401 and first.get("/me").status_code == 200
    assert second.post("/me/sessions/end", {"others": True}).status_code == 204
    assert first.get("/me").status_code == 401 and second.get("/me").status_code == 200


@pytest.mark.parametrize("principal", ["clerk", "phone clerk", "cadre"])
def test_the_page_ends_a_device_on_every_look(world: World, principal: str) -> None:
    phone, password = with_password(world, principal)
    end = "desk" if principal == "clerk" else "mobile"
    here, there = tab(world, None), tab(world, None)
    here.log_in(phone, password, end)
    there.log_in(phone, password, end)
    found = [each["id"] for each in Api(world.app.test_client(), _token(there)).get("/me/sessions").json["items"]
             if each["current"]]
    assert here.post("/devices/end", {"session_id": found[0]}, page="/devices").location == "/devices"
    assert there.get("/devices").status_code == 303
    there.log_in(phone, password, end)
    assert here.post("/devices/others", page="/devices").location == "/devices"
    assert there.get("/devices").status_code == 303 and here.get("/devices").status_code == 200


def _token(browser: Tab) -> str:
    with browser.client.session_transaction() as session:
        return str(session["_user_id"])


def test_a_superior_signs_a_subordinate_out_and_nobody_else_does(world: World) -> None:
    account = world.accounts["clerk"]
    for who, status in (("盐城 administrator", 200), ("射阳 administrator", 200), ("东台 administrator", 404),
                        ("合德镇 administrator", 404), ("chief", 404), ("county auditor", 404)):
        later(world, 0)
        mine = Api(world.app.test_client(), world.at(START.isoformat()).tokens["clerk"])
        answer = world.api(who).post(f"/accounts/{account}/sign-out")
        assert answer.status_code in (status, 403) and (answer.status_code == 200) == (status == 200), who
        assert mine.get("/me").status_code == (401 if status == 200 else 200), who
    boss = world.accounts["盐城 administrator"]
    assert world.api("射阳 administrator").post(f"/accounts/{boss}/sign-out").status_code == 404
    log = world.api("盐城 administrator").get("/audit?action=account:sign_out").json["items"]
    assert len(log) == 2


def test_the_last_use_is_kept_now_and_then(world: World) -> None:
    _api, own = settled(world)
    api = Api(world.app.test_client(), enter(world, PHONE, own, "mobile").json["token"])
    for minutes, asked, kept in ((4, "act", 0), (6, "act", 6), (300, "read", 6), (800, "read", 800)):
        later(world, minutes)
        if asked == "act":
            assert api.post("/me/sessions/end", {"others": True}).status_code == 204
        else:
            assert api.get("/me").status_code == 200
        seen = next(each["seen_at"] for each in api.get("/me/sessions").json["items"] if each["current"])
        assert datetime.fromisoformat(seen) == START + timedelta(minutes=kept), minutes


def grant_form(world: World) -> dict[str, Any]:
    """A right in 射阳."""
    return {"role": "clerk", "unit_id": world.units["射阳"], "channel": "both", "all_columns": "true"}


def _administrator(world: World) -> tuple[Tab, str, str]:
    """The administrator of 射阳 at a browser, the address of giving a right to somebody, and the password."""
    phone, password = with_password(world, "射阳 administrator")
    browser = tab(world, None)
    assert browser.log_in(phone, password, "desk").location == "/desk/"
    return browser, f"/desk/accounts/{world.accounts['nobody']}/grants/give", password


def grants(world: World) -> int:
    """How many rights there are."""
    return rows.count(world.app, "grants")


def test_within_a_quarter_of_an_hour_nothing_is_asked(world: World) -> None:
    browser, path, _password = _administrator(world)
    before = grants(world)
    later(world, 15)
    assert browser.post(path, grant_form(world)).status_code == 303 and grants(world) == before + 1


def test_after_it_the_password_is_asked_on_the_spot_and_the_form_goes_on(world: World) -> None:
    browser, path, password = _administrator(world)
    before = grants(world)
    later(world, 16)
    asked = browser.post(path, grant_form(world))
    assert asked.status_code == 403 and "请再输一次密码" in text_of(asked) and grants(world) == before
    for name, value in grant_form(world).items():
        assert f'name="{name}" value="{value}"' in asked.text
    wrong = browser.post(path, grant_form(world) | {"proof_password": "not-it-at-all-1"})
    assert wrong.status_code == 403 and "密码不正确" in text_of(wrong) and "not-it-at-all-1" not in wrong.text
    assert grants(world) == before
    assert browser.post(path, grant_form(world) | {"proof_password": password}).status_code == 303
    assert grants(world) == before + 1
    later(world, 30)
    removed = rows.ask(world.app, "SELECT id FROM grants ORDER BY given_at DESC LIMIT 1")[0][0]
    take = f"/desk/accounts/{world.accounts['nobody']}/grants/{removed}/take"
    assert browser.post(take).status_code == 303, "proved a quarter of an hour ago"
    told = world.api("射阳 administrator").get("/audit?action=grant:create").json["items"]
    assert [each["reason"] for each in told if each["result"] != "ok"] == ["wrong_password"]


def test_an_open_desk_is_no_place_to_guess(world: World) -> None:
    browser, path, password = _administrator(world)
    later(world, 16)
    said = [browser.post(path, grant_form(world) | {"proof_password": f"guess-{each}"}).status_code
            for each in range(6)]
    assert said == [403] * 5 + [429]
    assert browser.post(path, grant_form(world) | {"proof_password": password}).status_code == 429
    phone, _same = with_password(world, "射阳 administrator")
    assert tab(world, None).log_in(phone, password, "desk").status_code == 303, "the owner elsewhere goes on"


def test_a_part_of_a_page_leads_to_the_whole_question(world: World) -> None:
    phone, password = with_password(world, "射阳 administrator")
    browser = tab(world, None)
    browser.log_in(phone, password, "desk")
    later(world, 16)
    path = f"/desk/cadres/{world.cadres['cadre']}/unmask"
    browser.client.environ_base["HTTP_HX_REQUEST"] = "true"
    asked = browser.post(path, {"field": "mobile", "purpose": "核对报销信息"}, page=f"{path}?field=mobile")
    assert asked.status_code == 200 and asked.headers["HX-Redirect"] == f"{path}?field=mobile" and not asked.data


@pytest.mark.parametrize("path", ["/desk/units/{unit}/appoint/{account}", "/desk/accounts/{account}/suspend",
                                  "/desk/accounts/{account}/resend", "/desk/accounts/{account}/switch",
                                  "/desk/cadres/{cadre}/unmask"])
def test_rights_passwords_and_sensitive_numbers_all_ask(world: World, path: str) -> None:
    browser, give, _password = _administrator(world)
    later(world, 16)
    before = rows.digests(world.app)
    target = path.format(unit=world.units["合德镇"], account=world.accounts["clerk"], cadre=world.cadres["cadre"])
    assert "请再输一次密码" in text_of(browser.post(target, page=give))
    assert rows.digests(world.app) == before


def test_a_guard_that_does_not_ask_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: no act of weight asks."""
    monkeypatch.setattr(guard, "_ask_for_proof", lambda _mark: None)
    browser, path, _password = _administrator(world)
    later(world, 16)
    assert browser.post(path, grant_form(world)).status_code == 303
