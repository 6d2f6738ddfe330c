"""The words of new rows are put in without asking for each whether it is there already (PostgreSQL).

`ON CONFLICT` looks for every word, writes it on trial and confirms it: two fifths of what the words of a roster cost.
What it was for, a word told twice of one name, is sorted out before. Rows that change still meet what they find. On
SQLite, where the trigger sees one row and a conflict costs nothing, all stays.
"""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

PEOPLE = (("cadres", "cadre_words"), ("accounts", "account_words"))
CHANGED = " OR ".join(f"fresh.{name} IS DISTINCT FROM stale.{name}"
                      for name in ("unit_number", "name_reading", "name_words"))
BOTH = f"stale JOIN fresh ON fresh.id = stale.id AND ({CHANGED})"
NEW = """
    INSERT INTO {words} (word, unit_number, reading, owner_id)
    SELECT told.word, fresh.unit_number, fresh.name_reading, fresh.id FROM fresh
    CROSS JOIN LATERAL (SELECT DISTINCT word FROM string_to_table(fresh.name_words, ' ') AS word WHERE word <> '')
        AS told
"""
PUT = """
    INSERT INTO {words} (word, unit_number, reading, owner_id)
    SELECT word, fresh.unit_number, fresh.name_reading, fresh.id FROM {rows}
    CROSS JOIN LATERAL string_to_table(fresh.name_words, ' ') AS word WHERE word <> '' ON CONFLICT DO NOTHING
"""
TAKE = """
    DELETE FROM {words} AS kept USING (
        SELECT word, stale.unit_number, stale.name_reading, stale.id FROM {rows}
        CROSS JOIN LATERAL string_to_table(stale.name_words, ' ') AS word
    ) AS gone WHERE kept.word = gone.word AND kept.unit_number = gone.unit_number
        AND kept.reading = gone.name_reading AND kept.owner_id = gone.id
"""


def replace(new: str) -> None:
    """Write the functions of the triggers again; the triggers themselves stay as they are."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, words in PEOPLE:
        op.execute(f"""
        CREATE OR REPLACE FUNCTION {table}_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN {new.format(words=words, rows="fresh")};
            ELSIF TG_OP = 'DELETE' THEN {TAKE.format(words=words, rows="stale")};
            ELSIF TG_OP = 'UPDATE' THEN
                {TAKE.format(words=words, rows=BOTH)};
                {PUT.format(words=words, rows=BOTH)};
            ELSE TRUNCATE {words};
            END IF;
            RETURN NULL;
        END $$
        """)


def upgrade() -> None:
    replace(NEW)


def downgrade() -> None:
    replace(PUT)
