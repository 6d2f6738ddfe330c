"""Which filings (报备) wait too long for the superior's word."""

from datetime import date

from sqlalchemy import and_
from sqlalchemy.sql.elements import ColumnElement

from app.timing.kinds import FILING
from app.timing.late import late, units_at
from permissions.grants import Filing


def overdue(today: date) -> ColumnElement[bool]:
    """The filter on filings whose last day has passed without a word."""
    return and_(Filing.acknowledged_at.is_(None), late(FILING, Filing.filed_at, _under, today))


def _under(path: str) -> ColumnElement[bool]:
    """Filed about a unit strictly below: the rule of its superior counts."""
    return Filing.unit_id.in_(units_at(path, itself=False))
