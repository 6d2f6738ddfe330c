"""Units: the tree, its version, moves and former names."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# No cycle and no path that does not follow from the parents can be written, not even by raw SQL. The immediate
# trigger takes the tree's lock, so that two moves cannot each look right alone; the deferred one demands
# path = parent's path + own id at commit, which no cycle can satisfy: a path would have to be longer than itself.
POSTGRESQL = [
    """
    CREATE FUNCTION units_take_tree_lock() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- A write, not only a lock: ranges kept under the old version die even when a unit is moved by raw SQL.
        UPDATE tree_state SET version = version + 1 WHERE id = 1;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER units_tree_lock BEFORE INSERT OR UPDATE OF parent_id, parent_kind, path, depth, kind OR DELETE
    ON units FOR EACH STATEMENT EXECUTE FUNCTION units_take_tree_lock()
    """,
    """
    CREATE FUNCTION units_check_path() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        unit units%ROWTYPE;
        parent units%ROWTYPE;
    BEGIN
        SELECT * INTO unit FROM units WHERE id = NEW.id;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        IF unit.parent_id IS NULL THEN
            IF unit.path <> '/' || unit.id || '/' OR unit.depth <> 1 THEN
                RAISE EXCEPTION 'units: the path of the root % is not its own id', unit.id
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        ELSE
            SELECT * INTO parent FROM units WHERE id = unit.parent_id;
            IF unit.path <> parent.path || unit.id || '/' OR unit.depth <> parent.depth + 1 THEN
                RAISE EXCEPTION 'units: cycle or wrong path at %', unit.id
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        END IF;
        IF EXISTS (SELECT 1 FROM units child WHERE child.parent_id = unit.id
                   AND (child.path <> unit.path || child.id || '/' OR child.depth <> unit.depth + 1)) THEN
            RAISE EXCEPTION 'units: children of % were left behind', unit.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER units_path AFTER INSERT OR UPDATE OF parent_id, path, depth ON units
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION units_check_path()
    """,
    """
    CREATE FUNCTION units_keep_number() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'units: a unit keeps its id and number for ever'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE TRIGGER units_number BEFORE UPDATE OF id, number ON units FOR EACH ROW
    WHEN (OLD.number IS DISTINCT FROM NEW.number OR OLD.id IS DISTINCT FROM NEW.id)
    EXECUTE FUNCTION units_keep_number()
    """,
]

# SQLite writes one at a time; a parent below the unit itself is refused at once.
SQLITE = [
    """
    CREATE TRIGGER units_no_cycle BEFORE UPDATE OF parent_id ON units WHEN NEW.parent_id IS NOT NULL
    BEGIN
        SELECT RAISE(ABORT, 'units: cycle') FROM units parent WHERE parent.id = NEW.parent_id
        AND substr(parent.path, 1, length(NEW.path)) = NEW.path;
    END
    """,
    """
    CREATE TRIGGER units_number BEFORE UPDATE OF id, number ON units
    WHEN OLD.number IS NOT NEW.number OR OLD.id IS NOT NEW.id
    BEGIN
        SELECT RAISE(ABORT, 'units: a unit keeps its id and number for ever');
    END
    """,
]


def upgrade() -> None:
    op.create_table(
        "tree_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_tree_state_single"),
        sa.PrimaryKeyConstraint("id", name="pk_tree_state"),
    )
    op.create_table(
        "units",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.String(length=22), nullable=True),
        sa.Column("parent_kind", sa.String(length=24), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column(
            "path",
            sa.String(length=1000).with_variant(sa.String(length=1000, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.String(length=22), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(parent_id IS NULL AND kind = 'province_bureau') OR (parent_kind IS NOT NULL AND ((parent_kind = 'province_bureau' AND kind = 'city_bureau') OR (parent_kind = 'province_bureau' AND kind = 'province_group_unit') OR (parent_kind = 'city_bureau' AND kind = 'county_bureau') OR (parent_kind = 'city_bureau' AND kind = 'development_zone') OR (parent_kind = 'city_bureau' AND kind = 'city_direct_unit') OR (parent_kind = 'county_bureau' AND kind = 'township') OR (parent_kind = 'county_bureau' AND kind = 'county_direct_unit') OR (parent_kind = 'development_zone' AND kind = 'township') OR (parent_kind = 'development_zone' AND kind = 'county_direct_unit') OR (parent_kind = 'township' AND kind = 'subordinate_unit') OR (parent_kind = 'province_group_unit' AND kind = 'subordinate_unit') OR (parent_kind = 'city_direct_unit' AND kind = 'subordinate_unit') OR (parent_kind = 'county_direct_unit' AND kind = 'subordinate_unit') OR (parent_kind = 'subordinate_unit' AND kind = 'subordinate_unit')))",
            name="ck_units_pair",
        ),
        sa.CheckConstraint("status IN ('open', 'closed')", name="ck_units_status"),
        sa.CheckConstraint("(parent_id IS NULL) = (parent_kind IS NULL)", name="ck_units_parent_whole"),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name="ck_units_not_own_parent"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ck_units_validity"),
        sa.ForeignKeyConstraint(["parent_id", "parent_kind"], ["units.id", "units.kind"], name="parent"),
        sa.ForeignKeyConstraint(["successor_id"], ["units.id"], name="fk_units_successor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sa.UniqueConstraint("code", name="uq_units_code"),
        sa.UniqueConstraint("id", "kind", name="uq_units_id_kind"),
        sa.UniqueConstraint("id", "number", name="uq_units_id_number"),
        sa.UniqueConstraint("number", name="uq_units_number"),
    )
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.create_index("ix_units_parent_id", ["parent_id"], unique=False)
        batch_op.create_index("ix_units_path", ["path"], unique=True)
        batch_op.create_index(
            "uq_units_one_root",
            ["kind"],
            unique=True,
            sqlite_where=sa.text("kind = 'province_bureau'"),
            postgresql_where=sa.text("kind = 'province_bureau'"),
        )
    op.create_table(
        "unit_moves",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("from_parent_id", sa.String(length=22), nullable=False),
        sa.Column("to_parent_id", sa.String(length=22), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["from_parent_id"], ["units.id"], name="fk_unit_moves_from_parent_id"),
        sa.ForeignKeyConstraint(["to_parent_id"], ["units.id"], name="fk_unit_moves_to_parent_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_unit_moves_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_unit_moves"),
    )
    with op.batch_alter_table("unit_moves", schema=None) as batch_op:
        batch_op.create_index("ix_unit_moves_unit_id", ["unit_id"], unique=False)
    op.create_table(
        "unit_names",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_unit_names_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_unit_names"),
    )
    with op.batch_alter_table("unit_names", schema=None) as batch_op:
        batch_op.create_index("ix_unit_names_unit_id", ["unit_id"], unique=False)
    op.execute("INSERT INTO tree_state (id, version) VALUES (1, 0)")
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in ("units_take_tree_lock", "units_check_path", "units_keep_number"):
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    op.drop_table("unit_names")
    op.drop_table("unit_moves")
    op.drop_table("units")
    op.drop_table("tree_state")
