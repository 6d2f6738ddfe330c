"""An administrator leaves and a colleague follows in one act; a unit without any is found by the city and gets one."""

import re
from typing import Any

import pytest
from live import Live
from playwright.sync_api import Browser, Page, expect
from steps import exposed, log_in, open_link, press, through_menu, type_log_in

from conftest import Watched

pytestmark = pytest.mark.xdist_group("browser")
TOWN, HEIR, CLERK = "合德镇", "顾接任", "顾文员"
HEIRS_PHONE, CLERKS_PHONE, NEW_PHONE = "19970000101", "19970000102", "19970000103"
PASSWORD = "nongshi-72-ji"


def _page(chromium: Browser, live: Live) -> Page:
    """Another browser."""
    page = chromium.new_context(base_url=live.url, locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
    page.set_default_timeout(15_000)
    return page


def _open_staff(page: Page, name: str, phone: str) -> None:
    """The form for a member of staff who meets 第七条."""
    page.get_by_label("姓名").fill(name)
    page.get_by_label("手机号码").fill(phone)
    page.get_by_label("专职", exact=True).check()
    page.get_by_label("培训日期").fill("2026-05-20")
    for tick in ("编制内", "在职", "可用电脑端"):
        page.get_by_label(tick, exact=True).check()
    press(page, "开通账号")
    expect(page.locator("main")).to_contain_text(f"已为 {name} 开通账号")


def _hires(page: Page, name: str, phone: str) -> None:
    through_menu(page, "管理", "账号")
    open_link(page, "开通工作人员账号", "main")
    _open_staff(page, name, phone)


def _grants_a_clerk(page: Page) -> None:
    """The open account's page: the clerk's right over all columns."""
    open_link(page, "授予权限", "main")
    page.locator("input[name=role][value=clerk]").check()
    press(page, "授予")
    expect(page.locator("main")).to_contain_text("经办人")


def _proposes(page: Page, leaving: dict[str, Any]) -> None:
    """The unit says whom it would like in whose place."""
    open_link(page, TOWN, "#side")
    open_link(page, "管理员", "main nav.tabs")
    open_link(page, "提名人选", "main")
    page.locator("tbody tr", has_text=HEIR).get_by_role("link", name="提名").click()
    page.get_by_label("接替").select_option(label=leaving["name"])
    page.get_by_label("理由").fill("调到县里工作")
    press(page, "提交提名")
    expect(page.locator("main")).to_contain_text(f"已提名 {HEIR}")


def _first_log_in(page: Page, phone: str, password: str) -> None:
    """With the password of the SMS, which must be changed."""
    type_log_in(page, phone, password, "desk")
    page.locator("input[name=new]").fill(PASSWORD)
    page.locator("input[name=again]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    page.goto("/desk/")


def test_a_leaving_administrator_is_replaced_in_one_act(desk: Watched, chromium: Browser, live: Live) -> None:
    leaving, before = live.account("administrator", TOWN), len(live.messages())
    theirs = _page(chromium, live)
    log_in(theirs, leaving)
    _hires(theirs, CLERK, CLERKS_PHONE)
    _grants_a_clerk(theirs)
    _hires(theirs, HEIR, HEIRS_PHONE)
    _proposes(theirs, leaving)
    county = desk.page()
    log_in(county, live.account("administrator", "射阳县委"))
    open_link(county, "待办提名", "main")
    row = county.locator("tbody tr", has_text=HEIR)
    expect(row).to_contain_text(f"接替 {leaving['name']}")
    row.get_by_role("link", name="更换").click()
    shown = county.locator("main")
    expect(shown.get_by_label("接任人")).to_have_value(re.compile(".{22}"))
    expect(shown.locator("tbody")).to_contain_text(CLERK)
    gave = re.search(r"仍然有效的权限（(\d+) 项）", shown.inner_text())
    expect(shown).to_contain_text("未办事项一并移交")
    press(county, "确定更换")
    expect(shown).to_contain_text(f"{leaving['name']} 已免去，{HEIR} 已接任，都已报备")
    assert gave is not None and int(gave[1]) > 1
    expect(shown).to_contain_text(f"{gave[1]} 项改由接手人负责")
    assert not exposed(county)
    assert theirs.goto("/desk/accounts").status == 403, "out at the next request"  # type: ignore[union-attr]
    heir = _page(chromium, live)
    _first_log_in(heir, HEIRS_PHONE, live.message_to(HEIRS_PHONE, after=before)["params"]["password"])
    through_menu(heir, "管理", "账号")
    open_link(heir, CLERK, "main tbody")
    open_link(heir, "栏目与渠道权限", "main")
    heir.get_by_text("授权来源").first.click()
    expect(heir.locator("main")).to_contain_text(f"由{HEIR}改由他人负责")
    _hires(heir, "顾新来", NEW_PHONE)
    through_menu(county, "管理", "报备")
    for name, act in ((leaving["name"], "免去"), (HEIR, "任命")):
        expect(county.locator("tbody tr", has_text=f"{act} {name}").first).to_contain_text("已确认")
    through_menu(county, "管理", "提名")
    expect(county.locator("tbody tr", has_text=HEIR)).to_contain_text("已任命")


def test_a_unit_without_administrator_is_found_and_mended(desk: Watched, live: Live) -> None:
    page = desk.page()
    log_in(page, live.account("administrator", "盐城市委"))
    through_menu(page, "管理", "单位缺项")
    tab = page.locator("main nav.tabs a", has_text="没有管理员")
    before = int("".join(re.findall(r"\d", tab.inner_text())))
    row = page.locator("tbody tr").first
    unit = row.get_by_role("link").first.inner_text()
    expect(row).to_contain_text("代管")
    row.get_by_role("link", name="任命").click()
    expect(page.locator("main")).to_contain_text(unit)
    open_link(page, "开通工作人员账号", "main")
    _open_staff(page, "顾补缺", "19970000104")
    open_link(page, "任命为系统管理员", "main")
    expect(page.locator("h1")).to_contain_text(f"任命 顾补缺 为“{unit}”的系统管理员")
    press(page, "确定任命")
    expect(page.locator("main")).to_contain_text("已任命 顾补缺")
    through_menu(page, "管理", "单位缺项")
    assert int("".join(re.findall(r"\d", tab.inner_text()))) == before - 1
    expect(page.locator("tbody")).not_to_contain_text(unit)
    assert not exposed(page)
