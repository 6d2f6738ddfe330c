"""The plan of the demonstration province at one fixed day, built once for all tests of the generator."""

from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace

import pytest

from app.demo.plan import ProvincePlan, build

TODAY = date(2026, 11, 21)
# Enough closed days to prove that the generator asks the rule and does not count weekdays on its own.
CLOSED = {date(2026, 10, 1) + timedelta(days=offset) for offset in range(7)} | {date(2026, 2, 16)}
OPEN_SATURDAY = date(2026, 10, 10)


def is_working(day: date) -> bool:
    """Monday to Friday, less CLOSED, and one Saturday more."""
    return day == OPEN_SATURDAY or (day.weekday() < 5 and day not in CLOSED)


def due(ended_on: date) -> date:
    """The fifth working day after the day of ending."""
    left = 5
    while left:
        ended_on += timedelta(days=1)
        left -= is_working(ended_on)
    return ended_on


@pytest.fixture(scope="session")
def rule() -> SimpleNamespace:
    """The day of the plan as `today`, and the deadline rule as `due` and `is_working`."""
    return SimpleNamespace(today=TODAY, due=cache(due), is_working=is_working)


@pytest.fixture(scope="session")
def plan(rule: SimpleNamespace) -> ProvincePlan:
    """The whole plan, 20,000 cadres and 60,000 records."""
    return build(rule.today, rule.due)
