"""Paths of new units are checked together, once a statement: a whole tree is loaded with one check."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# What 0013 says of a unit, for all the units of a statement. They have no children from before: the foreign key would
# not let those in. The check looks at the whole tree and puts the scope back, as there.
CHECK_NEW = """
CREATE FUNCTION units_check_new_paths() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text := COALESCE(current_setting('yinling.scope', true), '');
    wrong text;
BEGIN
    PERFORM set_config('yinling.scope', '{(,)}', true);
    SELECT unit.id INTO wrong FROM made unit LEFT JOIN units parent ON parent.id = unit.parent_id
    WHERE unit.path <> COALESCE(parent.path, '/') || unit.id || '/' OR unit.depth <> COALESCE(parent.depth, 0) + 1
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'units: cycle or wrong path at %', wrong USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    PERFORM set_config('yinling.scope', kept, true);
    RETURN NULL;
END $$
"""
ON_INSERT = """
CREATE TRIGGER units_new_paths AFTER INSERT ON units REFERENCING NEW TABLE AS made
FOR EACH STATEMENT EXECUTE FUNCTION units_check_new_paths()
"""
PER_ROW = """
CREATE CONSTRAINT TRIGGER units_path AFTER {events} OF parent_id, path, depth ON units
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION units_check_path()
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP TRIGGER units_path ON units")
    op.execute(PER_ROW.format(events="UPDATE"))
    op.execute(CHECK_NEW)
    op.execute(ON_INSERT)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP TRIGGER units_new_paths ON units")
    op.execute("DROP FUNCTION units_check_new_paths()")
    op.execute("DROP TRIGGER units_path ON units")
    op.execute(PER_ROW.format(events="INSERT OR UPDATE"))
