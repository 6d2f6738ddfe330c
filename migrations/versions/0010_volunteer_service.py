"""Volunteer service."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "volunteer_service",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("team", sa.String(length=100), nullable=True),
        sa.Column("direction", sa.String(length=50), nullable=True),
        sa.Column("place", sa.String(length=100), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("content", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name="fk_volunteer_service_id"),
        sa.PrimaryKeyConstraint("id", name="pk_volunteer_service"),
    )


def downgrade() -> None:
    op.drop_table("volunteer_service")
