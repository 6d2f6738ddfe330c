"""Records by year on PostgreSQL: an opt-in step that no migration takes (docs/growth.md says when it pays).

The table that is there becomes the first partition as it is: no row is rewritten. The price is the foreign keys that
point at records, since a key over partitions must hold the year: a trigger of the same strength takes their place.
"""

from sqlalchemy import Engine

# What the table had, its new parent gets again: keys, indexes, triggers, policies, rights. Policies of other tables
# that look at records are bound to the table, not to its name, and are made anew.
_SPLIT = """
DO $do$
DECLARE
    whole CONSTANT regclass := 'records'::regclass;
    said record;
    kept record;
    cut date;
BEGIN
    LOCK TABLE records IN ACCESS EXCLUSIVE MODE;
    PERFORM set_config('yinling.scope', '{(,)}', true);
    SELECT * INTO kept FROM pg_class WHERE oid = whole;
    SELECT make_date(greatest(extract(year FROM max(ended_on))::int, THIS_YEAR) + 1, 1, 1) INTO cut FROM records;
    CREATE TEMP TABLE pointing ON COMMIT DROP AS
        SELECT c.conrelid::regclass AS child, c.conname AS name, a.attname AS col FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.confrelid = whole AND c.contype = 'f' AND c.conparentid = 0;
    CREATE TEMP TABLE again ON COMMIT DROP AS
        SELECT 1 AS step, format('ALTER TABLE records ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) AS act
        FROM pg_constraint WHERE conrelid = whole AND contype = 'f'
        UNION ALL SELECT 2, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = whole AND NOT indisprimary
        UNION ALL SELECT 5, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = whole AND NOT tgisinternal
        UNION ALL SELECT 6, format('GRANT %s ON records TO %I', privilege_type, grantee::regrole::text)
        FROM aclexplode(kept.relacl) WHERE grantee <> kept.relowner AND grantee <> 0;
    CREATE TEMP TABLE policies ON COMMIT DROP AS
        SELECT p.polname AS name, p.polrelid::regclass AS guarded, p.polrelid = whole AS own,
               pg_get_expr(p.polqual, p.polrelid) AS seen, pg_get_expr(p.polwithcheck, p.polrelid) AS written
        FROM pg_policy p WHERE p.polrelid = whole OR EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refobjid = whole);
    FOR said IN SELECT * FROM pointing LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', said.child, said.name);
    END LOOP;
    FOR said IN SELECT tgname AS name FROM pg_trigger WHERE tgrelid = whole AND NOT tgisinternal LOOP
        EXECUTE format('DROP TRIGGER %I ON records', said.name);
    END LOOP;
    FOR said IN SELECT * FROM policies WHERE NOT own LOOP
        EXECUTE format('DROP POLICY %I ON %s', said.name, said.guarded);
    END LOOP;
    FOR said IN SELECT indexrelid::regclass AS name, relname FROM pg_index JOIN pg_class ON oid = indexrelid
                WHERE indrelid = whole LOOP
        EXECUTE format('ALTER INDEX %s RENAME TO %I', said.name, said.relname || '_before');
    END LOOP;
    ALTER TABLE records RENAME TO records_before;
    CREATE TABLE records (LIKE records_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED)
        PARTITION BY RANGE (ended_on);
    EXECUTE format('ALTER TABLE records_before ADD CONSTRAINT ck_records_before CHECK (ended_on < %L)', cut);
    FOR said IN SELECT act FROM again WHERE step < 5 ORDER BY step LOOP
        EXECUTE said.act;
    END LOOP;
    EXECUTE format('ALTER TABLE records ATTACH PARTITION records_before FOR VALUES FROM (MINVALUE) TO (%L)', cut);
    CREATE TABLE records_later PARTITION OF records DEFAULT;
    ALTER TABLE records_later ADD CONSTRAINT pk_records_later PRIMARY KEY (id);
    FOR said IN SELECT act FROM again WHERE step >= 5 ORDER BY step LOOP
        EXECUTE said.act;
    END LOOP;
    FOR said IN SELECT name, written, seen, CASE WHEN own THEN t ELSE guarded::text END AS guarded
                FROM policies, unnest(ARRAY['records', 'records_later']) t WHERE own OR t = 'records' LOOP
        EXECUTE format('CREATE POLICY %I ON %s USING (%s) WITH CHECK (%s)', said.name, said.guarded, said.seen,
                       coalesce(said.written, said.seen));
    END LOOP;
    IF kept.relrowsecurity THEN
        ALTER TABLE records ENABLE ROW LEVEL SECURITY;
        ALTER TABLE records FORCE ROW LEVEL SECURITY;
        ALTER TABLE records_later ENABLE ROW LEVEL SECURITY;
        ALTER TABLE records_later FORCE ROW LEVEL SECURITY;
    END IF;
    FOR said IN SELECT * FROM pointing LOOP
        CALL point_at_records(said.child, said.col);
    END LOOP;
END $do$
"""

# In place of a foreign key. Whoever writes may see less than the whole; the check looks at all, and puts it back.
_POINTING = """
CREATE OR REPLACE FUNCTION records_must_be_there() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text := COALESCE(current_setting('yinling.scope', true), '');
    wanted text := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    PERFORM set_config('yinling.scope', '{(,)}', true);
    PERFORM FROM records WHERE id = wanted FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%: record % is not there', TG_TABLE_NAME, wanted USING ERRCODE = 'foreign_key_violation';
    END IF;
    PERFORM set_config('yinling.scope', kept, true);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION records_still_pointed_at() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text := COALESCE(current_setting('yinling.scope', true), '');
    there boolean;
BEGIN
    PERFORM set_config('yinling.scope', '{(,)}', true);
    -- A record whose year is corrected leaves one partition and enters another: it is still there.
    IF NOT EXISTS (SELECT FROM records WHERE id = OLD.id) THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I = $1)', TG_ARGV[0], TG_ARGV[1]) INTO there USING OLD.id;
        IF there THEN
            RAISE EXCEPTION 'records: % is still pointed at by %', OLD.id, TG_ARGV[0]
                USING ERRCODE = 'foreign_key_violation';
        END IF;
    END IF;
    PERFORM set_config('yinling.scope', kept, true);
    RETURN NULL;
END $$;
CREATE OR REPLACE PROCEDURE point_at_records(child regclass, col name) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER record_there AFTER INSERT OR UPDATE OF %I ON %s FOR EACH ROW
                    EXECUTE FUNCTION records_must_be_there(%L)', col, child, col);
    EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER DELETE ON records DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                    EXECUTE FUNCTION records_still_pointed_at(%L, %L)', 'pointed_at_by_' || child, child, col);
END $$;
"""

_YEAR = """
DO $do$
DECLARE
    said record;
    part CONSTANT text := 'records_YEAR';
BEGIN
    -- What was there when the table was split reaches up to some year.
    IF to_regclass(part) IS NULL AND YEAR >= COALESCE((
            SELECT substring(pg_get_constraintdef(oid) FROM '[0-9]{4}')::int FROM pg_constraint
            WHERE conname = 'ck_records_before' AND conrelid = 'records_before'::regclass), 0) THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF records FOR VALUES FROM (%L) TO (%L)', part, 'YEAR-01-01',
                       'NEXT-01-01');
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY (id)', part, 'pk_' || part);
        FOR said IN SELECT polname AS name, pg_get_expr(polqual, polrelid) AS seen FROM pg_policy
                    WHERE polrelid = 'records'::regclass LOOP
            EXECUTE format('CREATE POLICY %I ON %I USING (%s) WITH CHECK (%s)', said.name, part, said.seen, said.seen);
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
        END LOOP;
    END IF;
END $do$
"""
YEARS_AHEAD = 2


def records_by_year(engine: Engine, this_year: int) -> list[tuple[str, int]]:
    """Split `records`, or, where it is split, make the partitions of this year and the next ones.

    As the tables' owner, in one transaction that holds everybody else off; (partition, its size in bytes) afterwards.
    Doing it again is the same as doing it once. Only PostgreSQL has partitions.
    """
    with engine.begin() as connection:
        acts = [_YEAR.replace("YEAR", str(year)).replace("NEXT", str(year + 1))
                for year in range(this_year, this_year + YEARS_AHEAD + 1)]
        kind = connection.exec_driver_sql("SELECT relkind FROM pg_class WHERE oid = 'records'::regclass").scalar_one()
        if kind != "p":
            acts[:0] = [_POINTING, _SPLIT.replace("THIS_YEAR", str(this_year))]
        for act in acts:
            connection.exec_driver_sql(act.replace("%", "%%"))
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE records")
        found = connection.exec_driver_sql("SELECT relid::text, pg_total_relation_size(relid)"
                                           " FROM pg_partition_tree('records') WHERE isleaf ORDER BY 1")
        return [(str(name), int(size)) for name, size in found]
