"""The statements a call of the product sends, caught once and sent again bare: what the database itself takes."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

TOTALS = ("count(", "counter")


@dataclass
class Sent:
    """Statements in the order sent, each with its parameters."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    def without_totals(self) -> "Sent":
        """Those that find rows: neither counting nor reading counters. A page's own statement counts on its way."""
        return Sent([(said, values) for said, values in self.statements
                     if "order by" in said.lower() or not any(word in said.lower() for word in TOTALS)])

    def of_rows(self) -> "Sent":
        """The statement that finds the rows, alone: what precedes it (whose page, how many in all) is told apart."""
        return Sent([(said, values) for said, values in self.statements if "order by" in said.lower()])


@contextlib.contextmanager
def catching(engine: sa.Engine) -> Iterator[Sent]:
    """What the engine sends meanwhile."""
    sent = Sent()

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if many:
            raise ValueError("a statement of many rows is no reading")
        if not statement.startswith("BEGIN"):
            sent.statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def sent_by(engine: sa.Engine, call: Callable[[], Any]) -> Sent:
    """What a call sends the second time, when everything kept is kept."""
    call()
    with catching(engine) as sent:
        call()
    return sent


class Bare:
    """A connection of the driver's own, with the engine's manners, in one long reading transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        """Take one from the pool."""
        self.connection = engine.raw_connection()
        self.cursor = self.connection.cursor()
        if engine.dialect.name == "sqlite":
            self.cursor.execute("BEGIN")

    def run(self, statement: str, values: Any = None) -> list[Any]:
        """Send one statement and fetch all of it."""
        self.cursor.execute(statement, values) if values is not None else self.cursor.execute(statement)
        return self.cursor.fetchall() if self.cursor.description else []

    def again(self, sent: Sent) -> Callable[[], None]:
        """A way that sends everything once more."""

        def way() -> None:
            for statement, values in sent.statements:
                self.run(statement, values)

        return way

    def once(self, statement: str, values: Any) -> Callable[[], None]:
        """A way that sends one statement."""

        def way() -> None:
            self.run(statement, values)

        return way

    def close(self) -> None:
        """Give it back, leaving nothing."""
        self.connection.rollback()
        self.connection.close()


@contextlib.contextmanager
def bare(engine: sa.Engine) -> Iterator[Bare]:
    """A bare connection for a while."""
    made = Bare(engine)
    try:
        yield made
    finally:
        made.close()
