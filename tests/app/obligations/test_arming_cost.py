"""What the scheduler reads once a minute: what is open, however many records are done. Nothing is timed."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import and_, or_, select

import small_province
from app.obligations import arming
from app.obligations.model import Obligation
from app.obligations.sources import Source, sources
from app.records.calendar import timing
from app.records.model import Record
from permissions import audit, transaction
from plan_cost import analysed, cost, said
from tenants import clock, tree
from tenants.db import db
from tenants.fields import new_id

DONE, OPEN, MOST = 20_000, 40, 400
TODAY = date(2026, 6, 10)


@pytest.fixture
def engine_name() -> str:
    """Plans of PostgreSQL only."""
    return "postgresql"


def put(rng: random.Random) -> None:
    """Many records that are done and a few that are open and near, over a small province."""
    with transaction.act("tests"):
        units = small_province.grow(rng)
        rows = []
        for place in range(DONE + OPEN):
            unit, ended = rng.choice(units), TODAY - timedelta(days=8 + rng.randrange(200 if place < DONE else 5))
            due, done = ended + timedelta(days=7), place < DONE
            rows.append({"id": new_id(), "module": "visits", "unit_id": unit.id, "unit_number": unit.number,
                         "ended_on": ended, "due_on": due, "first_due_on": due, "due_provisional": False,
                         "entered_on": ended if done else None, "entered_at": clock.now() if done else None,
                         "state": "entered" if done else "draft", "summary": "走访", "search": "走访",
                         "created_at": clock.now(), "version": 1})
        db.session.execute(sa.insert(Record.__table__), rows)  # type: ignore[arg-type]
        audit.record("tests:records", "unit", None, units[0])
    analysed("records", "obligations")


def read() -> int:
    """Rows looked at by what asks for records that came near, everything being armed already."""
    [statement] = said(lambda: db.session.execute(
        arming._changed(sources()[0]), {"today": TODAY, "until": TODAY + timedelta(days=9)}).all())
    return cost([statement])[1]


def walking(source: Source) -> Any:
    """Planted: the first few by id, as a planner likes them; there are none, so every record is looked at."""
    owed = source.owed(arming.TODAY).subquery()
    return arming._EVERY.mark(
        select(*owed.c).outerjoin(Obligation, and_(Obligation.kind == owed.c.kind,
                                                   Obligation.subject_id == owed.c.subject_id))
        .where(or_(Obligation.id.is_(None), Obligation.due_on != owed.c.due_on), owed.c.due_on <= arming.UNTIL)
        .order_by(owed.c.subject_id).limit(1))


def test_a_look_reads_what_is_open(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        put(random.Random(6))
        with transaction.act("tests"):
            now = timing()
            assert arming.open_near(now, TODAY) == OPEN
            assert arming.open_near(now, TODAY) == 0
            root = tree.root()
            assert root is not None
            audit.record("tests:armed", "unit", None, root)
        analysed("obligations")
        assert read() <= MOST
        monkeypatch.setattr(arming, "_changed", walking)
        assert read() > MOST

