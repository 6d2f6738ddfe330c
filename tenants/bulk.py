"""Many rows of one table written, or looked for, at once: by lists on PostgreSQL, one prepared statement on SQLite.

Row security leaves no COPY to a role it binds, and a statement for each row, or parameters for each value, cost more
than the rows themselves.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Connection, Insert, String, bindparam, cast, false, func, select
from sqlalchemy import column as sqlite_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy_utils import StringEncryptedType

from tenants.db import db, room_for_many
from tenants.scope import Scope

MANY = 250
"""From so many rows on SQLite is given room for them: the parts of a job that nobody else's work makes small."""
BETWEEN, NOTHING_THERE = "\x1f", "\x1e"
"""What parts the values of a list on its way to PostgreSQL, and what stands for NULL: no text of ours may hold them."""


def secrets_of(model: Any) -> dict[str, str]:
    """The encrypted columns of a model's own table, each with the context its values are sealed to."""
    return {column.key: column.type.engine.context for column in model.__table__.columns
            if isinstance(column.type, StringEncryptedType)}


def among(column: Any, values: Sequence[str]) -> Any:
    """The filter “one of these texts”, however many: they go as one parameter."""
    if not values:
        return false()
    if db.engine.dialect.name == "postgresql":
        wanted = cast(func.string_to_array(_as_list(tuple(values)), BETWEEN, NOTHING_THERE), ARRAY(String()))
        return column == func.any(wanted)
    return column.in_(select(sqlite_column("value")).select_from(func.json_each(json.dumps(list(values)))))


def insert_new(model: Any, rows: Sequence[tuple[Any, ...]], scope: Scope) -> None:
    """Insert rows in their order, leaving out those the database already has by any of its keys.

    Each row has a value for every column of the model's own table, in the table's order; encrypted columns are
    encrypted already. ValueError for a text with the characters the lists are parted by.
    """
    if not rows:
        return
    names = tuple(column.key for column in model.__table__.columns)
    if len(names) != len(rows[0]):
        raise ValueError(f"{len(rows[0])} values for {len(names)} columns of {model.__tablename__}")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    if db.engine.dialect.name == "postgresql":
        lists = {f"list_{name}": _as_list(values) for name, values in columns.items()}
        db.session.execute(scope.mark(_from_lists(model)), lists)
    else:
        connection = db.session.connection()
        if len(rows) >= MANY:
            room_for_many(connection)
        _one_by_one(connection, model, columns, passing_over=True)


def insert_on_sqlite(model: Any, columns: dict[str, Sequence[Any]]) -> None:
    """Insert rows given column by column through one prepared statement; raises what the database refuses."""
    _one_by_one(db.session.connection(), model, columns, passing_over=False)


@lru_cache(maxsize=32)
def _from_lists(model: Any) -> Insert:
    table = model.__table__
    lists = [func.unnest(cast(func.string_to_array(bindparam(f"list_{column.key}", type_=String()), BETWEEN,
                                                   NOTHING_THERE), ARRAY(_plain(column.type))))
             for column in table.columns]
    made: Insert = postgresql.insert(table).from_select(list(table.columns), select(*lists)).on_conflict_do_nothing()
    return made


def _plain(kind: Any) -> Any:
    return String() if isinstance(kind, StringEncryptedType) else kind


def _as_list(values: tuple[Any, ...]) -> str:
    text = BETWEEN.join([value if type(value) is str else _said(value) for value in values])
    if text.count(BETWEEN) != len(values) - 1 or text.count(NOTHING_THERE) != values.count(None):
        raise ValueError("a text with a control character in it")
    return text


def _said(value: Any) -> str:
    if value is None:
        return NOTHING_THERE
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _one_by_one(connection: Connection, model: Any, columns: dict[str, Sequence[Any]], *, passing_over: bool) -> None:
    statement, processors = _compiled(model, connection.dialect, tuple(columns), passing_over)
    bound = [values if (process := processors.get(name)) is None else [process(value) for value in values]
             for name, values in columns.items()]
    connection.exec_driver_sql(statement, list(zip(*bound, strict=True)))


@lru_cache(maxsize=32)
def _compiled(model: Any, dialect: Any, names: tuple[str, ...], passing_over: bool) -> tuple[str, dict[str, Any]]:
    """The statement's text, and what turns the values of a column into the driver's."""
    table = model.__table__
    statement = sqlite.insert(table).values({name: bindparam(f"list_{name}", type_=_plain(table.c[name].type))
                                             for name in names})
    compiled: Any = (statement.on_conflict_do_nothing() if passing_over else statement).compile(dialect=dialect)
    if tuple(name.removeprefix("list_") for name in compiled.positiontup) != names:
        raise TypeError(f"the columns of {table.name} come in another order")
    found = {name: _plain(table.c[name].type)._cached_bind_processor(dialect) for name in names}
    return str(compiled), {name: process for name, process in found.items() if process is not None}
