"""The database handle, placed low on purpose: whoever owns scope owns the handle (ADR-0002)."""

import sqlite3
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase

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


db = SQLAlchemy(model_class=Base)

WRITES = "writes"


def _on_connect(connection: Any, _record: object) -> None:
    """SQLite: WAL, foreign keys on, and transactions begun by us, not by the driver."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=wal", "busy_timeout=60000", "foreign_keys=on", "synchronous=normal",
                   "secure_delete=on"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    """SQLite: a writer takes its lock at once; upgrading a read later fails without waiting (M2)."""
    if connection.dialect.name != "sqlite":
        return
    wants_to_write = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if wants_to_write else "BEGIN")


def prepare(engine: Engine) -> None:
    """Hang the SQLite manners on an engine; PostgreSQL needs none."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def begin_write() -> None:
    """Start the session's transaction as a writer; whatever was read before is let go."""
    db.session.rollback()
    db.session.connection(execution_options={WRITES: True})
