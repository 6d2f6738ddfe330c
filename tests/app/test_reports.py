"""The timeliness report against a count by hand on random records: every level, every reader, sheet and list alike."""

import io
import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest

import factories
import rows
from app import registry
from permissions import transaction
from tenants import clock, tree
from tenants.scope import Scope
from world import TREE, World

ALL = Scope.everything("a test scatters records")
OUTCOMES = ("on_time", "late", "overdue", "pending")
PARENT = {name: parent for name, parent, _kind, _code in TREE}
NAMES = ("江苏", *PARENT)
TODAY = date(2026, 6, 10)


@dataclass(frozen=True)
class Fact:
    """What the test knows of one record, read past the report."""

    unit: str
    module: str
    due_on: date
    outcome: str


def scatter(world: World, many: int, seed: int) -> list[Fact]:
    """Random records of random kinds over the whole tree; some entered late, some owed, some deleted."""
    walk, facts = random.Random(seed), []
    with world.app.app_context(), transaction.act("tests"):
        units = {name: tree.unit_by_id(world.units[name], ALL) for name in NAMES}
        cadres = {name: factories.cadre(unit=unit) for name, unit in units.items()}
        for _each in range(many):
            name, module = walk.choice(NAMES), walk.choice(list(registry.modules()))
            ended_on = TODAY - timedelta(days=walk.randrange(0, 120))
            clock.configure(f"{walk.choice((ended_on, TODAY, ended_on + timedelta(days=walk.randrange(0, 20))))}"
                            "T12:00:00+08:00")
            record = factories.record(module=module, unit=units[name], cadre=cadres[name], ended_on=ended_on,
                                      draft=walk.random() < 0.3)
            if walk.random() < 0.1:
                record.deleted_at = clock.now()
                continue
            facts.append(Fact(name, module, record.due_on, _outcome(record)))
        transaction.audit.record("tests:scatter", "unit", None, units["江苏"])
    clock.configure("2026-06-10T10:00:00+08:00")
    return facts


def _outcome(record: Any) -> str:
    """Judged here by hand, not by the code under test."""
    if record.entered_on is not None:
        return "on_time" if record.entered_on <= record.due_on else "late"
    return "overdue" if record.due_on < TODAY else "pending"


def within(name: str, top: str) -> bool:
    """Whether a unit lies in another's subtree."""
    while name != top:
        if name not in PARENT:
            return False
        name = PARENT[name]
    return True


def counts(facts: list[Fact]) -> dict[str, int]:
    """Counted by hand."""
    told = Counter(fact.outcome for fact in facts)
    return {"total": len(facts)} | {outcome: told[outcome] for outcome in OUTCOMES}


def report(world: World, principal: str, unit: str, first: date, last: date, **more: str) -> dict[str, Any]:
    """The report as somebody reads it."""
    answer = world.api(principal).get("/reports/timeliness", query_string={
        "unit": world.units[unit], "from": str(first), "to": str(last), **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_every_level_equals_a_count_by_hand_and_adds_up(world: World, seed: int) -> None:
    facts = scatter(world, 150, seed)
    periods = ((date(2026, 1, 1), date(2026, 12, 31)), (date(2026, 4, 1), date(2026, 5, 15)), (TODAY, TODAY))
    for first, last in periods:
        inside = [fact for fact in facts if first <= fact.due_on <= last]
        for unit in NAMES:
            told = report(world, "province auditor", unit, first, last)
            assert told["total_row"] == counts([fact for fact in inside if within(fact.unit, unit)]), unit
            children = [name for name, parent in PARENT.items() if parent == unit]
            wanted = {(world.units[child], False, module): counts([
                fact for fact in inside if within(fact.unit, child) and fact.module == module])
                for child in children for module in registry.modules()}
            wanted |= {(world.units[unit], True, module): counts([
                fact for fact in inside if fact.unit == unit and fact.module == module])
                for module in registry.modules()}
            rows_told = {(row["unit_id"], row["own"], row["module"]): {
                key: row[key] for key in ("total", *OUTCOMES)} for row in told["rows"]}
            assert rows_told == wanted, unit
            for key in ("total", *OUTCOMES):
                assert sum(row[key] for row in told["rows"]) == told["total_row"][key]


def test_the_parts_of_a_level_are_the_levels_below(world: World) -> None:
    scatter(world, 100, 3)
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    for unit in ("江苏", "盐城", "射阳"):
        told = report(world, "province auditor", unit, first, last)
        by_unit: Counter[str] = Counter()
        for row in told["rows"]:
            if not row["own"]:
                by_unit[row["unit_id"]] += row["total"]
        for child in (name for name, parent in PARENT.items() if parent == unit):
            below = report(world, "province auditor", child, first, last)
            assert below["total_row"]["total"] == by_unit[world.units[child]]


def test_the_list_of_records_counts_the_same(world: World) -> None:
    facts = scatter(world, 80, 4)
    auditor = world.api("province auditor")
    for module in registry.modules():
        for outcome in OUTCOMES:
            for unit in ("江苏", "射阳"):
                listed = auditor.get(f"/records/{module}?unit={world.units[unit]}&timeliness={outcome}").json["total"]
                assert listed == counts([fact for fact in facts if within(fact.unit, unit) and fact.module == module]
                                        )[outcome]


def test_each_reader_sees_what_the_right_reaches(world: World) -> None:
    facts = scatter(world, 120, 5)
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    service = {"visits", "hardship_aid"}
    for principal, unit, seen in (
            ("clerk", "射阳", [fact for fact in facts if fact.unit == "射阳"]),
            ("column clerk", "射阳", [fact for fact in facts if fact.unit == "射阳" and fact.module in service]),
            ("chief", "射阳", [fact for fact in facts if within(fact.unit, "射阳")]),
            ("county auditor", "合德镇", [fact for fact in facts if within(fact.unit, "合德镇")]),
            ("盐城 administrator", "盐城", [fact for fact in facts if within(fact.unit, "盐城")]),
            ("合德镇 administrator", "合德镇", [fact for fact in facts if within(fact.unit, "合德镇")])):
        assert report(world, principal, unit, first, last)["total_row"] == counts(seen), principal


@pytest.mark.parametrize(("principal", "unit", "status"), [
    ("clerk", "合德镇", 404), ("clerk", "盐城", 404), ("chief", "盐城", 404), ("chief", "东台", 404),
    ("射阳 administrator", "江苏", 404), ("射阳 administrator", "东台", 404), ("reviewer", "射阳", 403),
    ("nobody", "射阳", 404),
    ("cadre", "射阳", 403), ("cadre", "东台", 403), ("南通 administrator", "盐城", 404),
])
def test_outside_the_reach_there_is_no_report(world: World, principal: str, unit: str, status: int) -> None:
    for path in ("/reports/timeliness", "/reports/timeliness.xlsx"):
        answer = world.api(principal).get(path, query_string={"unit": world.units[unit], "from": "2026-01-01",
                                                              "to": "2026-12-31"})
        assert answer.status_code == status, answer.text


def test_a_right_for_one_column_reads_no_other_module(world: World) -> None:
    clerk = world.api("column clerk")
    asked = {"unit": world.units["射阳"], "from": "2026-01-01", "to": "2026-12-31"}
    assert clerk.get("/reports/timeliness", query_string=asked | {"module": "volunteer_service"}).status_code == 403
    told = clerk.get("/reports/timeliness", query_string=asked).json
    assert {row["module"] for row in told["rows"]} == {"visits", "hardship_aid"}


@pytest.mark.parametrize(("change", "status"), [
    ({"from": "2026-07-01"}, 400), ({"from": ""}, 400), ({"to": None}, 400), ({"unit": "x"}, 400),
    ({"unit": "A" * 22}, 404), ({"module": "nothing"}, 404), ({"from": "2026-02-30"}, 400), ({"colour": "red"}, 400),
])
def test_bad_questions_are_refused(world: World, change: dict[str, str | None], status: int) -> None:
    asked = {"unit": world.units["射阳"], "from": "2026-06-01", "to": "2026-06-30"} | change
    answer = world.api("chief").get("/reports/timeliness",
                                    query_string={name: value for name, value in asked.items() if value is not None})
    assert answer.status_code == status, answer.text


def sheet(world: World, principal: str, unit: str) -> tuple[bytes, list[list[Any]]]:
    """The sheet's bytes and its cells."""
    answer = world.api(principal).get("/reports/timeliness.xlsx", query_string={
        "unit": world.units[unit], "from": "2026-01-01", "to": "2026-12-31"})
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    return answer.data, [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def test_the_sheet_says_what_the_report_says(world: World) -> None:
    scatter(world, 60, 6)
    _data, cells = sheet(world, "chief", "射阳")
    told = report(world, "chief", "射阳", date(2026, 1, 1), date(2026, 12, 31))
    head = next(place for place, row in enumerate(cells) if "记录种类" in row)
    numbers = ("应录", "按时录入", "逾期补录", "逾期未录", "未到期")
    at = {name: cells[head].index(name) for name in ("单位", "记录种类", *numbers)}
    titles = {key: module.title for key, module in registry.modules().items()}
    wanted = [[f"{row['name']}（本级）" if row["own"] else row["name"], titles[row["module"]],
               *(row[key] for key in ("total", *OUTCOMES))] for row in told["rows"]]
    found = [[row[at["单位"]], row[at["记录种类"]], *(row[at[name]] for name in numbers)]
             for row in cells[head + 1:head + 1 + len(wanted)]]
    assert found == wanted
    total = cells[head + 1 + len(wanted)]
    assert total[at["单位"]] == "合计"
    assert [total[at[name]] for name in numbers] == [told["total_row"][key] for key in ("total", *OUTCOMES)]
    said = str(cells[:head])
    assert "2026-01-01 至 2026-12-31" in said and "2026-06-10 10:00" in said and "射阳chief" in said


def test_a_units_name_is_no_formula(world: World) -> None:
    name = "=HYPERLINK(0)+1"
    county = world.api("射阳 administrator")
    made = county.patch(f"/units/{world.units['黄沙港镇']}", {"name": name})
    assert made.status_code == 200
    data, cells = sheet(world, "chief", "射阳")
    book = openpyxl.load_workbook(io.BytesIO(data))
    kinds = {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row}
    assert "f" not in kinds
    assert any(isinstance(value, str) and name in value for row in cells for value in row)


def test_taking_the_sheet_is_logged_and_reading_the_report_is_not(world: World) -> None:
    report(world, "chief", "射阳", TODAY, TODAY)
    assert rows.count(world.app, "audit_entries", "action = 'report:export'") == 0
    sheet(world, "chief", "射阳")
    (entry,) = world.api("射阳 administrator").get("/audit?action=report:export").json["items"]
    assert (entry["actor"], entry["after"]) == (world.accounts["chief"], {"from": "2026-01-01", "to": "2026-12-31"})


def test_a_record_follows_its_unit_when_the_unit_moves(world: World) -> None:
    facts = scatter(world, 60, 7)
    town = [fact for fact in facts if within(fact.unit, "合德镇")]
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    before = report(world, "province auditor", "盐城", first, last)["total_row"]
    moved = world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/move",
                                               {"parent_id": world.units["东台"]})
    assert moved.status_code == 200, moved.text
    assert report(world, "province auditor", "盐城", first, last)["total_row"] == before
    assert report(world, "province auditor", "东台", first, last)["total_row"] == counts(
        [fact for fact in facts if within(fact.unit, "东台")] + town)
    assert report(world, "chief", "射阳", first, last)["total_row"] == counts(
        [fact for fact in facts if within(fact.unit, "射阳") and fact not in town])
