"""Statements built and compiled once, then sent as they are: for what is asked at every request.

Building a statement, its cache key and its result object cost more than the database's answer to it. A `Prepared`
keeps the compiled text for each shape it takes; what changes from call to call is bound. Like every other statement
it runs under a scope: its filter is put in by the scope, and a template that leaves it out is refused (ADR-0014).
"""

import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, bindparam, literal_column, or_, true
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import CompoundSelect

from tenants import wire
from tenants.db import db, send
from tenants.errors import UnscopedQuery
from tenants.numbering import LAST
from tenants.row_security import Owed, unsure, untold
from tenants.scope import Scope, number_column
from tenants.session import Session as OurSession

Row = tuple[Any, ...]
Build = Callable[..., "Select[Any] | CompoundSelect[Any]"]
Inside = tuple[ColumnElement[bool], Any, Any]

_ON = "connection of this transaction"  # closed with it
_NAMED = re.compile(r"%\((\w+)\)s|%%")
_EVERYTHING, _ALL_NUMBERS = -1, 0
# So many runs a statement is made for; a scope of fewer leaves the first ones empty, right before its lowest number.
_RUNS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)


class Within:
    """A scope's filter in a template, its bounds bound: called with a model it is the filter on the model's rows."""

    def __init__(self, parts: int, *, alone: bool) -> None:
        """`parts`: how many runs, or one of the two that need none; `alone`: one run of one number."""
        self.whole, self.alone, self.parts = parts <= 0, alone, max(parts, 0)
        self.asked = parts == _EVERYTHING

    def __call__(self, model: Any) -> ColumnElement[bool]:
        """The filter, to be used unless the scope is everything."""
        return _any_of(self.runs(model))

    def of_known(self, model: Any) -> ColumnElement[bool]:
        """The same for rows looked up by their ids: no index is walked for it. A plan made once for every value takes
        a range for a two-hundredth of the table, and would read a whole county's entries beside twenty ids."""
        return _any_of(self._runs(number_column(model) + literal_column("0", BigInteger)))

    def runs(self, model: Any) -> list[Inside]:
        """(condition, lowest number, highest) of each run; one without bounds for the whole tree."""
        return self._runs(number_column(model))

    def _runs(self, column: Any) -> list[Inside]:
        self.asked = True
        if self.whole:
            return [(true(), None, None)]
        bounds = [self.bounds(place) for place in range(self.parts)]
        if self.alone:
            return [(column == bounds[0][0], *bounds[0])]
        return [(column.between(low, high), low, high) for low, high in bounds]

    @staticmethod
    def bounds(place: int) -> tuple[Any, Any]:
        """The bounds of a run."""
        return bindparam(f"low_{place}", type_=BigInteger), bindparam(f"high_{place}", type_=BigInteger)


def _any_of(runs: list[Inside]) -> ColumnElement[bool]:
    found = [inside for inside, _low, _high in runs]
    return or_(*found) if len(found) > 1 else found[0]


def _form(scope: Scope) -> tuple[int, bool]:
    """What of a scope decides on the statement: how many runs, and whether it is one number."""
    if scope.because is not None:
        return _EVERYTHING, False
    if scope.ranges == ((0, LAST),):
        return _ALL_NUMBERS, False
    many = len(scope.ranges)
    if many == 1:
        return 1, scope.ranges[0][0] == scope.ranges[0][1]
    return next((each for each in _RUNS if each >= many), -(-many // _RUNS[-1]) * _RUNS[-1]), False


def connection_of(session: Session) -> Connection:
    """The connection of the session's transaction, what was waiting to be written sent before."""
    if session.autoflush and (session.new or session.dirty or session.deleted):
        session.flush()
    connection: Connection | None = session.info.get(_ON)
    if connection is None or connection.closed or connection.invalidated:
        lent = session.lent() if isinstance(session, OurSession) else None
        connection = session.info[_ON] = lent or session.connection()
    return connection


def padded(ids: Sequence[str], sizes: Sequence[int]) -> tuple[int, dict[str, str]]:
    """The size of the statement for so many ids, and its parameters `id_0` and on: few sizes, so that few statements
    are kept; what is missing is filled up with the last one."""
    size = next(each for each in (*sizes, len(ids)) if each >= len(ids))
    return size, {f"id_{place}": ids[min(place, len(ids) - 1)] for place in range(size)}


def among(size: int) -> list[Any]:
    """The parameters that `padded` fills."""
    return [bindparam(f"id_{place}") for place in range(size)]


class Prepared:
    """A SELECT, or an UPDATE, in as many shapes as it is asked in.

    `build(within, *shape)` gives the statement for a shape; `within(Model)` is the scope's filter on a model's rows
    and has to be used, unless the scope is everything. Values are named parameters (`bindparam`).
    """

    def __init__(self, build: Build) -> None:
        self._build = build
        self._made: dict[Hashable, Compiled] = {}

    def rows(self, scope: Scope, *shape: Hashable, **values: Any) -> list[Row]:
        """The rows of this shape inside the scope, in the order of the statement's columns."""
        if not scope:
            return []
        session = db.session()
        made = self.made(connection_of(session), scope, shape, values)
        return send_all(session, scope, [(made, values)])[0]

    def made(self, connection: Connection, scope: Scope, shape: tuple[Hashable, ...],
             values: dict[str, Any]) -> "Compiled":
        """The compiled statement of a shape; the scope's bounds are put to the values."""
        form = _form(scope)
        key = (connection.dialect, form, shape)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = Compiled(self._template(form, shape), connection.dialect)
        if form[0] > 0:
            first = scope.ranges[0][0]
            empty = ((first, first - 1),) * (form[0] - len(scope.ranges))
            for place, (low, high) in enumerate((*empty, *scope.ranges)):
                values[f"low_{place}"], values[f"high_{place}"] = low, high
        return made

    def _template(self, form: tuple[int, bool], shape: tuple[Hashable, ...]) -> Any:
        """Build the statement of a shape for a form of scope."""
        within = Within(form[0], alone=form[1])
        statement = self._build(within, *shape)
        if not within.asked:
            raise UnscopedQuery("a prepared statement without its scope's filter")
        return statement


class Compiled:
    """The text of a statement for one dialect, and what its parameters and columns go through."""

    def __init__(self, statement: Any, dialect: Any) -> None:
        """Compile a SELECT, or an INSERT or UPDATE whose answer, if it gives one, is taken as the driver gives it."""
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self.order = list(compiled.positiontup or ()) if compiled.positional else None
        self.fixed = {name: self._bound(compiled, name, value) for name, value in compiled.params.items()}
        self.into = {name: made for name in compiled.binds if (made := compiled._bind_processors.get(name))}
        self.out_of = [(place, made) for place, column in enumerate(getattr(statement, "selected_columns", ()))
                       if (made := _reader(column.type, dialect)) is not None]
        self.name, self.numbered = wire.new_name(), b""
        self.names: list[str] = []
        if dialect.driver == "psycopg":
            self.names = [name for name in dict.fromkeys(_NAMED.findall(self.text)) if name]
            places = {name: f"${place}" for place, name in enumerate(self.names, 1)}
            text = _NAMED.sub(lambda found: places[found[1]] if found[1] else "%", self.text)
            self.numbered = text.encode()

    @staticmethod
    def _bound(compiled: Any, name: str, value: Any) -> Any:
        made = compiled._bind_processors.get(name)
        return made(value) if made is not None and value is not None else value

    def bound(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values as the driver takes them, with those the statement itself brings."""
        for name, make in self.into.items():
            if name in values:
                values[name] = make(values[name])
        return {**self.fixed, **values}

    def wired(self, bound: dict[str, Any]) -> wire.Statement | None:
        """The statement to be sent past the cursors; None when a value is of a kind that only the driver writes."""
        written = wire.as_text([bound[name] for name in self.names])
        return None if written is None else wire.Statement(self.name, self.numbered, written)

    def read(self, found: list[Row]) -> list[Row]:
        """The rows as Python knows them."""
        if not self.out_of:
            return found
        rows = []
        for row in found:
            read = list(row)
            for place, make in self.out_of:
                read[place] = make(read[place])
            rows.append(tuple(read))
        return rows

    def send(self, connection: Connection, bound: Any, owed: Owed | None) -> list[Row]:
        """Send what is bound; the rows as the driver gives them."""
        raw = wire.bare(connection)
        if raw is not None:
            wanted = self.wired(bound)
            if wanted is not None:
                return wire.rows(connection, raw, wanted, owed.statement if owed is not None else None)
        if owed is not None:
            owed.send(connection)
        if self.order is not None:
            bound = tuple(bound[name] for name in self.order)
        return send(connection, self.text, bound)


Asked = tuple[Prepared, tuple[Hashable, ...], dict[str, Any]]


def together(scope: Scope, *asked: Asked) -> list[list[Row]]:
    """The rows of several statements (each with its shape and values) of one scope, asked for on one way, in order."""
    if not scope:
        return [[] for _each in asked]
    session = db.session()
    connection = connection_of(session)
    return send_all(session, scope, [(prepared.made(connection, scope, shape, values), values)
                                     for prepared, shape, values in asked])


def send_all(session: Session, scope: Scope, asked: Sequence[tuple[Compiled, dict[str, Any]]]) -> list[list[Row]]:
    """Send compiled statements under a scope one after another, on one way where there is one."""
    connection = connection_of(session)
    try:
        owed = untold(session, connection, scope)
        raw = wire.bare(connection)
        bound = [made.bound(values) for made, values in asked]
        if raw is not None:
            wired = [made.wired(each) for (made, _values), each in zip(asked, bound, strict=True)]
            if all(each is not None for each in wired):
                found = wire.several(connection, raw, [each for each in wired if each is not None],
                                     owed.statement if owed is not None else None)
                return [made.read(rows) for (made, _values), rows in zip(asked, found, strict=True)]
        return [made.read(made.send(connection, each, owed if place == 0 else None))
                for place, ((made, _values), each) in enumerate(zip(asked, bound, strict=True))]
    except BaseException:
        unsure(session)
        raise


def _reader(kind: Any, dialect: Any) -> Callable[[Any], Any] | None:
    made: Callable[[Any], Any] | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return made
