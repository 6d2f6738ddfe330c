"""The engine in fresh interpreters: any process time zone, no framework, no clock."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ENGINE = ROOT / "app" / "deadlines"
# The last two change their clocks; on Lord Howe Island by half an hour.
ZONES = ["UTC", "America/Los_Angeles", "Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe"]
OFFSETS = {"UTC": 0, "America/Los_Angeles": -8, "Asia/Shanghai": 8, "Europe/Berlin": 1, "Australia/Lord_Howe": 11}

JUDGING = """
import hashlib, json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo
from app.deadlines.calendar import WorkCalendar
from app.deadlines.hours import add_hours
from app.deadlines.notices import shipped
from app.deadlines.rules import Within, due, judge

calendar = WorkCalendar(shipped())
found = due([Within(5)], calendar, date(2026, 2, 18))
instants = [datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC), datetime(2026, 2, 28, 16, 0, tzinfo=UTC)]
here = [at.astimezone(ZoneInfo("Asia/Shanghai")) for at in instants]
local = [at.astimezone() for at in instants]
# Around the nights the clocks of Berlin go on and back, and instants that come before earlier ones: a clock set back.
stepped = [datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
           datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
           datetime(2026, 4, 2, 15, 59, 59, tzinfo=UTC), datetime(2026, 4, 2, 16, 0, tzinfo=UTC),
           datetime(2026, 4, 2, 15, 59, 59, tzinfo=UTC)]
days = [date(2023, 1, 1) + timedelta(days=n) for n in range(1454)]
every = "".join(due([Within(5)], calendar, day).on.isoformat() for day in days)
print(json.dumps({
    "offset": local[0].utcoffset().total_seconds() / 3600,
    "due": found.on.isoformat(),
    "times": [at.time().isoformat() for at in here],
    "entered": [judge(found.on, at.date(), at.date()) for at in here],
    "owed": [judge(found.on, None, at.date()) for at in here],
    "entered by process zone": [judge(found.on, at.date(), at.date()) for at in local],
    "stepped": [judge(due([Within(5)], calendar, date(2026, 3, 26)).on, at.astimezone(ZoneInfo("Asia/Shanghai")).date(),
                      at.date()) for at in stepped],
    "hours": [add_hours(calendar, at, hours).isoformat() for at in stepped for hours in (1, 3.5, 7)],
    "all": hashlib.sha256(every.encode()).hexdigest(),
}))
"""

LOADING = """
import sys
before = set(sys.modules)
{first}
import {module}
new = {{name.partition(".")[0] for name in set(sys.modules) - before}}
own = {{name for name in new if name.startswith("_sysconfigdata")}}  # what zoneinfo asks where its files lie
print(" ".join(sorted(new - own - set(sys.stdlib_module_names))))
"""


def fresh(code: str, zone: str = "UTC") -> str:
    """Run the code in a new interpreter whose process time zone is `zone`; its output."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def by_zone() -> dict[str, dict]:
    return {zone: json.loads(fresh(JUDGING, zone)) for zone in ZONES}


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_second_and_the_first_in_any_process_zone(zone: str, by_zone: dict) -> None:
    found = by_zone[zone]
    assert found["offset"] == OFFSETS[zone]
    assert found["due"] == "2026-02-28"
    assert found["times"] == ["23:59:59", "00:00:00"]
    assert found["entered"] == ["on_time", "late"]
    assert found["owed"] == ["pending", "overdue"]


def test_every_due_day_is_the_same_in_every_process_zone(by_zone: dict) -> None:
    assert len({found["all"] for found in by_zone.values()}) == 1


def test_clocks_that_step_give_the_same_verdicts_and_moments(by_zone: dict) -> None:
    assert len({json.dumps([found["stepped"], found["hours"]]) for found in by_zone.values()}) == 1
    found = by_zone["UTC"]
    assert found["stepped"] == ["on_time", "on_time", "late", "late", "on_time", "late", "on_time"]
    assert all(moment.endswith("+08:00") for moment in found["hours"])


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles"])
def test_taking_the_day_from_the_process_zone_would_be_caught(zone: str, by_zone: dict) -> None:
    assert by_zone[zone]["entered by process zone"] == ["on_time", "on_time"]


@pytest.mark.parametrize("module", ["calendar", "festivals", "hours", "notices", "rulebook", "rules"])
def test_a_fresh_interpreter_loads_nothing_but_the_standard_library(module: str) -> None:
    assert fresh(LOADING.format(first="", module=f"app.deadlines.{module}")).split() == ["app"]


@pytest.mark.parametrize("framework", ["flask", "sqlalchemy"])
def test_a_planted_framework_import_is_seen(framework: str) -> None:
    code = LOADING.format(first=f"import {framework}", module="app.deadlines.rules")
    assert framework in fresh(code).split()


def clock_reads(source: str) -> list[str]:
    """Names by which the source could ask what time it is."""
    asked = {"today", "now", "utcnow", "time", "localtime", "monotonic", "clock"}
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in asked:
            found.append(node.attr)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
            found += sorted(name for name in names if name in asked)
    return found


def test_the_engine_reads_no_clock() -> None:
    sources = sorted(ENGINE.glob("*.py"))
    assert len(sources) >= 5
    assert {file.name: clock_reads(file.read_text("utf-8")) for file in sources} == {file.name: [] for file in sources}


@pytest.mark.parametrize("planted", ["date.today()", "datetime.now(tz)", "import time", "from tenants import clock"])
def test_a_planted_clock_read_is_seen(planted: str) -> None:
    assert clock_reads(planted)
