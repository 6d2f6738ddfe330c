"""The session of requests and jobs. A reader on PostgreSQL is lent a connection, without the session's bookkeeping.

What SQLAlchemy does around a transaction (a state machine, events, an entry for each bind) costs more than most
statements of a reader, who flushes nothing and is rolled back anyway. Statements compiled ahead (`tenants.prepared`)
go over the lent connection; an ORM statement of the same reader joins it, and so its snapshot.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_sqlalchemy.session import Session as Bound
from psycopg import IsolationLevel
from sqlalchemy import Connection
from sqlalchemy.exc import PendingRollbackError

READS = "reads one snapshot"
LENT = "connection lent to a reader"
TOLD = "scope told to the database"  # of the transaction, by engine; see `tenants.row_security`


class Session(Bound):
    """What `db.session` hands out. A reader who is lent a connection writes nothing, and begins no block of its own."""

    def lent(self) -> Connection | None:
        """The connection a reader reads over; None for everybody else, and for a reader who began in another way.

        Raises PendingRollbackError after it was lost: another one would show another moment.
        """
        connection: Connection | None = self.info.get(LENT)
        if connection is not None:
            if connection.invalidated:
                raise PendingRollbackError("the reader's connection is lost, and his moment with it")
            return connection
        engine: Any = self.get_bind() if self.info.get(READS) and not self.in_transaction() else None
        return self._lend(engine) if engine is not None and engine.dialect.driver == "psycopg" else None

    def _lend(self, engine: Any) -> Connection:
        connection: Connection = engine.connect()
        try:
            raw: Any = connection.connection.dbapi_connection
            raw.isolation_level = IsolationLevel.REPEATABLE_READ
        except BaseException:
            connection.close()
            raise
        # No event tells of this beginning; whatever an earlier transaction was told has ended with it.
        self.info.pop(TOLD, None)
        self.info[LENT] = connection
        return connection

    def _give_back(self) -> None:
        """What the database was told about this transaction has ended with it."""
        self.info.pop(TOLD, None)
        connection = self.info.pop(LENT, None)
        if connection is not None:
            connection.close()

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        """A reader's statements go where his others went, unless they name another database."""
        if self.info.get(LENT) is None or kwargs.get("bind") is not None:
            return super().get_bind(*args, **kwargs)
        return self.lent()

    @contextmanager
    def _giving_back(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._give_back()

    def rollback(self) -> None:
        """End the transaction; nothing of it stays."""
        with self._giving_back():
            super().rollback()

    def commit(self) -> None:
        """End the transaction; what was written stays. After a failure the rollback gives back."""
        super().commit()
        self._give_back()

    def close(self) -> None:
        """End the transaction and let every object go."""
        with self._giving_back():
            super().close()

    def reset(self) -> None:
        """The same."""
        with self._giving_back():
            super().reset()

    def invalidate(self) -> None:
        """The same, with the connection thrown away."""
        lent = self.info.get(LENT)
        if lent is not None:
            lent.invalidate()
        with self._giving_back():
            super().invalidate()
