"""Branch activities."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "branch_activities",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("branch", sa.String(length=100), nullable=True),
        sa.Column("type", sa.String(length=24), nullable=True),
        sa.Column("host", sa.String(length=50), nullable=True),
        sa.Column("place", sa.String(length=100), nullable=True),
        sa.Column("topic", sa.String(length=200), nullable=True),
        sa.Column("mode", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name="fk_branch_activities_id"),
        sa.PrimaryKeyConstraint("id", name="pk_branch_activities"),
    )


def downgrade() -> None:
    op.drop_table("branch_activities")
