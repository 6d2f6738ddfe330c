"""Where each right came from, templates that narrow rights, and grants that begin later or are frozen.

What is held already gets its row: by whom it was given is known, under which right and by which path is not.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ENDED = ("ended_at", "ended_by", "ended_path")
KEPT = ("id", "kind", "right_id", "account_id", "role", "columns", "channel", "since", "until", "template_id",
        "given_by", "under", "path", "given_at", "unit_id", "unit_number")
SAID = "where a right came from is append-only"
BEFORE = (
    """
    INSERT INTO rights_given (id, kind, right_id, account_id, role, channel, given_by, path, given_at, unit_id,
                              unit_number)
    SELECT id, 'seat', id, account_id, 'administrator', 'both', appointed_by, 'before', since, unit_id, unit_number
    FROM administrators
    """,
    """
    INSERT INTO rights_given (id, kind, right_id, account_id, role, columns, channel, until, given_by, path, given_at,
                              unit_id, unit_number)
    SELECT id, 'grant', id, account_id, role, columns, channel, until, given_by, 'before', given_at, unit_id,
           unit_number
    FROM grants
    """,
)


def _place() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("unit_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
    ]


def _make_templates() -> None:
    op.create_table(
        "role_templates",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("parent_id", sa.String(length=22), nullable=True),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actions", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("made_by", sa.String(length=22), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_place(),
        sa.CheckConstraint("role IN ('clerk', 'chief', 'reviewer', 'auditor')", name="ck_role_templates_role"),
        sa.CheckConstraint("channel IN ('pc', 'mobile', 'both')", name="ck_role_templates_channel"),
        sa.ForeignKeyConstraint(["parent_id"], ["role_templates.id"], name="fk_role_templates_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_role_templates"),
    )
    op.create_index("ix_role_templates_unit_number", "role_templates", ["unit_number"])
    op.create_index("ix_role_templates_parent_id", "role_templates", ["parent_id"])


def _make_rights_given() -> None:
    op.create_table(
        "rights_given",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("right_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("template_id", sa.String(length=22), nullable=True),
        sa.Column("given_by", sa.String(length=22), nullable=True),
        sa.Column("under", sa.String(length=22), nullable=True),
        sa.Column("path", sa.String(length=16), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=22), nullable=True),
        sa.Column("ended_path", sa.String(length=16), nullable=True),
        *_place(),
        sa.CheckConstraint("kind IN ('seat', 'grant')", name="ck_rights_given_kind"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_rights_given_account_id"),
        sa.ForeignKeyConstraint(["template_id"], ["role_templates.id"], name="fk_rights_given_template_id"),
        sa.ForeignKeyConstraint(["under"], ["rights_given.id"], name="fk_rights_given_under"),
        sa.PrimaryKeyConstraint("id", name="pk_rights_given"),
    )
    for column in ("unit_number", "right_id", "account_id", "given_by"):
        op.create_index(f"ix_rights_given_{column}", "rights_given", [column])


def _keep_on_postgresql() -> None:
    changed = " OR ".join(f"OLD.{name}::text IS DISTINCT FROM NEW.{name}::text" for name in KEPT)
    op.execute(
        f"""
        CREATE FUNCTION rights_given_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND NOT ({changed}) THEN RETURN NEW; END IF;
            END IF;
            RAISE EXCEPTION '{SAID}' USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute("CREATE TRIGGER rights_given_kept BEFORE UPDATE OR DELETE ON rights_given "
               "FOR EACH ROW EXECUTE FUNCTION rights_given_are_kept()")
    op.execute("CREATE TRIGGER rights_given_kept_whole BEFORE TRUNCATE ON rights_given "
               "FOR EACH STATEMENT EXECUTE FUNCTION rights_given_are_kept()")
    op.execute("CALL guard_rows('rights_given', 'number')")
    op.execute("CALL guard_rows('role_templates', 'number')")


def _keep_on_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in KEPT)
    op.execute("CREATE TRIGGER rights_given_no_update BEFORE UPDATE ON rights_given "
               f"WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR {changed} {refuse}")
    op.execute(f"CREATE TRIGGER rights_given_no_delete BEFORE DELETE ON rights_given {refuse}")
    # INSERT OR REPLACE takes the old row away without firing a delete trigger.
    op.execute("CREATE TRIGGER rights_given_no_replace BEFORE INSERT ON rights_given "
               f"WHEN EXISTS (SELECT 1 FROM rights_given WHERE id = NEW.id OR rowid = NEW.rowid) {refuse}")


def upgrade() -> None:
    _make_templates()
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("since", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("template_id", sa.String(length=22), nullable=True))
        batch_op.add_column(sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key("fk_grants_template_id", "role_templates", ["template_id"], ["id"])
        batch_op.create_index("ix_grants_template_id", ["template_id"], unique=False)
    _make_rights_given()
    for statement in BEFORE:
        op.execute(statement)
    if op.get_bind().dialect.name == "postgresql":
        _keep_on_postgresql()
    else:
        _keep_on_sqlite()


def downgrade() -> None:
    op.drop_table("rights_given")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION rights_given_are_kept() CASCADE")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index("ix_grants_template_id")
        batch_op.drop_constraint("fk_grants_template_id", type_="foreignkey")
        for name in ("frozen_at", "template_id", "since"):
            batch_op.drop_column(name)
    op.drop_table("role_templates")
