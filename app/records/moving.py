"""Writing many new due days with one statement: what was read is handed over as a table and joined."""

import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Date, Row, String, and_, bindparam, cast, column, func
from sqlalchemy.dialects.postgresql import ARRAY

from app.deadlines.verdict import Verdict
from app.records.model import Record
from tenants.db import db
from tenants.scope import Scope

_ALL_OPEN = Scope.everything("a new calendar or rule moves the due dates of open records")
COLUMNS: dict[str, Any] = {
    "id": String, "ended_on": Date, "held_ended_on": Date, "extended_to": Date, "before": Date, "due_on": Date,
    "due_provisional": Boolean, "corrected_due_on": Date}
AS_READ = (Record.ended_on, Record.held_ended_on, Record.extended_to)
Line = tuple[str, date | None, date | None, date | None, date, date, bool, date | None]


def _handed_over() -> dict[str, Any]:
    """The lines as columns: arrays side by side on PostgreSQL, one JSON array of arrays on SQLite."""
    if db.engine.dialect.name == "postgresql":
        arrays = [cast(bindparam(f"read_{name}"), ARRAY(kind)) for name, kind in COLUMNS.items()]
        table = func.unnest(*arrays).table_valued(*(column(*each) for each in COLUMNS.items())).render_derived()
        return {name: table.c[name] for name in COLUMNS}
    found = func.json_each(bindparam("lines", type_=String)).table_valued("value")
    return {name: func.json_extract(found.c.value, f"$[{place}]", type_=kind)
            for place, (name, kind) in enumerate(COLUMNS.items())}


@cache
def _statement(_dialect: str) -> Any:
    """Built once: one entered, deleted or dated anew meanwhile is left alone."""
    told = _handed_over()
    as_read = and_(*(each.is_not_distinct_from(told[each.key]) for each in AS_READ), Record.due_on == told["before"])
    return (_ALL_OPEN.update(Record)
            .where(Record.id == told["id"], as_read, Record.entered_at.is_(None), Record.deleted_at.is_(None))
            .values(due_on=told["due_on"], due_provisional=told["due_provisional"],
                    corrected_due_on=told["corrected_due_on"], version=Record.version + 1)
            .returning(Record.id).execution_options(synchronize_session=False))


def move(moves: Iterable[tuple[Row[Any], Verdict]]) -> list[str]:
    """Give each record the day that decides now; the ids of those it reached, none for none."""
    lines: list[Line] = [(row.id, row.ended_on, row.held_ended_on, row.extended_to, row.due_on, now.on,
                          now.provisional, now.stated) for row, now in moves]
    if not lines:
        return []
    if db.engine.dialect.name == "postgresql":
        said: dict[str, Any] = {f"read_{name}": list(values) for name, values in zip(COLUMNS, zip(*lines, strict=True),
                                                                           strict=True)}
    else:
        said = {"lines": json.dumps(lines, default=date.isoformat)}
    return list(db.session.execute(_statement(db.engine.dialect.name), said).scalars())
