"""Every day of a period lies in exactly one part, and the months are whole."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.reports.periods import Cut, Period, Run, cut, end_of, month_of, next_month, split

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


def counted(made: Cut, today: date, since: date, day: date) -> tuple[int, int, int]:
    """How many times a record due on a day counts, is overdue if it is open, and counts while its change waits."""
    inside = made.months is not None and made.months[0] <= month_of(day) <= made.months[1]
    runs = [run for run in made.runs if run.first <= day <= run.last]
    live = any(first <= day <= last for first, last in made.live)
    waits = made.changes is not None and made.changes[0] <= day <= made.changes[1]
    assert day >= since or not runs
    late = day < today
    return (inside + sum(run.times for run in runs) + live,
            (inside and month_of(day) <= month_of(today)) + sum(run.overdue for run in runs) + (live and late),
            waits + live)


@given(DAYS, DAYS, DAYS, DAYS)
def test_each_day_counts_once_and_is_overdue_once_it_is(one: date, other: date, today: date, since: date) -> None:
    first, last, since = min(one, other), max(one, other), month_of(since)
    made = cut(first, last, today=today, since=since)
    for day in run_of(min(first, month_of(first)), end_of(month_of(last))):
        inside = first <= day <= last
        assert counted(made, today, since, day) == (inside, inside and day < today, inside), (day, made)
        if day.day == 1 and day < since and made.changes is not None and made.changes[0] <= day <= made.changes[1]:
            assert end_of(day) <= made.changes[1]  # a change there may be one of the whole month


def test_few_days_are_read_for_the_running_month() -> None:
    """To the end of what is due from today on, or what was due so far, whichever is less."""
    since, year = date(2026, 10, 1), date(2025, 12, 1)
    assert cut(year, date(2026, 11, 21), today=date(2026, 11, 21), since=since) == Cut(
        (year, date(2026, 11, 1)),
        (Run(date(2026, 11, 22), date(2026, 11, 30), -1, -1), Run(date(2026, 11, 21), date(2026, 11, 21), 0, -1)),
        (year, date(2026, 11, 21)), ())
    assert cut(year, date(2026, 11, 2), today=date(2026, 11, 2), since=since) == Cut(
        (year, date(2026, 10, 1)),
        (Run(date(2026, 11, 1), date(2026, 11, 1), 1, 1), Run(date(2026, 11, 2), date(2026, 11, 2), 1, 0)),
        (year, date(2026, 11, 2)), ())
    assert cut(year, date(2026, 12, 31), today=date(2026, 11, 2), since=since).live == ()


def test_days_that_are_not_known_are_counted_live() -> None:
    first, last = date(2026, 4, 11), date(2026, 11, 21)
    assert cut(first, last, today=last, since=date(2026, 11, 1)).live == ((first, date(2026, 4, 30)),)
    assert cut(first, last, today=last, since=date(2026, 12, 1)) == Cut(None, (), None, ((first, last),))
