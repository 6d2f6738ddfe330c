"""Passwords of staff end after a time, the last five may not come back; cadres are never made to change."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sms_file
from phone_browser import tab, text_of, with_password
from test_login import PHONE, enter, settled

import rows
from permissions import rotation
from world import Api, World

START = datetime.fromisoformat("2026-06-10T10:00:00+08:00")


@pytest.fixture(autouse=True)
def _in_service(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The province as it is in service."""
    monkeypatch.setitem(world.app.config, "SETTINGS", replace(world.app.config["SETTINGS"], password_days=90))


def on_day(world: World, days: int, clock: str = "10:00:00") -> None:
    """Move the clock."""
    world.at(f"{START + timedelta(days=days):%Y-%m-%d}T{clock}+08:00")


def logged_in(world: World, own: str) -> Any:
    """The answer to logging in, and the API with its token."""
    answer = enter(world, PHONE, own)
    assert answer.status_code == 201, answer.text
    return answer.json, Api(world.app.test_client(), answer.json["token"])


def test_after_ninety_days_only_the_change_is_open(world: World) -> None:
    _api, own = settled(world)
    on_day(world, 90, "23:59:59")
    said, api = logged_in(world, own)
    assert said["must_change_password"] is False and api.get("/me/sessions").status_code == 200
    on_day(world, 91, "00:00:00")
    assert api.get("/me/sessions").json["code"] == "password_change_required", "also in a session that lives"
    said, api = logged_in(world, own)
    assert said["must_change_password"] is True and api.get("/me").json["must_change_password"] is True
    assert api("PUT", "/me/password", {"old": own, "new": "quite-another-74"}).status_code == 204
    assert api.get("/me/sessions").status_code == 200 and api.get("/me").json["must_change_password"] is False


def test_it_is_told_fourteen_days_before(world: World) -> None:
    _api, own = settled(world)
    for days, left in ((75, None), (76, 14), (89, 1), (90, 0)):
        on_day(world, days)
        _said, api = logged_in(world, own)
        assert api.get("/me").json["password_days_left"] == left, days


def test_the_last_five_may_not_come_back(world: World) -> None:
    api, own = settled(world)
    used = [own, *[f"wort-nummer-{number}" for number in range(1, 7)]]
    for minute, (old, new) in enumerate(pairwise(used)):
        on_day(world, 0, f"10:0{minute}:00")
        assert api("PUT", "/me/password", {"old": old, "new": new}).status_code == 204
    for again in used[1:6]:
        refused = api("PUT", "/me/password", {"old": used[6], "new": again})
        assert refused.status_code == 422 and "最近 5 次" in refused.json["fields"]["new"][0], again
    assert rows.count(world.app, "past_passwords") == 5
    assert api("PUT", "/me/password", {"old": used[6], "new": used[0]}).status_code == 204, "six ago is forgotten"


def test_a_resent_password_does_not_wash_the_old_one_clean(world: World) -> None:
    api, own = settled(world)
    account = api.get("/me").json["account"]["id"]
    world.api("射阳 administrator").post(f"/accounts/{account}/resend")
    word = sms_file.password_for(world, PHONE)
    _said, api = logged_in(world, word)
    refused = api("PUT", "/me/password", {"old": word, "new": own})
    assert refused.status_code == 422 and list(refused.json["fields"]) == ["new"]


def test_a_rule_that_forgets_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nothing is remembered, nothing ends."""
    monkeypatch.setattr(rotation, "keep", lambda _account: None)
    monkeypatch.setattr(rotation, "due", lambda _person: False)
    api, own = settled(world)
    assert api("PUT", "/me/password", {"old": own, "new": "wort-nummer-1"}).status_code == 204
    assert api("PUT", "/me/password", {"old": "wort-nummer-1", "new": own}).status_code == 204
    on_day(world, 400)
    assert logged_in(world, own)[0]["must_change_password"] is False


def test_cadres_are_never_made_to_change(world: World) -> None:
    phone, password = with_password(world, "cadre")
    rows.run(world.app, "UPDATE accounts SET password_set_at = '2020-01-01 00:00:00+00'")
    browser = tab(world, None)
    assert browser.log_in(phone, password, "mobile").location == "/m/home"
    assert "到期" not in text_of(browser.get("/m/home"))


@pytest.mark.parametrize(("principal", "end", "home"), [("clerk", "desk", "/desk/"), ("phone clerk", "mobile", "/m/")])
def test_the_page_leads_through_the_change(world: World, principal: str, end: str, home: str) -> None:
    phone, password = with_password(world, principal)
    rows.run(world.app, "UPDATE accounts SET password_set_at = '2026-03-20 00:00:00+00'")
    browser = tab(world, None)
    assert browser.log_in(phone, password, end).location == home
    assert "8 天后到期" in text_of(browser.get(home))
    rows.run(world.app, "UPDATE accounts SET password_set_at = '2026-03-01 00:00:00+00'")
    browser = tab(world, None)
    assert browser.log_in(phone, password, end).location == "/password"
    assert browser.get(home).location == "/password"
    page = text_of(browser.get("/password"))
    assert "该换密码了" in page and "先不改，退出" in page and "现在用的密码" in page
    done = browser.post("/password", {"old": password, "new": "neues-wort-73", "again": "neues-wort-73"})
    assert done.location == home and browser.get(home).status_code == 200
