"""Office hours of working days: golden moments, and what must hold of any."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.deadlines.calendar import WorkCalendar
from app.deadlines.hours import add_hours
from app.deadlines.notices import shipped

CALENDAR = WorkCalendar(shipped())
SHANGHAI = ZoneInfo("Asia/Shanghai")
steady = settings(derandomize=True, deadline=None, database=None, max_examples=80)
BEGINNING = datetime(2025, 1, 1, tzinfo=SHANGHAI)
instants = st.integers(0, 700 * 24 * 60).map(lambda minutes: BEGINNING + timedelta(minutes=minutes))


@pytest.mark.parametrize(("start", "hours", "end"), [
    ("2026-06-08T09:00", 2, "2026-06-08T11:00"), ("2026-06-08T11:00", 2, "2026-06-08T15:00"),
    ("2026-06-08T07:00", 3.5, "2026-06-08T12:00"), ("2026-06-08T12:30", 1, "2026-06-08T15:00"),
    ("2026-06-08T17:00", 2, "2026-06-09T09:30"), ("2026-06-12T17:30", 1, "2026-06-15T09:00"),
    ("2026-02-14T17:00", 7, "2026-02-24T16:30"), ("2026-02-27T20:00", 1, "2026-02-28T09:30"),
])
def test_golden_moments(start: str, hours: float, end: str) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    assert add_hours(CALENDAR, at, hours).isoformat() == f"{end}:00+08:00"
    assert add_hours(CALENDAR, at.astimezone(UTC), hours) == add_hours(CALENDAR, at, hours)


@steady
@given(instants, st.integers(1, 40), st.integers(1, 40))
def test_in_two_steps_as_at_once_and_never_outside_hours(at: datetime, one: int, two: int) -> None:
    first = add_hours(CALENDAR, at, one / 4)
    both = add_hours(CALENDAR, at, (one + two) / 4)
    assert both == add_hours(CALENDAR, first, two / 4) >= first > at
    minute = both.hour * 60 + both.minute + both.second / 60
    assert CALENDAR.is_worked(both.date()) and (510 < minute <= 720 or 840 < minute <= 1080)


@steady
@given(instants, st.integers(1, 28), st.integers(0, 3000))
def test_a_later_beginning_never_ends_earlier(at: datetime, quarters: int, later: int) -> None:
    assert add_hours(CALENDAR, at + timedelta(minutes=later), quarters / 4) >= add_hours(CALENDAR, at, quarters / 4)


def test_what_is_no_instant_or_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        add_hours(CALENDAR, BEGINNING.replace(tzinfo=None), 1)
    with pytest.raises(ValueError, match="no time"):
        add_hours(CALENDAR, datetime(2026, 6, 8, tzinfo=UTC), 0)
