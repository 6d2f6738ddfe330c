"""Loads blocks into PostgreSQL by COPY; indexes and keys are taken away first and built again, several at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
from psycopg import Connection, sql

from scale import name_words
from scale.rows import Block, Row

MEMORY = "256MB"
LONGEST = ("record_people", "records")
FOREIGN = """
    SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
    WHERE c.connamespace = 'public'::regnamespace AND c.contype = 'f'
    AND (c.conrelid::regclass::text = ANY(%(tables)s) OR c.confrelid::regclass::text = ANY(%(tables)s))
    ORDER BY 1, 2
"""
KEYS = """
    SELECT c.conrelid::regclass::text, c.conname, c.contype::text, pg_get_indexdef(c.conindid) FROM pg_constraint c
    WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u')
    AND c.conrelid::regclass::text = ANY(%(tables)s) ORDER BY 1, 2
"""
INDEXES = """
    SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace = 'public'::regnamespace
    WHERE i.indrelid::regclass::text = ANY(%(tables)s)
    AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))
    ORDER BY 1, 2
"""
FORCED = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relforcerowsecurity
    AND relname = ANY(%(tables)s)
"""


@dataclass
class Undone:
    """What was taken away for the load, as it must stand again."""

    foreign: list[tuple[str, str, str]] = field(default_factory=list)
    keys: list[tuple[str, str, str, str]] = field(default_factory=list)
    indexes: list[tuple[str, str, str]] = field(default_factory=list)
    forced: list[str] = field(default_factory=list)

    def steps(self, tables: list[str]) -> int:
        """How many things are to be done again: an index each, and each table's checks."""
        return len(self.keys) + len(self.indexes) + len({*tables, *(table for table, *_ in self.foreign)})


def text_of(rows: Iterable[Row]) -> str:
    """Rows in COPY's text form. Nothing synthetic has a tab, a line break or a backslash; the check is cheap."""
    text = "\n".join(["\t".join(["\\N" if value is None else value for value in row]) for row in rows]) + "\n"
    if "\\" in text.replace("\\N", ""):
        raise ValueError("a backslash among the values")
    return text


class PostgresStore:
    """One database; every process that loads has a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql+psycopg://", "postgresql://")
        self._own: Connection | None = None

    def connect(self) -> Connection:
        """A connection that reads instants as UTC; what is lost in a crash would be loaded again anyway."""
        made = psycopg.connect(self.url, autocommit=True)
        for setting, value in (("timezone", "UTC"), ("synchronous_commit", "off"), ("maintenance_work_mem", MEMORY),
                               ("statement_timeout", "0"), ("lock_timeout", "0")):
            made.execute(sql.SQL("SET {} = {}").format(sql.Identifier(setting), sql.Literal(value)))
        return made

    def write(self, blocks: Iterable[Block]) -> int:
        """Copy blocks in one transaction on this process's connection; how many rows."""
        if self._own is None:
            self._own = self.connect()
        total = 0
        with self._own.transaction(), self._own.cursor() as cursor:
            for block in blocks:
                columns = sql.SQL(", ").join(map(sql.Identifier, block.columns))
                into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(block.table), columns)
                with cursor.copy(into) as copy:
                    copy.write(text_of(block.rows))
                total += len(block.rows)
        return total

    def close(self) -> None:
        """Let this process's connection go."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def spell(self) -> None:
        """The words by which people are found, from what stands beside their names."""
        with self.connect() as connection:
            for statement in name_words.statements(name_words.POSTGRESQL):
                connection.execute(sql.SQL(statement))

    def undress(self, tables: list[str]) -> Undone:
        """Take away what slows a load or would run per row: indexes, keys, triggers, forced row security."""
        given = {"tables": tables}
        with self.connect() as connection, connection.transaction():
            undone = Undone(
                connection.execute(FOREIGN, given).fetchall(), connection.execute(KEYS, given).fetchall(),
                connection.execute(INDEXES, given).fetchall(),
                [name for (name,) in connection.execute(FORCED, given).fetchall()],
            )
            for table, name, *_ in (*undone.foreign, *undone.keys):
                self._alter(connection, table, sql.SQL("DROP CONSTRAINT {}").format(sql.Identifier(name)))
            for _, name, _ in undone.indexes:
                connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
            for table in tables:
                self._alter(connection, table, sql.SQL("DISABLE TRIGGER USER"))
            for table in undone.forced:
                self._alter(connection, table, sql.SQL("NO FORCE ROW LEVEL SECURITY"))
        return undone

    @staticmethod
    def _alter(connection: Connection, table: str, what: sql.Composable) -> None:
        connection.execute(sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(table), what))

    def dress(self, undone: Undone, tables: list[str], processes: int, done: Callable[[str], None]) -> None:
        """Build everything again, the dearest first, and check each foreign key over all rows; then VACUUM, ANALYZE."""
        building = [(name, definition) for _, name, _, definition in undone.keys]
        building += [(name, definition) for _, name, definition in undone.indexes]
        building.sort(key=lambda each: _dearness(each[1]))
        with ThreadPoolExecutor(processes) as pool:
            list(pool.map(lambda each: self._run(each[1], done, each[0]), building))
        with self.connect() as connection, connection.transaction():
            for table, name, kind, _ in undone.keys:
                word = sql.SQL("PRIMARY KEY" if kind == "p" else "UNIQUE")
                self._alter(connection, table, sql.SQL("ADD CONSTRAINT {0} {1} USING INDEX {0}").format(
                    sql.Identifier(name), word))
            for table, name, definition in undone.foreign:
                self._alter(connection, table, sql.SQL("ADD CONSTRAINT {} {} NOT VALID").format(
                    sql.Identifier(name), sql.SQL(definition)))
            for table in tables:
                self._alter(connection, table, sql.SQL("ENABLE TRIGGER USER"))
            for table in undone.forced:
                self._alter(connection, table, sql.SQL("FORCE ROW LEVEL SECURITY"))
        owners = sorted({table for table, *_ in undone.foreign}, key=lambda table: table not in LONGEST)
        with ThreadPoolExecutor(processes) as pool:
            list(pool.map(lambda table: self._settle(table, undone, done), [*owners, *(set(tables) - set(owners))]))

    def _run(self, statement: str, done: Callable[[str], None], name: str) -> None:
        with self.connect() as connection:
            connection.execute(sql.SQL(statement))
        done(name)

    def _settle(self, table: str, undone: Undone, done: Callable[[str], None]) -> None:
        """Check the table's foreign keys (one at a time: they lock the table), then tell the planner what is there."""
        with self.connect() as connection:
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
            for owner, name, _ in undone.foreign:
                if owner == table:
                    self._alter(connection, table, sql.SQL("VALIDATE CONSTRAINT {}").format(sql.Identifier(name)))
        done(table)


def _dearness(definition: str) -> int:
    """Trigrams first, then the indexes of the longest tables."""
    order = ("USING gin", " public.record_people ", " public.records ", " public.cadres ")
    return next((place for place, part in enumerate(order) if part in definition), len(order))
