"""Nominations: whom a unit would like to see in one of its seats, and what its superior said."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "nominations",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("replaces_id", sa.String(length=22), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_by", sa.String(length=22), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=200), nullable=True),
        sa.Column("answered_by", sa.String(length=22), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'seated', 'refused', 'withdrawn')", name="ck_nominations_state"),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="ck_nominations_answered"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_nominations_account_id"),
        sa.ForeignKeyConstraint(["replaces_id"], ["accounts.id"], name="fk_nominations_replaces_id"),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name="fk_nominations_made_by"),
        sa.ForeignKeyConstraint(["answered_by"], ["accounts.id"], name="fk_nominations_answered_by"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_nominations"),
    )
    op.create_index("ix_nominations_account_id", "nominations", ["account_id"])
    op.create_index("ix_nominations_unit_number", "nominations", ["unit_number"])
    op.create_index("uq_nominations_open", "nominations", ["unit_id", "account_id"], unique=True,
                    postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_index("ix_nominations_waiting", "nominations", ["unit_number", "made_at"],
                    postgresql_where=OPEN, sqlite_where=OPEN)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CALL guard_rows('nominations', 'number')")


def downgrade() -> None:
    op.drop_table("nominations")
