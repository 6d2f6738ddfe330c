"""Row security on PostgreSQL: a role that owns nothing, and a policy on every table whose rows belong to a unit.

A later migration guards its own new table: `op.execute("CALL guard_rows('hospital_stays', 'record')")`. The second
word says how a row finds its unit: `number` by its own unit_number, `unit` by its unit_id, `record` as a table joined
to records by its id.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OWNED = ("accounts", "administrators", "attachments", "audit_entries", "cadres", "deadline_rules", "filings", "grants",
         "jobs", "messages", "opinions", "record_people", "records", "tellings")
JOINED = ("branch_activities", "hardship_aid", "visits", "volunteer_service")
BY_UNIT = ("unit_moves", "unit_names")
APPEND_ONLY = ("audit_entries", "audit_seals")

# Asked the other way round (not among the hidden numbers), because the planner takes "among" for one row in two
# hundred and would leave the index it walks without the policy. Unset and empty are NULL: no row. The sub-select is
# computed once in each statement.
GUARD = """
CREATE PROCEDURE guard_rows(guarded regclass, way text) LANGUAGE plpgsql AS $procedure$
DECLARE
    visible text := $$NOT (%s <@ (SELECT '{(,)}'::int8multirange
        - NULLIF(current_setting('yinling.scope', true), '')::int8multirange))$$;
    condition text := CASE way
        WHEN 'units' THEN format(visible, 'number')
        WHEN 'number' THEN format(visible, 'unit_number')
        WHEN 'unit' THEN format('EXISTS (SELECT FROM units WHERE units.id = %s.unit_id)', guarded)
        WHEN 'record' THEN format('EXISTS (SELECT FROM records WHERE records.id = %s.id)', guarded)
    END;
BEGIN
    IF condition IS NULL THEN
        RAISE EXCEPTION 'guard_rows: % is no way from a row to its unit', way;
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY scope ON %s USING (%s) WITH CHECK (%s)', guarded, condition, condition);
END $procedure$
"""

# The check of a path reads a unit's parent and children, which may lie outside the scope of whoever moves it: it looks
# at the whole tree and puts the scope back. (A foreign key's own check is free of policies by itself.)
CHECK_PATH = """
CREATE OR REPLACE FUNCTION units_check_path() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unit units%ROWTYPE;
    parent units%ROWTYPE;
{declare}BEGIN
{widen}    SELECT * INTO unit FROM units WHERE id = NEW.id;
    IF NOT FOUND THEN
{restore}        RETURN NULL;
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
{restore}    RETURN NULL;
END $$
"""
WIDE = {
    "declare": "    kept text := COALESCE(current_setting('yinling.scope', true), '');\n",
    "widen": "    PERFORM set_config('yinling.scope', '{(,)}', true);\n",
    "restore": "    PERFORM set_config('yinling.scope', kept, true);\n",
}
AS_BEFORE = dict.fromkeys(WIDE, "")


def check_path(words: dict[str, str]) -> str:
    source = CHECK_PATH
    for name, text in words.items():
        source = source.replace(f"{{{name}}}", text)
    return source


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("GRANT USAGE ON SCHEMA public TO yinling_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO yinling_app")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO yinling_app")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public "
               "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO yinling_app")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO yinling_app")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM yinling_app")
    for name in APPEND_ONLY:
        op.execute(f"REVOKE UPDATE, DELETE ON {name} FROM yinling_app")
    op.execute(GUARD)
    for way, names in (("units", ("units",)), ("number", OWNED), ("record", JOINED), ("unit", BY_UNIT)):
        for name in names:
            op.execute(f"CALL guard_rows('{name}', '{way}')")
    op.execute(check_path(WIDE))


def downgrade() -> None:
    """The role stays: other databases of the cluster may know it."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(check_path(AS_BEFORE))
    for name in (*BY_UNIT, *JOINED, *OWNED, "units"):
        op.execute(f"DROP POLICY scope ON {name}")
        op.execute(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP PROCEDURE guard_rows(regclass, text)")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM yinling_app")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM yinling_app")
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM yinling_app")
    op.execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM yinling_app")
    op.execute("REVOKE USAGE ON SCHEMA public FROM yinling_app")
