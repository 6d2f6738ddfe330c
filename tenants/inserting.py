"""Rows put in by statements compiled once, past the unit of work: for what is written many times a second.

The unit of work sorts, groups and compiles anew at each flush, which costs more than the database's own work on a
row. What is added here goes to the database in the order given, at once or, gathered, on one way; every column is
sent, defaults included.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Table, bindparam, insert, inspect
from sqlalchemy.orm import Session, make_transient_to_detached

from tenants.db import db
from tenants.prepared import Compiled, connection_of, send_all
from tenants.row_security import FLUSHES
from tenants.session import LENT

_made: dict[tuple[Any, Table], Compiled] = {}
_watchers: list[Callable[[Session, object], None]] = []
_GATHERED = "rows gathered for one way"
Sent = list[tuple[Compiled, dict[str, Any]]]


def watched_by(watcher: Callable[[Session, object], None]) -> None:
    """Let somebody know of every object (or of the model of rows) that is put in, as `before_flush` does of others."""
    _watchers.append(watcher)


def add(*objects: Any) -> None:
    """Put new objects into the database; afterwards the session holds them as if it had read them.

    Rows the session has yet to write go first. Raises what a flush would.
    """
    if not objects:
        return
    session = db.session()
    connection, rows = _ready(session), []
    for each in objects:
        _complete(session, each)
        for table in inspect(type(each)).tables:
            rows.append((_insert(connection, table), {column.key: getattr(each, column.key) for column in table.c}))
        make_transient_to_detached(each)
        session.add(each)
    _send(session, rows)


def put(model: type[Any], *rows: Mapping[str, Any]) -> None:
    """Put rows of a model of one table into the database, by column; nobody gets to hold them as objects.

    What a row leaves out has its column's default. Raises what a flush would.
    """
    if not rows:
        return
    session = db.session()
    for watcher in _watchers:
        watcher(session, model)
    made = _insert(_ready(session), inspect(model).local_table)
    defaults = [(column.key, column) for column in inspect(model).local_table.c]
    _send(session, [(made, {key: row[key] if key in row else _default(column) for key, column in defaults})
                    for row in rows])


@contextmanager
def gathered() -> Iterator[None]:
    """Within, rows wait for each other, and go together at the end; nothing may be read in between that needs them."""
    session = db.session()
    if _GATHERED in session.info:  # whoever began sends
        yield
        return
    waiting: Sent = []
    session.info[_GATHERED] = waiting
    try:
        yield
    finally:
        del session.info[_GATHERED]
    _send(session, waiting)


def _ready(session: Session) -> Any:
    if session.new or session.dirty or session.deleted:
        session.flush()
    return connection_of(session)


def _send(session: Session, rows: Sent) -> None:
    waiting: Sent | None = session.info.get(_GATHERED)
    if waiting is not None:
        waiting += rows
    elif LENT in session.info:
        raise RuntimeError("a reader writes; whatever it is would be rolled back")
    elif rows:
        send_all(session, FLUSHES, rows)


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
