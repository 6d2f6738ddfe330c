"""The log at the size of a province: what waits to be sealed stands by itself, and every way to ask has its index."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

INDEXES = {
    "when": ("at", "id", "unit_number"),
    "unit": ("unit_number", "at", "id"),
    "actor": ("actor", "at", "id"),
    "object": ("object_id", "at", "id"),
    "action": ("action", "at", "id", "unit_number"),
}
FORMER = {"ix_audit_entries_at_id": ("at", "id"), "ix_audit_entries_unit_number": ("unit_number",)}
# The trigger stands on the table, so no way of writing an entry can forget it.
POSTGRESQL = (
    """
    CREATE FUNCTION audit_waits() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO audit_waiting (at, entry_id) SELECT at, id FROM fresh;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER audit_entries_wait AFTER INSERT ON audit_entries REFERENCING NEW TABLE AS fresh "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_waits()",
)
SQLITE = (
    "CREATE TRIGGER audit_entries_wait AFTER INSERT ON audit_entries "
    "BEGIN INSERT INTO audit_waiting (at, entry_id) VALUES (NEW.at, NEW.id); END",
)


def upgrade() -> None:
    op.create_table(
        "audit_waiting",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("at", "entry_id", name="pk_audit_waiting"),
    )
    op.execute("INSERT INTO audit_waiting (at, entry_id) SELECT at, id FROM audit_entries "
               "WHERE NOT EXISTS (SELECT 1 FROM audit_seals WHERE audit_seals.entry_id = audit_entries.id)")
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
    for name, columns in INDEXES.items():
        op.create_index(f"ix_audit_entries_{name}", "audit_entries", list(columns))
    for name in FORMER:
        op.drop_index(name, "audit_entries")


def downgrade() -> None:
    for name, columns in FORMER.items():
        op.create_index(name, "audit_entries", list(columns))
    for name in INDEXES:
        op.drop_index(f"ix_audit_entries_{name}", "audit_entries")
    op.execute("DROP TRIGGER audit_entries_wait"
               + (" ON audit_entries" if op.get_bind().dialect.name == "postgresql" else ""))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_waits()")
    op.drop_table("audit_waiting")
