"""Accounts that go to another unit when both sides agree."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_transfers",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=True),
        sa.Column("from_unit_id", sa.String(length=22), nullable=True),
        sa.Column("side", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.String(length=22), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=22), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("side IN ('from', 'to')", name="ck_account_transfers_side"),
        sa.CheckConstraint("state IN ('asked', 'accepted', 'refused', 'withdrawn')", name="ck_account_transfers_state"),
        sa.PrimaryKeyConstraint("id", name="pk_account_transfers"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_account_transfers_account_id"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
    )
    waiting = sa.text("state = 'asked'")
    op.create_index("uq_account_transfers_asked", "account_transfers", ["account_id"], unique=True,
                    postgresql_where=waiting, sqlite_where=waiting)
    op.create_index("ix_account_transfers_unit_number", "account_transfers", ["unit_number"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CALL guard_rows('account_transfers', 'number')")


def downgrade() -> None:
    op.drop_table("account_transfers")
