"""The administrator of 射阳 at the PC: accounts opened, an administrator seated in a township and its filing seen."""

import pytest
from live import Live
from playwright.sync_api import Page
from steps import exposed, log_in, open_link, press, through_menu

from conftest import Watched

pytestmark = pytest.mark.xdist_group("browser")

TOWNSHIP = "千秋镇"


@pytest.fixture
def console(desk: Watched, live: Live) -> Page:
    """The administrator's console."""
    page = desk.page()
    log_in(page, live.account("administrator", "射阳县委"))
    return page


def _open_staff(page: Page, name: str, phone: str) -> None:
    """Fill the form for a member of staff who meets 第七条."""
    page.get_by_label("姓名").fill(name)
    page.get_by_label("手机号码").fill(phone)
    page.get_by_label("专职", exact=True).check()
    page.get_by_label("培训日期").fill("2026-05-20")
    for tick in ("编制内", "在职", "可用电脑端"):
        page.get_by_label(tick, exact=True).check()
    press(page, "开通账号")
    assert f"已为 {name} 开通账号" in page.inner_text("main")


def _told(live: Live, page: Page, phone: str, before: int) -> str:
    """The password an SMS brought, which no page shows."""
    message = live.message_to(phone, after=before)
    password = message["params"]["password"]
    assert password in message["text"].replace(" ", "") and "账号是本手机号码" in message["text"]
    assert password not in page.content() and not exposed(page)
    return str(password)


def test_staff_and_cadre_accounts_are_opened(console: Page, live: Live) -> None:
    before = len(live.messages())
    through_menu(console, "管理", "账号")
    open_link(console, "开通工作人员账号", "main")
    _open_staff(console, "顾新民", "19970000001")
    assert "顾新民" in console.get_by_role("heading", level=1).inner_text()
    assert "199****0001" in console.inner_text("main") and "从未登录" in console.inner_text("main")
    one = _told(live, console, "19970000001", before)
    through_menu(console, "管理", "账号")
    open_link(console, "开通老同志账号", "main")
    listed = console.locator("tbody tr", has_text="未登记").first
    name = listed.get_by_role("link").inner_text()
    listed.get_by_role("link").click()
    console.get_by_label("手机号码").fill("19970000002")
    press(console, "开通账号")
    assert f"已为 {name} 开通账号" in console.inner_text("main")
    assert _told(live, console, "19970000002", before) != one


def test_a_number_already_in_use_names_nobody(console: Page, live: Live) -> None:
    cadre = live.account("cadre", "东台")
    before = len(live.messages())
    console.goto("/desk/accounts/open-staff")
    console.get_by_label("姓名").fill("某某")
    console.get_by_label("手机号码").fill(cadre["phone"])
    console.get_by_label("专职", exact=True).check()
    press(console, "开通账号")
    text = console.inner_text("main")
    assert "手机号码" in console.locator("#error-summary").inner_text()
    assert cadre["name"] not in text and "东台" not in text and len(live.messages()) == before


def test_a_township_gets_its_administrator(console: Page, live: Live) -> None:
    open_link(console, TOWNSHIP, "#side")
    assert TOWNSHIP in console.get_by_role("heading", level=1).inner_text()
    open_link(console, "管理员", "main nav.tabs")
    open_link(console, "任命系统管理员", "main")
    open_link(console, "开通工作人员账号", "main")
    _open_staff(console, "顾小满", "19970000003")
    open_link(console, TOWNSHIP, "#side")
    open_link(console, "管理员", "main nav.tabs")
    open_link(console, "任命系统管理员", "main")
    console.locator("tbody tr", has_text="顾小满").get_by_role("link", name="任命").click()
    assert "任命 顾小满" in console.inner_text("h1")
    press(console, "确定任命")
    assert "已任命 顾小满" in console.inner_text("main") and "1 号" in console.inner_text("main")
    through_menu(console, "管理", "报备")
    filing = console.locator("tbody tr", has_text="顾小满").first.inner_text()
    assert TOWNSHIP in filing and "任命" in filing and "已确认" in filing
    assert not exposed(console)
