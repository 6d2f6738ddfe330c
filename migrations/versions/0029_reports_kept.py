"""Frozen reports, which nobody changes; and where records lay before a merge."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

OWNED = ("frozen_reports", "record_homes")


def _owned() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
    ]


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=False)


def upgrade() -> None:
    op.create_table(
        "frozen_reports",
        _text("id", 22), _text("title", 100), _text("unit_name", 100),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("first", "last", "tree_on")),
        _text("columns", 200),
        sa.Column("sheet", sa.LargeBinary(), nullable=False), _text("sheet_hash", 64),
        sa.Column("figures", sa.LargeBinary(), nullable=False), _text("figures_hash", 64),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        _text("frozen_by", 22), _text("frozen_by_name", 50),
        *_owned(),
        sa.ForeignKeyConstraint(["frozen_by"], ["accounts.id"], name="fk_frozen_reports_frozen_by"),
        sa.PrimaryKeyConstraint("id", name="pk_frozen_reports"),
    )
    op.create_table(
        "record_homes",
        _text("record_id", 22), _text("home_id", 22), _text("to_id", 22),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        *_owned(),
        sa.ForeignKeyConstraint(["home_id"], ["units.id"], name="fk_record_homes_home_id"),
        sa.ForeignKeyConstraint(["to_id"], ["units.id"], name="fk_record_homes_to_id"),
        sa.PrimaryKeyConstraint("record_id", "home_id", name="pk_record_homes"),
    )
    op.create_index("ix_record_homes_handed_at", "record_homes", ["handed_at"])
    for table in OWNED:
        op.create_index(f"ix_{table}_unit_number", table, ["unit_number"])
    _seal(op.get_bind().dialect.name)


def _seal(engine: str) -> None:
    """A frozen report is written once: no UPDATE and no DELETE, whatever the application does."""
    if engine == "postgresql":
        op.execute(
            """
            CREATE FUNCTION report_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'a frozen report stays as it is' USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """)
        op.execute("CREATE TRIGGER frozen_reports_frozen BEFORE UPDATE OR DELETE ON frozen_reports "
                   "FOR EACH ROW EXECUTE FUNCTION report_is_frozen()")
        for table in OWNED:
            op.execute(f"CALL guard_rows('{table}', 'number')")
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER frozen_reports_no_{act.lower()} BEFORE {act} ON frozen_reports "
                   "BEGIN SELECT RAISE(ABORT, 'a frozen report stays as it is'); END")


def downgrade() -> None:
    for table in OWNED:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION report_is_frozen()")
