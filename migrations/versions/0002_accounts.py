"""Accounts, sessions, throttles, grants, seats and filings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_throttles",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_login_throttles"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("phone_key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("pc_grant", sa.Boolean(), nullable=False),
        sa.Column("mobile_access", sa.Boolean(), nullable=False),
        sa.Column("employment", sa.String(length=10), nullable=True),
        sa.Column("on_establishment", sa.Boolean(), nullable=False),
        sa.Column("in_service", sa.Boolean(), nullable=False),
        sa.Column("trained_on", sa.Date(), nullable=True),
        sa.Column("cadre_id", sa.String(length=22), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("initial_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("initial_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=22), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind = 'cadre' OR cadre_id IS NULL", name="ck_accounts_staff_no_cadre"),
        sa.CheckConstraint(
            "kind = 'staff' OR (pc_grant IS FALSE AND cadre_id IS NOT NULL)", name="ck_accounts_cadre_on_phone"
        ),
        sa.CheckConstraint("kind IN ('staff', 'cadre')", name="ck_accounts_kind"),
        sa.CheckConstraint("state IN ('opened', 'active', 'suspended', 'closed')", name="ck_accounts_state"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("cadre_id", name="uq_accounts_cadre_id"),
        sa.UniqueConstraint("phone_key", name="uq_accounts_phone_key"),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index("ix_accounts_unit_number", ["unit_number"], unique=False)
    op.create_table(
        "login_sessions",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.CheckConstraint("channel IN ('pc', 'mobile')", name="ck_login_sessions_channel"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_login_sessions_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_login_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_login_sessions_token_hash"),
    )
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.create_index("ix_login_sessions_account_id", ["account_id"], unique=False)
    op.create_table(
        "administrators",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appointed_by", sa.String(length=22), nullable=True),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("seat IN (1, 2)", name="ck_administrators_two_seats"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_administrators_account_id"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_administrators"),
        sa.UniqueConstraint("account_id", name="uq_administrators_account_id"),
        sa.UniqueConstraint("unit_id", "seat", name="uq_administrators_unit_seat"),
    )
    with op.batch_alter_table("administrators", schema=None) as batch_op:
        batch_op.create_index("ix_administrators_unit_number", ["unit_number"], unique=False)
    op.create_table(
        "grants",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("given_by", sa.String(length=22), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel IN ('pc', 'mobile', 'both')", name="ck_grants_channel"),
        sa.CheckConstraint("role IN ('clerk', 'chief', 'reviewer', 'auditor')", name="ck_grants_role"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_grants_account_id"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index("ix_grants_account_id", ["account_id"], unique=False)
        batch_op.create_index("ix_grants_unit_number", ["unit_number"], unique=False)
    op.create_table(
        "filings",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("receiver_unit_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("filed_by", sa.String(length=22), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=22), nullable=True),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("act IN ('appoint', 'remove')", name="ck_filings_act"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_filings_account_id"),
        sa.ForeignKeyConstraint(["receiver_unit_id"], ["units.id"], name="fk_filings_receiver_unit_id"),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        sa.PrimaryKeyConstraint("id", name="pk_filings"),
    )
    with op.batch_alter_table("filings", schema=None) as batch_op:
        batch_op.create_index("ix_filings_filed_at", ["filed_at"], unique=False)
        batch_op.create_index("ix_filings_receiver_unit_id", ["receiver_unit_id"], unique=False)
        batch_op.create_index("ix_filings_unit_number", ["unit_number"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(length=22), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_idempotency_keys_account_id"),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_idempotency_keys"),
    )


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("filings")
    op.drop_table("grants")
    op.drop_table("administrators")
    op.drop_table("login_sessions")
    op.drop_table("accounts")
    op.drop_table("login_throttles")
