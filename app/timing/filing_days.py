"""Which filings (报备) wait too long: the rule in force where each was made, turned round into instants."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, case, select
from sqlalchemy.sql.elements import ColumnElement

from app.records.calendar import Timing, timing
from app.timing.kinds import FILING, decide
from permissions.grants import Filing
from tenants import clock, tree
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

_RULES = Scope.everything("the units that have said anything about filings, wherever they are")
FURTHEST = 400


def _before(upward: Sequence[str], today: date, now: Timing) -> datetime:
    """What was filed before this instant with the unit `upward` ends with has waited too long."""
    day = today
    while (today - day).days < FURTHEST and decide(FILING, upward, day - timedelta(days=1), now).due.on >= today:
        day -= timedelta(days=1)
    return datetime.combine(day, time.min, clock.SHANGHAI)


def overdue(today: date) -> ColumnElement[bool]:
    """The filter on filings whose last day has passed without a word; asks for the unit only where rules differ."""
    now = timing()
    root = tree.root()
    late: ColumnElement[bool] = Filing.filed_at < _before([root.id] if root else [""], today, now)
    bearing = now.rules.bearing(FILING)
    if bearing:
        rows = db.session.execute(_RULES.select(Unit, Unit.path).where(Unit.id.in_(bearing)))
        paths = sorted(rows.scalars(), key=len, reverse=True)
        whens: list[Any] = [(_under(path), Filing.filed_at < _before(tree.ancestor_ids(path), today, now))
                            for path in paths]
        late = case(*whens, else_=late)
    return and_(Filing.acknowledged_at.is_(None), late)


def _under(path: str) -> ColumnElement[bool]:
    """Filed about a unit strictly below: the rule of its superior counts."""
    low, high = tree.span(path)
    return Filing.unit_id.in_(select(Unit.id).where(Unit.path > low, Unit.path < high))
