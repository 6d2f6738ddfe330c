"""How a picture is reached: steps that a page takes, one after the other."""

import contextlib
import re
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyotp
from live import Live
from playwright.sync_api import Page

from roster_files import Roster, card_of, plant_a_dozen, roster

Step = Callable[[Page, Live], Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TAKEN = "19930000306"  # of a cadre of the demonstration


@dataclass(frozen=True)
class Shot:
    """One picture: its file name, what it shows, and the steps to it."""

    name: str
    title: str
    steps: tuple[Step, ...]


def shot(name: str, title: str, *steps: Step | str) -> Shot:
    """A picture; a step that is a text is an address, or with a leading > something to click."""
    return Shot(name, title, tuple(_step(each) for each in steps))


def _step(step: Step | str) -> Step:
    if not isinstance(step, str):
        return step
    return click(step[1:]) if step.startswith(">") else go(step)


def go(path: str) -> Step:
    """Open an address."""
    return lambda page, _live: page.goto(path)


def click(selector: str) -> Step:
    """Click the first of what the selector finds, and wait for the answer."""
    def act(page: Page, _live: Live) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")
    return act


def fill(label: str, value: str) -> Step:
    """Type into a field."""
    return lambda page, _live: page.get_by_label(label).first.fill(value)


def known_cadre(page: Page, live: Live) -> None:
    """The line of a cadre of the county's own unit in the roster."""
    page.goto(f"/desk/cadres?q={live.account('cadre', '射阳')['name']}")


def look_for_cadre(page: Page, live: Live) -> None:
    """Search for him in the people picker of a form."""
    page.locator("input[type=search]").last.press_sequentially(live.account("cadre", "射阳")["name"][0])
    page.locator("[data-people-found] label").first.wait_for()


def log_in(role: str, unit: str, *, end: str = "desk", channel: str | None = None, first_login: bool = False) -> Step:
    """Enter with a demonstration account."""
    def act(page: Page, live: Live) -> None:
        account = next(each for each in live.accounts() if each["role"] == role and unit in each["unit"]
                       and bool(each.get("first_login")) is first_login and channel in (None, each["channel"]))
        page.goto(f"/login?end={end}")
        page.locator("[name=phone]").fill(account["phone"])
        page.locator("[name=password]").fill(account["password"])
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_load_state("networkidle")
    return act


def choose_size(step: str) -> Step:
    """Take a type size of 长辈版."""
    return lambda page, live: page.context.add_cookies([{"name": "elder_size", "value": step, "url": live.url}])


def _roster(size: int) -> Roster:
    """Believable people with the usual faults; the ID number that would be taken is nobody's, so that row is good."""
    made = roster(size)
    plant_a_dozen(made, range(3, 3 + 2 * 16, 2), taken_id=card_of(date(1941, 5, 6), 1, female=False),
                  taken_phone=TAKEN)
    return made


def upload(size: int) -> Step:
    """Try a roster with planted faults."""
    def act(page: Page, _live: Live) -> None:
        page.locator("input[type=file]").set_input_files(
            files=[{"name": "射阳县离退休干部名册.xlsx", "mimeType": XLSX, "buffer": _roster(size).xlsx()}])
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_load_state()
    return act


def worker(*, rests: bool) -> Step:
    """Let the worker rest, so that a job is seen waiting; or go on."""
    return lambda _page, live: live.processes[-1].send_signal(signal.SIGSTOP if rests else signal.SIGCONT)


def forget_proof(_page: Page, live: Live) -> None:
    """Let an hour go by since anybody typed a password: the next act of weight asks."""
    with contextlib.closing(sqlite3.connect(live.instance / "yinling.db", timeout=30)) as database, database:
        database.execute("UPDATE login_sessions SET proved_at = '2026-11-18 00:00:00.000000'")


def type_code(page: Page, _live: Live) -> None:
    """Read the secret that is shown and type its code, as an authenticator would say it."""
    secret = page.locator(".factor-secret code").inner_text().replace(" ", "")
    page.locator("[name=code]").fill(pyotp.TOTP(secret).at(datetime.fromisoformat("2026-11-18T10:00:00+08:00")))


def heading(text: str) -> Step:
    """Wait until the page says so."""
    return lambda page, _live: page.get_by_role("heading", name=re.compile(text)).first.wait_for()
