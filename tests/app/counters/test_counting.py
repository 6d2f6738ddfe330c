"""Counters equal the records after every kind of change, whoever made it; each planted fault is seen."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from counted import ALL, differences, fill, fold, unit_of
from flask import Flask
from statements import counting

import factories
import rows
from app import registry
from app.counters import folding
from app.deadlines.notices import shipped
from app.records import redating
from app.reports import counter_check
from app.reports.timeliness import Counts, timeliness
from permissions import transaction
from tenants import clock, provision, tree
from tenants.db import db
from tenants.models import Unit
from world import World

MOVABLE = {"合德镇": ("射阳", "东台"), "射阳": ("盐城", "南通"), "射阳教育局": ("射阳", "东台"),
           "海安": ("南通", "盐城")}
EMPTIED = ("DELETE FROM record_people", "DELETE FROM visits", "DELETE FROM hardship_aid",
           "DELETE FROM branch_activities", "DELETE FROM volunteer_service")


def test_records_written_by_hand_are_counted(world: World) -> None:
    fill(world, 40)
    assert differences(world.app) == [] and fold(world.app) > 0 and differences(world.app) == []
    rows.run(world.app, "UPDATE records SET due_on = '2026-02-03' WHERE module = 'visits'")
    assert differences(world.app) == []
    rows.run(world.app, "UPDATE records SET summary = 'x'")
    changed = rows.count(world.app, "counter_deltas")
    rows.run(world.app, "UPDATE records SET summary = 'y'")
    assert rows.count(world.app, "counter_deltas") == changed
    rows.run(world.app, "UPDATE cadres SET life_status = 'deceased'", *EMPTIED,
             "DELETE FROM records WHERE module <> 'visits'")
    assert differences(world.app) == [] and fold(world.app) > 0 and differences(world.app) == []


@pytest.mark.parametrize("folded", [True, False])
def test_a_move_rewrites_no_record_and_no_counter(world: World, folded: bool) -> None:
    fill(world, 40)
    if folded:
        fold(world.app)
    before = rows.digests(world.app, but=("counter_deltas", "units", "tree_state", "unit_moves", "audit_entries",
                                          "unit_names"))
    with world.app.app_context(), transaction.act("tests"):
        provision.move_unit(unit_of(world, "射阳"), unit_of(world, "南通"))
        transaction.audit.record("tests:move", "unit", None, unit_of(world, "江苏"))
    after = rows.digests(world.app, but=("counter_deltas", "units", "tree_state", "unit_moves", "audit_entries",
                                         "unit_names"))
    assert before == after and differences(world.app) == []
    assert fold(world.app) > 0 and differences(world.app) == []


def by_hand(unit: Unit, first: date, last: date, today: date) -> dict[tuple[str, bool, str], Counts]:
    """The report from the records one by one."""
    found: dict[tuple[str, bool, str], Counts] = {}
    records = db.metadata.tables["records"]
    under = tree.child_of_each(unit, ALL)
    for row in db.session.execute(ALL.mark(sa.select(records).where(records.c.deleted_at.is_(None)))):
        if row.unit_number not in under or not first <= row.due_on <= last:
            continue
        place = under[row.unit_number]
        outcome = (("on_time" if row.entered_on <= row.due_on else "late") if row.entered_on
                   else "overdue" if row.due_on < today else "pending")
        key = (place, place == unit.id, row.module)
        found[key] = found.get(key, Counts()) + Counts(**{"total": 1, outcome: 1})
    return found


def told(unit: Unit, first: date, last: date, today: date) -> dict[tuple[str, bool, str], Counts]:
    """The report as it is, without its empty lines."""
    kinds = list(registry.modules().values())
    scopes = {kind.key: tree.below(unit) for kind in kinds}
    report = timeliness(unit, scopes, kinds, first=first, last=last, today=today)
    return {(line.unit.id, line.own, line.module.key): line.counts for line in report.lines if line.counts != Counts()}


PERIODS = [("2026-01-01", "2026-12-31"), ("2026-04-11", "2026-06-17"), ("2026-06-01", "2026-06-30"),
           ("2026-05-31", "2026-06-01"), ("2026-06-10", "2026-06-10"), ("0001-01-01", "9999-12-31"),
           ("2026-05-02", "2026-05-30")]


@pytest.mark.parametrize("today", ["2026-06-10", "2026-06-30", "2026-07-01", "2026-05-15"])
def test_the_report_is_a_count_by_hand(world: World, today: str) -> None:
    fill(world, 40, 7)
    fold(world.app)
    fill(world, 20, 8)
    with world.app.app_context():
        for first, last in PERIODS:
            days = (date.fromisoformat(first), date.fromisoformat(last), date.fromisoformat(today))
            for name in ("江苏", "盐城", "射阳", "合德镇", "合德敬老院"):
                unit = unit_of(world, name)
                assert told(unit, *days) == by_hand(unit, *days), (name, first, last)


def test_the_report_is_one_statement_and_tells_the_children_too(world: World) -> None:
    """Those without records and those that are closed as well, in tree order."""
    fill(world, 40, 7)
    fold(world.app)
    with world.app.app_context():
        kinds = list(registry.modules().values())
        for name in ("江苏", "盐城", "射阳", "合德敬老院"):
            unit = unit_of(world, name)
            scopes = {kind.key: tree.below(unit) for kind in kinds}
            period = {"first": date(2026, 4, 11), "last": date(2026, 6, 17), "today": date(2026, 6, 10)}
            timeliness(unit, scopes, kinds, **period)
            children = db.session.execute(
                ALL.select(Unit).where(Unit.parent_id == unit.id).order_by(Unit.number)).scalars().all()
            with counting(world) as sent:
                report = timeliness(unit, scopes, kinds, **period)
            assert len([each for each in sent if "set_config" not in each]) == 1
            told = [each.unit for each in report.lines[::len(kinds)]]
            facts = ("id", "number", "parent_id", "path", "kind", "name", "status")
            assert told[0] is unit
            assert [[getattr(each, fact) for fact in facts] for each in told[1:]] == [
                [getattr(each, fact) for fact in facts] for each in children]


def test_kinds_that_reach_differently_tell_every_child_once(world: World) -> None:
    with world.app.app_context():
        unit, kinds = unit_of(world, "盐城"), list(registry.modules().values())
        reach = [unit_of(world, "射阳"), unit_of(world, "东台"), unit]
        scopes = {kind.key: tree.below(reach[place % 3]) for place, kind in enumerate(kinds)}
        for chosen in (kinds[:1], kinds[:2], kinds):
            report = timeliness(unit, scopes, chosen, first=date(2026, 1, 1), last=date(2026, 12, 31),
                                today=date(2026, 6, 10))
            names = [each.unit.name for each in report.lines[::len(chosen)]]
            expected = {each.name for place, each in enumerate(reach[:2]) if place < len(chosen)}
            assert names[0] == unit.name and len(set(names)) == len(names)
            assert expected <= set(names) if len(chosen) > 2 else expected == set(names[1:])


def _lose(app: Flask) -> None:
    rows.run(app, "DELETE FROM counter_deltas WHERE id = (SELECT min(id) FROM counter_deltas)")


def _double(app: Flask) -> None:
    rows.run(app, "INSERT INTO counter_deltas (unit_id, unit_number, module, day, total, on_time, late, open) SELECT "
                  "unit_id, unit_number, module, day, total, on_time, late, open FROM counter_deltas "
                  "WHERE id = (SELECT min(id) FROM counter_deltas)")


def _no_trigger(app: Flask) -> None:
    with app.app_context():
        on = " ON records" if db.engine.dialect.name == "postgresql" else ""
    rows.run(app, f"DROP TRIGGER records_count_delete{on}", *EMPTIED, "DELETE FROM records")


def _forgets_old_parent(app: Flask) -> None:
    fold(app)
    with app.app_context(), transaction.act("tests"):
        units = {each.name: each for each in db.session.execute(ALL.select(Unit)).scalars()}
        provision.move_unit(units["射阳"], units["南通"])
        transaction.audit.record("tests:move", "unit", None, units["江苏省委老干部局"])
    rows.run(app, "DELETE FROM counter_deltas WHERE total < 0")


def _one_column(app: Flask) -> None:
    fold(app)
    rows.run(app, "UPDATE counters SET late = late + 1 WHERE unit_id = (SELECT min(unit_id) FROM counters)")


@pytest.mark.parametrize("fault", [_lose, _double, _no_trigger, _forgets_old_parent, _one_column])
def test_a_planted_fault_is_seen_and_rebuilt_away(world: World, fault: Callable[[Flask], None]) -> None:
    fill(world, 30)
    assert differences(world.app) == []
    fault(world.app)
    assert differences(world.app)
    told = world.app.test_cli_runner().invoke(args=["counters", "verify"])
    assert told.exit_code == 1 and "counters say" in told.output
    with world.app.app_context():
        counter_check.rebuild()
    assert differences(world.app) == []
    assert world.app.test_cli_runner().invoke(args=["counters", "verify"]).output.startswith("OK: ")


def _change(world: World, walk: random.Random) -> None:
    """One random act, in a transaction of its own."""
    with world.app.app_context(), transaction.act("tests"):
        act = walk.choice(("create", "create", "enter", "remove", "redate", "move", "merge", "calendar", "day"))
        records = db.metadata.tables["records"]
        ids = list(db.session.execute(ALL.mark(sa.select(records.c.id).order_by(records.c.created_at))).scalars())
        some = ids[walk.randrange(len(ids))] if ids else ""
        here = records.c.id == some
        if act == "create":
            unit = unit_of(world, walk.choice(list(world.units)))
            if unit.status == "open":
                factories.record(module=walk.choice(list(registry.modules())), unit=unit,
                                 cadre=factories.cadre(unit=unit), draft=walk.random() < 0.6,
                                 ended_on=clock.today() - timedelta(days=walk.randrange(0, 40)))
        elif act in ("enter", "remove", "redate"):
            values = {"enter": {"state": "entered", "entered_at": clock.now(), "entered_on": clock.today()},
                      "remove": {"deleted_at": clock.now()},
                      "redate": {"due_on": clock.today() + timedelta(days=walk.randrange(-40, 40))}}[act]
            db.session.execute(ALL.mark(sa.update(records).where(here).values(**values)))
        elif act == "move":
            name = walk.choice(list(MOVABLE))
            if unit_of(world, name).status == "open":
                provision.move_unit(unit_of(world, name), unit_of(world, walk.choice(MOVABLE[name])))
        elif act == "merge" and walk.random() < 0.3 and unit_of(world, "黄沙港镇").status == "open":
            provision.close_unit(unit_of(world, "黄沙港镇"), unit_of(world, "安丰镇"),
                                 keep=(transaction.audit.AuditEntry,))
        elif act == "calendar":
            redating.store_notices(shipped(), registry.modules())
        elif act == "day":
            clock.configure((clock.now() + timedelta(days=walk.randrange(1, 12))).isoformat())
        transaction.audit.record("tests:act", "unit", None, unit_of(world, "江苏"))


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_change_counters_equal_the_records(world: World, seed: int) -> None:
    walk = random.Random(seed)
    fill(world, 8, seed)
    for step in range(45):
        _change(world, walk)
        if walk.random() < 0.4:
            with world.app.app_context():
                folding.fold()
        assert differences(world.app) == [], step
    with world.app.app_context():
        unit = unit_of(world, "江苏")
        days = (date(2026, 1, 1), date(2026, 12, 31), clock.today())
        assert told(unit, *days) == by_hand(unit, *days)


def test_the_folder_waits_for_nobody_who_holds_a_unit(world: World) -> None:
    fill(world, 10)
    with world.app.app_context():
        on_postgresql = db.engine.dialect.name == "postgresql"
        if on_postgresql:
            rows.run(world.app, f'ALTER DATABASE "{db.engine.url.database}" SET lock_timeout = \'2s\'')
            db.engine.dispose()
        with db.engine.connect() as other:
            if on_postgresql:
                other.exec_driver_sql("SELECT FROM units FOR UPDATE")
            assert folding.fold_all() > 0
            other.rollback()
    assert differences(world.app) == []


@pytest.mark.parametrize("table", ["records", "cadres"])
def test_a_table_emptied_at_once_is_counted_too(world: World, table: str) -> None:
    fill(world, 10)
    with world.app.app_context():
        if db.engine.dialect.name != "postgresql":
            return  # SQLite has no TRUNCATE, and its DELETE is counted row by row
    rows.run(world.app, f"TRUNCATE {table} CASCADE")
    assert rows.count(world.app, table) == 0 and differences(world.app) == []
