"""The same change of a unit is ordered once for one day: what makes it the same, unique while it waits."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    # What waits already has none: two of a kind that were ordered before are for their orderers to call off.
    op.add_column("planned_changes", sa.Column("same_as", sa.String(length=64), nullable=True))
    op.create_index("uq_planned_changes_waiting", "planned_changes", ["unit_id", "same_as"], unique=True,
                    postgresql_where=WAITING, sqlite_where=WAITING)


def downgrade() -> None:
    op.drop_index("uq_planned_changes_waiting", table_name="planned_changes")
    op.drop_column("planned_changes", "same_as")
