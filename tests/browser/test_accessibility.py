"""axe-core over the pages of all three ends: nothing serious, nothing critical."""

from pathlib import Path
from typing import Any

import pytest
from live import ROOT, Live
from playwright.sync_api import Page
from steps import log_in, open_link

from conftest import Watched

pytestmark = pytest.mark.xdist_group("browser")

AXE = ROOT / ".vendor-dev" / "axe" / "axe.min.js"
GRAVE = {"serious", "critical"}
ELDER = ("/login?end=mobile", "/m/home", "/m/own/file", "/m/own/contact", "/m/own/services", "/m/own/opinions",
         "/m/elder", "/password", "/m/cadres", "/phone")
STAFF_PHONE = ("/m/", "/m/records/visits", "/m/records/visits/new", "/m/cadres", "/m/me", "/phone", "/commitment")
CLERK = ("/desk/", "/desk/records/visits", "/desk/records/visits/new", "/desk/records/branch_activities/new",
         "/desk/records/visits/due", "/desk/cadres", "/desk/opinions", "/password")
ADMINISTRATOR = ("/login?end=desk", "/desk/", "/desk/units", "/desk/accounts", "/desk/accounts/open-staff",
                 "/desk/accounts/open-cadre", "/desk/filings", "/desk/log", "/desk/cadres/import", "/desk/cadres/new",
                 "/desk/reports/timeliness", "/desk/phone-changes", "/phone", "/commitment", "/desk/nowhere")
RUN = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map((each) => ({
  id: each.id, impact: each.impact, first: each.nodes[0].html.slice(0, 160), count: each.nodes.length }))"""


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds on the page as it stands, the grave ones only."""
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return [each for each in found if each["impact"] in GRAVE]


def _look(page: Page, paths: tuple[str, ...]) -> None:
    found = {}
    for path in paths:
        page.goto(path)
        if grave := violations(page):
            found[path] = grave
    assert found == {}


@pytest.mark.parametrize("size", ["18", "30"])
def test_pages_of_a_cadre(phone: Watched, live: Live, size: str) -> None:
    page = phone.page()
    page.goto("/m/elder")
    page.locator(f"button[name=size][value='{size}']").click()
    page.wait_for_load_state()
    _look(page, ELDER[:1])
    log_in(page, live.account("cadre", "射阳"), "mobile")
    _look(page, ELDER[1:])


def test_phone_pages_of_staff(phone: Watched, live: Live) -> None:
    page = phone.page()
    log_in(page, live.account("clerk", "射阳"), "mobile")
    _look(page, STAFF_PHONE)
    page.goto("/m/records/visits")
    page.locator("main a.row-item").first.click()
    page.wait_for_load_state()
    assert violations(page) == []


def test_console_of_a_clerk(desk: Watched, live: Live) -> None:
    page = desk.page()
    log_in(page, live.account("clerk", "射阳"))
    _look(page, CLERK)
    for path in ("/desk/records/visits", "/desk/cadres"):
        page.goto(path)
        page.locator("main tbody a").first.click()
        page.wait_for_load_state()
        assert violations(page) == []


def test_console_of_an_administrator(desk: Watched, live: Live) -> None:
    page = desk.page()
    _look(page, ADMINISTRATOR[:1])
    log_in(page, live.account("administrator", "射阳县委"))
    _look(page, ADMINISTRATOR[1:])
    page.goto("/desk/")
    open_link(page, "合德镇", "#side")
    for tab in ("管理员", "人员", "报备", "日志"):
        open_link(page, tab, "main nav.tabs")
        assert violations(page) == [], tab


def test_a_planted_fault_is_found(phone: Watched) -> None:
    page = phone.page()
    page.goto("/login?end=mobile")
    assert violations(page) == []
    page.evaluate("document.querySelector('label[for=f-phone]').remove()")
    assert [each["id"] for each in violations(page)] == ["label"]
