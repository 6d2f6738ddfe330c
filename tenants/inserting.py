"""Rows put in by statements compiled once, past the unit of work: for what is written many times a second.

The unit of work sorts, groups and compiles anew at each flush, which costs more than the database's own work on a
row. What is added here goes to the database at once and in the order given; every column is sent, defaults included.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table, bindparam, insert, inspect
from sqlalchemy.orm import Session, make_transient_to_detached

from tenants.db import db
from tenants.prepared import Compiled, connection_of
from tenants.row_security import FLUSHES, unsure, untold

_made: dict[tuple[Any, Table], Compiled] = {}
_watchers: list[Callable[[Session, object], None]] = []


def watched_by(watcher: Callable[[Session, object], None]) -> None:
    """Let somebody know of every object that is added, as `before_flush` lets know of those of the unit of work."""
    _watchers.append(watcher)


def add(*objects: Any) -> None:
    """Put new objects into the database now; afterwards the session holds them as if it had read them.

    Rows the session has yet to write go first. Raises what a flush would.
    """
    if not objects:
        return
    session = db.session()
    if session.new or session.dirty or session.deleted:
        session.flush()
    connection = connection_of(session)
    try:
        owed = untold(session, connection, FLUSHES)
        for each in objects:
            _complete(session, each)
            for table in inspect(type(each)).tables:
                values = {column.key: getattr(each, column.key) for column in table.c}
                _insert(connection, table).run(connection, values, owed)
                owed = None
            make_transient_to_detached(each)
            session.add(each)
    except BaseException:
        unsure(session)
        raise


def _complete(session: Session, each: Any) -> None:
    for watcher in _watchers:
        watcher(session, each)
    mapper: Any = inspect(type(each))
    if mapper.polymorphic_on is not None:
        setattr(each, mapper.polymorphic_on.key, mapper.polymorphic_identity)
    for column in mapper.column_attrs:
        if column.key not in each.__dict__:
            setattr(each, column.key, _default(column.columns[-1]))


def _insert(connection: Any, table: Table) -> Compiled:
    key = connection.dialect, table
    found = _made.get(key)
    if found is None:
        values = {column.key: bindparam(column.key, type_=column.type) for column in table.c}
        found = _made[key] = Compiled(insert(table).values(values), connection.dialect)
    return found


def _default(column: Any) -> Any:
    default = column.default
    if default is None:
        return None
    return default.arg if default.is_scalar else default.arg(None)
