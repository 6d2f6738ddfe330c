"""A clerk sees the due day while typing, enters late with a reason; the superior confirms."""

import pytest
from live import Live
from playwright.sync_api import Browser, Page, expect
from steps import log_in, open_link, press

from conftest import Watched

pytestmark = pytest.mark.xdist_group("browser")
REASON = "住院值班，没有来得及录入"


def _enter_late(page: Page, name: str) -> str:
    """A visit that ended three weeks ago; its address."""
    page.goto("/desk/records/visits/new")
    line = page.locator("#due-line")
    expect(line).to_contain_text("今天录入为按时")
    page.locator("input[name=ended_on]").fill("2026-10-28")
    expect(line).to_contain_text("2026-11-04")
    expect(line).to_contain_text("已经超过")
    page.get_by_label("逾期原因").fill(REASON)
    page.locator("[data-people] input[type=search]").first.press_sequentially(name, delay=20)
    page.locator("[data-people-found] label", has_text=name).first.click()
    page.get_by_label("日常走访").check()
    page.get_by_label("地点或医院").fill("合德镇")
    press(page, "提交录入")
    expect(page.locator("main")).to_contain_text("已录入，逾期补录")
    expect(page.locator("main")).to_contain_text("逾期补录，等待上级确认")
    return page.url


def test_a_late_entry_is_confirmed_by_the_superior(desk: Watched, live: Live, chromium: Browser) -> None:
    clerk = desk.page()
    log_in(clerk, live.account("clerk", "射阳"))
    address = _enter_late(clerk, live.account("cadre", "射阳")["name"])
    other = chromium.new_context(base_url=live.url, locale="zh-CN", timezone_id="Asia/Shanghai")
    above = other.new_page()
    log_in(above, live.account("administrator", "盐城"))
    above.goto("/desk/oversight?what=late")
    above.locator("main tr", has_text=REASON).get_by_role("link").first.click()
    above.wait_for_load_state()
    assert above.url == address and REASON in above.inner_text("main")
    above.get_by_label("意见").fill("情况属实")
    press(above, "确认")
    expect(above.locator("main")).to_contain_text("确认逾期补录：情况属实")
    other.close()
    clerk.goto(address)
    expect(clerk.locator("main")).to_contain_text("确认逾期补录：情况属实")
    expect(clerk.locator("main")).to_contain_text("盐城市委老干部局")


def test_without_scripts_the_due_day_is_told_as_well(chromium: Browser, live: Live) -> None:
    context = chromium.new_context(base_url=live.url, java_script_enabled=False)
    page = context.new_page()
    log_in(page, live.account("clerk", "射阳"))
    page.goto("/desk/records/visits/new")
    assert "截止日" in page.inner_text("#due-line") and page.locator("textarea[name=late_reason]").count() == 1
    page.locator("input[name=ended_on]").fill("2026-10-28")
    press(page, "提交录入")  # people are missing: the form comes back, and says what follows from the day
    assert "2026-11-04" in page.inner_text("#due-line") and "已经超过" in page.inner_text("#due-line")
    open_link(page, "为什么是这一天", "#due-line")
    context.close()
