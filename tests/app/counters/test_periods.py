"""Every day of a period lies in exactly one part, and the months are whole."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.reports.periods import Period, month_of, next_month, split

DAYS = st.dates(date(2023, 1, 1), date(2028, 12, 31))


@given(DAYS, DAYS)
def test_each_day_once(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    period = split(first, last)
    days = [day for begin, end in period.edges for day in run_of(begin, end)]
    if period.months is not None:
        begin, end = period.months
        assert begin.day == end.day == 1 and begin <= end
        days += run_of(begin, next_month(end) - timedelta(days=1))
    assert sorted(days) == run_of(first, last)


def run_of(first: date, last: date) -> list[date]:
    """The days from one to another."""
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def test_a_part_of_a_month_is_all_edge() -> None:
    assert split(date(2026, 6, 2), date(2026, 6, 30)) == split(date(2026, 6, 2), date(2026, 6, 30))
    assert split(date(2026, 6, 2), date(2026, 6, 30)).months is None
    assert split(date(2026, 6, 1), date(2026, 6, 30)).months == (date(2026, 6, 1), date(2026, 6, 1))
    assert month_of(date(2026, 6, 30)) == date(2026, 6, 1)


def test_the_ends_of_time_are_periods_too() -> None:
    assert split(date.min, date.max) == Period((date.min, date(9999, 12, 1)), ())
    assert split(date(9999, 12, 2), date.max) == Period(None, ((date(9999, 12, 2), date.max),))
    assert split(date(9999, 11, 1), date(9999, 12, 30)) == Period(
        (date(9999, 11, 1), date(9999, 11, 1)), ((date(9999, 12, 1), date(9999, 12, 30)),))
    assert split(date.min, date(1, 1, 30)) == Period(None, ((date.min, date(1, 1, 30)),))
