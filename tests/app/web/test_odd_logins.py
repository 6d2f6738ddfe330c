"""A log-in from a device never used before, or after failures, is told to its owner and to the administrator (C14)."""

import pytest
import sms_file
from phone_browser import Tab, tab, text_of, with_password

from app.administration import login
from world import World

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0 Safari/537.36"
STRANGE = "在一台没用过的设备上登录过"
HOMES = {"clerk": ("desk", "/desk/"), "phone clerk": ("mobile", "/m/"), "cadre": ("mobile", "/m/home")}


def entered(world: World, principal: str, browser: Tab | None = None) -> Tab:
    """The principal in a browser, with a password of their own; the first log-in of all by default."""
    phone, password = with_password(world, principal)
    browser = browser or tab(world, None)
    browser.client.environ_base |= {"HTTP_USER_AGENT": CHROME}
    assert browser.log_in(phone, password, HOMES[principal][0]).location == HOMES[principal][1]
    return browser


@pytest.mark.parametrize("principal", HOMES)
def test_another_device_is_told_on_the_first_page_until_owned_up_to(world: World, principal: str) -> None:
    home = HOMES[principal][1]
    mine = entered(world, principal)
    assert STRANGE not in text_of(mine.get(home)), "the first log-in of all is no news"
    strange = entered(world, principal)
    assert STRANGE not in text_of(strange.get(home)), "not on that device itself"
    told = text_of(mine.get(home))
    assert STRANGE in told and "Windows 电脑 · Chrome" in told
    assert strange.post("/devices/mine", page="/devices").status_code == 303
    assert STRANGE in text_of(mine.get(home)), "a stranger does not own up for himself"
    assert "没用过的设备" in text_of(mine.get("/devices"))
    assert mine.post("/devices/mine", page="/devices").status_code == 303
    assert STRANGE not in text_of(mine.get(home)) and "没用过的设备" in text_of(mine.get("/devices"))


def test_the_same_device_again_is_no_news(world: World) -> None:
    mine = entered(world, "clerk")
    other = Tab(mine.client)
    mine.post("/logout", page="/desk/")
    entered(world, "clerk", other)
    assert STRANGE not in text_of(tab(world, "clerk").get("/desk/"))


def test_failures_are_told_to_whoever_gets_in_after_them(world: World) -> None:
    mine = entered(world, "clerk")
    phone, password = with_password(world, "clerk")
    stranger = tab(world, None)
    for _each in range(4):
        assert stranger.log_in(phone, "not-it-at-all-1", "desk").status_code == 401
    assert mine.log_in(phone, password, "desk").location == "/desk/"
    assert "输错了 4 次" in text_of(mine.get("/desk/")) and "之前输错 4 次" in text_of(mine.get("/devices"))


def test_the_administrator_sees_it_and_the_log_has_it(world: World) -> None:
    entered(world, "clerk")
    phone, password = with_password(world, "clerk")
    strange = tab(world, None)
    strange.log_in(phone, "not-it-at-all-1", "desk")
    strange.log_in(phone, password, "desk")
    administrator = tab(world, "射阳 administrator")
    page = text_of(administrator.get(f"/desk/accounts/{world.accounts['clerk']}"))
    assert "没用过的设备" in page and "之前输错 1 次" in page
    log = world.api("射阳 administrator").get("/audit?action=session:open&limit=50").json["items"]
    assert {"channel": "pc", "new_device": True, "failed_before": 1} in [each["after"] for each in log]
    items = world.api("clerk").get("/me/sessions").json["items"]
    assert {"new_device", "failed_before"} <= set(items[0])
    assert not sms_file.sent(world, phone), "no SMS, hence no link in one"


def test_a_log_in_that_is_not_marked_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: every device is taken for a known one."""
    mine = entered(world, "clerk")
    monkeypatch.setattr(login.devices, "known", lambda _kept, _account: "known")
    entered(world, "clerk")
    assert STRANGE not in text_of(mine.get("/desk/"))
