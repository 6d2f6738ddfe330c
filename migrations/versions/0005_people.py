"""Cadre files."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cadres",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("name_reading", sa.String(length=200), nullable=False),
        sa.Column("name_initials", sa.String(length=50), nullable=False),
        sa.Column("id_number", sa.String(), nullable=False),
        sa.Column("id_number_key", sa.String(length=64), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("birth_date", sa.String(length=10), nullable=False),
        sa.Column("ethnicity", sa.String(length=2), nullable=True),
        sa.Column("political_status", sa.String(length=2), nullable=True),
        sa.Column("joined_party_on", sa.String(length=10), nullable=True),
        sa.Column("started_work_on", sa.String(length=10), nullable=True),
        sa.Column("retirement_type", sa.String(length=8), nullable=False),
        sa.Column("retired_on", sa.String(length=10), nullable=True),
        sa.Column("former_unit", sa.String(length=100), nullable=True),
        sa.Column("former_post", sa.String(length=100), nullable=True),
        sa.Column("rank", sa.String(length=8), nullable=True),
        sa.Column("treatment_level", sa.String(length=8), nullable=True),
        sa.Column("mobile", sa.String(), nullable=True),
        sa.Column("mobile_key", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("living_arrangement", sa.String(length=16), nullable=True),
        sa.Column("health_status", sa.String(), nullable=True),
        sa.Column("life_status", sa.String(length=8), nullable=False),
        sa.Column("branch", sa.String(length=100), nullable=True),
        sa.Column("contact_account_id", sa.String(length=22), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=22), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("life_status IN ('living', 'deceased')", name="ck_cadres_life_status"),
        sa.CheckConstraint("retirement_type IN ('lixiu', 'tuixiu', 'tuizhi')", name="ck_cadres_retirement_type"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_cadres"),
        sa.UniqueConstraint("id_number_key", name="uq_cadres_id_number_key"),
    )
    with op.batch_alter_table("cadres", schema=None) as batch_op:
        batch_op.create_index("ix_cadres_mobile_key", ["mobile_key"], unique=False)
        batch_op.create_index("ix_cadres_unit_number", ["unit_number"], unique=False)
        batch_op.create_index("ix_cadres_unit_number_name", ["unit_number", "name", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("cadres")
