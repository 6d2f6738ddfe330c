"""Lists of cadres are picked from indexes in the order of the tree, by pinyin within a unit."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_cadres_unit_number_name", "cadres")
    op.create_index("ix_cadres_roster", "cadres", ["unit_number", "name_reading", "id"])
    op.create_index(
        "ix_cadres_kind", "cadres", ["retirement_type", "life_status", "unit_number", "name_reading", "id"])


def downgrade() -> None:
    op.drop_index("ix_cadres_kind", "cadres")
    op.drop_index("ix_cadres_roster", "cadres")
    op.create_index("ix_cadres_unit_number_name", "cadres", ["unit_number", "name", "id"])
