"""Hardship aid."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hardship_aid",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("amount_fen", sa.Integer(), nullable=True),
        sa.Column("fund_source", sa.String(length=100), nullable=True),
        sa.Column("handed_over_by", sa.String(length=100), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name="fk_hardship_aid_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hardship_aid"),
    )


def downgrade() -> None:
    op.drop_table("hardship_aid")
