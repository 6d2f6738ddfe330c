"""Records of every kind, their people and photos."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "records",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_on", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.String(length=22), nullable=True),
        sa.Column("late_reason", sa.String(length=200), nullable=True),
        sa.Column("summary", sa.String(length=200), nullable=False),
        sa.Column("search", sa.String(length=2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=22), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'entered') = (entered_at IS NOT NULL)", name="ck_records_entered"),
        sa.CheckConstraint("state IN ('draft', 'entered')", name="ck_records_state"),
        sa.CheckConstraint("(entered_at IS NULL) = (entered_on IS NULL)", name="ck_records_entered_day"),
        sa.CheckConstraint("entered_on IS NULL OR entered_on >= ended_on", name="ck_records_not_before_its_end"),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name="fk_records_created_by"),
        sa.ForeignKeyConstraint(["entered_by"], ["accounts.id"], name="fk_records_entered_by"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_records"),
    )
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.create_index(
            "ix_records_due",
            ["due_on", "id"],
            unique=False,
            postgresql_where=sa.text("entered_at IS NULL"),
            sqlite_where=sa.text("entered_at IS NULL"),
        )
        batch_op.create_index("ix_records_ended", ["ended_on", "id"], unique=False)
        batch_op.create_index("ix_records_unit_due", ["unit_number", "due_on", "id"], unique=False)
        batch_op.create_index("ix_records_unit_ended", ["unit_number", "ended_on", "id"], unique=False)
        batch_op.create_index("ix_records_unit_number", ["unit_number"], unique=False)
    op.create_table(
        "record_people",
        sa.Column("record_id", sa.String(length=22), nullable=False),
        sa.Column("cadre_id", sa.String(length=22), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("minutes IS NULL OR minutes >= 0", name="ck_record_people_minutes"),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadres.id"], name="fk_record_people_cadre_id"),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_record_people_record_id"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("record_id", "cadre_id", name="pk_record_people"),
    )
    with op.batch_alter_table("record_people", schema=None) as batch_op:
        batch_op.create_index("ix_record_people_cadre_id", ["cadre_id"], unique=False)
        batch_op.create_index("ix_record_people_unit_number", ["unit_number"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("record_id", sa.String(length=22), nullable=False),
        sa.Column("stored_as", sa.String(length=40), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=22), nullable=True),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name="fk_attachments_created_by"),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_attachments_record_id"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index("ix_attachments_record_id", ["record_id"], unique=False)
        batch_op.create_index("ix_attachments_unit_number", ["unit_number"], unique=False)


def downgrade() -> None:
    op.drop_table("attachments")
    op.drop_table("record_people")
    op.drop_table("records")
