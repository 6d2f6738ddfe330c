"""Steps against a walk of its own: every day of a ladder, what a missed month leaves, who is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.deadlines.calendar import Holiday, WorkCalendar, YearNotice
from app.deadlines.hours import office_open
from app.deadlines.rulebook import Ladder
from app.deadlines.steps import RETURNED, Owed, audience, next_day, steps, turns

LADDER = Ladder((-2, 0), (1, 3, 5))
CALENDAR = WorkCalendar([YearNotice(2026, "测试", (Holiday("国庆节", date(2026, 10, 1), date(2026, 10, 7)),),
                                    (date(2026, 9, 20), date(2026, 10, 10)))])
DAYS = st.dates(date(2026, 3, 1), date(2026, 11, 1))
EARLY = date(2026, 1, 1)
steady = settings(derandomize=True, deadline=None, database=None, max_examples=80)


def worked(day: date) -> bool:
    """The same calendar, said again."""
    if day in (date(2026, 9, 20), date(2026, 10, 10)):
        return True
    return day.weekday() < 5 and not date(2026, 10, 1) <= day <= date(2026, 10, 7)


def walk(day: date, count: int) -> date:
    """So many working days on, or back."""
    while count:
        day += timedelta(days=1 if count > 0 else -1)
        count -= worked(day) * (1 if count > 0 else -1)
    return day


def test_the_ladder_over_the_national_holiday() -> None:
    found = steps(Owed(date(2026, 9, 30), EARLY), LADDER, CALENDAR)
    assert [(each.key, each.day.isoformat()) for each in found] == [
        ("remind-2", "2026-09-28"), ("remind+0", "2026-09-30"), ("tell0", "2026-10-08"), ("tell1", "2026-10-10"),
        ("tell2", "2026-10-13")]


@steady
@given(DAYS.filter(worked), st.lists(st.integers(-5, 5), max_size=4, unique=True),
       st.lists(st.integers(1, 20), max_size=4, unique=True).map(sorted))
def test_every_day_equals_the_walk(due: date, reminders: list[int], raised: list[int]) -> None:
    found = {each.key: each.day for each in steps(Owed(due, EARLY), Ladder(tuple(reminders), tuple(raised)), CALENDAR)}
    expected = {f"remind{offset:+d}": walk(due, offset) for offset in reminders}
    expected |= {f"tell{level}": walk(due, days) for level, days in enumerate(raised)}
    assert found == expected


@steady
@given(DAYS.filter(worked), st.sets(st.integers(0, 60), min_size=1).map(sorted))
def test_whatever_days_are_missed_each_step_comes_once(due: date, looked: list[int]) -> None:
    """Looked at on some days only: no step twice, every level told, and no reminder older than one sent."""
    every = steps(Owed(due, EARLY), LADDER, CALENDAR)
    done: set[str] = set()
    sent = []
    for offset in looked:
        today = due + timedelta(days=offset - 20)
        found = turns(every, done, today)
        assert not done & {turn.step.key for turn in found}
        done |= {turn.step.key for turn in found}
        sent += [turn.step for turn in found if turn.current]
        own = [turn for turn in found if turn.step.level is None]
        assert [turn.current for turn in own] == [False] * (len(own) - 1) + [True] * bool(own)
        nothing_before = next_day(every, done, today)
        if nothing_before is not None:
            assert not turns(every, done, nothing_before - timedelta(days=1))
            assert turns(every, done, nothing_before)
    come = {step.key for step in every if step.day <= due + timedelta(days=looked[-1] - 20)}
    assert done == come
    assert {step.key for step in sent if step.level is not None} == {key for key in come if key.startswith("tell")}


def test_what_is_typed_in_late_is_not_reminded_of_but_told_above() -> None:
    found = steps(Owed(date(2026, 6, 10), date(2026, 6, 12)), LADDER, CALENDAR)
    assert [each.key for each in found] == ["tell0", "tell1", "tell2"]
    assert found[0].day == date(2026, 6, 11), "opening it late puts nothing off"


def test_a_return_says_so_at_once_and_counts_from_there() -> None:
    found = steps(Owed(date(2026, 6, 10), date(2026, 7, 1), generation=2), LADDER, CALENDAR)
    assert [(each.key, each.day.isoformat()) for each in found] == [
        (RETURNED, "2026-07-01"), ("tell0", "2026-07-02"), ("tell1", "2026-07-06"), ("tell2", "2026-07-08")]
    early = steps(Owed(date(2026, 6, 10), date(2026, 6, 10), generation=2), LADDER, CALENDAR)
    assert [turn.current for turn in turns(early, (), date(2026, 6, 10))] == [True, True]


@steady
@given(st.integers(0, 4), st.lists(st.booleans(), min_size=1, max_size=6))
def test_a_step_goes_to_the_level_or_the_next_above_with_anybody(level: int, seated: list[bool]) -> None:
    found, wanted = audience(level, seated), min(level, len(seated) - 1)
    above = [place for place, taken in enumerate(seated) if taken and place >= wanted]
    assert found == (above[0] if above else None)


@pytest.mark.parametrize(("local", "is_open"), [
    ("2026-09-20T08:30", True), ("2026-09-20T08:29:59", False), ("2026-09-20T11:59:59", True),
    ("2026-09-20T12:00", False), ("2026-09-20T14:00", True), ("2026-09-20T17:59:59", True),
    ("2026-09-20T18:00", False), ("2026-09-19T10:00", False), ("2026-10-02T10:00", False),
])
def test_office_hours_are_those_of_a_working_day_in_shanghai(local: str, is_open: bool) -> None:
    at = datetime.fromisoformat(f"{local}+08:00")
    assert office_open(CALENDAR, at) is is_open is office_open(CALENDAR, at.astimezone(UTC))
    with pytest.raises(ValueError, match="offset"):
        office_open(CALENDAR, at.replace(tzinfo=None))
