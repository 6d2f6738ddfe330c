"""The words of names that were loaded past the triggers, by one statement for each table of people."""

POSTGRESQL = """
    INSERT INTO {words} (word, unit_number, reading, owner_id)
    SELECT word, unit_number, name_reading, id FROM {table} CROSS JOIN LATERAL string_to_table(name_words, ' ') AS word
"""
SQLITE = """
    INSERT OR IGNORE INTO {words} (word, unit_number, reading, owner_id)
    SELECT value, {table}.unit_number, {table}.name_reading, {table}.id FROM {table},
        json_each('["' || replace(name_words, ' ', '","') || '"]') ORDER BY 1, 2, 3, 4
"""
PEOPLE = (("accounts", "account_words"), ("cadres", "cadre_words"))
TABLES = [words for _table, words in PEOPLE]


def statements(template: str) -> list[str]:
    """Fill every table of words."""
    return [template.format(table=table, words=words) for table, words in PEOPLE]
