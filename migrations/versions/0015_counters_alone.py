"""Counters without foreign keys, filled by an owner who is no superuser too, and right after TRUNCATE.

A foreign key's check locks the unit's row: the folder, who holds the tree, then waited for whoever holds a unit, and
whoever moves a unit holds it and waits for the tree. And row security hid the records from an owner who filled the
counters without saying a scope; so what is missing is added.
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
# What each unit has of its own by the records, less what its changes and its counters (its children's apart) say:
# nothing at all where the counters are right.
MENDED = f"""
    {INTO} SELECT unit_id, unit_number, module, month, sum(total), sum(on_time), sum(late), sum(open) FROM (
        SELECT * FROM ({RECORDS.format(sign=1)}) AS r (unit_id, unit_number, module, month, total, on_time, late, open)
        UNION ALL {CADRES.format(sign=1)}
        UNION ALL SELECT unit_id, unit_number, module, month, -total, -on_time, -late, -open FROM counter_deltas
        UNION ALL SELECT unit_id, unit_number, module, month, -total, -on_time, -late, -open FROM counters
        UNION ALL SELECT parent.id, parent.number, module, month, total, on_time, late, open FROM counters
            JOIN units AS child ON child.id = counters.unit_id JOIN units AS parent ON parent.id = child.parent_id
    ) AS each_part GROUP BY unit_id, unit_number, module, month
    HAVING sum(total) <> 0 OR sum(on_time) <> 0 OR sum(late) <> 0 OR sum(open) <> 0
"""  # noqa: S608
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
    # Making the triggers keeps writers out until the end, so nothing is written between comparing and adding.
    op.execute("LOCK TABLE records, cadres IN SHARE ROW EXCLUSIVE MODE")
    for table, rows in (("records", RECORDS), ("cadres", CADRES)):
        for statement in _truncate(table, rows):
            op.execute(statement)
    op.execute(f"SELECT {WHOLE}")
    op.execute(MENDED)
    op.execute("SELECT set_config('yinling.scope', '', true)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("records", "cadres"):
            op.execute(f"DROP FUNCTION {table}_count_truncate() CASCADE")
    _on_both(lambda batch_op: batch_op.create_foreign_key(
        "unit", "units", ["unit_id", "unit_number"], ["id", "number"]))
