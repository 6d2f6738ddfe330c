"""Random records over a small tree, and the lists they must give: filtered, ordered and counted the slow way."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.deadlines.rules import Timeliness
from app.records import listing
from app.records.listing import Filters
from app.records.model import Record
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit
from tenants.prepared import Prepared
from tenants.scope import Scope

TODAY = date(2026, 6, 10)
MODULES = ("visits", "hardship_aid")


@dataclass
class Lists:
    """What was put in, as plain facts."""

    units: list[Unit] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def expected(self, module: str, scope: Scope, filters: Filters) -> list[dict[str, Any]]:
        """The whole list, newest first, judged without a word of SQL."""
        chosen = [row for row in self.rows if row["module"] == module and row["deleted_at"] is None
                  and scope.covers(row["unit_number"]) and selects(filters, row)]
        day = "due_on" if filters.timeliness in ("overdue", "pending") or filters.state == "draft" else "ended_on"
        return sorted(chosen, key=lambda row: (row[day], row["unit_number"], row["id"]), reverse=True)


def judged(row: dict[str, Any]) -> Timeliness:
    """How a record stands."""
    if row["entered_on"] is None:
        return Timeliness.overdue if row["due_on"] < TODAY else Timeliness.pending
    return Timeliness.late if row["entered_on"] > row["due_on"] else Timeliness.on_time


def selects(filters: Filters, row: dict[str, Any]) -> bool:
    """Whether the filters leave a row."""
    periods = ((filters.first, row["ended_on"], filters.last), (filters.due_first, row["due_on"], filters.due_last))
    return (all((first is None or first <= day) and (last is None or day <= last) for first, day, last in periods)
            and (filters.timeliness is None or judged(row) == filters.timeliness)
            and (filters.state is None or row["state"] == filters.state)
            and (filters.q is None or filters.q in row["search"]))


def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the statements be made anew, with what a test changes in them, and nothing of it be kept afterwards."""
    for name, build in (("_TOTAL", listing._total_of), ("_SOME", listing._some_of), ("_ROWS", listing._rows_of),
                        ("_ALL_BUT", listing._all_but_of)):
        monkeypatch.setattr(listing, name, Prepared(build))


def put(units: list[Unit], many: int, rng: random.Random, *, days: int = 60) -> list[dict[str, Any]]:
    """Records dated over some days, many on the same, unevenly over the units; a few deleted, a few open."""
    weights = [rng.random() ** 3 for _unit in units]
    rows = []
    for _each in range(many):
        unit = rng.choices(units, weights)[0]
        ended = TODAY - timedelta(days=int(days * rng.random() ** 2) - 3)
        due = ended + timedelta(days=rng.choice((7, 7, 9)))
        on_some_day = min(TODAY, ended + timedelta(days=rng.randint(0, 12)))
        entered = None if rng.random() < 0.3 or ended > TODAY else on_some_day
        rows.append({
            "id": new_id(), "module": rng.choice(MODULES), "unit_id": unit.id, "unit_number": unit.number,
            "ended_on": ended, "due_on": due, "first_due_on": due, "due_provisional": False,
            "entered_on": entered, "entered_at": clock.now() if entered else None,
            "state": "entered" if entered else "draft", "summary": "走访",
            "search": rng.choice(("走访 张三", "慰问 李四")),
            "created_at": clock.now(), "deleted_at": clock.now() if rng.random() < 0.05 else None, "version": 1,
        })
    insert(rows)
    return rows


def insert(rows: list[dict[str, Any]]) -> None:
    """Put rows into the table of all records and each into its module's own."""
    tables = Record.metadata.tables
    connection = db.session.connection()
    connection.execute(sa.insert(tables["records"]), rows)
    for module, table in (("visits", "visits"), ("hardship_aid", "hardship_aid")):
        own = [{"id": row["id"]} for row in rows if row["module"] == module]
        if own:
            connection.execute(sa.insert(tables[table]), own)


def filters(rng: random.Random) -> Filters:
    """Any combination, most often none or one."""
    def now_and_then(value: Any, share: float = 0.2) -> Any:
        return value if rng.random() < share else None

    def day() -> date:
        return TODAY - timedelta(days=rng.randint(-8, 60))

    return Filters(
        first=now_and_then(day()), last=now_and_then(day()), due_first=now_and_then(day()),
        due_last=now_and_then(day()), timeliness=now_and_then(rng.choice(list(Timeliness)), 0.5),
        q=now_and_then("张三"), state=now_and_then(rng.choice(("draft", "entered"))),
    )
