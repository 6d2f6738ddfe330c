"""Writes many rows at once through the session's connection, past the unit of work."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tenants.db import Base, db

Row = dict[str, Any]
BATCH = 5_000


def insert(model: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows into the model's own table only; every row names the same columns of that table.

    Column types encrypt and convert, Python-side defaults fill the columns left out, and no mapper events run.
    """
    statement = sa.insert(model.__table__)  # type: ignore[arg-type]  # a table, typed more widely
    for start in range(0, len(rows), BATCH):
        db.session.execute(statement, list(rows[start:start + BATCH]))
