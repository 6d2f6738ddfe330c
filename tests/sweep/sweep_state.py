"""What the database holds, as one digest per table; the log, sessions' times and throttles are not in it."""

import hashlib
from typing import Any

from flask import Flask

from tenants.db import Base, db

LOGS = frozenset({"audit_entries", "audit_seals", "login_throttles"})


def content_of(app: Flask, *, but: frozenset[str] = LOGS) -> dict[str, str]:
    """Table -> digest of all its rows."""
    with app.app_context(), db.engine.connect() as connection:
        found: dict[str, str] = {}
        for table in Base.metadata.sorted_tables:
            if table.name not in but:
                rows = sorted(repr(_plain(row)) for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"'))
                found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        connection.rollback()
    return found


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(row)
