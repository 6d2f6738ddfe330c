"""By when an opinion is to be answered (第十七条), and that it is owed like a record: reminded of and told above."""

from datetime import date
from typing import Any

from sqlalchemy import Date, and_, literal, select
from sqlalchemy.sql.elements import ColumnElement

from app.obligations import sources
from app.obligations.sources import Source
from app.opinions.model import Opinion
from app.records.calendar import Timing
from app.timing.kinds import OPINION, decide
from app.timing.late import late, units_at
from tenants import clock, tree


def _owed(_today: Any) -> Any:
    """Owed by the unit it was left with, whose administrators see to it."""
    return select(
        literal(OPINION).label("kind"), Opinion.id.label("subject_id"), Opinion.unit_id, Opinion.unit_number,
        Opinion.created_at.label("born_at"), literal(None, Date).label("started_on"),
        literal(None, Date).label("due_on"),
    ).where(Opinion.answered_at.is_(None))


sources.add(Source("opinions", lambda: (OPINION,), _owed, lambda _row: None))


def answer_by(opinion: Opinion, path: str, now: Timing | None = None) -> date:
    """The last day for the answer of the unit at `path`; a list reads the rules once."""
    return decide(OPINION, tree.ancestor_ids(path), clock.local(opinion.created_at).date(), now).due.on


def state_of(opinion: Opinion, by: date) -> str:
    """`answered`, `overdue` or `waiting`."""
    if opinion.answered_at is not None:
        return "answered"
    return "overdue" if by < clock.today() else "waiting"


def in_state(state: str) -> ColumnElement[bool]:
    """The filter on opinions: `answered`, `overdue`, or `waiting` for all that have no answer yet."""
    waits = Opinion.answered_at.is_(None)
    if state == "answered":
        return Opinion.answered_at.is_not(None)
    return and_(waits, late(OPINION, Opinion.created_at, _under, clock.today())) if state == "overdue" else waits


def _under(path: str) -> ColumnElement[bool]:
    return Opinion.unit_id.in_(units_at(path, itself=True))
