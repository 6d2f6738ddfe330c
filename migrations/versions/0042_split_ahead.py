"""A split can be ordered for a day to come."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

BEFORE = ("move", "merge", "close", "rename")
NAME = "ck_planned_changes_ck_planned_changes_kind"  # as the convention made it of the name it was given


def upgrade() -> None:
    _allow((*BEFORE, "split"))


def downgrade() -> None:
    op.execute("DELETE FROM planned_change_units WHERE change_id IN (SELECT id FROM planned_changes "
               "WHERE kind = 'split')")
    op.execute("DELETE FROM planned_changes WHERE kind = 'split'")
    _allow(BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    words = "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(NAME), "planned_changes", type_="check")
        op.create_check_constraint(op.f(NAME), "planned_changes", words)
        return
    # The table is written anew, and nothing may point at it while it is away.
    op.execute("CREATE TEMPORARY TABLE kept_change_units AS SELECT * FROM planned_change_units")
    op.execute("DELETE FROM planned_change_units")
    with op.batch_alter_table("planned_changes", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(NAME), type_="check")
        batch_op.create_check_constraint(op.f(NAME), sa.text(words))
    op.execute("INSERT INTO planned_change_units (change_id, unit_id, unit_number) "
               "SELECT change_id, unit_id, unit_number FROM kept_change_units")
    op.execute("DROP TABLE kept_change_units")
