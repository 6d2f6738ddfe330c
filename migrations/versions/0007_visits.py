"""The table of visits."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=True),
        sa.Column("place", sa.String(length=100), nullable=True),
        sa.Column("visitors", sa.String(length=200), nullable=True),
        sa.Column("goods", sa.String(length=200), nullable=True),
        sa.Column("cash_fen", sa.Integer(), nullable=True),
        sa.Column("feedback", sa.String(), nullable=True),
        sa.Column("demand", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name="fk_visits_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
    )


def downgrade() -> None:
    op.drop_table("visits")
