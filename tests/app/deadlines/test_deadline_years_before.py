"""2004-2022: the engine against a day-by-day walk over `chinesecalendar`, and the trap of its own walk."""

from collections.abc import Callable
from datetime import date, timedelta

import chinese_calendar
import pytest
from chinese_calendar.constants import holidays, workdays

from app.deadlines.calendar import Holiday, WorkCalendar, YearNotice
from app.deadlines.notices import shipped
from app.deadlines.rules import Within, due

FIRST, LAST = date(2004, 1, 1), date(2022, 12, 31)
ONE_DAY = timedelta(days=1)
FIVE = (Within(5),)


def seeded() -> WorkCalendar:
    """A calendar of the years the package knows before ours, and ours after them."""
    notices = [
        YearNotice(year, "", tuple(Holiday("节", day, day) for day in sorted(holidays) if day.year == year),
                   tuple(day for day in sorted(workdays) if day.year == year))
        for year in range(FIRST.year, LAST.year + 1)
    ]
    return WorkCalendar([*notices, *shipped()])


CALENDAR = seeded()
STARTS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def walk(start: date, days: int = 5) -> date:
    """The n-th working day after a start, which is not counted, one day after the other."""
    day = start
    while days:
        day += ONE_DAY
        days -= chinese_calendar.is_workday(day)
    return day


WALKED = {start: walk(start) for start in STARTS}


def wrong(engine: Callable[[date], date]) -> int:
    """How many starts an engine answers otherwise than the walk."""
    return sum(engine(start) != due_on for start, due_on in WALKED.items())


def test_every_start_of_nineteen_years_equals_the_walk() -> None:
    assert len(STARTS) == 6940
    assert wrong(lambda start: due(FIVE, CALENDAR, start).on) == 0
    assert not any(due(FIVE, CALENDAR, start).provisional for start in STARTS)


def test_our_own_years_agree_with_the_package_on_every_day() -> None:
    days = [date(2023, 1, 1) + timedelta(days=n) for n in range(1461)]
    assert [day for day in days if CALENDAR.is_worked(day) != chinese_calendar.is_workday(day)] == []


def test_the_package_knows_no_year_without_a_notice_and_ours_answers() -> None:
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(2027, 1, 4))
    assert due(FIVE, CALENDAR, date(2026, 12, 25)).provisional


NO_MAKEUP = WorkCalendar(YearNotice(each.year, "", each.holidays, ()) for each in CALENDAR.notices)
FAULTS: dict[str, Callable[[date], date]] = {
    "the package's own walk, which counts from a free start moved forward": lambda start: (
        chinese_calendar.find_workday(5, start)),
    "make-up days ignored": lambda start: NO_MAKEUP.add(start, 5).on,
    "the start counted": lambda start: CALENDAR.add(start - ONE_DAY, 5).on,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_caught(fault: str) -> None:
    some = [start for start in STARTS if start.year == 2019]
    assert any(FAULTS[fault](start) != WALKED[start] for start in some)
