"""What PostgreSQL reads for a page, row security in force: a few pages and entries at every level, however many rows
lie elsewhere. Nothing is timed."""

import random
import re
from datetime import timedelta
from typing import Any

import list_model
import pytest
import sqlalchemy as sa
from flask import Flask
from list_model import TODAY
from sqlalchemy import event

import plan_cost
import small_province
from app import registry
from app.deadlines.rules import Timeliness
from app.records import listing
from permissions import transaction
from tenants import picking, tree
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

ROWS, ELSEWHERE, DAYS = 8_000, 30_000, 200
MOST_PAGES, MOST_ENTRIES = 1800, 1700
MOST_ENTRIES_OF_ALL = 800  # of lists that nothing narrows


@pytest.fixture
def engine_name() -> str:
    """Plans of PostgreSQL only."""
    return "postgresql"


def _filled() -> dict[str, Scope]:
    """Scopes of every level, over records of which most lie elsewhere."""
    rng = random.Random(11)
    with transaction.act("tests"):
        units = small_province.grow(rng)
        list_model.put(units, ROWS, rng, days=DAYS)
        list_model.put(units[-1:], ELSEWHERE, rng, days=DAYS)
        transaction.audit.record("tests:records", "unit", None, units[0])
    scopes = {unit.code: tree.below(unit) for unit in units} | {"all": Scope.everything("a test")}
    scopes["two"] = tree.below(units[4]).joined(tree.below(units[7]))
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE records")
        connection.exec_driver_sql("VACUUM ANALYZE visits")
    return scopes


def _cost(scope: Scope, filters: listing.Filters) -> tuple[int, int]:
    """(pages touched, entries of records looked at) by the statement that finds the rows of the first page."""
    said: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if "ORDER BY" in statement:
            said.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        page = listing.listing(registry.module("visits"), scope, filters, today=TODAY, cursor=None, limit=20)
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)
    assert page.items or not page.total
    statement, values = said[-1]
    explained = db.session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
    plan = plan_cost.plan_of(explained.scalar_one())
    looked_at = sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
                    for node in plan_cost.nodes(plan) if node.get("Relation Name") == "records")
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], looked_at


def _dear(scopes: dict[str, Scope]) -> list[str]:
    """The scopes and filters whose page costs more than it may; scopes of few rows are read whole, at most `FEW`."""
    found = []
    for name, scope in scopes.items():
        for filters in (listing.Filters(), listing.Filters(timeliness=Timeliness.late),
                        listing.Filters(timeliness=Timeliness.overdue)):
            pages, entries = _cost(scope, filters)
            most = MOST_ENTRIES if filters.timeliness else MOST_ENTRIES_OF_ALL
            if pages > MOST_PAGES or entries > most:
                found.append(f"{name} {scope.ranges} {filters.timeliness}: {pages} pages, {entries} entries")
    return found


def test_a_page_costs_little_at_every_level(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    list_model.anew(monkeypatch)
    monkeypatch.setattr(picking, "FEW", 300)
    with app.app_context():
        assert _dear(_filled()) == []


@pytest.mark.parametrize("planted", ["every day looked up", "everything sorted", "a date index alone"])
def test_a_dear_way_is_seen(app: Flask, planted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    list_model.anew(monkeypatch)
    monkeypatch.setattr(picking, "FEW", 300)
    with app.app_context():
        scopes = _filled()
        if planted == "every day looked up":
            monkeypatch.setattr(picking, "_PATIENCE", 0)
        elif planted == "everything sorted":
            monkeypatch.setattr(picking, "FEW", ROWS + ELSEWHERE)
        else:
            db.session.remove()
            with db.engine.begin() as connection:
                connection.execute(sa.text("DROP INDEX ix_records_day"))
        assert _dear(scopes)


@pytest.mark.parametrize(("runs", "where"), [(1, -1), (5, 0)])
def test_newer_rows_of_others_are_not_looked_at(app: Flask, monkeypatch: pytest.MonkeyPatch, runs: int,
                                                where: int) -> None:
    """A page begins with the newest day of its scope. What others have on later days is hidden, and would be looked at
    row by row to find that out: those of higher numbers, and those of lower ones where a scope of five runs is told
    to a statement made for six."""
    list_model.anew(monkeypatch)
    monkeypatch.setattr(picking, "FEW", 300)
    rng = random.Random(11)
    with app.app_context():
        with transaction.act("tests"):
            units = small_province.grow(rng)
            list_model.put(units, ROWS, rng, days=DAYS)
            monkeypatch.setattr(list_model, "TODAY", TODAY + timedelta(days=DAYS + 10))
            others = sorted(units, key=lambda each: each.number)[where]
            list_model.put([others], ROWS, rng, days=DAYS)
            transaction.audit.record("tests:records", "unit", None, units[0])
        within, number = tree.below(units[2]) if runs == 1 else _apart(runs), others.number
        plan_cost.analysed("records", "visits")
        assert len(within.ranges) == runs and not within.covers(number)
        pages, entries = _cost(within, listing.Filters())
        assert entries < 500, (pages, entries)


def _apart(runs: int) -> Scope:
    """So many of the highest numbers, every second one."""
    numbers = db.session.execute(Scope.everything("a test").select(Unit, Unit.number).order_by(Unit.number)).scalars()
    return Scope.of([(number, number) for number in numbers.all()[-2 * runs::2]])


def test_a_small_scope_is_not_planned_anew_at_each_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL keeps a plan for every scope only if it does not expect to read far more than a small one holds."""
    list_model.anew(monkeypatch)
    with app.app_context():
        scope = min((each for name, each in _filled().items() if "-" in name), key=lambda each: each.ranges[0])
        said = plan_cost.said(lambda: listing.listing(registry.module("visits"), scope, listing.Filters(), today=TODAY,
                                                      cursor=None, limit=20))
        [(statement, values)] = [each for each in said if "no_limit" in each[0]]
        names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
        run = db.session.connection().exec_driver_sql
        run("PREPARE page AS " + re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement))
        arguments = ", ".join("NULL" if values[name] is None else f"'{values[name]}'" for name in names)
        run("SET LOCAL plan_cache_mode = force_generic_plan")
        plan = plan_cost.plan_of(run(f"EXPLAIN (FORMAT JSON) EXECUTE page({arguments})").scalar_one())
        [inside] = [each for each in plan_cost.nodes(plan)
                    if each["Node Type"] == "Limit" and each["Plans"][-1].get("Relation Name") == "records"]
        assert inside["Plan Rows"] < (ROWS + ELSEWHERE) / 1000
