"""The few records their superior sent back, found without looking at the others."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

RETURNED = "(late_ruling = 'returned' OR correction_ruling = 'returned') AND deleted_at IS NULL"


def upgrade() -> None:
    op.create_index("ix_records_returned", "records", ["unit_number", "id"], postgresql_where=sa.text(RETURNED),
                    sqlite_where=sa.text(RETURNED))


def downgrade() -> None:
    op.drop_index("ix_records_returned", "records")
