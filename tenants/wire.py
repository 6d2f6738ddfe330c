"""Statements the database keeps prepared, sent without a cursor: for what every request asks (PostgreSQL only).

A cursor of the driver costs several times what its own call of libpq does. The names of our statements are ours; which
of them a connection still has is remembered, and asked of the server whenever something may have dropped them: psycopg
does so at a rollback of its own. Behind a pooler nothing is prepared, and whoever watches statements (a tracer, a
test) sees all of them: then they go the common way.
"""

import itertools
import json
import select
import time
import weakref
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg import errors
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.types.json import Json
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

MOST = 300  # prepared statements of ours a connection keeps
_NAMES, _READER = "names of our prepared statements", "reader of results"
_OURS = b"SELECT name FROM pg_prepared_statements WHERE name LIKE 'yl\\_%' ORDER BY prepare_time"
_GONE = frozenset({"26000", "0A000"})  # no such statement; its tables have other columns now
_FINE = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})
_JUST_NOW = 0.1  # seconds
_numbers = itertools.count()
_engines: weakref.WeakSet[Engine] = weakref.WeakSet()  # those that tell when statements are dropped
_AS_TEXT: dict[type, Callable[[Any], bytes | None]] = {
    str: lambda value: value.encode(), int: lambda value: b"%d" % value, type(None): lambda _value: None,
    bool: lambda value: b"t" if value else b"f", date: lambda value: value.isoformat().encode(),
    datetime: lambda value: value.isoformat().encode(),
    Json: lambda value: (value.dumps or json.dumps)(value.obj).encode(),
}


def new_name() -> bytes:
    """A name for a statement, like no other in this process."""
    return b"yl_%d" % next(_numbers)


def bare(connection: Connection) -> Any:
    """The driver's connection if statements may go this way, else None."""
    if connection.dispatch.before_cursor_execute or connection.engine not in _engines:
        return None
    raw: Any = connection.connection.dbapi_connection
    return raw if raw.prepare_threshold is not None else None


def as_text(values: Sequence[Any]) -> list[bytes | None] | None:
    """Values as the server reads them, or None when one is of a kind that only the driver can write."""
    try:
        return [_AS_TEXT[type(value)](value) for value in values]
    except KeyError:
        for value in values:
            if (kind := type(value)) not in _AS_TEXT:
                if not issubclass(kind, str):
                    return None
                _AS_TEXT[kind] = _AS_TEXT[str]  # a code that is a text
        return as_text(values)


def run(connection: Connection, raw: Any, text: bytes) -> None:
    """Run statements without parameters and rows in the session's transaction, on one way with its BEGIN."""
    _checked(connection, raw, text, raw.pgconn.exec_(_begin(raw) + text))


class Statement(NamedTuple):
    """A statement with numbered parameters, the name it is prepared under, and what is bound."""

    name: bytes
    text: bytes
    values: list[bytes | None]


def rows(connection: Connection, raw: Any, wanted: Statement, first: Statement | None = None) -> list[Any]:
    """The rows of a statement, prepared now or before; `first` and a BEGIN that is due go with it on one way."""
    return several(connection, raw, [wanted], first)[0]


def several(connection: Connection, raw: Any, wanted: Sequence[Statement],
            first: Statement | None = None) -> list[list[Any]]:
    """The rows of statements sent one after another on one way; each sees what those before it did."""
    names = connection.info.get(_NAMES)
    begin = _begin(raw)
    sent = [*([] if first is None else [first]), *wanted]
    if names is not None and all(each.name in names for each in sent):
        if begin or len(sent) > 1:
            results = _at_once(connection, raw, begin, sent)
        else:
            results = [raw.pgconn.exec_prepared(sent[0].name, sent[0].values)]
            _checked(connection, raw, sent[0].text, results[0])
    else:
        if begin:
            _checked(connection, raw, begin, raw.pgconn.exec_(begin))
        results = [_prepared_now(connection, raw, each) for each in sent]
    return [_read(connection.info, raw, result) for result in results[-len(wanted):]]


def _prepared_now(connection: Connection, raw: Any, each: Statement) -> Any:
    _prepare(connection, raw, each)
    result = raw.pgconn.exec_prepared(each.name, each.values)
    _checked(connection, raw, each.text, result)
    return result


def _prepare(connection: Connection, raw: Any, wanted: Statement) -> None:
    names = connection.info.get(_NAMES)
    if names is None:
        names = connection.info[_NAMES] = _ours(connection, raw)
    if wanted.name in names:
        return
    if len(names) >= MOST:
        run(connection, raw, b"DEALLOCATE " + names.pop(next(iter(names))))
    _checked(connection, raw, wanted.text, raw.pgconn.prepare(wanted.name, wanted.text))
    names[wanted.name] = wanted.name


def _at_once(connection: Connection, raw: Any, begin: bytes, statements: list[Statement]) -> list[Any]:
    """The results; all are asked for before any answer is waited for, each way to the server costing more than most
    statements do."""
    pgconn = raw.pgconn
    texts = [*([begin] if begin else []), *(each.text for each in statements)]
    try:
        pgconn.enter_pipeline_mode()
        if begin:
            pgconn.send_query_params(begin.rstrip(b";"), None)
        for each in statements:
            pgconn.send_query_prepared(each.name, each.values)
        pgconn.pipeline_sync()
        results = _answers(pgconn)
    except errors.OperationalError as error:
        raise _failure(connection, raw, texts[-1], error) from error
    for text, result in zip(texts, results, strict=False):
        _checked(connection, raw, text, result)
    pgconn.exit_pipeline_mode()
    return results


def _answers(pgconn: Any) -> list[Any]:
    """Results up to the end of the pipeline; other threads go on while the server works."""
    found: list[Any] = []
    while pgconn.status == ConnStatus.OK:
        while pgconn.is_busy():
            select.select([pgconn.socket], (), ())
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return found
        found.append(result)
    raise errors.OperationalError("the connection is lost")


def _read(info: Any, raw: Any, result: Any) -> list[Any]:
    if result.status != ExecStatus.TUPLES_OK:
        return []
    reader = info.get(_READER)
    if reader is None:
        reader = info[_READER] = Transformer(raw)
    reader.set_pgresult(result)
    found: list[Any] = reader.load_rows(0, result.ntuples, tuple)
    return found


def _ours(connection: Connection, raw: Any) -> dict[bytes, bytes]:
    result = raw.pgconn.exec_(_OURS)
    _checked(connection, raw, _OURS, result)
    names = [result.get_value(place, 0) for place in range(result.ntuples)]
    return dict(zip(names, names, strict=True))


def _begin(raw: Any) -> bytes:
    """What begins the transaction as psycopg would, if it has not begun."""
    if raw.pgconn.transaction_status != TransactionStatus.IDLE or raw.autocommit:
        return b""
    level = raw.isolation_level
    return b"BEGIN;" if level is None else f"BEGIN ISOLATION LEVEL {level.name.replace('_', ' ')};".encode()


def _checked(connection: Connection, raw: Any, text: bytes, result: Any) -> None:
    """Raise what the common way would raise for a statement that failed."""
    if result.status in _FINE:
        return
    error = errors.error_from_result(result, raw.info.encoding)
    if error.sqlstate in _GONE:
        connection.info.pop(_NAMES, None)
    if raw.pgconn.pipeline_status:
        raw.pgconn.exit_pipeline_mode()
    raise _failure(connection, raw, text, error) from error


def _failure(connection: Connection, raw: Any, text: bytes, error: Any) -> DBAPIError:
    """The error of the common way; a connection that is lost is thrown away."""
    dialect: Any = connection.dialect
    lost = raw.pgconn.status != ConnStatus.OK or dialect.is_disconnect(error, raw, None)
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(text.decode(), None, error, dialect.loaded_dbapi.Error, hide_parameters=True,
                               connection_invalidated=lost, dialect=dialect)


def let_go(connection: Connection, raw: Any) -> None:
    """End a transaction that only read. Nobody waits for the answer: whoever takes the connection next reads it."""
    if bare(connection) is None:
        raw.pgconn.exec_(b"ROLLBACK")
    else:
        raw.pgconn.send_query(b"ROLLBACK")
        raw.let_go_at = time.monotonic()


def _ending(raw: Any) -> float | None:
    """When a ROLLBACK was sent whose answer nobody has read yet."""
    return getattr(raw, "let_go_at", None)


def _arrive(raw: Any) -> None:
    """Read the answer to that ROLLBACK; by now it is there."""
    raw.let_go_at, pgconn = None, raw.pgconn
    pgconn.consume_input()
    while True:
        while pgconn.is_busy():
            select.select([pgconn.socket], (), ())
            pgconn.consume_input()
        if pgconn.get_result() is None:
            break
    if pgconn.status != ConnStatus.OK:
        raise errors.OperationalError("the connection is lost")


def ping(raw: Any) -> bool:
    """Whether the server is there. One that has gone has said so or closed its end, so that there is something to
    read; only then is it asked, by an empty statement. One that spoke just now is not doubted."""
    since = _ending(raw)
    if since is not None:
        _arrive(raw)
        if time.monotonic() - since < _JUST_NOW:
            return True
    if not select.select([raw.pgconn.socket], (), (), 0)[0]:
        return True
    raw.pgconn.exec_(b"")
    if raw.pgconn.status != ConnStatus.OK:
        raise errors.OperationalError("the connection is lost")
    return True


def prepare(engine: Engine) -> None:
    """Hang on an engine what keeps the names true, and the quick ping."""
    if engine.dialect.driver != "psycopg":
        return
    dialect: Any = engine.dialect
    dialect.do_ping = ping
    roll_back = dialect.do_rollback
    dialect.do_rollback = lambda raw: None if _ending(raw) is not None else roll_back(raw)
    _engines.add(engine)
    event.listen(engine, "rollback", _rolled_back)
    event.listen(engine, "rollback_savepoint", _unsure)
    event.listen(engine, "reset", _reset)
    event.listen(engine, "after_cursor_execute", _changed)


def _unsure(connection: Connection, *_more: object) -> None:
    if not connection.invalidated:
        connection.info.pop(_NAMES, None)


def _rolled_back(connection: Connection) -> None:
    """A transaction ended past psycopg (`tenants.db.end_read`) is over or about to be, and nothing was dropped."""
    raw: Any = None if connection.invalidated else connection.connection.dbapi_connection
    if raw is None or not _over(raw):
        _unsure(connection)


def _reset(raw: Any, record: Any, _state: object) -> None:
    if raw is not None and not _over(raw):
        record.info.pop(_NAMES, None)


def _over(raw: Any) -> bool:
    return not raw.closed and (_ending(raw) is not None or raw.pgconn.transaction_status == TransactionStatus.IDLE)


def _changed(connection: Connection, cursor: Any, *_more: object) -> None:
    """After a change of tables psycopg drops every statement."""
    if (cursor.statusmessage or "").startswith(("DROP", "ALTER", "DISCARD", "DEALLOCATE")):
        _unsure(connection)
