"""The session of requests and jobs. A reader on PostgreSQL is lent a connection, without the session's bookkeeping.

What SQLAlchemy does around a transaction (a state machine, events, an entry for each bind) costs more than most
statements of a reader, who flushes nothing and is rolled back anyway. Statements compiled ahead (`tenants.prepared`)
go over the lent connection; an ORM statement of the same reader joins it, and so its snapshot.
"""

from typing import Any

from flask_sqlalchemy.session import Session as Bound
from psycopg import IsolationLevel
from sqlalchemy import Connection

READS = "reads one snapshot"
LENT = "connection lent to a reader"
TOLD = "scope told to the database"  # of the transaction, by engine; see `tenants.row_security`


class Session(Bound):
    """What `db.session` hands out."""

    def lent(self) -> Connection | None:
        """The connection a reader reads over; None for everybody else, and for a reader who began in another way."""
        connection: Connection | None = self.info.get(LENT)
        if connection is None and self.info.get(READS) and not self.in_transaction():
            engine: Any = self.get_bind()
            if engine.dialect.driver == "psycopg":
                connection = self.info[LENT] = engine.connect()
                raw: Any = connection.connection.dbapi_connection
                raw.isolation_level = IsolationLevel.REPEATABLE_READ
        return connection

    def _give_back(self) -> None:
        """What the database was told about this transaction has ended with it."""
        connection = self.info.pop(LENT, None)
        if connection is not None:
            self.info.pop(TOLD, None)
            connection.close()

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        """A reader's statements go where his others went."""
        return self.info.get(LENT) or super().get_bind(*args, **kwargs)

    def rollback(self) -> None:
        """End the transaction; nothing of it stays."""
        super().rollback()
        self._give_back()

    def commit(self) -> None:
        """End the transaction; what was written stays."""
        super().commit()
        self._give_back()

    def close(self) -> None:
        """End the transaction and let every object go."""
        super().close()
        self._give_back()
