"""A clerk becomes a retiree overnight; a number that was given back shows its new holder nothing of the old."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import live as serving
import pytest
from live import Live
from playwright.sync_api import Browser, Page, expect
from steps import log_in, press, type_log_in

import factories
from conftest import PHONE

pytestmark = pytest.mark.xdist_group("browser")
EVENING, EVE, MIDNIGHT = (f"2026-11-{at}+08:00" for at in ("18T20:00:00", "18T23:59:59", "19T00:00:00"))
NEXT_DAY = "2026-11-19"


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, Path]]:
    """A small demo province whose clock is moved by writing a file."""
    folder = tmp_path_factory.mktemp("moving")
    clock = folder / "now"
    clock.write_text(EVENING, encoding="utf-8")
    served = serving.start(folder / "instance", now=f"@{clock}")
    yield served, clock
    served.stop()


def _pages(chromium: Browser, live: Live) -> tuple[Page, Page]:
    """A PC and a phone, each a browser of its own."""
    desk = chromium.new_context(base_url=live.url, locale="zh-CN", viewport={"width": 1366, "height": 768})
    phone = chromium.new_context(base_url=live.url, locale="zh-CN", viewport={"width": 360, "height": 740},
                                 is_mobile=True, has_touch=True, user_agent=PHONE)
    return desk.new_page(), phone.new_page()


def _account_page(page: Page, name: str) -> None:
    page.goto("/desk/accounts")
    page.get_by_label("姓名或手机号码").fill(name)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    page.locator("main tbody tr", has_text="工作人员").get_by_role("link", name=name).first.click()
    page.wait_for_load_state()


def _register(page: Page, clerk: dict[str, Any]) -> None:
    """Put the day down, with what the cadre's file needs."""
    _account_page(page, clerk["name"])
    page.get_by_role("link", name="登记退休").click()
    page.get_by_label("退休日期").fill(NEXT_DAY)
    page.get_by_label("退休", exact=True).check()
    page.get_by_label("身份证号").fill(factories.id_number(born=date(1966, 11, 19), serial=77))
    press(page, "登记退休")
    expect(page.locator("main")).to_contain_text(f"{NEXT_DAY} 起退休，账号转为离退休干部账号")


def test_a_clerk_becomes_a_retiree_overnight(chromium: Browser, moving: tuple[Live, Path]) -> None:
    live, clock = moving
    clerk = live.account("clerk", "射阳")
    desk, phone = _pages(chromium, live)
    log_in(desk, live.account("administrator", "射阳县委"))
    _register(desk, clerk)
    log_in(phone, clerk, "mobile")
    own = chromium.new_context(base_url=live.url, locale="zh-CN").new_page()
    log_in(own, clerk)
    clock.write_text(EVE, encoding="utf-8")
    assert phone.goto("/m/records/visits").ok and own.goto("/desk/records/visits").ok  # type: ignore[union-attr]
    clock.write_text(MIDNIGHT, encoding="utf-8")
    for page, path in ((phone, "/m/records/visits"), (own, "/desk/records/visits")):
        page.goto(path)
        assert "/login" in page.url, "the session ended with the day"
    type_log_in(own, clerk["phone"], clerk["password"], "desk")
    expect(own.locator("main")).to_contain_text("手机")
    assert "/desk" not in own.url
    type_log_in(phone, clerk["phone"], clerk["password"], "mobile")
    assert phone.url.endswith("/m/home")
    expect(phone.locator("h1")).to_contain_text(f"{clerk['name']}同志，您好")
    phone.goto("/m/own/file")
    expect(phone.locator("main")).to_contain_text("退休")
    assert phone.goto("/m/records/visits").status == 403  # type: ignore[union-attr]
    log_in(desk, live.account("administrator", "射阳县委"))
    desk.goto("/desk/accounts?kind=cadre&q=" + clerk["name"])
    desk.locator("main tbody").get_by_role("link", name=clerk["name"]).first.click()
    desk.get_by_role("link", name="账号经历").click()
    expect(desk.locator("main")).to_contain_text("退休，由工作人员转为离退休干部")


def test_a_recycled_number_shows_nothing_of_its_old_holder(chromium: Browser, moving: tuple[Live, Path]) -> None:
    live, _clock = moving
    old = live.account("clerk", "东台")
    desk, phone = _pages(chromium, live)
    log_in(phone, old, "mobile")
    log_in(desk, live.account("administrator", "东台"))
    _account_page(desk, old["name"])
    desk.get_by_role("link", name="注销账号").click()
    expect(desk.locator("main")).to_contain_text("注销后不能恢复")
    press(desk, "确定注销")
    expect(desk.locator("main")).to_contain_text("号码已释放")
    phone.goto("/m/")
    assert "/login" in phone.url, "the old holder is out"
    before = len(live.messages())
    other, fresh = _pages(chromium, live)
    log_in(other, live.account("administrator", "射阳县委"))
    other.goto("/desk/accounts/open-staff")
    other.get_by_label("姓名").fill("顾新号")
    other.get_by_label("手机号码").fill(old["phone"])
    other.get_by_label("专职", exact=True).check()
    press(other, "开通账号")
    expect(other.locator("main")).to_contain_text("已为 顾新号 开通账号")
    assert old["name"] not in other.inner_text("main")
    password = live.message_to(old["phone"], after=before)["params"]["password"]
    type_log_in(phone, old["phone"], old["password"], "mobile")
    assert "/login" in phone.url, "the old password opens nothing"
    type_log_in(fresh, old["phone"], password, "mobile")
    fresh.locator("input[name=new]").fill("nongshi-72-ji")
    fresh.locator("input[name=again]").fill("nongshi-72-ji")
    press(fresh, "设好", "body") if fresh.get_by_role("button", name="设好").count() else fresh.locator(
        "main form button[type=submit]").first.click()
    fresh.wait_for_load_state()
    fresh.goto("/m/me")
    shown = fresh.inner_text("main")
    assert "顾新号" in shown and old["name"] not in shown and "还没有分配" in shown
    for path in ("/m/cadres", "/m/records/visits"):
        assert fresh.goto(path).status == 403  # type: ignore[union-attr]
