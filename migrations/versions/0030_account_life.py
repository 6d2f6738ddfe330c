"""The life of accounts: the day on which one ends, its steps, and what is planned of it."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ADDED = (("ends_on", sa.Date()), ("reactivated_at", sa.DateTime(timezone=True)))


def _place() -> list[sa.Column]:
    return [sa.Column("unit_id", sa.String(length=22), nullable=False),
            sa.Column("unit_number", sa.BigInteger(), nullable=False)]


def _keys(table: str) -> list[sa.Constraint]:
    return [sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=f"fk_{table}_account_id"),
            sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit")]


def upgrade() -> None:
    for name, kind in ADDED:
        op.add_column("accounts", sa.Column(name, kind, nullable=True))
    op.create_table(
        "account_events",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=22), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        *_place(), *_keys("account_events"),
    )
    op.create_index("ix_account_events_account", "account_events", ["account_id", "at", "id"])
    op.create_table(
        "account_endings",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("comes_on", sa.Date(), nullable=False),
        sa.Column("file", sa.String(), nullable=True),
        sa.Column("planned_by", sa.String(length=22), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=200), nullable=False),
        *_place(), *_keys("account_endings"),
        sa.CheckConstraint("kind IN ('leave', 'retire')", name="ck_account_endings_kind"),
        sa.CheckConstraint("state IN ('planned', 'done', 'dropped', 'failed')", name="ck_account_endings_state"),
    )
    planned = sa.text("state = 'planned'")
    op.create_index("uq_account_endings_planned", "account_endings", ["account_id"], unique=True,
                    postgresql_where=planned, sqlite_where=planned)
    op.create_index("ix_account_endings_due", "account_endings", ["state", "comes_on"])
    for table in ("account_events", "account_endings"):
        op.create_index(f"ix_{table}_unit_number", table, ["unit_number"])
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"CALL guard_rows('{table}', 'number')")


def downgrade() -> None:
    op.drop_table("account_endings")
    op.drop_table("account_events")
    for name, _kind in ADDED:
        op.execute(f"ALTER TABLE accounts DROP COLUMN {name}")
