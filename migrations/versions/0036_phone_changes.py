"""Requests for another number: asked by the owner or on a cadre's behalf, answered by an administrator."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_changes",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("masked", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.String(length=22), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=22), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'accepted', 'refused', 'withdrawn')", name="ck_phone_changes_state"),
        sa.CheckConstraint("(state = 'asked') = (phone IS NOT NULL)", name="ck_phone_changes_number_while_waiting"),
        sa.PrimaryKeyConstraint("id", name="pk_phone_changes"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_phone_changes_account_id"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
    )
    waiting = sa.text("state = 'asked'")
    op.create_index("uq_phone_changes_asked", "phone_changes", ["account_id"], unique=True,
                    postgresql_where=waiting, sqlite_where=waiting)
    op.create_index("ix_phone_changes_waiting", "phone_changes", ["unit_number", "asked_at"],
                    postgresql_where=waiting, sqlite_where=waiting)
    op.create_index("ix_phone_changes_account_id", "phone_changes", ["account_id"])
    op.create_index("ix_phone_changes_unit_number", "phone_changes", ["unit_number"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CALL guard_rows('phone_changes', 'number')")


def downgrade() -> None:
    op.drop_table("phone_changes")
