"""What decides about a record that was corrected, extended or returned, and what its superior said about it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

DAYS = ("held_ended_on", "corrected_due_on", "extended_to", "asked_until", "reopened_until")
WORDS = (("late_ruling", 10), ("correction_ruling", 10), ("asks", 40), ("odd", 60))
MARKED, ASKING = "odd IS NOT NULL", "asks IS NOT NULL AND deleted_at IS NULL"
STRAYED, GONE = "corrected_due_on IS NOT NULL OR extended_to IS NOT NULL", "deleted_at IS NOT NULL"
INDEXES = (
    ("ix_records_marked", ["unit_number", "ended_on", "id"], MARKED),
    ("ix_records_asking", ["unit_number", "ended_on", "id"], ASKING),
    ("ix_records_strayed", ["module", "due_on", "unit_number"], STRAYED),
    ("ix_records_gone", ["unit_number", "module", "ended_on"], GONE),
)


def upgrade() -> None:
    # Columns that may be empty are added in place on both engines: no row is written, no trigger lost.
    for name in DAYS:
        op.add_column("records", sa.Column(name, sa.Date(), nullable=True))
    for name, longest in WORDS:
        op.add_column("records", sa.Column(name, sa.String(length=longest), nullable=True))
    op.add_column("records", sa.Column("recreated_of", sa.String(length=22), nullable=True))
    for name, columns, condition in INDEXES:
        op.create_index(name, "records", columns, postgresql_where=sa.text(condition), sqlite_where=sa.text(condition))
    op.create_table(
        "record_rulings",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("record_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=22), nullable=True),
        sa.Column("by_name", sa.String(length=50), nullable=False),
        sa.Column("by_unit", sa.String(length=100), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_record_rulings_record_id"),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name="fk_record_rulings_by"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_record_rulings"),
    )
    op.create_index("ix_record_rulings_unit_number", "record_rulings", ["unit_number"])
    op.create_index("ix_record_rulings_record_id", "record_rulings", ["record_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CALL guard_rows('record_rulings', 'number')")


def downgrade() -> None:
    op.drop_table("record_rulings")
    for name, _columns, _condition in INDEXES:
        op.drop_index(name, "records")
    for name in (*DAYS, *(word for word, _longest in WORDS), "recreated_of"):
        op.drop_column("records", name)
