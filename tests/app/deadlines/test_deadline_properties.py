"""What must hold of deadlines under any calendar, tried on random ones."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.deadlines.calendar import WORKED, Holiday, WorkCalendar, YearNotice
from app.deadlines.notices import shipped
from app.deadlines.rules import Within, due

steady = settings(derandomize=True, deadline=None, database=None, max_examples=60)
SHIPPED = WorkCalendar(shipped())
YEARS = (2025, 2026)
days_of_span = st.dates(date(2024, 12, 1), date(2027, 3, 1))
amounts = st.integers(1, 30)
holidays = st.builds(
    lambda first, length: Holiday("节", first, first + timedelta(days=length)),
    st.dates(date(2025, 1, 1), date(2026, 12, 20)),
    st.integers(0, 9),
)
weekend_days = st.dates(date(2025, 1, 1), date(2026, 12, 31)).map(
    lambda day: day + timedelta(days=max(0, 5 - day.weekday()))
)


def calendar(free: list[Holiday], makeup: list[date]) -> WorkCalendar:
    """Both years published, everything written into the first notice."""
    first = YearNotice(YEARS[0], "一", tuple(free), tuple(makeup))
    return WorkCalendar([YearNotice(YEARS[1], "二", (), ()), first])


calendars = st.tuples(st.lists(holidays, max_size=6), st.lists(weekend_days, max_size=6))


@steady
@given(calendars, holidays, days_of_span, amounts)
def test_a_holiday_more_never_brings_a_deadline_forward(parts, more, start, amount) -> None:
    free, makeup = parts
    before = calendar(free, makeup).add(start, amount)
    assert calendar([*free, more], makeup).add(start, amount).on >= before.on


@steady
@given(calendars, weekend_days, days_of_span, amounts)
def test_a_makeup_day_more_never_pushes_a_deadline_back(parts, more, start, amount) -> None:
    free, makeup = parts
    before = calendar(free, makeup).add(start, amount)
    assert calendar(free, [*makeup, more]).add(start, amount).on <= before.on


@steady
@given(calendars, days_of_span, amounts)
def test_counted_and_skipped_partition_the_interval(parts, start, amount) -> None:
    subject = calendar(*parts)
    found = subject.add(start, amount)
    counted, skipped = subject.explain(start, amount)
    assert len(counted) == amount
    assert counted[-1].date == found.on
    assert all(day.why in WORKED for day in counted)
    assert not any(day.why in WORKED for day in skipped)
    interval = [start + timedelta(days=n) for n in range(1, (found.on - start).days + 1)]
    assert sorted(day.date for day in [*counted, *skipped]) == interval
    assert counted == sorted(counted, key=lambda day: day.date)
    assert skipped == sorted(skipped, key=lambda day: day.date)
    assert found.provisional == any(day.year not in YEARS for day in interval)


@steady
@given(calendars, days_of_span, amounts, amounts)
def test_adding_in_two_steps_is_adding_at_once(parts, start, one, two) -> None:
    subject = calendar(*parts)
    first = subject.add(start, one)
    second = subject.add(first.on, two)
    at_once = subject.add(start, one + two)
    assert at_once.on == second.on
    assert at_once.provisional == (first.provisional or second.provisional)


@steady
@given(calendars, days_of_span, amounts)
def test_later_work_is_never_due_earlier_and_a_due_day_is_worked(parts, start, amount) -> None:
    subject = calendar(*parts)
    found = subject.add(start, amount)
    assert subject.add(start + timedelta(days=1), amount).on >= found.on > start
    assert subject.is_worked(found.on)


@steady
@given(
    st.dates(date(2018, 1, 1), date(2053, 1, 1)) | st.dates(date(1, 1, 1), date(9990, 1, 1)),
    st.integers(1, 40),
)
def test_tables_and_day_walk_agree_everywhere(start: date, amount: int) -> None:
    assert SHIPPED.add(start, amount) == SHIPPED._walk(start, amount)
    assert SHIPPED.add(start, amount) == SHIPPED._walk(start, amount)  # and when asked again


@steady
@given(st.dates(date(2022, 11, 1), date(2027, 2, 1)), st.integers(1, 5))
def test_a_tighter_rule_is_never_due_later(ended_on: date, days: int) -> None:
    tight = due([Within(days)], SHIPPED, ended_on)
    assert tight.on < due([Within(days + 1)], SHIPPED, ended_on).on
