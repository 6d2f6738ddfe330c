"""The province moves 射阳 from 盐城 to 南通: as foretold, to the figure; June as frozen stays, June as computed too."""

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import live as serving
import pytest
from live import Live
from playwright.sync_api import Browser, Page, expect
from steps import log_in, open_link, press

pytestmark = pytest.mark.xdist_group("browser")
JUNE, JULY = "2026-06-30T17:00:00+08:00", "2026-07-06T09:00:00+08:00"
PERIOD = "from=2026-06-01&to=2026-06-30"
COUNTY = "射阳县委老干部局"


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, Path]]:
    """A small demo province on the last afternoon of June, whose clock is moved by writing a file."""
    folder = tmp_path_factory.mktemp("moved")
    clock = folder / "now"
    clock.write_text(JUNE, encoding="utf-8")
    served = serving.start(folder / "instance", now=f"@{clock}")
    yield served, clock
    served.stop()


def _desk(chromium: Browser, live: Live, unit: str) -> Page:
    page = chromium.new_context(base_url=live.url, locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
    log_in(page, live.account("administrator", unit))
    return page


def _asked(live: Live, statement: str, *values: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(live.instance / "yinling.db", timeout=30)) as database:
        return database.execute(statement, values).fetchall()


def _unit(live: Live, name: str) -> str:
    return str(_asked(live, "SELECT id FROM units WHERE name = ?", name)[0][0])


def _paths(live: Live) -> dict[str, str]:
    return dict(_asked(live, "SELECT id, path FROM units WHERE status = 'open'"))


def _report(page: Page, unit: str, **more: str) -> dict[str, list[str]]:
    """The figures of June by unit as the page shows them."""
    page.goto("&".join([f"/desk/reports/timeliness?unit={unit}", PERIOD, *(f"{k}={each}" for k, each in more.items())]))
    rows = page.locator("main table").first.locator("tbody tr")
    return {row[0]: row[1:] for row in ([each.strip() for each in line.split("\t")] for line in rows.all_inner_texts())}


def _preview(page: Page) -> dict[str, str]:
    """What the table 会发生什么 says, line by line."""
    lines = page.locator("main table tbody tr")
    return {line.locator("th").inner_text(): line.locator("td").inner_text() for line in lines.all()}


def _figures(text: str) -> list[int]:
    return [int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*", text)]


def test_the_county_goes_to_another_city_as_foretold(chromium: Browser, moving: tuple[Live, Path]) -> None:
    live, clock = moving
    city, other, county = (_unit(live, name) for name in ("盐城市委老干部局", "南通市委老干部局", COUNTY))
    seat = _desk(chromium, live, "盐城市委")
    june = _report(seat, city)
    assert any(COUNTY in name for name in june)
    seat.locator("main").get_by_role("link", name="封存", exact=True).click()
    press(seat, "封存")
    expect(seat.locator("main")).to_contain_text("与封存时的指纹一致")
    kept = seat.url
    sheet = seat.request.get(f"{kept}/file").body()

    clock.write_text(JULY, encoding="utf-8")
    province, before = _desk(chromium, live, "江苏省委"), _paths(live)
    told = _moved(province, live, county)
    after = _paths(live)
    gone = {unit_id for unit_id in before if before[unit_id] != after[unit_id]}
    assert len(gone) == _figures(told["单位"])[0] and all(f"/{other}/{county}/" in after[each] for each in gone)
    _as_foretold(live, told, county)
    assert told["上级管理单位"].endswith("由“盐城市委老干部局”改为“南通市委老干部局”")
    _seen_from(chromium, live, county, told)
    seat = _desk(chromium, live, "盐城市委")
    assert seat.request.get(f"{kept}/file").body() == sheet, "frozen in June, unchanged to the byte"
    seat.goto(kept)
    expect(seat.locator("main")).to_contain_text("与封存时的指纹一致")
    expect(seat.locator("main")).to_contain_text(COUNTY)
    assert not any(COUNTY in name for name in _report(province, city))
    assert any(COUNTY in name for name in _report(province, other))
    assert _report(province, city, as_of="2026-06-30") == june, "as of June it is still there"
    province.goto(f"/desk/units/past?on=2026-06-30&unit={city}")
    expect(province.locator("main tbody")).to_contain_text("现属“南通市委老干部局”")
    province.goto(f"/desk/units/{county}/history")
    expect(province.locator("main")).to_contain_text("之下移到")


def _moved(province: Page, live: Live, county: str) -> dict[str, str]:
    """Choose the other city, read, tick, move; what was read."""
    province.goto(f"/desk/units/{county}")
    open_link(province, "移动", "main")
    province.get_by_label("单位名称或代码").last.fill("南通")
    press(province, "查找")
    open_link(province, "南通市委老干部局", "main tbody")
    told = _preview(province)
    _as_foretold(live, told, county)
    province.get_by_label("我已看过上面的变化").check()
    press(province, "确定移动")
    expect(province.locator("main")).to_contain_text("已移到“南通市委老干部局”之下")
    return told


def _as_foretold(live: Live, told: dict[str, str], county: str) -> None:
    """People and records that go along, counted where they lie: the same before and after."""
    inside = "unit_id IN (SELECT id FROM units WHERE path LIKE '%/' || ? || '/%')"
    counted = [_asked(live, f"SELECT count(*) FROM {what} AND {inside}", county)[0][0] for what in (  # noqa: S608
        "cadres WHERE 1=1", "accounts WHERE kind = 'staff'", "accounts WHERE kind = 'cadre'")]
    assert _figures(told["人员"]) == counted
    records = _asked(live, f"SELECT count(*) FROM records WHERE deleted_at IS NULL AND {inside}", county)  # noqa: S608
    seats = _asked(live, f"SELECT count(*) FROM administrators WHERE {inside}", county)  # noqa: S608
    assert _figures(told["服务记录"])[0] == records[0][0] and _figures(told["系统管理员"])[0] == seats[0][0]


def _seen_from(chromium: Browser, live: Live, county: str, told: dict[str, str]) -> None:
    """Who was to lose sight of it has lost it; who was to gain it has it; its own people go on."""
    assert "盐城" in told["不再看得到的人"] and "南通" in told["从此看得到的人"]
    for unit, status in (("盐城市委", 404), ("南通市委", 200), ("射阳县委", 200)):
        assert _desk(chromium, live, unit).request.get(f"/desk/units/{county}").status == status, unit
