"""Changes of the tree ordered for a day to come, and the units they concern."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

OWNED = ("planned_changes", "planned_change_units")


def _owned() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
    ]


def upgrade() -> None:
    op.create_table(
        "planned_changes",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("preview", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("ordered_by", sa.String(length=22), nullable=False),
        sa.Column("ordered_by_name", sa.String(length=50), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        *_owned(),
        sa.CheckConstraint("kind IN ('move', 'merge', 'close', 'rename')", name="ck_planned_changes_kind"),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed', 'cancelled')", name="ck_planned_changes_state"),
        sa.ForeignKeyConstraint(["ordered_by"], ["accounts.id"], name="fk_planned_changes_ordered_by"),
        sa.PrimaryKeyConstraint("id", name="pk_planned_changes"),
    )
    op.create_index("ix_planned_changes_state", "planned_changes", ["state", "effective_on"])
    op.create_table(
        "planned_change_units",
        sa.Column("change_id", sa.String(length=22), nullable=False),
        *_owned(),
        sa.ForeignKeyConstraint(["change_id"], ["planned_changes.id"], name="fk_planned_change_units_change_id"),
        sa.PrimaryKeyConstraint("change_id", "unit_id", name="pk_planned_change_units"),
    )
    for table in OWNED:
        op.create_index(f"ix_{table}_unit_number", table, ["unit_number"])
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"CALL guard_rows('{table}', 'number')")


def downgrade() -> None:
    for table in reversed(OWNED):
        op.drop_table(table)
