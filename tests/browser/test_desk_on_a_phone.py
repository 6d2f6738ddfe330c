"""The console opened on a phone: nothing runs off the screen, whatever is pressed is large enough for a finger."""

from typing import Any

import pytest
from live import Live
from playwright.sync_api import Browser, Page
from steps import log_in

pytestmark = pytest.mark.xdist_group("browser")

PAGES = ("/desk/", "/desk/units", "/desk/accounts", "/desk/accounts/open-staff", "/desk/defects", "/desk/filings",
         "/desk/why", "/desk/templates/new", "/desk/units/past", "/desk/transfers/new", "/desk/todo", "/devices")
# Links inside a sentence or an entry of the log are words; boxes and rings are pressed by their whole label.
PRESSED = """() => [...document.querySelectorAll('header button, header summary, main a, main button, main select,'
    + ' main summary, main input:not([type=hidden])')].filter(each => {
        const whole = each.matches('[type=checkbox], [type=radio]') && each.closest('label') || each;
        const box = whole.getBoundingClientRect();
        return box.width && box.height && box.height < 43.5 && !each.closest('p, .log-entry, [inert]');
    }).map(each => `${each.textContent.trim() || each.name} ${each.getBoundingClientRect().height}`)"""
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
POSTS = """() => { document.querySelector('details.account').insertAdjacentHTML('beforebegin',
    '<details class="menu menu-end posts" open><summary class="nav-link">射阳县委老干部局</summary>'
    + '<div class="menu-list"><button class="nav-link">射阳县委老干部局<small>经办人</small></button>'
    + '</div></details>');
    const box = document.querySelector('.posts .menu-list').getBoundingClientRect();
    return [box.left, document.documentElement.clientWidth - box.right]; }"""


def narrow(chromium: Browser, live: Live) -> Page:
    """The console of a county's administrator on a screen of 360 by 740."""
    context = chromium.new_context(base_url=live.url, locale="zh-CN", viewport={"width": 360, "height": 740})
    page = context.new_page()
    log_in(page, live.account("administrator", "射阳县委"))
    return page


def faults(page: Page, path: str) -> list[Any]:
    page.goto(path)
    return [path, page.evaluate(WIDE), page.evaluate(PRESSED)]


def test_the_console_can_be_used_with_a_finger(chromium: Browser, live: Live) -> None:
    page = narrow(chromium, live)
    assert [faults(page, path) for path in PAGES] == [[path, 0, []] for path in PAGES]
    page.goto("/desk/")
    left, right = page.evaluate(POSTS)
    assert left >= 0 and right >= 0, "the menu of posts lies on the screen"
    page.evaluate("() => document.querySelector('[href$=\"desk_phone.css\"]').remove()")
    assert page.evaluate(PRESSED) and page.evaluate(POSTS)[0] < 0, "without the sheet the measure tells"
    page.context.close()
