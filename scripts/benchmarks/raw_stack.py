"""The floor of a request: Flask, one prepared psycopg statement, orjson; no log-in, no right, no scope but a range."""

import threading

import orjson
import psycopg
from flask import Flask, Response
from psycopg.rows import dict_row

STATEMENT = """
    SELECT r.id, r.unit_id, r.module, r.state, r.ended_on, r.due_on, r.first_due_on, r.due_provisional, r.entered_at,
           r.entered_on, r.entered_by, r.late_reason, r.summary, r.created_at, r.created_by, r.version, v.type, v.place,
           v.visitors, v.goods, v.cash_fen
    FROM (SELECT id, ended_on FROM records
          WHERE module = 'visits' AND deleted_at IS NULL AND unit_number BETWEEN %s AND %s
          ORDER BY ended_on DESC, id DESC LIMIT 20) p
    JOIN records r ON r.id = p.id JOIN visits v ON v.id = p.id
    ORDER BY p.ended_on DESC, p.id DESC"""


def make(url: str, low: int, high: int) -> Flask:
    """The application over a database, for one range of unit numbers."""
    app = Flask("raw")
    kept = threading.local()

    def connection() -> psycopg.Connection[dict[str, object]]:
        # One for each thread, made after a server has forked.
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True,
                                              row_factory=dict_row)
        made: psycopg.Connection[dict[str, object]] = kept.connection
        return made

    @app.get("/visits")
    def visits() -> Response:
        rows = connection().execute(STATEMENT, (low, high), prepare=True).fetchall()
        return Response(orjson.dumps({"items": rows}), mimetype="application/json")

    return app
