"""Obligations, the ledger of their steps, who was told what, one digest a day, and who wants no reminders by SMS."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ("obligations", "obligation_steps", "notices", "digests", "quieted_accounts")


def _owned() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
    ]


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=22), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _obligations() -> None:
    op.create_table(
        "obligations",
        _id("id"),
        sa.Column("kind", sa.String(length=40), nullable=False),
        _id("subject_id"),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("armed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _at("held_until", nullable=True),
        *_owned(),
        sa.CheckConstraint("state IN ('open', 'closed')", name="ck_obligations_state"),
        sa.CheckConstraint("generation > 0", name="ck_obligations_generation"),
        sa.PrimaryKeyConstraint("id", name="pk_obligations"),
        sa.UniqueConstraint("kind", "subject_id", name="uq_obligations_subject"),
    )
    op.create_index("ix_obligations_next", "obligations", ["state", "next_on"])
    op.create_table(
        "obligation_steps",
        _id("obligation_id"),
        sa.Column("generation", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        _at("done_at"),
        *_owned(),
        sa.CheckConstraint("outcome IN ('sent', 'missed', 'nobody')", name="ck_obligation_steps_outcome"),
        _link("obligation_steps", "obligation_id", "obligations"),
        sa.PrimaryKeyConstraint("obligation_id", "generation", "step", name="pk_obligation_steps"),
    )


def _told() -> None:
    op.create_table(
        "notices",
        _id("id"),
        _id("obligation_id"),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        _id("account_id"),
        sa.Column("above", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        _id("digest_id", nullable=True),
        _at("told_at"),
        _at("read_at", nullable=True),
        *_owned(),
        sa.CheckConstraint("state IN ('new', 'told', 'dropped')", name="ck_notices_state"),
        _link("notices", "obligation_id", "obligations"),
        _link("notices", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("obligation_id", "generation", "step", "account_id", name="uq_notices_step_account"),
    )
    op.create_index("ix_notices_state", "notices", ["state", "account_id"])
    op.create_index("ix_notices_account", "notices", ["account_id", "told_at"])
    op.create_table(
        "digests",
        _id("id"),
        _id("account_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        _id("message_id", nullable=True),
        _at("made_at"),
        *_owned(),
        _link("digests", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint("account_id", "day", name="uq_digests_account_day"),
    )
    op.create_table(
        "quieted_accounts",
        _id("account_id"),
        _at("since"),
        *_owned(),
        _link("quieted_accounts", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("account_id", name="pk_quieted_accounts"),
    )


def upgrade() -> None:
    _obligations()
    _told()
    for name in TABLES:
        op.create_index(f"ix_{name}_unit_number", name, ["unit_number"])
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"CALL guard_rows('{name}', 'number')")


def downgrade() -> None:
    for name in ("quieted_accounts", "digests", "notices", "obligation_steps", "obligations"):
        op.drop_table(name)
