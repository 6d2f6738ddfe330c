"""Goal 14: loading the whole tree through the product's loader beside COPY of the finished rows."""

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa

from benchmarks import fixture
from benchmarks.frame import Finding, interleave
from benchmarks.goals import POSTGRESQL, benchmark
from benchmarks.world import ALL
from permissions import transaction
from tenants import provision
from tenants.db import db
from tenants.models import Unit

COLUMNS = [column.name for column in sa.inspect(Unit).local_table.columns]
BEGAN = date(2023, 1, 1)


def _rolled_back(work: Callable[[], None]) -> float:
    """Seconds of the work up to the last check of the database; nothing stays."""
    transaction.begin(writes=True)
    began = time.perf_counter()
    work()
    if db.engine.dialect.name == POSTGRESQL:
        db.session.connection().exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    took = time.perf_counter() - began
    db.session.rollback()
    return took


def _finished_rows(plan: list[provision.Planned]) -> list[tuple[Any, ...]]:
    """The rows the loader makes, ready to be written."""
    transaction.begin(writes=True)
    provision.load_tree(plan, valid_from=BEGAN)
    rows = db.session.execute(ALL.select(Unit, *sa.inspect(Unit).local_table.columns).order_by(Unit.number)).all()
    db.session.rollback()
    return [tuple(row) for row in rows]


def _copy(rows: list[tuple[Any, ...]]) -> None:
    cursor = db.session.connection().connection.cursor()
    with cursor.copy(f"COPY floor_units ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert_many(rows: list[tuple[Any, ...]]) -> None:
    cursor = db.session.connection().connection.cursor()
    cursor.executemany(f"INSERT INTO floor_units VALUES ({', '.join('?' * len(COLUMNS))})",
                       [tuple(str(each) if isinstance(each, date) else each for each in row) for row in rows])


def _make_floor() -> None:
    """A table like `units`, with its indexes and checks, without triggers and foreign keys."""
    with db.engine.begin() as connection:
        if connection.dialect.name == POSTGRESQL:
            connection.exec_driver_sql("CREATE TABLE floor_units (LIKE units INCLUDING ALL)")
            return
        found = connection.exec_driver_sql("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'units' "
                                           "AND type IN ('table', 'index') AND sql IS NOT NULL ORDER BY type DESC")
        for kind, definition in found.all():
            connection.exec_driver_sql(definition.replace("units", "floor_units") if kind == "table" else
                                       definition.replace(" ix_", " floor_ix_").replace(" uq_", " floor_uq_")
                                       .replace(" units", " floor_units"))


@benchmark("tree", 14)
def loading(bench: Any) -> list[Finding]:
    """The product's loader and COPY, each rolled back."""
    plan = fixture.planned_units(fixture.UNITS // 10 if bench.quick else fixture.UNITS)
    with bench.empty.context():
        _make_floor()
        rows = _finished_rows(plan)
        write = _copy if db.engine.dialect.name == POSTGRESQL else _insert_many

        def load() -> None:
            provision.load_tree(plan, valid_from=BEGAN)

        took = interleave({
            "product": lambda: _rolled_back(load),
            "floor": lambda: _rolled_back(lambda: write(rows)),
        }, bench.slow_pace)
    against = "COPY of finished rows" if bench.engine_name == POSTGRESQL else "executemany of finished rows"
    return [Finding(f"{len(plan):,} units", took.median("product"), took.median("floor"), against, 3,
                    note="`provision.load_tree`, deferred checks included")]
