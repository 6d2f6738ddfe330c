"""Log-ins from a device never used before, or after failures."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("login_sessions", sa.Column("new_device", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("login_sessions", sa.Column("failed_before", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("login_sessions", sa.Column("owned_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        for name in ("owned_at", "failed_before", "new_device"):
            batch_op.drop_column(name)
