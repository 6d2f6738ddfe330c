"""Chromium against a served instance; every browser test of a run shares one instance and one worker."""

import os
from collections.abc import Iterator

import live as serving
import pytest
from live import Live
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

CHROMIUM = os.environ.get("YINLING_TEST_CHROMIUM") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
             "--disable-component-update", "--disable-quic"]
PATIENT = 90_000  # milliseconds: a slow machine is no fault of a page
expect.set_options(timeout=PATIENT)
PHONE = "Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36"


# A Wednesday in the middle of a quarter: the demo loads its records around this day, so the pages never change.
NOW = "2026-11-18T10:00:00+08:00"


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A small demo province, served."""
    served = serving.start(tmp_path_factory.mktemp("live") / "instance", now=NOW)
    yield served
    served.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Watched:
    """A context that remembers what no page may do: leave this machine, break the policy, throw, answer 5xx."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.faults: list[str] = []
        self.context, self.home = context, home
        context.on("request", lambda request: self._check_host(request.url))
        context.on("response", lambda response: response.status >= 500 and self.faults.append(
            f"{response.status} {response.url}"))
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("console", lambda message: message.type == "error" and "Content Security Policy" in message.text
                   and self.faults.append(message.text))

    def _check_host(self, url: str) -> None:
        if not url.startswith((self.home, "data:", "blob:")):
            self.faults.append(f"request to {url}")

    def page(self) -> Page:
        """A new page."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENT)
        return page


def _watched(chromium: Browser, live: Live, **options: object) -> Iterator[Watched]:
    context = chromium.new_context(base_url=live.url, locale="zh-CN", timezone_id="Asia/Shanghai",
                                   accept_downloads=True, **options)  # type: ignore[arg-type]
    watched = Watched(context, live.url)
    yield watched
    context.close()
    assert watched.faults == []


@pytest.fixture
def desk(chromium: Browser, live: Live) -> Iterator[Watched]:
    """A PC."""
    yield from _watched(chromium, live, viewport={"width": 1366, "height": 768})


@pytest.fixture
def phone(chromium: Browser, live: Live) -> Iterator[Watched]:
    """A phone of 360 × 740."""
    yield from _watched(chromium, live, viewport={"width": 360, "height": 740}, device_scale_factor=2, is_mobile=True,
                        has_touch=True, user_agent=PHONE)
