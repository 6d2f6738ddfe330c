"""What everybody does on every end: log in, read what a page shows, count its fields."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
PHONE_NUMBER = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
EXAMPLE = "19900000000"  # what messages offer as an example of a number
FIELD = "input:visible, select:visible, textarea:visible"


def type_log_in(page: Page, phone: str, password: str, end: str) -> None:
    """Open the door of an end (desk or mobile), type, and press the button."""
    page.goto(f"/login?end={end}")
    page.get_by_label("手机号码").fill(phone)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_load_state()


def log_in(page: Page, account: dict[str, Any], end: str = "desk") -> None:
    """Log in with a demo account; it must be let in."""
    type_log_in(page, account["phone"], account["password"], end)
    assert page.url.endswith("/desk/" if end == "desk" else ("/m/", "/m/home")), page.inner_text("main")


def open_link(page: Page, name: str, within: str = "body") -> None:
    """Follow a link by its words."""
    page.locator(within).get_by_role("link", name=name).first.click()
    page.wait_for_load_state()


def through_menu(page: Page, group: str, item: str) -> None:
    """Open a menu of the console and follow one of its links."""
    menu = page.get_by_role("navigation", name="主菜单")
    menu.get_by_text(group, exact=False).first.click()
    menu.get_by_role("link", name=item).click()
    page.wait_for_load_state()


def press(page: Page, name: str, within: str = "main") -> None:
    """Press a button by its words and wait for the answer."""
    page.locator(within).get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def download(page: Page, what: Locator, into: Path) -> Path:
    """Click what downloads and keep the file."""
    with page.expect_download() as caught:
        what.click()
    place = into / caught.value.suggested_filename
    caught.value.save_as(place)
    return place


def exposed(page: Page) -> list[str]:
    """Whole ID and phone numbers anywhere on the page, in its fields and its source."""
    text = page.content() + " ".join(page.locator(FIELD).evaluate_all("fields => fields.map(each => each.value || '')"))
    return sorted({*ID_NUMBER.findall(text), *PHONE_NUMBER.findall(text)} - {EXAMPLE})
