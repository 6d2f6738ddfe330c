"""What waits too long for an answer: the rule in force where it is owed, turned round into instants."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from app.records.calendar import Timing, timing
from app.timing.kinds import decide
from tenants import clock, tree
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

_RULES = Scope.everything("the units that have said anything about such answers, wherever they are")
FURTHEST = 400


def _before(kind: str, upward: Sequence[str], today: date, now: Timing) -> datetime:
    """What came before this instant to the unit `upward` ends with has waited too long."""
    day = today
    while (today - day).days < FURTHEST and decide(kind, upward, day - timedelta(days=1), now).due.on >= today:
        day -= timedelta(days=1)
    return datetime.combine(day, time.min, clock.SHANGHAI)


def late(kind: str, came: InstrumentedAttribute[datetime], under: Callable[[str], ColumnElement[bool]],
         today: date) -> ColumnElement[bool]:
    """The filter on rows of a kind whose last day has passed, by when each `came`.

    `under` says which rows a rule of the unit at a path is for; units are asked for only where rules differ.
    """
    now = timing()
    root = tree.root()
    found: ColumnElement[bool] = came < _before(kind, [root.id] if root else [""], today, now)
    bearing = now.rules.bearing(kind)
    if bearing:
        rows = db.session.execute(_RULES.select(Unit, Unit.path).where(Unit.id.in_(bearing)))
        paths = sorted(rows.scalars(), key=len, reverse=True)
        whens: list[Any] = [(under(path), came < _before(kind, tree.ancestor_ids(path), today, now)) for path in paths]
        found = case(*whens, else_=found)
    return found


def units_at(path: str, *, itself: bool) -> Any:
    """Ids of the units below a path, with the one that is there or without."""
    low, high = tree.span(path)
    return select(Unit.id).where(Unit.path >= low if itself else Unit.path > low, Unit.path < high)
