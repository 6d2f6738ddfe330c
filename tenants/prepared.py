"""Statements built and compiled once, then sent as they are: for what is asked at every request.

Building a statement, its cache key and its result object cost more than the database's answer to it. A `Prepared`
keeps the compiled text for each shape it takes; what changes from call to call is bound. Like every other statement
it runs under a scope: its filter is put in by the scope, and a template that leaves it out is refused (ADR-0014).
"""

from collections.abc import Callable, Hashable
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, true
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import CompoundSelect

from tenants.db import db, send
from tenants.errors import UnscopedQuery
from tenants.row_security import tell_on
from tenants.scope import Scope, number_column

Row = tuple[Any, ...]
Within = Callable[[Any], ColumnElement[bool]]
Build = Callable[..., "Select[Any] | CompoundSelect[Any]"]


_ON = "connection of this transaction"  # closed with it


class Prepared:
    """A SELECT in as many shapes as it is asked in.

    `build(within, *shape)` gives the statement for a shape; `within(Model)` is the scope's filter on a model's rows
    and has to be used, unless the scope is everything. Values are named parameters (`bindparam`).
    """

    def __init__(self, build: Build) -> None:
        self._build = build
        self._made: dict[Hashable, _Compiled] = {}

    def rows(self, scope: Scope, *shape: Hashable, **values: Any) -> list[Row]:
        """The rows of this shape inside the scope, in the order of the statement's columns."""
        if not scope:
            return []
        session = db.session()
        if session.new or session.dirty or session.deleted:
            session.flush()
        connection: Connection | None = session.info.get(_ON)
        if connection is None or connection.closed:
            connection = session.info[_ON] = session.connection()
        tell_on(session, connection, scope)
        parts = len(scope.ranges) if scope.because is None else -1
        key = (connection.dialect, parts, shape)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = _Compiled(self._template(parts, shape), connection.dialect)
        if parts > 0:
            for place, (low, high) in enumerate(scope.ranges):
                values[f"low_{place}"], values[f"high_{place}"] = low, high
        return made.run(connection, values)

    def _template(self, parts: int, shape: tuple[Hashable, ...]) -> Any:
        """Build the statement of a shape for so many ranges; -1 is everything."""
        asked: list[Any] = []

        def within(model: Any) -> ColumnElement[bool]:
            asked.append(model)
            if parts < 0:
                return true()
            column = number_column(model)
            return or_(*(column.between(bindparam(f"low_{place}"), bindparam(f"high_{place}"))
                         for place in range(parts)))

        statement = self._build(within, *shape)
        if parts >= 0 and not asked:
            raise UnscopedQuery("a prepared statement without its scope's filter")
        return statement


class _Compiled:
    """The text of a statement for one dialect, and what its parameters and columns go through."""

    def __init__(self, statement: Any, dialect: Any) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self.order = list(compiled.positiontup or ()) if compiled.positional else None
        self.fixed = {name: self._bound(compiled, name, value) for name, value in compiled.params.items()}
        self.into = {name: made for name in compiled.binds if (made := compiled._bind_processors.get(name))}
        self.out_of = [(place, made) for place, column in enumerate(statement.selected_columns)
                       if (made := _reader(column.type, dialect)) is not None]

    @staticmethod
    def _bound(compiled: Any, name: str, value: Any) -> Any:
        made = compiled._bind_processors.get(name)
        return made(value) if made is not None and value is not None else value

    def run(self, connection: Connection, values: dict[str, Any]) -> list[Row]:
        for name, make in self.into.items():
            if name in values:
                values[name] = make(values[name])
        bound: Any = {**self.fixed, **values}
        if self.order is not None:
            bound = tuple(bound[name] for name in self.order)
        found = send(connection, self.text, bound)
        if not self.out_of:
            return found
        rows = []
        for row in found:
            read = list(row)
            for place, make in self.out_of:
                read[place] = make(read[place])
            rows.append(tuple(read))
        return rows


def _reader(kind: Any, dialect: Any) -> Callable[[Any], Any] | None:
    made: Callable[[Any], Any] | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return made
