"""What PostgreSQL reads for the statements of a call, by EXPLAIN (ANALYZE, BUFFERS): pages touched, rows looked at."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import event

from tenants.db import db


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan and every plan below it."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def plan_of(explained: Any) -> dict[str, Any]:
    """The topmost plan of what EXPLAIN (FORMAT JSON) gave."""
    found: dict[str, Any] = (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]
    return found


def said(call: Callable[[], object]) -> list[tuple[str, Any]]:
    """The SELECT statements a call sends, with their values; the scope's own are left out."""
    found: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")) and "set_config" not in statement:
            found.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        call()
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)
    return found


def cost(statements: list[tuple[str, Any]]) -> tuple[int, int]:
    """(pages touched, rows looked at) by these statements, run once more in the transaction as it is."""
    pages = rows = 0
    for statement, values in statements:
        explained = db.session.connection().exec_driver_sql(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
        plan = plan_of(explained.scalar_one())
        pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        rows += sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
                     + node.get("Rows Removed by Index Recheck", 0)) * node["Actual Loops"]
                    for node in nodes(plan) if "Relation Name" in node)
    return pages, rows


def analysed(*tables: str) -> None:
    """Tell the planner what is there, and let indexes answer by themselves."""
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.exec_driver_sql(f"VACUUM ANALYZE {table}")
