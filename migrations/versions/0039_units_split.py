"""Units split off others; a record may leave the same unit more than once."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

COLUMNS = ("record_id", "home_id", "to_id", "handed_at", "unit_id", "unit_number")


def upgrade() -> None:
    op.create_table(
        "unit_splits",
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("from_id", sa.String(length=22), nullable=False),
        sa.Column("split_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_unit_splits_unit_id"),
        sa.ForeignKeyConstraint(["from_id"], ["units.id"], name="fk_unit_splits_from_id"),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_splits"),
    )
    op.create_index("ix_unit_splits_from_id", "unit_splits", ["from_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CALL guard_rows('unit_splits', 'unit')")
    _keyed("record_id", "home_id", "handed_at")


def _keyed(*key: str) -> None:
    """Give the table of homes another key; SQLite wants the table written anew."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_record_homes", "record_homes", type_="primary")
        op.create_primary_key("pk_record_homes", "record_homes", list(key))
        return
    op.drop_index("ix_record_homes_handed_at", "record_homes")
    op.drop_index("ix_record_homes_unit_number", "record_homes")
    op.rename_table("record_homes", "record_homes_before")
    op.create_table(
        "record_homes",
        *(sa.Column(name, sa.String(length=22), nullable=False) for name in COLUMNS[:3]),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.ForeignKeyConstraint(["home_id"], ["units.id"], name="fk_record_homes_home_id"),
        sa.ForeignKeyConstraint(["to_id"], ["units.id"], name="fk_record_homes_to_id"),
        sa.PrimaryKeyConstraint(*key, name="pk_record_homes"),
    )
    names = ", ".join(COLUMNS)
    op.execute(f"INSERT OR IGNORE INTO record_homes ({names}) SELECT {names} FROM record_homes_before")
    op.drop_table("record_homes_before")
    op.create_index("ix_record_homes_handed_at", "record_homes", ["handed_at"])
    op.create_index("ix_record_homes_unit_number", "record_homes", ["unit_number"])


def downgrade() -> None:
    _keyed("record_id", "home_id")
    op.drop_table("unit_splits")
