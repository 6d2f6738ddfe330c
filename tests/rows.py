"""Every row of every table as the database holds it, so that a test can say exactly what changed."""

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa
from flask import Flask

from tenants.db import Base, db


def tables() -> list[str]:
    """The names of all tables of ours."""
    return sorted(Base.metadata.tables)


def count(app: Flask, name: str, where: str = "1 = 1") -> int:
    """How many rows a table has, asked past the application."""
    with app.app_context(), db.engine.connect() as connection:
        statement = sa.select(sa.func.count()).select_from(sa.table(name)).where(sa.text(where))
        return int(connection.execute(statement).scalar_one())


def digests(app: Flask, *, but: Iterable[str] = ()) -> dict[str, str]:
    """table -> hash over its rows, in an order of their own; read past the application and its column types.

    With the log, what of it waits to be sealed is left out.
    """
    left_out = set(but)
    if "audit_entries" in left_out:
        left_out.add("audit_waiting")
    with app.app_context(), db.engine.connect() as connection:
        return {name: _digest(connection, name) for name in tables() if name not in left_out}


def _digest(connection: sa.Connection, name: str) -> str:
    found = connection.execute(sa.select(sa.text("*")).select_from(sa.table(name)))
    return hashlib.sha256("\n".join(sorted(repr(tuple(row)) for row in found)).encode()).hexdigest()


def run(app: Flask, *statements: str) -> None:
    """Raw SQL in one transaction of its own, past the application; what the database refuses is raised."""
    with app.app_context(), db.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def ask(app: Flask, statement: str) -> list[tuple[object, ...]]:
    """Rows of a raw query."""
    with app.app_context(), db.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]
