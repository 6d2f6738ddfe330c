"""The pages of the second factor: bind a phone, the recovery codes once, the second step at the door, the reset."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pyotp
import pytest
from phone_browser import Tab, tab, text_of, with_password

from world import World

START = datetime.fromisoformat("2026-06-10T10:00:00+08:00")


@pytest.fixture
def demanded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The province as it is in service: administrators must."""
    monkeypatch.setitem(world.app.config, "SETTINGS", replace(world.app.config["SETTINGS"], second_factor=True))


def bind(browser: Tab) -> tuple[pyotp.TOTP, list[str]]:
    """Go through the page; the authenticator and the recovery codes."""
    assert browser.post("/second-factor/begin", page="/second-factor").location == "/second-factor"
    page = browser.get("/second-factor")
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert shown is not None and 'src="data:image/svg+xml' in page.text
    totp = pyotp.TOTP(shown.group(1).replace(" ", ""))
    wrong = browser.post("/second-factor/confirm", {"code": "000000"}, page="/second-factor")
    assert wrong.status_code == 422 and "数字不对" in text_of(wrong) and shown.group(1) in text_of(wrong)
    done = browser.post("/second-factor/confirm", {"code": totp.at(START)}, page="/second-factor")
    codes = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", done.text)
    assert done.status_code == 200 and len(codes) == 10 and "只显示这一次" in text_of(done)
    assert not re.search(codes[0], browser.get("/second-factor").text)
    return totp, codes


@pytest.mark.usefixtures("demanded")
def test_an_administrator_is_led_to_binding_and_back_to_work(world: World) -> None:
    phone, password = with_password(world, "射阳 administrator")
    browser = tab(world, None)
    assert browser.log_in(phone, password, "desk").location == "/desk/"
    assert browser.get("/desk/").location == "/second-factor"
    page = text_of(browser.get("/second-factor"))
    assert "您是系统管理员" in page and "先不绑定，退出" in page and "待办" not in page
    totp, codes = bind(browser)
    assert browser.get("/desk/").status_code == 200
    assert "关闭手机验证器" not in text_of(browser.get("/second-factor"))
    refused = browser.post("/second-factor/give-up", page="/second-factor")
    assert refused.status_code == 409 and "不能关闭" in text_of(refused)

    there = tab(world, None)
    assert there.log_in(phone, password, "desk", next="/desk/units").location == "/login/second"
    assert there.get("/desk/").status_code == 303
    wrong = there.post("/login/second", {"code": "000000"})
    assert wrong.status_code == 401 and "还可以试 4 次" in text_of(wrong)
    right = there.post("/login/second", {"code": totp.at(START + timedelta(seconds=30))})
    assert right.location == "/desk/units" and there.get("/desk/").status_code == 200
    assert tab(world, None).get("/login/second").location.startswith("/login")
    lost = tab(world, None)
    lost.log_in(phone, password, "desk")
    assert lost.post("/login/second", {"code": codes[0]}).location == "/desk/"


def test_five_wrong_codes_lead_back_to_the_door(world: World) -> None:
    phone, password = with_password(world, "phone clerk")
    browser = tab(world, None)
    browser.log_in(phone, password, "mobile")
    bind(browser)
    there = tab(world, None)
    assert there.log_in(phone, password, "mobile").location == "/login/second"
    said = [there.post("/login/second", {"code": "000000"}).status_code for _each in range(4)]
    over = there.post("/login/second", {"code": "000000"})
    assert said == [401] * 4 and over.location == "/login?end=mobile"
    assert "请从头登录" in text_of(there.get(over.location))


def test_staff_close_it_again_and_cadres_are_told_they_need_none(world: World) -> None:
    phone, password = with_password(world, "clerk")
    browser = tab(world, None)
    browser.log_in(phone, password, "desk")
    bind(browser)
    renewed = browser.post("/second-factor/recovery", page="/second-factor")
    assert renewed.status_code == 200 and "原来的都作废" in text_of(renewed)
    assert browser.post("/second-factor/give-up", page="/second-factor").status_code == 303
    assert tab(world, None).log_in(phone, password, "desk").location == "/desk/"
    cadre = tab(world, "cadre").post("/second-factor/begin", page="/second-factor")
    assert cadre.status_code == 409 and "老同志" in text_of(cadre)


def test_the_superior_takes_a_lost_phone_off_after_a_question(world: World) -> None:
    phone, password = with_password(world, "clerk")
    browser = tab(world, None)
    browser.log_in(phone, password, "desk")
    bind(browser)
    account = world.accounts["clerk"]
    administrator = tab(world, "射阳 administrator")
    shown = administrator.get(f"/desk/accounts/{account}")
    assert "解除手机验证器" in text_of(shown) and "绑定" in text_of(shown)
    path = f"/desk/accounts/{account}/second-factor"
    assert "核实是本人" in text_of(administrator.get(path))
    assert administrator.post(path).location == f"/desk/accounts/{account}"
    assert browser.get("/desk/").status_code == 303
    assert administrator.post(path).status_code == 409
    assert "解除手机验证器" not in text_of(administrator.get(f"/desk/accounts/{account}"))


def test_the_question_before_an_act_of_weight_takes_a_code(world: World) -> None:
    phone, password = with_password(world, "射阳 administrator")
    browser = tab(world, None)
    browser.log_in(phone, password, "desk")
    totp, _codes = bind(browser)
    now = START + timedelta(minutes=16)
    world.at(now.isoformat())
    path = f"/desk/accounts/{world.accounts['nobody']}/suspend"
    asked = browser.post(path)
    assert asked.status_code == 403 and "或验证器上的 6 位数字" in text_of(asked)
    assert browser.post(path, {"proof_password": totp.at(now)}).status_code == 303
