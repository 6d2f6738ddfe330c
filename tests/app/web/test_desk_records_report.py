"""The report on the console: every level adds up, every figure leads to exactly its records, down to one of them."""

import io
import re
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
from desk_page import Desk, counted_statements, links, said, total_of

import factories
from app.people.model import Cadre
from app.web.periods import Period, named
from permissions import transaction
from tenants import clock
from tenants.db import db
from tenants.errors import Malformed
from tenants.models import Unit
from tenants.scope import Scope
from world import World

NOW = "2026-06-10T10:00:00+08:00"
ALL = Scope.everything("the test looks at what was written")
REPORT = "/desk/reports/timeliness"
PLACES = (("射阳", "cadre"), ("合德镇", "town cadre"), ("东台", "other cadre"))
MODULES = ("visits", "hardship_aid", "branch_activities", "volunteer_service")
ROW = re.compile(r'<tr[^>]*>\s*<th scope="row".*?</tr>', re.DOTALL)
TABLE = re.compile(r"<table.*?</table>", re.DOTALL)


@pytest.fixture(autouse=True)
def _records(world: World) -> None:
    """For each place and kind: on time, late, overdue, pending and a plan, in unequal numbers."""
    clock.configure(NOW)
    with world.app.app_context(), transaction.act("tests"):
        for place, (unit_name, cadre_name) in enumerate(PLACES):
            unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units[unit_name])).scalar_one()
            cadre = db.session.execute(ALL.select(Cadre).where(Cadre.id == world.cadres[cadre_name])).scalar_one()
            for module in MODULES[:place + 2]:
                for day, draft in ((8, False), (9, False), (8, True), (20, True)):
                    factories.record(module=module, unit=unit, cadre=cadre, ended_on=date(2026, 6, day), draft=draft)
                factories.record(module=module, unit=unit, cadre=cadre, ended_on=date(2026, 4, 20))
                for _ in range(place + 1):
                    factories.record(module=module, unit=unit, cadre=cadre, ended_on=date(2026, 4, 21), draft=True)
            transaction.audit.record("tests:records", "unit", None, unit)


def figures(page: str) -> list[list[list[int]]]:
    """Per table the figures of its rows: 应录, 按时, 逾期补录, 逾期未录, 未到期."""
    return [[[int(each) for each in re.findall(r"\d+", re.sub(r"<[^>]+>|\d+\.\d+%", " ", cells))]
             for cells in (row.group().partition("</th>")[2].partition("<td class=\"row-bar")[0]
                           for row in ROW.finditer(table.group()))]
            for table in TABLE.finditer(page)]


def test_every_level_adds_up_and_every_figure_is_its_list(world: World) -> None:
    auditor = Desk(world, "province auditor")
    path, levels = f"{REPORT}?from=2026-04-01&to=2026-06-30", []
    for name in ("江苏", "盐城", "射阳", "合德镇"):
        page = auditor.get(path)
        assert f"{name if name != '江苏' else '江苏省委老干部局'} 及时性统计" in said(page)
        for rows in figures(page):
            *parts, total = rows
            assert [sum(column) for column in zip(*parts, strict=True)] == total
            assert all(row[0] == sum(row[1:]) for row in rows)
        levels.append(figures(page)[0][-1])
        path = next((each for each in links(page, f"{REPORT}?") for unit in ("盐城", "射阳", "合德镇")
                     if world.units[unit] in each and unit not in said(path) and unit == after(name)), "")
    assert levels[0] == levels[1] != levels[2] != levels[3]
    for module in MODULES[:2]:
        page = auditor.get(f"{REPORT}?unit={world.units['盐城']}&from=2026-04-01&to=2026-06-30&module={module}")
        leading = re.findall(r'<a href="([^"]*desk/records/[^"]*)">([\d,]+)</a>', page)
        assert len(leading) >= 10
        for href, number in leading:
            assert total_of(auditor.get(href.replace("&amp;", "&"))) == int(number), href
    listed = auditor.get(leading[0][0].replace("&amp;", "&"))
    assert "困难帮扶" in said(auditor.get(links(listed, "/desk/records/hardship_aid/")[-1]))


def after(name: str) -> str:
    """The next unit of the way down."""
    return {"江苏": "盐城", "盐城": "射阳", "射阳": "合德镇"}.get(name, "")


def test_the_spreadsheet_has_the_same_figures_and_is_logged(world: World) -> None:
    auditor = Desk(world, "province auditor")
    page = auditor.get(REPORT, unit=world.units["盐城"])
    sent = auditor.client.get(links(page, ".xlsx")[0])
    rows = list(openpyxl.load_workbook(io.BytesIO(sent.data)).active.iter_rows(values_only=True))
    total = next(row for row in rows if row[0] == "合计")
    assert [int(each) for each in total[2:7]] == figures(page)[0][-1]
    log = said(Desk(world, "江苏 administrator").get("/desk/log"))
    assert "导出及时性统计" in log


def test_one_sees_ones_own_part_and_nothing_strange(world: World) -> None:
    clerk = Desk(world, "column clerk")
    page = clerk.get(REPORT)
    assert "射阳 及时性统计" in said(page) and "支部活动" not in said(page)
    clerk.get(REPORT, 404, unit=world.units["东台"])
    clerk.get(REPORT, 403, module="branch_activities")
    chief = Desk(world, "chief")
    for query, status in (("from=2026-06-30&to=2026-06-01", 400), ("from=x", 400), ("module=nothing", 404),
                          ("unit=x", 400), ("sort=1", 400), ("from=2026-06-01&from=2026-06-02", 400)):
        assert chief.client.get(f"{REPORT}?{query}").status_code == status, query
        assert chief.client.get(f"{REPORT}.xlsx?{query}").status_code == status, query
    assert Desk(world, "reviewer").client.get(REPORT).status_code == 403


def test_statements_do_not_grow_with_units(world: World, record_property: Callable[[str, object], None]) -> None:
    auditor, numbers = Desk(world, "province auditor"), []
    for more in (0, 12):
        with world.app.app_context(), transaction.act("tests"):
            parent = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["江苏"])).scalar_one()
            for place in range(more):
                factories.unit(parent=parent, kind="city_bureau", name=f"新市{place}")
            transaction.audit.record("tests:units", "unit", None, parent)
        auditor.get(REPORT)
        with counted_statements(world) as sent:
            auditor.get(REPORT)
        numbers.append(len(sent))
    assert numbers[0] == numbers[1], numbers
    record_property("statements", numbers[1])


def test_the_periods_offered() -> None:
    offered = {each.title: (each.first, each.last) for each in named(date(2026, 1, 31))}
    assert offered == {
        "本季度": (date(2026, 1, 1), date(2026, 3, 31)), "上季度": (date(2025, 10, 1), date(2025, 12, 31)),
        "本月": (date(2026, 1, 1), date(2026, 1, 31)), "上月": (date(2025, 12, 1), date(2025, 12, 31)),
        "本年": (date(2026, 1, 1), date(2026, 12, 31)),
    }
    assert named(date(2024, 3, 31))[3].last == date(2024, 2, 29)
    assert Period.chosen(None, None, date(2026, 6, 10)).title == "本季度"
    with pytest.raises(Malformed):
        Period.chosen(date(2026, 2, 1), date(2026, 1, 1), date(2026, 6, 10))
