"""Lists of records are picked from indexes: three pairs of partial ones instead of four whole ones."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

PAIRS = (
    ("", "ended_on", "deleted_at IS NULL"),
    ("open_", "due_on", "entered_at IS NULL AND deleted_at IS NULL"),
    ("late_", "ended_on", "entered_on > due_on AND deleted_at IS NULL"),
)


def upgrade() -> None:
    for name in ("ix_records_due", "ix_records_ended", "ix_records_unit_due", "ix_records_unit_ended"):
        op.drop_index(name, "records")
    for kind, day, living in PAIRS:
        where = {"postgresql_where": sa.text(living), "sqlite_where": sa.text(living)}
        op.create_index(f"ix_records_{kind}day", "records", ["module", day, "unit_number", "id"], **where)
        op.create_index(f"ix_records_{kind}unit", "records", ["module", "unit_number", day, "id"], **where)


def downgrade() -> None:
    for kind, _day, _living in PAIRS:
        op.drop_index(f"ix_records_{kind}unit", "records")
        op.drop_index(f"ix_records_{kind}day", "records")
    open_only = {"postgresql_where": sa.text("entered_at IS NULL"), "sqlite_where": sa.text("entered_at IS NULL")}
    op.create_index("ix_records_due", "records", ["due_on", "id"], **open_only)
    op.create_index("ix_records_ended", "records", ["ended_on", "id"])
    op.create_index("ix_records_unit_due", "records", ["unit_number", "due_on", "id"])
    op.create_index("ix_records_unit_ended", "records", ["unit_number", "ended_on", "id"])
