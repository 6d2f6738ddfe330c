"""Loads blocks into SQLite by executemany in long transactions; indexes and triggers are built again afterwards."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from scale import name_words
from scale.rows import Block

MADE = """
    SELECT name, type, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name = ?
"""


@dataclass
class Undone:
    """Statements that bring back what was taken away, by name."""

    statements: dict[str, str] = field(default_factory=dict)

    def steps(self, _tables: list[str]) -> int:
        """How many statements there are."""
        return len(self.statements)


class SqliteStore:
    """One file. SQLite has one writer: the command's own process writes what the others make."""

    def __init__(self, url: str) -> None:
        self.path = Path(url.removeprefix("sqlite:///"))
        self._own: sqlite3.Connection | None = None

    def connect(self) -> sqlite3.Connection:
        """A connection that checks foreign keys at the end instead of row by row."""
        made = sqlite3.connect(self.path, isolation_level=None)
        for pragma in ("journal_mode=wal", "busy_timeout=60000", "foreign_keys=off", "synchronous=off",
                       "cache_size=-524288", "temp_store=memory"):
            made.execute(f"PRAGMA {pragma}")
        return made

    def write(self, blocks: Iterable[Block]) -> int:
        """Insert blocks in one transaction; how many rows."""
        if self._own is None:
            self._own = self.connect()
        total = 0
        self._own.execute("BEGIN IMMEDIATE")
        for block in blocks:
            marks = ", ".join("?" * len(block.columns))
            columns = ", ".join(f'"{name}"' for name in block.columns)
            self._own.executemany(f'INSERT INTO "{block.table}" ({columns}) VALUES ({marks})', block.rows)  # noqa: S608
            total += len(block.rows)
        self._own.execute("COMMIT")
        return total

    def close(self) -> None:
        """Let the connection go; the log of changes is folded into the file."""
        if self._own is not None:
            self._own.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._own.close()
            self._own = None

    def spell(self) -> None:
        """The words by which people are found, from what stands beside their names."""
        with self.connect() as connection:
            for statement in name_words.statements(name_words.SQLITE):
                connection.execute(statement)

    def undress(self, tables: list[str]) -> Undone:
        """Drop indexes and triggers of these tables, and remember them."""
        connection = self.connect()
        undone = Undone()
        connection.execute("BEGIN IMMEDIATE")
        for table in tables:
            for name, kind, statement in connection.execute(MADE, (table,)).fetchall():
                undone.statements[name] = statement
                connection.execute(f'DROP {kind} "{name}"')
        connection.execute("COMMIT")
        connection.close()
        return undone

    def dress(self, undone: Undone, _tables: list[str], _processes: int, done: Callable[[str], None]) -> None:
        """Build everything again and check every foreign key. Raises ValueError when one points nowhere."""
        connection = self.connect()
        for name, statement in undone.statements.items():
            connection.execute(statement)
            done(name)
        broken = connection.execute("PRAGMA foreign_key_check").fetchmany(3)
        if broken:
            raise ValueError(f"foreign keys point nowhere: {broken}")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
