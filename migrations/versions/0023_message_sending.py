"""Messages know the version of their words, whose turn it is to send them, when again, and how it ended."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("template_version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("send_after", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("provider", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("delivered", sa.Boolean(), nullable=True))
    with op.batch_alter_table("messages", schema=None) as batch_op:
        for name in ("template_version", "place", "tries"):  # the defaults were for the rows that are there
            batch_op.alter_column(name, server_default=None, existing_type=sa.Integer(), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        for name in ("delivered", "provider", "tries", "place", "send_after", "template_version"):
            batch_op.drop_column(name)
