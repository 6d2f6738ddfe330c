"""Paths of changed units are checked together, once a statement: a county is moved with one check."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

# Of the units whose place a statement has changed each is looked at, with its superior and what lies directly below;
# a new name ends with the first question. What is not right yet may become so by the next statement (a move in several
# steps): it is looked at once more at the end, by the row's own check of 0013, which is asked for by naming the path
# and leaving it as it is. LATERAL with OFFSET: one look by key for each unit, however many the plan was first made for.
# Whole sight, and the scope put back, as in 0013.
CHECK_CHANGED = """
CREATE FUNCTION units_check_changed_paths() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text := COALESCE(current_setting('yinling.scope', true), '');
    wrong text[];
BEGIN
    IF NOT EXISTS (SELECT id, parent_id, path, depth FROM fresh EXCEPT SELECT id, parent_id, path, depth FROM stale) THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('yinling.scope', '{(,)}', true);
    WITH changed AS MATERIALIZED (
        SELECT id, parent_id, path, depth FROM fresh EXCEPT SELECT id, parent_id, path, depth FROM stale
    )
    SELECT array_agg(found.id) INTO wrong FROM (
        SELECT changed.id FROM changed LEFT JOIN LATERAL (
            SELECT unit.path, unit.depth FROM units unit WHERE unit.id = changed.parent_id OFFSET 0
        ) parent ON TRUE
        WHERE changed.path <> COALESCE(parent.path, '/') || changed.id || '/'
           OR changed.depth <> COALESCE(parent.depth, 0) + 1
        UNION
        SELECT child.id FROM changed CROSS JOIN LATERAL (
            SELECT unit.id FROM units unit WHERE unit.parent_id = changed.id
            AND (unit.path <> changed.path || unit.id || '/' OR unit.depth <> changed.depth + 1) OFFSET 0
        ) child
    ) AS found;
    IF wrong IS NOT NULL THEN
        UPDATE units SET path = path WHERE id = ANY (wrong);
    END IF;
    PERFORM set_config('yinling.scope', kept, true);
    RETURN NULL;
END $$
"""
ON_UPDATE = """
CREATE TRIGGER units_changed_paths AFTER UPDATE ON units REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION units_check_changed_paths()
"""
PER_ROW = """
CREATE CONSTRAINT TRIGGER units_path AFTER UPDATE OF {columns} ON units
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {when} EXECUTE FUNCTION units_check_path()
"""
LEFT_AS_IT_IS = ("WHEN (OLD.path = NEW.path AND OLD.depth = NEW.depth "
                 "AND OLD.parent_id IS NOT DISTINCT FROM NEW.parent_id)")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP TRIGGER units_path ON units")
    op.execute(PER_ROW.format(columns="path", when=LEFT_AS_IT_IS))
    op.execute(CHECK_CHANGED)
    op.execute(ON_UPDATE)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP TRIGGER units_changed_paths ON units")
    op.execute("DROP FUNCTION units_check_changed_paths()")
    op.execute("DROP TRIGGER units_path ON units")
    op.execute(PER_ROW.format(columns="parent_id, path, depth", when=""))
