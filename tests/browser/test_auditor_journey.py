"""The provincial auditor at the PC: last quarter's timeliness, from the province to one visit, adding up all along."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import figures
import pytest
from figures import OWN, Level, Line
from live import Live
from playwright.sync_api import Page
from steps import download, exposed, log_in, open_link, through_menu

from conftest import Watched

pytestmark = pytest.mark.xdist_group("browser")

PROVINCE, CITY, COUNTY = "江苏省委老干部局", "盐城市委老干部局", "射阳县委老干部局"
QUARTER = (date(2026, 7, 1), date(2026, 9, 30))
CHROME = (".topbar", ".side", ".filters", ".tabs", "button", "a.btn")
A4 = {"width": 794, "height": 1123}


@pytest.fixture
def report(desk: Watched, live: Live) -> Page:
    """Last quarter at the province, reached by clicking."""
    page = desk.page()
    log_in(page, live.account("auditor"))
    through_menu(page, "督查", "及时性统计")
    open_link(page, "上季度", "main")
    return page


def _check_children(page: Page, level: Level) -> None:
    """Behind every child's name stands a page whose total is the child's row."""
    for child in level.children:
        page.goto(str(child.href))
        below = figures.shown(page)
        below.check()
        assert below.total.numbers == child.numbers, child.name


def _down(page: Page, level: Level, name: str) -> Level:
    open_link(page, name, "main table")
    assert page.get_by_role("heading", level=1).inner_text().startswith(name)
    below = figures.shown(page)
    below.check()
    assert below.total.numbers == level.row(name).numbers
    return below


def test_every_level_adds_up(report: Page) -> None:
    level = figures.shown(report)
    level.check()
    assert len(level.children) >= 13 and level.total.numbers[0] > 300
    for name in (CITY, COUNTY):
        here = report.url
        _check_children(report, level)
        report.goto(here)
        level = _down(report, level, name)
    _check_children(report, level)


def _days(page: Page, kind: str) -> list[tuple[str, str]]:
    """Date (MM-DD) and name of each day that is counted or skipped."""
    cells = page.locator(f"#due .day-{kind}")
    return [(each.locator(".day-date").inner_text(), each.locator(".day-why").inner_text()) for each in cells.all()]


def test_down_to_one_visit(report: Page) -> None:
    for name in (CITY, COUNTY):
        open_link(report, name, "main table")
    whole = figures.shown(report).total.numbers[0]
    open_link(report, "走访慰问", "main nav.tabs")
    visits = figures.shown(report)
    visits.check()
    assert 0 < visits.total.numbers[0] < whole
    report.locator("table.figures tfoot").get_by_role("link").first.click()
    report.wait_for_load_state()
    assert f"共 {visits.total.numbers[0]} 条" in report.inner_text("main")
    assert report.locator("table.data-table tbody tr").count() == visits.total.numbers[0]
    due = [date.fromisoformat(text) for text in report.locator('td[data-label="截止日"]').all_inner_texts()]
    assert due and all(QUARTER[0] <= each <= QUARTER[1] for each in due)
    on_time = report.locator("tbody tr", has_text="按时").first
    ended_on, due_on = (on_time.locator(f'[data-label="{label}"]').inner_text() for label in ("结束日期", "截止日"))
    on_time.get_by_role("link").first.click()
    report.wait_for_load_state()
    main = report.inner_text("main")
    assert "走访慰问内容" in main and f"{ended_on} 结束，截止日 {due_on}" in main
    counted, skipped = _days(report, "counted"), _days(report, "skipped")
    assert len(counted) == 5 and counted[-1][0] == due_on[5:]
    assert skipped and all(name for _day, name in (*counted, *skipped))
    assert {name for _day, name in counted} <= {"工作日", "调休上班"}
    assert not exposed(report) and not report.get_by_role("link", name="修改", exact=True).count()


def test_nothing_sensitive_is_shown(report: Page) -> None:
    through_menu(report, "基础信息", "离退休干部")
    assert re.search(r"1\d\d\*{4}\d{4}", report.inner_text("main")) and not exposed(report)
    report.locator("main tbody a").first.click()
    report.wait_for_load_state()
    main = report.inner_text("main")
    assert re.search(r"320999\*{8}\d{4}", main) and re.search(r"家庭住址\s+\*{3}", main)
    assert not exposed(report)
    assert not report.get_by_role("link", name="查看").count()


def test_the_spreadsheet_equals_the_page(report: Page, tmp_path: Path) -> None:
    for narrow in (False, True):
        if narrow:
            open_link(report, CITY, "main table")
            open_link(report, "支部活动", "main nav.tabs")
        level = figures.shown(report)
        file = download(report, report.get_by_role("link", name="导出 Excel"), tmp_path)
        units, total, above = figures.sheet(file)
        own = next(name for name in units if name.endswith("（本级）"))
        assert total == level.total.numbers
        assert {OWN if name == own else name: numbers for name, numbers in units.items()} == {
            each.name: each.numbers for each in level.rows}
        assert "2026-07-01 至 2026-09-30" in above and "导出人" in above


def test_on_paper_there_is_only_the_report(report: Page) -> None:
    report.emulate_media(media="print")
    report.set_viewport_size(A4)
    seen = {each: report.locator(f"{each}:visible").count() for each in CHROME}
    assert not any(seen.values()), seen
    assert report.locator(".print-only").first.is_visible()
    assert report.evaluate("document.documentElement.scrollWidth") <= A4["width"]
    assert figures.shown(report).total.numbers[0] > 0
    assert len(report.pdf(format="A4", print_background=True)) > 10_000


def test_a_figure_that_is_off_by_one_is_seen() -> None:
    own, total = Line(OWN, (3, 1, 1, 1, 0), "33.3%", None), Line("合计", (3, 1, 1, 1, 0), "33.3%", None)
    Level((own,), total).check()
    for wrong in ((4, 2, 1, 1, 0), (3, 1, 2, 0, 0), (3, 1, 1, 0, 0)):
        with pytest.raises(AssertionError):
            Level((own,), replace(total, numbers=wrong)).check()
