"""Which of several posts a session works in."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("login_sessions", sa.Column("works_at", sa.String(length=22), nullable=True))


def downgrade() -> None:
    op.drop_column("login_sessions", "works_at")
