"""The database handle, placed low on purpose: whoever owns scope owns the handle (ADR-0002)."""

import fcntl
import os
import sqlite3
import time
from typing import Any

from flask.globals import _cv_app
from flask_sqlalchemy import SQLAlchemy
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, MetaData, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

from tenants import wire
from tenants.session import LENT, READS
from tenants.session import Session as OurSession

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The parent of every model; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMES)


def _context() -> int:
    """Whose session it is: the application context's, asked for many times in a request."""
    try:
        return id(_cv_app.get())
    except LookupError:
        raise RuntimeError("the database is asked for outside of an application context") from None


db = SQLAlchemy(model_class=Base, session_options={"scopefunc": _context, "class_": OurSession})

WRITES = "writes"
PATIENCE = 60.0  # seconds a writer waits for others (SQLite)
_ROOMY = "has room for many rows"
_MUCH_ROOM = ("cache_size=-16000", "wal_autocheckpoint=4000")
_OWN_ROOM = ("cache_size=-2000", "wal_autocheckpoint=1000")  # SQLite's own
_LONG = 1.0  # seconds in line after which less is left for the rest


def _on_connect(connection: Any, _record: object) -> None:
    """SQLite: WAL, foreign keys on, and transactions begun by us, not by the driver."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=wal", f"busy_timeout={1000 * PATIENCE:.0f}", "foreign_keys=on", "synchronous=normal",
                   "secure_delete=on"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    """SQLite: a writer takes its lock at once; upgrading a read later fails without waiting (M2)."""
    if connection.dialect.name != "sqlite":
        return
    if connection.get_execution_options().get(WRITES):
        _begin_in_turn(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_in_turn(connection: Connection) -> None:
    """Writers stand in line, those of other processes too, and only the first of the line asks for SQLite's lock.

    SQLite lets those who wait look again now and then: of many, some look at the wrong moments until their time is
    over. The line is a lock on a file beside the database, held until the transaction has begun and no longer.
    """
    name, began = connection.engine.url.database, time.monotonic()
    try:
        line = os.open(f"{name}.line", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:  # a folder that is full or cannot be written: what SQLite says about it is what counts
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    try:
        fcntl.flock(line, fcntl.LOCK_EX)
        waited = time.monotonic() - began
        if waited > _LONG:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={1000 * max(_LONG, PATIENCE - waited):.0f}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            if waited > _LONG:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={1000 * PATIENCE:.0f}")
    finally:
        os.close(line)


def room_for_many(connection: Connection) -> None:
    """SQLite, for the rest of the transaction: more pages in memory, and more in the journal before they are put in
    their places.

    The words of a few hundred names lie strewn over thousands of pages. With SQLite's own 2 MB each is read, written
    and read again within one transaction, and then all are put in their places at once, of which the next
    transaction changes most again.
    """
    held = connection.connection.info
    if not held.get(_ROOMY):
        held[_ROOMY] = True
        for pragma in _MUCH_ROOM:
            connection.exec_driver_sql(f"PRAGMA {pragma}").close()


def _on_return(connection: Any, record: Any) -> None:
    """A connection given back has the room it had: nobody else is to keep so much, or leave so much in the journal."""
    if connection is not None and record.info.pop(_ROOMY, False):
        cursor = connection.cursor()
        for pragma in _OWN_ROOM:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def prepare(engine: Engine) -> None:
    """Hang our manners on an engine: how a transaction begins on SQLite, what a snapshot leaves on PostgreSQL."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        event.listen(engine, "checkin", _on_return)
    else:
        event.listen(engine, "checkout", _forget_snapshot)
        wire.prepare(engine)


def _one_snapshot(session: Session, _transaction: object, connection: Connection) -> None:
    """PostgreSQL: a reader's statements all see the tree and the rows of one moment; SQLite's always do.

    The driver sends the level along with its BEGIN, so it costs no way to the server.
    """
    if session.info.get(READS) and connection.dialect.driver == "psycopg":
        raw: Any = connection.connection.dbapi_connection
        if raw.isolation_level is not IsolationLevel.REPEATABLE_READ:  # a lent connection may have begun
            raw.isolation_level = IsolationLevel.REPEATABLE_READ


def _forget_snapshot(connection: Any, _record: object, _proxy: object) -> None:
    """Whoever takes the connection next begins as he likes."""
    if connection.isolation_level is not None:
        connection.isolation_level = None


event.listen(Session, "after_begin", _one_snapshot)


def begin_read() -> None:
    """Let the session's next transaction be a reader's: whatever it asks, the answers are of one moment."""
    session = db.session()
    session.rollback()
    session.info[READS] = True


def begin_write(*, lasting: bool = True) -> None:
    """Start the session's transaction as a writer; whatever was read before is let go.

    One that is not lasting does not wait for the disk at its end (PostgreSQL): a server that falls within the next
    moment may have lost it, whole and never in part, and never what came before without what came after.
    """
    db.session.rollback()
    db.session.info.pop(READS, None)
    connection = db.session.connection(execution_options={WRITES: True})
    if not lasting and connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def send(connection: Connection, text: str, bound: Any) -> list[tuple[Any, ...]]:
    """Rows of a text already compiled: past the statement machinery, but not past those who watch it (tracers)."""
    if connection.dispatch.before_cursor_execute:
        seen = connection.exec_driver_sql(text, bound)
        return [tuple(row) for row in seen] if seen.returns_rows else []
    raw: Any = connection.connection
    dialect: Any = connection.dialect
    cursor = raw.dbapi_connection.cursor()
    try:
        cursor.execute(text, bound)
        rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
    except dialect.loaded_dbapi.Error as error:
        lost = dialect.is_disconnect(error, raw, cursor)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(text, None, error, dialect.loaded_dbapi.Error, hide_parameters=True,
                                  connection_invalidated=lost, dialect=dialect) from error
    finally:
        cursor.close()
    return rows


def end_read() -> None:
    """End a transaction that only read; nothing of it stays.

    psycopg's own rollback forgets every statement it has prepared, so that each request would have all of its
    statements parsed and planned anew. They outlive a rollback, and a transaction that created nothing gives no
    reason to drop them: so the ROLLBACK goes to the server past it, and the session finds the transaction over.
    """
    session = db.session()
    connection = session.info.get(LENT)
    if connection is None and session.in_transaction() and db.engine.dialect.driver == "psycopg":
        connection = session.connection()
    if connection is not None and not connection.invalidated:
        raw: Any = connection.connection.dbapi_connection
        if raw.pgconn.transaction_status == TransactionStatus.INTRANS:
            wire.let_go(connection, raw)
    session.rollback()


def begin_snapshot_write() -> None:
    """Start the session's transaction as a writer whose statements all see one moment; others go on writing."""
    db.session.rollback()
    db.session.info.pop(READS, None)
    options: dict[str, Any] = {WRITES: True}
    if db.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    db.session.connection(execution_options=options)
