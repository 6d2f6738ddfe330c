"""Reminded by page and SMS; the province types a year of holidays and a clerk's day moves; the auditor reads of it."""

import re

import pytest
from live import Live, wait_until
from playwright.sync_api import Browser, Page, expect
from steps import log_in, open_link, press

from conftest import Watched

pytestmark = pytest.mark.xdist_group("browser")
PROVINCE = "江苏省委老干部局"
HOLIDAYS = (("元旦", "2027-01-01", "2027-01-03"), ("春节", "2027-02-05", "2027-02-13"))
MAKEUP = ("2027-02-14", "2027-02-20")
NUMBER = "试验〔2026〕1号"


def _somebody(chromium: Browser, live: Live, role: str, unit: str = "") -> Page:
    """Another person's browser at the PC."""
    page = chromium.new_context(base_url=live.url, locale="zh-CN", timezone_id="Asia/Shanghai").new_page()
    log_in(page, live.account(role, unit))
    return page


def test_a_clerk_is_reminded_and_the_auditor_reads_who_was_told(desk: Watched, live: Live, chromium: Browser) -> None:
    account = live.account("clerk", "射阳")
    line = wait_until(lambda: next((each for each in live.messages() if each["to"] == account["phone"]
                                    and each["template"] == "daily_digest"), None), "no reminder came")
    assert re.search(r"您有 \d+ 项", line["text"]) and line["at"].startswith("2026-11-18T10:")
    clerk = desk.page()
    log_in(clerk, account)
    expect(clerk.locator("main")).to_contain_text("未读消息")
    clerk.goto("/desk/todo")
    main = clerk.inner_text("main")
    assert re.search(r"（\d+ 条未读）", main) and "截止日 2026-11-" in main
    auditor = _somebody(chromium, live, "auditor")
    auditor.goto(f"/desk/log?action=obligation:tell&unit={account['unit_id']}")
    while account["name"] not in auditor.inner_text("main"):
        open_link(auditor, "下一页", "main")
    entry = auditor.locator("main li, main tr, main article").filter(has_text=account["name"]).first.inner_text()
    assert "步骤" in entry and "截止日期" in entry and "2026-11-18 10:00" in auditor.inner_text("main")
    auditor.context.close()


def _plan(page: Page, name: str) -> str:
    """A visit planned for the day before the new year's Spring Festival; its address."""
    page.goto("/desk/records/visits/new")
    page.locator("input[name=ended_on]").fill("2027-02-04")
    expect(page.locator("#due-line")).to_contain_text("暂定")
    page.locator("[data-people] input[type=search]").first.press_sequentially(name, delay=20)
    page.locator("[data-people-found] label", has_text=name).first.click()
    page.get_by_label("节日慰问").check()
    press(page, "存为草稿")
    expect(page.locator("main")).to_contain_text("暂定")
    return page.url


def _type_notice(page: Page) -> None:
    """The year's holidays and made-up days as they would be read off the notice."""
    page.goto("/desk/calendar/edit?year=2027")
    page.get_by_label("通知文号").fill(NUMBER)
    for name in ("name", "first", "last"):
        for place, field in enumerate(page.locator(f"input[name={name}]").all()):
            column = ("name", "first", "last").index(name)
            field.fill(HOLIDAYS[place][column] if place < len(HOLIDAYS) else "")
    for place, field in enumerate(page.locator("input[name=makeup]").all()):
        field.fill(MAKEUP[place] if place < len(MAKEUP) else "")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("调休上班")
    press(page, "确认保存")
    expect(page.locator("main")).to_contain_text("件的截止日有变动", timeout=180_000)


def test_the_province_types_a_year_and_the_clerk_is_told(desk: Watched, live: Live, chromium: Browser) -> None:
    clerk = desk.page()
    log_in(clerk, live.account("clerk", "射阳"))
    address = _plan(clerk, live.account("cadre", "射阳")["name"])
    province = _somebody(chromium, live, "administrator", PROVINCE)
    _type_notice(province)
    province.goto("/desk/calendar?year=2027")
    expect(province.locator("main")).to_contain_text(NUMBER)
    province.goto("/desk/jobs")
    expect(province.locator("main")).to_contain_text("重算截止日期")
    expect(province.locator("main")).to_contain_text("已完成")
    province.context.close()
    clerk.goto(address)
    main = clerk.inner_text("main")
    assert "2027-02-18" in main and "暂定" not in main and "最初的截止日" in main
    clerk.goto("/desk/")
    expect(clerk.locator("main")).to_contain_text(NUMBER)
