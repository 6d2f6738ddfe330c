"""Counters of the latest months by day of `due_on`; a change carries its day, and costs its writer less.

A change of a day before `counter_state.days_since` may stand for the whole month that begins on it: a move takes what
is folded along, and of such months no day is known any more.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SUMS = ("total", "on_time", "late", "open")
VALUES = ", ".join(SUMS)
# Nothing is due before; cadre files, under a month of their own, are counted by no day.
BEGINNING = date(1970, 2, 1)
COUNTED = {
    "records": ("unit_id", "unit_number", "module", "due_on", "entered_on", "deleted_at"),
    "cadres": ("unit_id", "unit_number"),
}
EVENTS = ("insert", "update", "delete")
RESTRICTED = ("records_count_truncate", "cadres_count_truncate", "units_count")


def on_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def month_of(day: str) -> str:
    return f"date_trunc('month', {day}::timestamp)::date" if on_postgresql() else f"date({day}, 'start of month')"


def values(table: str, row: str, key: str, sign: int = 1) -> list[str]:
    """What one row counts for, in the order of the sums, after the key and the kind."""
    if table == "cadres":
        return ["'cadres'", "DATE '1970-01-01'" if on_postgresql() else "'1970-01-01'", f"{sign}", "0", "0", "0"]
    day = f"{row}.due_on" if key == "day" else month_of(f"{row}.due_on")
    outcomes = (f"COALESCE({row}.entered_on <= {row}.due_on, FALSE)",
                f"COALESCE({row}.entered_on > {row}.due_on, FALSE)", f"({row}.entered_on IS NULL)")
    cast = "::int" if on_postgresql() else ""
    return [f"{row}.module", day, f"{sign}", *(f"{sign} * {each}{cast}" for each in outcomes)]


def selected(table: str, row: str, key: str, sign: int) -> str:
    living = f"{row}.deleted_at IS NULL" if table == "records" else "TRUE"
    source = "" if row in ("OLD", "NEW") else f"FROM {row}"
    columns = ", ".join([f"{row}.unit_id", f"{row}.unit_number", *values(table, row, key, sign)])
    return f"SELECT {columns} {source} WHERE {living}"


def into(key: str) -> str:
    return f"INSERT INTO counter_deltas (unit_id, unit_number, module, {key}, {VALUES})"


def moved(key: str) -> str:
    """What a unit has folded goes from its old superior to the new one: by month, and by day where days are known."""
    folded = f"SELECT module, month AS {key}, {VALUES} FROM counters WHERE unit_id = NEW.id"
    if key == "day":
        since = "(SELECT days_since FROM counter_state)"
        folded = (f"{folded} AND month < {since} UNION ALL SELECT module, day, {VALUES} FROM counter_days "
                  f"WHERE unit_id = NEW.id AND day >= {since}")
    signed = ", ".join(f"side.sign * folded.{name}" for name in SUMS)
    there = " OR ".join(f"folded.{name} <> 0" for name in SUMS)
    return (f"{into(key)} SELECT place.id, place.number, folded.module, folded.{key}, {signed} "
            "FROM (SELECT -1 AS sign, OLD.parent_id AS id UNION ALL SELECT 1, NEW.parent_id) AS side "
            f"JOIN units AS place ON place.id = side.id CROSS JOIN ({folded}) AS folded WHERE {there}")


def function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"


def in_whole_sight(name: str, statement: str) -> str:
    """A trigger's function that needs more than whoever caused it may see."""
    return function(name, f"""
        DECLARE
            kept text := COALESCE(current_setting('yinling.scope', true), '');
        BEGIN
            PERFORM set_config('yinling.scope', '{{(,)}}', true);
            {statement};
            PERFORM set_config('yinling.scope', kept, true);
            RETURN NULL;
        END""")


def postgresql(table: str, key: str) -> list[str]:
    """Rows that come or go are each a change; of changed ones only what does not cancel out.

    By statement, not by row: a row that an update takes to another partition is no updated row.
    """
    fresh, stale = selected(table, "fresh", key, 1), selected(table, "stale", key, -1)
    columns = f"unit_id, unit_number, module, {key}"
    summed = ", ".join(f"sum({name})" for name in SUMS)
    there = " OR ".join(f"sum({name}) <> 0" for name in SUMS)
    changes = (f"SELECT {columns}, {summed} FROM ({fresh} UNION ALL {stale}) AS change ({columns}, {VALUES}) "
               f"GROUP BY {columns} HAVING {there}")
    statements = [
        function(f"{table}_count", f"""
            BEGIN
                IF TG_OP = 'INSERT' THEN {into(key)} {fresh};
                ELSIF TG_OP = 'DELETE' THEN {into(key)} {stale};
                ELSE {into(key)} {changes};
                END IF;
                RETURN NULL;
            END"""),
        in_whole_sight(f"{table}_count_truncate", f"{into(key)} {selected(table, table, key, -1)}"),
    ]
    for event, which in (
        ("insert", "AFTER INSERT ON {} REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"),
        ("delete", "AFTER DELETE ON {} REFERENCING OLD TABLE AS stale FOR EACH STATEMENT"),
        ("update", "AFTER UPDATE ON {} REFERENCING NEW TABLE AS fresh OLD TABLE AS stale FOR EACH STATEMENT"),
        ("truncate", "BEFORE TRUNCATE ON {} FOR EACH STATEMENT"),
    ):
        called = f"{table}_count_truncate" if event == "truncate" else f"{table}_count"
        statements.append(f"CREATE TRIGGER {table}_count_{event} {which.format(table)} EXECUTE FUNCTION {called}()")
    return statements


def sqlite(table: str, key: str) -> list[str]:
    columns = COUNTED[table]
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in columns)
    old, new = (f"{into(key)} {selected(table, row, key, sign)};" for row, sign in (("OLD", -1), ("NEW", 1)))
    return [
        f"CREATE TRIGGER {table}_count_insert AFTER INSERT ON {table} BEGIN {new} END",
        f"CREATE TRIGGER {table}_count_delete AFTER DELETE ON {table} BEGIN {old} END",
        f"CREATE TRIGGER {table}_count_update AFTER UPDATE OF {', '.join(columns)} ON {table} "
        f"WHEN {changed} BEGIN {old} {new} END",
    ]


def drop_triggers() -> None:
    if on_postgresql():
        for name in (*(f"{table}_count" for table in COUNTED), *RESTRICTED):
            op.execute(f"DROP FUNCTION {name}() CASCADE")
        return
    for table in COUNTED:
        for event in EVENTS:
            op.execute(f"DROP TRIGGER {table}_count_{event}")
    op.execute("DROP TRIGGER units_count_move")


def make_triggers(key: str) -> None:
    for table in COUNTED:
        for statement in postgresql(table, key) if on_postgresql() else sqlite(table, key):
            op.execute(statement)
    if on_postgresql():
        op.execute(in_whole_sight("units_count", moved(key)))
        op.execute("CREATE TRIGGER units_count_move AFTER UPDATE OF parent_id ON units FOR EACH ROW "
                   "WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION units_count()")
    else:
        op.execute("CREATE TRIGGER units_count_move AFTER UPDATE OF parent_id ON units "
                   f"WHEN OLD.parent_id IS NOT NEW.parent_id BEGIN {moved(key)}; END")


def add(table: str, key: str, own: str) -> None:
    """Add sums by unit to those of the unit and of all above it."""
    summed = ", ".join(f"sum(own.{name})" for name in SUMS)
    together = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in SUMS)
    op.execute(f"""
        WITH RECURSIVE above(unit_id, id) AS (
            SELECT id, id FROM units UNION ALL
            SELECT above.unit_id, units.parent_id FROM above JOIN units ON units.id = above.id
            WHERE units.parent_id IS NOT NULL)
        INSERT INTO {table} (unit_id, unit_number, module, {key}, {VALUES})
        SELECT units.id, units.number, own.module, own.{key}, {summed}
        FROM ({own}) AS own JOIN above ON above.unit_id = own.unit_id JOIN units ON units.id = above.id
        WHERE TRUE GROUP BY units.id, units.number, own.module, own.{key}
        ON CONFLICT (unit_id, module, {key}) DO UPDATE SET {together}""")


def fill_days() -> None:
    """From the records, from the month before this one on; where there are none yet, every day is known."""
    this_month = month_of("current_date") if on_postgresql() else "date('now', 'start of month')"
    last_month = f"({this_month} - interval '1 month')::date" if on_postgresql() else \
        "date('now', 'start of month', '-1 month')"
    op.execute(f"UPDATE counter_state SET days_since = {last_month} WHERE EXISTS (SELECT 1 FROM records)")
    named = ", ".join(f"{value} AS {name}" for value, name in zip(
        values("records", "records", "day"), ("module", "day", *SUMS), strict=True))
    add("counter_days", "day", f"SELECT records.unit_id, {named} FROM records WHERE deleted_at IS NULL "
        "AND due_on >= (SELECT days_since FROM counter_state)")


def fold_what_waits(key: str) -> None:
    """By month alone."""
    month = "month" if key == "month" else month_of("day")
    add("counters", "month", f"SELECT unit_id, module, {month} AS month, {VALUES} FROM counter_deltas")
    op.execute("DELETE FROM counter_deltas")


def key_of_changes(old: str, new: str) -> None:
    op.drop_index("ix_counter_deltas_unit_number", "counter_deltas")
    op.execute(f"ALTER TABLE counter_deltas RENAME COLUMN {old} TO {new}")
    columns = ["unit_number"] if new == "day" else ["unit_number", "module", "month"]
    op.create_index("ix_counter_deltas_unit_number", "counter_deltas", columns)


def upgrade() -> None:
    drop_triggers()
    op.create_table(
        "counter_days",
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("unit_number", *SUMS)),
        sa.PrimaryKeyConstraint("unit_id", "day", "module", name="pk_counter_days"),
    )
    state = op.create_table(
        "counter_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("days_since", sa.Date(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_counter_state_single"),
        sa.PrimaryKeyConstraint("id", name="pk_counter_state"),
    )
    op.bulk_insert(state, [{"id": 1, "days_since": BEGINNING}])
    if on_postgresql():
        op.execute("CALL guard_rows('counter_days', 'number')")
    fold_what_waits("month")
    key_of_changes("month", "day")
    fill_days()
    make_triggers("day")


def downgrade() -> None:
    drop_triggers()
    fold_what_waits("day")
    key_of_changes("day", "month")
    op.drop_table("counter_state")
    op.drop_table("counter_days")
    make_triggers("month")
