"""Notices with the day they were issued and who loaded them; deadline rules; what people are told of moved days."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("calendar_notices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("issued_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("loaded_by", sa.String(length=22), nullable=True))
        batch_op.create_foreign_key("fk_calendar_notices_loaded_by", "accounts", ["loaded_by"], ["id"])
    op.create_table(
        "deadline_rules",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=8), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("measure", sa.String(length=16), nullable=True),
        sa.Column("reminders", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("escalations", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("basis", sa.String(length=100), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(length=22), nullable=True),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("verb IN ('set', 'end', 'withdraw')", name="ck_deadline_rules_verb"),
        sa.CheckConstraint("(verb = 'set') = (amount IS NOT NULL)", name="ck_deadline_rules_amount"),
        sa.CheckConstraint("amount IS NULL OR amount > 0", name="ck_deadline_rules_positive"),
        sa.CheckConstraint("measure IS NULL OR measure IN ('working_days', 'calendar_days', 'working_hours')",
                           name="ck_deadline_rules_measure"),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name="fk_deadline_rules_set_by"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_deadline_rules"),
        sa.UniqueConstraint("serial", name="uq_deadline_rules_serial"),
    )
    with op.batch_alter_table("deadline_rules", schema=None) as batch_op:
        batch_op.create_index("ix_deadline_rules_unit_number", ["unit_number"], unique=False)
    op.create_table(
        "tellings",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("cause_id", sa.String(length=22), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_tellings_account_id"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_tellings"),
        sa.UniqueConstraint("account_id", "cause_id", name="uq_tellings_account_cause"),
    )
    with op.batch_alter_table("tellings", schema=None) as batch_op:
        batch_op.create_index("ix_tellings_unit_number", ["unit_number"], unique=False)


def downgrade() -> None:
    op.drop_table("tellings")
    op.drop_table("deadline_rules")
    with op.batch_alter_table("calendar_notices", schema=None) as batch_op:
        batch_op.drop_constraint("fk_calendar_notices_loaded_by", type_="foreignkey")
        batch_op.drop_column("loaded_by")
        batch_op.drop_column("issued_on")
