"""The people of a page are looked up by its records and by nothing else, with the plan that is kept for any scope."""

import random

import list_model
import pytest
import sqlalchemy as sa
from flask import Flask

import factories
import plan_cost
import small_province
from app.records import store
from app.records.model import RecordPerson
from permissions import transaction
from tenants import tree
from tenants.db import db
from tenants.numbering import LAST
from tenants.prepared import Prepared, Within, padded
from tenants.scope import Scope

RECORDS, PAGE, FEW = 8_000, 20, 200


@pytest.fixture
def engine_name() -> str:
    """Plans of PostgreSQL only."""
    return "postgresql"


def _filled() -> tuple[Scope, list[str]]:
    """A run with every row in it, and a page of a county's records."""
    rng = random.Random(4)
    with transaction.act("tests"):
        units = small_province.grow(rng)
        rows = list_model.put(units, RECORDS, rng)
        cadre = factories.cadre(unit=units[0])
        db.session.connection().execute(sa.insert(RecordPerson.__table__), [
            {"record_id": row["id"], "cadre_id": cadre.id, "place": 0, "unit_id": row["unit_id"],
             "unit_number": row["unit_number"]} for row in rows])  # type: ignore[arg-type]
        transaction.audit.record("tests:records", "unit", None, units[0])
        county = tree.below(units[4])
    plan_cost.analysed("records", "record_people", "cadres")
    return Scope.of([(1, LAST - 1)]), [row["id"] for row in rows if county.covers(row["unit_number"])][:PAGE]


def _entries(scope: Scope, ids: list[str]) -> float:
    """Entries of indexes and rows looked at for the people of these records, as the kept plan does it."""
    size, values = padded(ids, (PAGE,))
    connection = db.session.connection()
    made = store._PEOPLE.made(connection, scope, (size,), values)
    run = connection.exec_driver_sql
    run("SET LOCAL plan_cache_mode = force_generic_plan")
    run("SET LOCAL random_page_cost = 1.1")  # as docs/growth.md has it
    run("PREPARE people AS " + made.numbered.decode())
    bound = ", ".join(f"'{made.bound(values)[name]}'" for name in made.names)
    plan = plan_cost.plan_of(run(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE people({bound})").scalar_one())
    run("DEALLOCATE people")
    return float(sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
                     for node in plan_cost.nodes(plan) if "Index Name" in node or "Relation Name" in node))


@pytest.mark.parametrize("planted", [False, True])
def test_a_page_reads_the_people_of_its_records_alone(app: Flask, planted: bool,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the scope's filter as anywhere else; a plan for any range takes it for a narrow one."""
    if planted:
        monkeypatch.setattr(Within, "of_known", Within.__call__)
    monkeypatch.setattr(store, "_PEOPLE", Prepared(store._in_records))
    with app.app_context():
        entries = _entries(*_filled())
    assert (entries <= FEW) is not planted
