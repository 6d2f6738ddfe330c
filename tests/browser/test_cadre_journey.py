"""A cadre at 360 × 740: the SMS password, the forced change, 长辈版 at both sizes, one tap to call, an opinion."""

import re

import pytest
from elder_numbers import STEPS, check
from live import Live
from playwright.sync_api import Page, expect
from steps import exposed, log_in, open_link, press, through_menu, type_log_in

from conftest import Watched

pytestmark = pytest.mark.xdist_group("browser")

BLOCKS = ("我的档案", "我的联系人", "为我做的事", "提意见建议")
OPINION = "希望每个月组织一次体检结果讲解，最好放在上午。"


def _resend(page: Page, live: Live, cadre: dict[str, str]) -> str:
    """The administrator has the password sent anew; what the SMS says, in groups of four as it stands there."""
    before = len(live.messages())
    log_in(page, live.account("administrator", "射阳县委"))
    through_menu(page, "管理", "账号")
    page.get_by_label("姓名或手机号码").fill(cadre["name"])
    press(page, "查询")
    page.locator("tbody tr", has_text=f"****{cadre['phone'][-4:]}").get_by_role("link").first.click()
    open_link(page, "重发密码短信", "main")
    page.locator("main form button[type=submit]").first.click()
    message = live.message_to(cadre["phone"], after=before)
    grouped = re.search(r"密码：([\d ]+)，", message["text"])
    assert grouped and grouped[1].replace(" ", "") == message["params"]["password"]
    assert message["params"]["password"] not in page.content()
    return grouped[1]


def _check_both_sizes(page: Page) -> None:
    """The numbers of 长辈版 at 18 and at 30; the page is left at 18."""
    for step, name in reversed(list(zip(STEPS, ("大字", "特大字"), strict=True))):
        page.get_by_role("button", name=re.compile(f"^{name}")).click()
        expect(page.locator("html")).to_have_class(re.compile(rf"\bsize-{step}\b"))
        check(page, step)


def _change_password(page: Page, first: str, again: str) -> None:
    page.locator("input[name=new]").fill(first)
    page.locator("input[name=again]").fill(again)
    press(page, "保存新密码")


def test_first_log_in_with_the_sms_password(phone: Watched, desk: Watched, live: Live) -> None:
    cadre = live.account("cadre", "射阳", first_login=True)
    password = _resend(desk.page(), live, cadre)
    page = phone.page()
    type_log_in(page, cadre["phone"], cadre["password"], "mobile")
    assert page.url.endswith("/login") and "/m/home" not in page.url  # the password sent before is dead
    type_log_in(page, cadre["phone"], password, "mobile")
    assert page.url.endswith("/password")
    _check_both_sizes(page)
    for path in ("/m/home", "/m/own/file", "/m/own/opinions"):
        page.goto(path)
        assert page.url.endswith("/password")
    _change_password(page, "88888888", "88888888")
    assert page.locator("#error-summary").is_visible()
    check(page, 18)
    _change_password(page, "19490716", "19490715")
    assert "两遍输入的不一样" in page.inner_text("main")
    _change_password(page, "19490716", "19490716")
    assert page.url.endswith("/m/home") and f"{cadre['name']}同志，您好" in page.inner_text("h1")
    check(page, 18)
    press(page, "退出登录", "body")
    type_log_in(page, cadre["phone"], password, "mobile")
    assert not page.url.endswith(("/m/home", "/password"))
    log_in(page, cadre | {"password": "19490716"}, "mobile")


@pytest.fixture
def home(phone: Watched, live: Live) -> Page:
    """The home of a cadre who has been here before."""
    page = phone.page()
    log_in(page, live.account("cadre", "射阳"), "mobile")
    return page


def test_every_page_in_both_sizes(home: Page) -> None:
    _check_both_sizes(home)
    for block in BLOCKS:
        open_link(home, block, "main")
        assert home.inner_text("h1") == block
        _check_both_sizes(home)
        open_link(home, "返回首页")
    open_link(home, "修改密码", "main")
    _check_both_sizes(home)


def test_one_tap_calls_the_contact(home: Page, live: Live) -> None:
    clerk = live.account("clerk", "射阳")
    call = home.locator("main a.call")
    assert call.get_attribute("href") == f"tel:{clerk['phone']}" and f"打电话给{clerk['name']}" in call.inner_text()
    open_link(home, "我的联系人", "main")
    assert home.locator("main a.call").get_attribute("href") == f"tel:{clerk['phone']}"
    for block in ("我的档案", "为我做的事"):
        open_link(home, "返回首页")
        open_link(home, block, "main")
        assert home.locator("footer a.call").get_attribute("href") == f"tel:{clerk['phone']}"


def test_own_record_is_masked_and_in_plain_words(home: Page, live: Live) -> None:
    open_link(home, "我的档案", "main")
    main = home.inner_text("main")
    assert re.search(r"320999\*{8}\d{4}", main) and re.search(r"1\d\d\*{4}\d{4}", main)
    assert "已登记，为保密不显示" in main
    contact = live.account("clerk", "射阳")["phone"]
    assert set(exposed(home)) == {contact}
    open_link(home, "返回首页")
    open_link(home, "为我做的事", "main")
    assert home.locator(".e-done li").count() >= 3 and not re.search(r"[a-z_]{4,}", home.inner_text("main"))


def test_an_opinion_reaches_the_clerk(home: Page, desk: Watched, live: Live) -> None:
    open_link(home, "提意见建议", "main")
    home.get_by_label("请写在这里").fill(OPINION)
    press(home, "送出")
    assert "您的意见已经送到射阳县委老干部局" in home.inner_text("main") and OPINION in home.inner_text("main")
    check(home, 18)
    page = desk.page()
    log_in(page, live.account("clerk", "射阳"))
    through_menu(page, "基础信息", "意见建议")
    newest = page.locator(".opinions li").first.inner_text()
    assert OPINION in newest and live.account("cadre", "射阳")["name"] in newest


def test_the_pc_door_turns_him_away_kindly(desk: Watched, live: Live) -> None:
    page, cadre = desk.page(), live.account("cadre", "射阳")
    type_log_in(page, cadre["phone"], cadre["password"], "desk")
    said = page.inner_text("body")
    assert page.inner_text("h1") == "请换用手机端" and "老同志请用手机登录" in said and "打电话" in said
    assert not [each for each in desk.context.cookies() if "token" in each["name"]]
    open_link(page, "打开手机端登录页")
    assert "end=mobile" in page.url
    page.goto("/desk/")
    assert "/login" in page.url
