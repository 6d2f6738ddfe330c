"""The engine against an oracle of its own: own data, own naive day walk, no shared code."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from app.deadlines.calendar import Due, Holiday, WorkCalendar, YearNotice
from app.deadlines.notices import shipped
from app.deadlines.rules import Timeliness, Within, due, judge

CALENDAR = WorkCalendar(shipped())
FIVE = (Within(5),)
FIRST, LAST = date(2023, 1, 1), date(2026, 12, 24)

# Typed from the text of the four notices, as people read them: month.day-month.day.
OFF = {
    2023: "1.1-1.2 1.21-1.27 4.5-4.5 4.29-5.3 6.22-6.24 9.29-10.6",
    2024: "1.1-1.1 2.10-2.17 4.4-4.6 5.1-5.5 6.10-6.10 9.15-9.17 10.1-10.7",
    2025: "1.1-1.1 1.28-2.4 4.4-4.6 5.1-5.5 5.31-6.2 10.1-10.8",
    2026: "1.1-1.3 2.15-2.23 4.4-4.6 5.1-5.5 6.19-6.21 9.25-9.27 10.1-10.7",
    2027: "1.1-1.1",  # no notice: New Year's Day is fixed by law, more is not needed here
}
WORK = {
    2023: "1.28 1.29 4.23 5.6 6.25 10.7 10.8",
    2024: "2.4 2.18 4.7 4.28 5.11 9.14 9.29 10.12",
    2025: "1.26 2.8 4.27 9.28 10.11",
    2026: "1.4 2.14 2.28 5.9 9.20 10.10",
}


def tick(day: tuple[int, int, int]) -> tuple[int, int, int]:
    """The next day, by counting the days of months by hand."""
    year, month, number = day
    leap = year % 4 == 0
    long = {1: 31, 2: 29 if leap else 28, 3: 31, 5: 31, 7: 31, 8: 31, 10: 31, 12: 31}
    if number < long.get(month, 30):
        return year, month, number + 1
    return (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)


def oracle_days() -> dict[tuple[int, int, int], bool]:
    """Every day from 2022-12-26, a Monday, to 2027-01-31: worked or not."""
    off, work = set(), set()
    for year, text in OFF.items():
        for span in text.split():
            first, last = ([int(n) for n in end.split(".")] for end in span.split("-"))
            day, stop = (year, *first), tick((year, *last))
            while day != stop:
                off.add(day)
                day = tick(day)
    for year, text in WORK.items():
        work |= {(year, *(int(n) for n in each.split("."))) for each in text.split()}
    days, day, weekday = {}, (2022, 12, 26), 1
    while day != (2027, 2, 1):
        days[day] = day in work or (weekday <= 5 and day not in off)
        day, weekday = tick(day), weekday % 7 + 1
    return days


WORKED = oracle_days()


def oracle(start: date, amount: int = 5) -> Due:
    """Walk day by day, not counting the start."""
    day = (start.year, start.month, start.day)
    while amount:
        day = tick(day)
        amount -= WORKED[day]
    return Due(date(*day), day[0] > 2026)


def starts(first: date = FIRST, last: date = LAST) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def mismatches(engine: Callable[[date], Due]) -> list[date]:
    return [day for day in starts() if engine(day) != oracle(day)]


# ended_on, due_on, what plain Mon-Fri gives, what holidays without make-up days give
GOLDEN = [
    ("2023-04-28", "2023-05-09", "2023-05-05", "2023-05-10"),
    ("2024-02-08", "2024-02-21", "2024-02-15", "2024-02-22"),
    ("2024-09-13", "2024-09-23", "2024-09-20", "2024-09-24"),
    ("2025-01-24", "2025-02-07", "2025-01-31", "2025-02-10"),
    ("2025-04-30", "2025-05-12", "2025-05-07", "2025-05-12"),
    ("2025-12-31", "2026-01-08", "2026-01-07", "2026-01-09"),
    ("2026-02-18", "2026-02-28", "2026-02-25", "2026-03-02"),
    ("2026-04-30", "2026-05-11", "2026-05-07", "2026-05-12"),
    ("2026-09-18", "2026-09-24", "2026-09-25", "2026-09-28"),
    ("2026-12-24", "2026-12-31", "2026-12-31", "2026-12-31"),
    ("2026-05-08", "2026-05-14", "2026-05-15", "2026-05-15"),
    ("2026-02-14", "2026-02-28", "2026-02-20", "2026-03-02"),
    ("2025-09-28", "2025-10-11", "2025-10-03", "2025-10-13"),
]


def changed(holidays: bool, makeup: bool) -> WorkCalendar:
    """The shipped calendar without its holidays or without its make-up days."""
    return WorkCalendar(
        YearNotice(n.year, n.notice, n.holidays if holidays else (), n.makeup if makeup else ()) for n in shipped()
    )


@pytest.mark.parametrize(("ended_on", "due_on", "naive", "no_makeup"), GOLDEN)
def test_golden_table(ended_on: str, due_on: str, naive: str, no_makeup: str) -> None:
    start = date.fromisoformat(ended_on)
    assert due(FIVE, CALENDAR, start) == Due(date.fromisoformat(due_on), provisional=False)
    assert oracle(start).on.isoformat() == due_on
    assert changed(False, False).add(start, 5).on.isoformat() == naive
    assert changed(True, False).add(start, 5).on.isoformat() == no_makeup


def test_every_start_day_equals_the_oracle_and_is_final() -> None:
    assert len(starts()) == 1454
    assert mismatches(lambda day: due(FIVE, CALENDAR, day)) == []
    assert not any(CALENDAR.add(day, 5).provisional for day in starts())


@pytest.mark.parametrize("amount", [1, 2, 3, 4, 6, 7, 10, 15])
def test_other_amounts_equal_the_oracle(amount: int) -> None:
    days = starts(last=date(2026, 12, 31))
    assert [d for d in days if CALENDAR.add(d, amount) != oracle(d, amount)] == []


def test_from_25_december_2026_provisional() -> None:
    assert CALENDAR.add(date(2026, 12, 25), 5) == Due(date(2027, 1, 4), provisional=True)
    for day in starts(date(2026, 12, 25), date(2027, 1, 15)):
        assert CALENDAR.add(day, 5) == oracle(day)
        assert CALENDAR.add(day, 5).provisional


def test_every_day_is_worked_or_free_as_in_the_oracle() -> None:
    assert [d for d in WORKED if CALENDAR.is_worked(date(*d)) != WORKED[d]] == []


def test_working_days_per_year_and_month() -> None:
    expected = {
        2023: (249, [18, 20, 23, 20, 21, 21, 21, 23, 20, 19, 22, 21]),
        2024: (251, [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22]),
        2025: (248, [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23]),
        2026: (248, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]),
    }
    days = starts(last=date(2026, 12, 31))
    months = Counter((day.year, day.month) for day in days if CALENDAR.is_worked(day))
    for year, (total, by_month) in expected.items():
        assert [months[year, month] for month in range(1, 13)] == by_month
        assert sum(by_month) == total


def snapped(start: date) -> Due:
    """The trap of packages that first move a free start day forward and call it day 0."""
    while not CALENDAR.is_worked(start):
        start += timedelta(days=1)
    return CALENDAR.add(start, 5)


def without(year: int) -> WorkCalendar:
    return WorkCalendar(notice for notice in shipped() if notice.year != year)


def eve_of_2024() -> WorkCalendar:
    """A calendar whose 2024 spring festival begins on New Year's Eve, as the law now has it."""
    eve = Holiday("春节", date(2024, 2, 9), date(2024, 2, 9))
    return WorkCalendar(
        YearNotice(n.year, n.notice, (*n.holidays, eve) if n.year == 2024 else n.holidays, n.makeup) for n in shipped()
    )


no_makeup, no_holidays, plain = changed(True, False), changed(False, True), changed(False, False)
eve, gap = eve_of_2024(), without(2025)
FAULTS: dict[str, Callable[[date], Due]] = {
    "make-up days ignored": lambda day: no_makeup.add(day, 5),
    "holidays ignored": lambda day: no_holidays.add(day, 5),
    "plain Monday to Friday": lambda day: plain.add(day, 5),
    "day of completion counted": lambda day: CALENDAR.add(day - timedelta(days=1), 5),
    "counting starts a day late": lambda day: CALENDAR.add(day + timedelta(days=1), 5),
    "due day excluded": lambda day: CALENDAR.add(day, 6),
    "one working day short": lambda day: CALENDAR.add(day, 4),
    "calendar days": lambda day: Due(day + timedelta(days=5), provisional=False),
    "free start day moved forward": snapped,
    "New Year's Eve 2024 taken as free": lambda day: eve.add(day, 5),
    "a year's notice forgotten": lambda day: gap.add(day, 5),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_caught(fault: str) -> None:
    assert mismatches(FAULTS[fault]) != []


def test_judging_with_the_due_day_excluded_would_be_caught() -> None:
    """The right verdict on the due day differs from what `entered < due` would say."""
    for day in starts():
        last = oracle(day).on
        assert judge(due(FIVE, CALENDAR, day).on, last, last) is Timeliness.on_time
        assert judge(due(FIVE, CALENDAR, day).on, last + timedelta(days=1), last) is Timeliness.late
        assert not last < due(FIVE, CALENDAR, day).on
