"""Counters by unit and month, and the triggers that feed them.

A later step that recreates `records`, `cadres` or `units` on SQLite drops their triggers and must write them again;
a test looks for them at the end of the chain.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = "unit_id, unit_number, module, month, total, on_time, late, open"
SUMS = ("total", "on_time", "late", "open")

# One row per unit, kind and month that a statement changed, however many records it touched.
_RECORD = """
    SELECT unit_id, unit_number, module, date_trunc('month', due_on::timestamp)::date AS month, {sign} AS total,
           {sign} * (entered_on IS NOT NULL AND entered_on <= due_on)::int AS on_time,
           {sign} * (entered_on IS NOT NULL AND entered_on > due_on)::int AS late,
           {sign} * (entered_on IS NULL)::int AS open
    FROM {rows} WHERE deleted_at IS NULL
"""
_CADRE = """
    SELECT unit_id, unit_number, 'cadres' AS module, DATE '1970-01-01' AS month, {sign} AS total,
           0 AS on_time, 0 AS late, 0 AS open
    FROM {rows}
"""


_PUT = """
    INSERT INTO counter_deltas ({columns})
    SELECT unit_id, unit_number, module, month, sum(total), sum(on_time), sum(late), sum(open)
    FROM ({changes}) AS change GROUP BY unit_id, unit_number, module, month
    HAVING sum(total) <> 0 OR sum(on_time) <> 0 OR sum(late) <> 0 OR sum(open) <> 0
"""


def _put(changes: str) -> str:
    return _PUT.format(columns=COLUMNS, changes=changes)


def _postgresql(table: str, select: str) -> list[str]:
    fresh, stale = select.format(sign="1", rows="fresh"), select.format(sign="-1", rows="stale")
    made = [f"""
        CREATE FUNCTION {table}_count() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN {_put(fresh)};
            ELSIF TG_OP = 'DELETE' THEN {_put(stale)};
            ELSE {_put(f"{fresh} UNION ALL {stale}")};
            END IF;
            RETURN NULL;
        END $$
    """]
    for event, tables in (("INSERT", "NEW TABLE AS fresh"), ("DELETE", "OLD TABLE AS stale"),
                          ("UPDATE", "NEW TABLE AS fresh OLD TABLE AS stale")):
        made.append(f"CREATE TRIGGER {table}_count_{event.lower()} AFTER {event} ON {table} REFERENCING {tables} "
                    f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_count()")
    return made


# A moved unit takes its folded sums from the old superior to the new one; what is not folded follows its path.
_MOVE = """
    INSERT INTO counter_deltas ({columns})
    SELECT place.id, place.number, counters.module, counters.month, {sign} * counters.total,
           {sign} * counters.on_time, {sign} * counters.late, {sign} * counters.open
    FROM counters JOIN units AS place ON place.id = {place} WHERE counters.unit_id = NEW.id
"""
MOVES = [_MOVE.format(columns=COLUMNS, sign=sign, place=place) for sign, place in (
    ("-1", "OLD.parent_id"), ("1", "NEW.parent_id"))]
POSTGRESQL = [
    *_postgresql("records", _RECORD),
    *_postgresql("cadres", _CADRE),
    f"""
    CREATE FUNCTION units_count() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        kept text := COALESCE(current_setting('yinling.scope', true), '');
    BEGIN
        -- Both superiors and all sums are needed, whatever whoever moves the unit may see.
        PERFORM set_config('yinling.scope', '{{(,)}}', true);
        {MOVES[0]};
        {MOVES[1]};
        PERFORM set_config('yinling.scope', kept, true);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER units_count_move AFTER UPDATE OF parent_id ON units FOR EACH ROW
    WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION units_count()
    """,
]


def _sqlite_row(table: str, row: str, sign: int, only: str = "TRUE") -> str:
    """The delta of one row: what it was (-1) or what it is (1)."""
    if table == "cadres":
        return (f"INSERT INTO counter_deltas ({COLUMNS}) SELECT {row}.unit_id, {row}.unit_number, 'cadres', "
                f"'1970-01-01', {sign}, 0, 0, 0 WHERE {only};")
    return (f"INSERT INTO counter_deltas ({COLUMNS}) SELECT {row}.unit_id, {row}.unit_number, {row}.module, "
            f"date({row}.due_on, 'start of month'), {sign}, "
            f"{sign} * COALESCE({row}.entered_on <= {row}.due_on, 0), "
            f"{sign} * COALESCE({row}.entered_on > {row}.due_on, 0), {sign} * ({row}.entered_on IS NULL) "
            f"WHERE {row}.deleted_at IS NULL AND {only};")


_CHANGED = {
    "records": ("unit_id", "unit_number", "module", "due_on", "entered_on", "deleted_at"),
    "cadres": ("unit_id", "unit_number"),
}


def _sqlite(table: str) -> list[str]:
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _CHANGED[table])
    return [
        f"CREATE TRIGGER {table}_count_insert AFTER INSERT ON {table} BEGIN {_sqlite_row(table, 'NEW', 1)} END",
        f"CREATE TRIGGER {table}_count_delete AFTER DELETE ON {table} BEGIN {_sqlite_row(table, 'OLD', -1)} END",
        f"CREATE TRIGGER {table}_count_update AFTER UPDATE OF {', '.join(_CHANGED[table])} ON {table} "
        f"WHEN {changed} BEGIN {_sqlite_row(table, 'OLD', -1)} {_sqlite_row(table, 'NEW', 1)} END",
    ]


SQLITE = [
    *_sqlite("records"),
    *_sqlite("cadres"),
    "CREATE TRIGGER units_count_move AFTER UPDATE OF parent_id ON units WHEN OLD.parent_id IS NOT NEW.parent_id "
    f"BEGIN {MOVES[0]}; {MOVES[1]}; END",
]


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("unit_number", *SUMS)),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("unit_id", "module", "month", name="pk_counters"),
    )
    op.create_table(
        "counter_deltas",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in SUMS),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_counter_deltas"),
    )
    op.create_index("ix_counter_deltas_unit_number", "counter_deltas", ["unit_number", "module", "month"])
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in POSTGRESQL if on_postgresql else SQLITE:
        op.execute(statement)
    if on_postgresql:
        op.execute("CALL guard_rows('counters', 'number')")
        op.execute("CALL guard_rows('counter_deltas', 'number')")
    _count_what_is_there(on_postgresql)


def _count_what_is_there(on_postgresql: bool) -> None:
    """Everything written before is one change each; the worker folds it."""
    if on_postgresql:
        op.execute(_put(_RECORD.format(sign="1", rows="records")))
        op.execute(_put(_CADRE.format(sign="1", rows="cadres")))
        return
    for table in _CHANGED:
        op.execute(_sqlite_row(table, "there", 1).replace(" WHERE ", f" FROM {table} AS there WHERE "))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in ("records_count", "cadres_count", "units_count"):
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    else:
        for table in _CHANGED:
            for event in ("insert", "delete", "update"):
                op.execute(f"DROP TRIGGER {table}_count_{event}")
        op.execute("DROP TRIGGER units_count_move")
    op.drop_table("counter_deltas")
    op.drop_table("counters")
