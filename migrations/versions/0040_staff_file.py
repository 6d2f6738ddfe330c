"""The staff file: trainings one by one, commitments signed."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def _owned(table: str) -> None:
    op.create_index(f"ix_{table}_unit_number", table, ["unit_number"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CALL guard_rows('{table}', 'number')")


def upgrade() -> None:
    op.create_table(
        "staff_trainings",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("organiser", sa.String(length=100), nullable=False),
        sa.Column("kept_by", sa.String(length=22), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_trainings"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_staff_trainings_account_id"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
    )
    op.create_index("ix_staff_trainings_account", "staff_trainings", ["account_id", "held_on"])
    op.create_table(
        "staff_commitments",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_commitments"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_staff_commitments_account_id"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.UniqueConstraint("account_id", "version", name="uq_staff_commitments_once"),
    )
    for table in ("staff_trainings", "staff_commitments"):
        _owned(table)


def downgrade() -> None:
    op.drop_table("staff_commitments")
    op.drop_table("staff_trainings")
