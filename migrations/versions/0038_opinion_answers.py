"""Answers to opinions, each wording kept; an opinion knows since when it has one."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

WAITING = sa.text("answered_at IS NULL")


def upgrade() -> None:
    op.add_column("opinions", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_opinions_waiting", "opinions", ["unit_number", "created_at"],
                    sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_table(
        "opinion_answers",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("opinion_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(length=22), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number > 0", name="ck_opinion_answers_number"),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinions.id"], name="fk_opinion_answers_opinion_id"),
        sa.ForeignKeyConstraint(["answered_by"], ["accounts.id"], name="fk_opinion_answers_answered_by"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_opinion_answers"),
        sa.UniqueConstraint("opinion_id", "number", name="uq_opinion_answers_number"),
    )
    op.create_index("ix_opinion_answers_unit_number", "opinion_answers", ["unit_number"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CALL guard_rows('opinion_answers', 'number')")


def downgrade() -> None:
    op.drop_table("opinion_answers")
    op.drop_index("ix_opinions_waiting", "opinions")
    op.drop_column("opinions", "answered_at")
