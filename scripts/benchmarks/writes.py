"""Goal 4: writing records, beside the same table without the scope column."""

import random
import time
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.demo.inserting import Row
from app.records.model import Record
from benchmarks.frame import Finding, interleave
from benchmarks.goals import POSTGRESQL, benchmark
from benchmarks.world import ALL
from permissions import transaction
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit

BATCH = 1000
PLAIN = "floor_unscoped"
RECORDS: sa.Table = Record.__table__  # type: ignore[assignment]


def batch_rows(count: int = BATCH, seed: int = 5) -> list[Row]:
    """New records of units all over the province, ended in the last days."""
    draw = random.Random(seed)  # noqa: S311
    units = db.session.execute(ALL.select(Unit, Unit.id, Unit.number)).all()
    today, now = clock.today(), clock.now()
    shared = {"module": "visits", "state": "entered", "due_provisional": False, "entered_at": now, "entered_on": today,
              "summary": "日常走访", "search": "日常走访 合德镇", "created_at": now, "version": 1}
    rows = []
    for _ in range(count):
        unit, day = draw.choice(units), today - timedelta(draw.randrange(9))
        due = day + timedelta(7)
        rows.append(shared | {"unit_id": unit.id, "unit_number": unit.number, "ended_on": day, "due_on": due,
                              "first_due_on": due})
    return rows


def make_plain() -> None:
    """The table of records without the scope column, its indexes and the counters; whose it is still has its key."""
    if sa.inspect(db.engine).has_table(PLAIN):
        return
    with db.engine.begin() as connection:
        run = connection.exec_driver_sql
        run(f"CREATE TABLE {PLAIN} (LIKE records INCLUDING ALL)")
        run(f"ALTER TABLE {PLAIN} DROP COLUMN unit_number")
        run(f"ALTER TABLE {PLAIN} ADD FOREIGN KEY (unit_id) REFERENCES units (id)")
        run(f"ALTER TABLE {PLAIN} ADD FOREIGN KEY (entered_by) REFERENCES accounts (id)")
        run(f"ALTER TABLE {PLAIN} ADD FOREIGN KEY (created_by) REFERENCES accounts (id)")
        columns = ", ".join(column.name for column in RECORDS.columns if column.name != "unit_number")
        run("SET LOCAL session_replication_role = replica")
        run(f"INSERT INTO {PLAIN} ({columns}) SELECT {columns} FROM records")
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM ANALYZE {PLAIN}")


def insert(table: sa.Table, rows: list[Row], *, triggers: bool = True) -> float:
    """Seconds to insert a batch up to the last check; rolled back. The product's table goes through its session."""
    transaction.begin(writes=True)
    connection = db.session.connection()
    # Said either way: whatever the saying itself costs, all pay.
    connection.exec_driver_sql(f"ALTER TABLE {table.name} {'ENABLE' if triggers else 'DISABLE'} TRIGGER USER")
    statement = sa.insert(table)
    fresh = [row | {"id": new_id()} for row in rows]
    began = time.perf_counter()
    if table is RECORDS:
        db.session.execute(statement, fresh)
    else:
        connection.execute(statement, fresh)
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    took = time.perf_counter() - began
    db.session.rollback()
    return took


@benchmark("insert", 4, POSTGRESQL)
def batch_insert(bench: Any) -> list[Finding]:
    """A batch into the product's table, and into the same one without scope."""
    with bench.whole.context():
        make_plain()
        rows = batch_rows()
        bare_rows = [{key: value for key, value in row.items() if key != "unit_number"} for row in rows]
        plain = sa.Table(PLAIN, sa.MetaData(), autoload_with=db.engine)
        took = interleave({
            "whole": lambda: insert(RECORDS, rows),
            "scoped": lambda: insert(RECORDS, rows, triggers=False),
            "plain": lambda: insert(plain, bare_rows),
        }, bench.pace)
    beside = "the table without scope"
    return [Finding(f"{BATCH:,} records", took.median("scoped"), took.median("plain"), beside, 1.3,
                    note="counters aside, they are goal 9"),
            Finding(f"{BATCH:,} records", took.median("whole"), took.median("plain"), beside,
                    note="counters included")]
