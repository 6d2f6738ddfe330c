"""Words by which people are found, keyed tails of their numbers, and the triggers that keep the words.

What is there already has no words yet (NULL): the worker, or `flask names spell`, spells it batch by batch, for both
readings and keyed tails need what a migration does not import.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

PEOPLE = (("cadres", "cadre_words", "mobile_tail_key"), ("accounts", "account_words", "phone_tail_key"))
FACTS = ("unit_number", "name_reading", "name_words")


# One statement takes the words of a statement's rows away or puts them in, however many rows it changed.
_PUT = """
    INSERT INTO {words} (word, unit_number, reading, owner_id)
    SELECT word, fresh.unit_number, fresh.name_reading, fresh.id FROM {rows}
    CROSS JOIN LATERAL string_to_table(fresh.name_words, ' ') AS word WHERE word <> '' ON CONFLICT DO NOTHING
"""
_TAKE = """
    DELETE FROM {words} AS kept USING (
        SELECT word, stale.unit_number, stale.name_reading, stale.id FROM {rows}
        CROSS JOIN LATERAL string_to_table(stale.name_words, ' ') AS word
    ) AS gone WHERE kept.word = gone.word AND kept.unit_number = gone.unit_number
        AND kept.reading = gone.name_reading AND kept.owner_id = gone.id
"""
# On SQLite, which has no statement triggers. Words hold neither quotes nor backslashes: a list of them is soon an array.
_PUT_ONE = """
    INSERT OR IGNORE INTO {words} (word, unit_number, reading, owner_id)
    SELECT value, NEW.unit_number, NEW.name_reading, NEW.id
    FROM json_each('["' || replace(NEW.name_words, ' ', '","') || '"]') WHERE value <> '';
"""
_TAKE_ONE = """
    DELETE FROM {words} WHERE unit_number = OLD.unit_number AND reading = OLD.name_reading AND owner_id = OLD.id
    AND word IN (SELECT value FROM json_each('["' || replace(OLD.name_words, ' ', '","') || '"]'));
"""
_ON = (("INSERT", "NEW TABLE AS fresh"), ("DELETE", "OLD TABLE AS stale"),
       ("UPDATE", "NEW TABLE AS fresh OLD TABLE AS stale"))


def _postgresql(table: str, words: str) -> list[str]:
    changed = " OR ".join(f"fresh.{name} IS DISTINCT FROM stale.{name}" for name in FACTS)
    both = f"stale JOIN fresh ON fresh.id = stale.id AND ({changed})"
    body = f"""
        BEGIN
            IF TG_OP = 'INSERT' THEN {_PUT.format(words=words, rows="fresh")};
            ELSIF TG_OP = 'DELETE' THEN {_TAKE.format(words=words, rows="stale")};
            ELSIF TG_OP = 'UPDATE' THEN
                {_TAKE.format(words=words, rows=both)};
                {_PUT.format(words=words, rows=both)};
            ELSE TRUNCATE {words};
            END IF;
            RETURN NULL;
        END
    """
    run = f"EXECUTE FUNCTION {table}_words()"
    return [
        f"CREATE FUNCTION {table}_words() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
        *(f"CREATE TRIGGER {table}_words_{event.lower()} AFTER {event} ON {table} REFERENCING {tables} "
          f"FOR EACH STATEMENT {run}" for event, tables in _ON),
        f"CREATE TRIGGER {table}_words_truncate AFTER TRUNCATE ON {table} FOR EACH STATEMENT {run}",
    ]


def _sqlite(table: str, words: str) -> list[str]:
    put, take = _PUT_ONE.format(words=words), _TAKE_ONE.format(words=words)
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in FACTS)
    return [
        f"CREATE TRIGGER {table}_words_insert AFTER INSERT ON {table} WHEN NEW.name_words IS NOT NULL BEGIN {put} END",
        f"CREATE TRIGGER {table}_words_delete AFTER DELETE ON {table} WHEN OLD.name_words IS NOT NULL BEGIN {take} END",
        f"CREATE TRIGGER {table}_words_update AFTER UPDATE OF {', '.join(FACTS)} ON {table} WHEN {changed} "
        f"BEGIN {take} {put} END",
    ]


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.add_column("accounts", sa.Column("name_reading", sa.String(length=200), nullable=False, server_default=""))
    unspelled = {"postgresql_where": sa.text("name_words IS NULL"), "sqlite_where": sa.text("name_words IS NULL")}
    for table, words, tail in PEOPLE:
        op.add_column(table, sa.Column("name_words", sa.Text(), nullable=True))
        op.add_column(table, sa.Column(tail, sa.String(length=64), nullable=True))
        op.create_index(f"ix_{table}_tail", table, [tail, "unit_number", "name_reading", "id"])
        op.create_index(f"ix_{table}_unspelled", table, ["id"], **unspelled)
        op.create_table(
            words,
            sa.Column("word", sa.Text(), nullable=False),
            sa.Column("unit_number", sa.BigInteger(), nullable=False),
            sa.Column("reading", sa.String(length=200), nullable=False),
            sa.Column("owner_id", sa.String(length=22), nullable=False),
            sa.PrimaryKeyConstraint("word", "unit_number", "reading", "owner_id", name=f"pk_{words}"),
            sqlite_with_rowid=False,
        )
        if on_postgresql:
            op.execute(f"CALL guard_rows('{words}', 'number')")
        for statement in (_postgresql if on_postgresql else _sqlite)(table, words):
            op.execute(statement)
    op.create_index("ix_accounts_kind", "accounts", ["kind", "state", "unit_number", "name_reading", "id"])


def downgrade() -> None:
    op.drop_index("ix_accounts_kind", "accounts")
    for table, words, tail in PEOPLE:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION {table}_words() CASCADE")
        else:
            for event in ("insert", "delete", "update"):
                op.execute(f"DROP TRIGGER {table}_words_{event}")
        op.drop_table(words)
        op.drop_index(f"ix_{table}_unspelled", table)
        op.drop_index(f"ix_{table}_tail", table)
        for name in ("name_words", tail):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    op.execute("ALTER TABLE accounts DROP COLUMN name_reading")
