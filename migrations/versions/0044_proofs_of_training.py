"""The proof of a training lies beside it; which commitment somebody signed last stands in the account."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

PROOF = (("proof_as", sa.String(length=40)), ("proof_name", sa.String()), ("proof_type", sa.String(length=40)),
         ("proof_size", sa.Integer()))
LAST = ("UPDATE accounts SET signed_version = (SELECT max(version) FROM staff_commitments s "
        "WHERE s.account_id = accounts.id) WHERE id IN (SELECT account_id FROM staff_commitments)")


def upgrade() -> None:
    for name, kind in PROOF:
        op.add_column("staff_trainings", sa.Column(name, kind, nullable=True))
    op.add_column("accounts", sa.Column("signed_version", sa.String(length=20), nullable=True))
    op.execute(LAST)


def downgrade() -> None:
    op.drop_column("accounts", "signed_version")
    for name, _kind in PROOF:
        op.drop_column("staff_trainings", name)
