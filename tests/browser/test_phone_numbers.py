"""Every page of a cadre meets the numbers of 长辈版 at both type sizes; and the measure catches what it should."""

from typing import Any

import pytest
from elder_numbers import STEPS, check, faults
from live import Live
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.xdist_group("browser")

PAGES = ("/m/home", "/m/own/file", "/m/own/contact", "/m/own/services", "/m/own/services?all=1", "/m/own/opinions",
         "/password", "/phone", "/devices", "/second-factor", "/m/elder", "/m/cadres", "/m/nowhere")
DOOR = "/login?end=mobile"

PLANTED = {
    "small type": ("type", "document.querySelector('.field-help').style.fontSize = '16px'"),
    "small type in a field": ("type", "document.querySelector('[name=phone]').style.fontSize = '16px'"),
    "injected small print": ("type", """(() => { const p = document.createElement('p'); p.textContent = '小字';
        p.style.fontSize = '16px'; document.querySelector('main').append(p); })()"""),
    "tight lines": ("line", "document.querySelector('.m-foot').style.lineHeight = '1.1'"),
    "a low main button": ("target", """(() => { const b = document.querySelector('main .btn-primary');
        b.style.minHeight = '0'; b.style.height = '50px'; b.style.padding = '0'; })()"""),
    "a low other button": ("target", """(() => { const b = document.querySelector('.e-sizes .btn');
        b.style.minHeight = '0'; b.style.height = '40px'; b.style.padding = '0'; })()"""),
    "pale words": ("contrast", "document.querySelector('.m-foot').style.color = '#8a8178'"),
    "pale words on the head": ("contrast", "document.querySelector('.brand-name').style.color = '#c97a6a'"),
    "pale placeholder text typed": ("contrast", "document.querySelector('[name=phone]').style.color = '#999'"),
    "something wide": ("sideways", "document.querySelector('main').style.width = '420px'"),
    "something to be swiped": ("sideways", """(() => { const p = document.querySelector('.m-foot');
        p.style.whiteSpace = 'nowrap'; p.style.overflowX = 'auto'; })()"""),
    "a floating button": ("floating", "document.querySelector('.e-sizes').style.position = 'fixed'"),
    "a dialog": ("pop-up", """(() => { const d = document.createElement('dialog'); d.textContent = '欢迎';
        document.body.append(d); d.show(); })()"""),
    "an input without a label": ("label", "document.querySelector('label[for=f-phone]').remove()"),
}


def _enter(page: Page, live: Live) -> None:
    account = live.account("cadre", "射阳")
    page.goto(DOOR)
    page.fill("[name=phone]", account["phone"])
    page.fill("[name=password]", account["password"])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/m/home")


def _choose(page: Page, step: int) -> None:
    page.goto("/m/elder")
    page.locator(f"button[name=size][value='{step}']").click()
    page.wait_for_selector(f"html.size-{step} button[aria-pressed=true][value='{step}']")


@pytest.mark.parametrize("step", STEPS)
def test_every_page_of_a_cadre_meets_the_numbers(phone: Any, live: Live, step: int) -> None:
    page = phone.page()
    _choose(page, step)
    page.goto(DOOR)
    check(page, step)
    page.get_by_role("button", name="登录").click()
    page.wait_for_selector("#error-summary")
    check(page, step)
    _enter(page, live)
    for path in PAGES:
        page.goto(path)
        check(page, step)
    page.goto("/m/own/opinions")
    page.get_by_role("button", name="送出").click()
    page.wait_for_selector("#error-summary")
    check(page, step)


@pytest.mark.parametrize("name", PLANTED)
def test_the_measure_catches_a_planted_fault(phone: Any, name: str) -> None:
    kind, plant = PLANTED[name]
    page = phone.page()
    page.goto(DOOR)
    assert faults(page, 18) == []
    page.evaluate(plant)
    assert any(fault.startswith(f"{kind}:") for fault in faults(page, 18)), faults(page, 18)


def test_the_first_step_is_too_small_for_the_second(phone: Any) -> None:
    page = phone.page()
    page.goto(DOOR)
    assert any(fault.startswith("type:") for fault in faults(page, 30))


def test_a_cadre_manages_without_javascript(chromium: Browser, live: Live) -> None:
    context = chromium.new_context(base_url=live.url, locale="zh-CN", viewport={"width": 360, "height": 740},
                                   java_script_enabled=False)
    page = context.new_page()
    _enter(page, live)
    page.get_by_role("button", name="特大字").click()
    assert page.url.endswith("/m/home") and page.locator("html.size-30").count() == 1
    page.get_by_role("link", name="提意见建议").click()
    page.get_by_label("请写在这里").fill("希望活动室周末也开门。")
    page.get_by_role("button", name="送出").click()
    assert page.get_by_text("您的意见已经送到").is_visible()
    page.get_by_role("link", name="返回首页").click()
    page.get_by_role("button", name="退出登录").click()
    assert page.get_by_role("button", name="登录").is_visible()
    context.close()
