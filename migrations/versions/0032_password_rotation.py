"""When a password was chosen, and the hashes of those before it."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True))
    # Nobody knows when the present ones were chosen: they count from today, so that not all end at once at the update.
    op.get_bind().execute(
        sa.text("UPDATE accounts SET password_set_at = :now WHERE must_change_password IS FALSE").bindparams(
            sa.bindparam("now", datetime.now(UTC), sa.DateTime(timezone=True))))
    op.create_table(
        "past_passwords",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_past_passwords_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_past_passwords"),
    )
    op.create_index("ix_past_passwords_account", "past_passwords", ["account_id", "ended_at"])


def downgrade() -> None:
    op.drop_table("past_passwords")
    op.execute("ALTER TABLE accounts DROP COLUMN password_set_at")
