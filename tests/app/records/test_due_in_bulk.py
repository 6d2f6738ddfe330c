"""Due days of many records at once are those of each by itself, and the database numbers days as the calendar does."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Date, literal, select

from app.deadlines.calendar import WorkCalendar
from app.deadlines.notices import shipped
from app.deadlines.rulebook import Rulebook, Stated
from app.deadlines.rules import Measure, Within, due, due_all
from app.records.calendar import Timing
from app.records.day_numbers import day_number
from app.records.module import FIVE_WORKING_DAYS
from app.records.redating import Answers
from tenants.db import db

CALENDAR = WorkCalendar(shipped())
FIRST, LAST = CALENDAR.numbered
LATER = (Within(5), Within(3, since=date(2026, 7, 1)))
SPOKEN = Rulebook([Stated("county", "visits", date(2026, 1, 1), 1, Within(2)),
                   Stated("city", "visits", date(2026, 3, 1), 2, Within(4, measure=Measure.calendar_days))])
PATHS = {"a": "/province/city/county/a/", "b": "/province/city/b/", "c": "/province/c/"}
steady = settings(derandomize=True, deadline=None, database=None, max_examples=60)
numbers = st.lists(st.integers(0, (LAST - FIRST).days), max_size=12)
days = (st.dates(date(2025, 11, 1), date(2027, 3, 1))
        | st.sampled_from([date(1931, 5, 6), date(2300, 1, 2), FIRST, LAST]))


def day_of(number: int) -> date:
    """The day with a number."""
    return FIRST + timedelta(days=number)


@steady
@given(numbers, st.sampled_from([FIVE_WORKING_DAYS, LATER, (Within(9, measure=Measure.calendar_days),)]))
def test_many_are_due_as_each_by_itself(asked: list[int], rules: Sequence[Within]) -> None:
    assert list(due_all(rules, CALENDAR, asked)) == [due(rules, CALENDAR, day_of(number)) for number in asked]


@steady
@given(numbers, st.sampled_from([Rulebook([]), SPOKEN]), st.sampled_from(list(PATHS.values())))
def test_under_the_rules_of_units_as_well(asked: list[int], rules: Rulebook, path: str) -> None:
    timing, upward = Timing(CALENDAR, rules), path.strip("/").split("/")
    wanted = [timing.decide("visits", FIVE_WORKING_DAYS, upward, day_of(number)).due for number in asked]
    assert list(timing.due_all("visits", FIVE_WORKING_DAYS, upward, asked)) == wanted
    for _again in range(2):
        assert [timing.due("visits", FIVE_WORKING_DAYS, upward, day_of(number)) for number in asked] == wanted
    assert [timing.due("visits", LATER, upward, day) for day in (date(2026, 7, 1), date(2026, 7, 2))] == [
        timing.decide("visits", LATER, upward, day).due for day in (date(2026, 7, 1), date(2026, 7, 2))]


@steady
@given(st.lists(st.tuples(st.sampled_from(["visits", "condolences"]), st.sampled_from(list(PATHS)), days), max_size=12))
def test_a_slab_of_records_with_days_outside_the_tables(said: list[tuple[str, str, date]]) -> None:
    timing, modules = Timing(CALENDAR, SPOKEN), {"visits": FIVE_WORKING_DAYS, "condolences": LATER}
    rows = [SimpleNamespace(module=key, unit_id=unit_id, ended_on=day,
                            number=(day - FIRST).days if FIRST <= day <= LAST else None) for key, unit_id, day in said]
    kinds = {key: SimpleNamespace(deadlines=declared) for key, declared in modules.items()}
    found = Answers(timing, kinds).of_all(rows, PATHS)  # type: ignore[arg-type]
    assert found == [timing.decide(key, modules[key], PATHS[unit_id].strip("/").split("/"), day).due
                     for key, unit_id, day in said]


def test_what_was_kept_of_another_day_is_not_given_for_a_moment() -> None:
    timing = Timing(CALENDAR, Rulebook([]))
    timing.due("visits", FIVE_WORKING_DAYS, ("province",), date(2026, 6, 8))
    with pytest.raises(TypeError, match="datetime"):
        timing.due("visits", FIVE_WORKING_DAYS, ("province",), datetime(2026, 6, 8, tzinfo=UTC))


def test_the_database_gives_each_day_its_number(app: Flask) -> None:
    asked = [FIRST, FIRST + timedelta(days=1), date(2024, 2, 29), date(2026, 12, 31), LAST,
             FIRST - timedelta(days=1), LAST + timedelta(days=1), date(1931, 5, 6)]
    with app.app_context():
        columns = [day_number(literal(day, Date), CALENDAR.numbered) for day in asked]
        found = list(db.session.execute(select(*columns)).one())
    assert found == [(day - FIRST).days if FIRST <= day <= LAST else None for day in asked]
