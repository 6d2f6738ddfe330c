"""Notices of the official calendar."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_notices",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("notice", sa.String(length=100), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.Column("makeup", sa.JSON(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_notices"),
        sa.UniqueConstraint("serial", name="uq_calendar_notices_serial"),
    )
    with op.batch_alter_table("calendar_notices", schema=None) as batch_op:
        batch_op.create_index("ix_calendar_notices_year", ["year"], unique=False)


def downgrade() -> None:
    op.drop_table("calendar_notices")
