"""Counters without foreign keys, and right after TRUNCATE.

A foreign key's check locks the unit's row: the folder, who holds the tree, then waited for whoever holds a unit, and
whoever moves a unit holds it and waits for the tree.
"""

from collections.abc import Callable
from typing import Any

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INTO = "INSERT INTO counter_deltas (unit_id, unit_number, module, month, total, on_time, late, open)"
RECORDS = """
    SELECT unit_id, unit_number, module, date_trunc('month', due_on::timestamp)::date, {sign} * count(*),
        {sign} * count(*) FILTER (WHERE entered_on <= due_on), {sign} * count(*) FILTER (WHERE entered_on > due_on),
        {sign} * count(*) FILTER (WHERE entered_on IS NULL)
    FROM records WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4
"""
CADRES = """
    SELECT unit_id, unit_number, 'cadres', DATE '1970-01-01', {sign} * count(*), 0, 0, 0 FROM cadres GROUP BY 1, 2
"""
WHOLE = "set_config('yinling.scope', '{(,)}', true)"


def _truncate(table: str, rows: str) -> list[str]:
    return [f"""
        CREATE FUNCTION {table}_count_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            kept text := COALESCE(current_setting('yinling.scope', true), '');
        BEGIN
            PERFORM {WHOLE};
            {INTO} {rows.format(sign=-1)};
            PERFORM set_config('yinling.scope', kept, true);
            RETURN NULL;
        END $$
    """, f"CREATE TRIGGER {table}_count_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
         f"EXECUTE FUNCTION {table}_count_truncate()"]


def _on_both(change: Callable[[Any], None]) -> None:
    """On SQLite both tables are made anew; the triggers that write into them step aside meanwhile."""
    triggers = [] if op.get_bind().dialect.name == "postgresql" else op.get_bind().exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%counter%'").all()
    for name, _sql in triggers:
        op.execute(f"DROP TRIGGER {name}")
    for table in ("counters", "counter_deltas"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            change(batch_op)
    for _name, sql in triggers:
        op.execute(sql)


def upgrade() -> None:
    _on_both(lambda batch_op: batch_op.drop_constraint("unit", type_="foreignkey"))
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, rows in (("records", RECORDS), ("cadres", CADRES)):
        for statement in _truncate(table, rows):
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("records", "cadres"):
            op.execute(f"DROP FUNCTION {table}_count_truncate() CASCADE")
    _on_both(lambda batch_op: batch_op.create_foreign_key(
        "unit", "units", ["unit_id", "unit_number"], ["id", "number"]))
