"""The calendar day by day: reasons, names, explanations, published years, the edges."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.deadlines.calendar import Day, Due, Holiday, Why, WorkCalendar, YearNotice, plain_date
from app.deadlines.notices import shipped

CALENDAR = WorkCalendar(shipped())


@pytest.mark.parametrize(
    ("day", "why", "name"),
    [
        ("2026-03-02", "weekday", "工作日"),
        ("2026-02-28", "makeup_workday", "调休上班"),
        ("2026-03-07", "weekend", "周六"),
        ("2026-03-08", "weekend", "周日"),
        ("2026-02-15", "public_holiday", "春节"),
        ("2026-02-17", "public_holiday", "春节"),
        ("2023-10-02", "public_holiday", "中秋节、国庆节"),
        ("2025-10-06", "public_holiday", "国庆节、中秋节"),
        ("2024-02-09", "weekday", "工作日"),
        ("2022-12-31", "public_holiday", "元旦"),
        ("2023-12-30", "public_holiday", "元旦"),
        ("2023-12-31", "public_holiday", "元旦"),
        ("2022-12-30", "weekday", "工作日"),
        ("2022-10-03", "statutory_holiday", "国庆节"),
        ("2027-01-01", "statutory_holiday", "元旦"),
        ("2027-01-02", "weekend", "周六"),
        ("2027-02-05", "statutory_holiday", "春节"),
        ("2027-02-09", "weekday", "工作日"),
        ("2027-05-01", "statutory_holiday", "劳动节"),
        ("2031-10-01", "statutory_holiday", "国庆节、中秋节"),
        ("2060-10-01", "statutory_holiday", "国庆节"),
        ("2060-02-02", "weekday", "工作日"),
    ],
)
def test_why_and_name(day: str, why: str, name: str) -> None:
    subject = date.fromisoformat(day)
    assert CALENDAR.why(subject) == Why(why)
    assert CALENDAR.name(subject) == name
    assert CALENDAR.is_worked(subject) is (why in ("weekday", "makeup_workday"))


def test_explain_names_every_day() -> None:
    counted, skipped = CALENDAR.explain(date(2026, 9, 30), 3)
    assert counted == [
        Day(date(2026, 10, 8), Why.weekday, "工作日"),
        Day(date(2026, 10, 9), Why.weekday, "工作日"),
        Day(date(2026, 10, 10), Why.makeup_workday, "调休上班"),
    ]
    assert skipped == [Day(date(2026, 10, n), Why.public_holiday, "国庆节") for n in range(1, 8)]


def test_explain_across_the_turn_of_the_year() -> None:
    counted, skipped = CALENDAR.explain(date(2026, 12, 25), 5)
    assert [day.date.day for day in counted] == [28, 29, 30, 31, 4]
    assert [(day.date.day, day.why, day.name) for day in skipped] == [
        (26, "weekend", "周六"),
        (27, "weekend", "周日"),
        (1, "statutory_holiday", "元旦"),
        (2, "weekend", "周六"),
        (3, "weekend", "周日"),
    ]


def test_published_years() -> None:
    assert [year for year in range(2020, 2030) if CALENDAR.published(year)] == [
        2023,
        2024,
        2025,
        2026,
    ]
    assert CALENDAR.published_through == date(2026, 12, 31)
    assert WorkCalendar([]).published_through is None
    gap = WorkCalendar(notice for notice in shipped() if notice.year != 2025)
    assert gap.published_through == date(2024, 12, 31)


def test_before_the_first_notice_provisional_too() -> None:
    assert CALENDAR.add(date(2022, 9, 30), 1) == Due(date(2022, 10, 4), provisional=True)
    assert CALENDAR.add(date(2022, 12, 31), 5) == Due(date(2023, 1, 9), provisional=False)


def test_importing_the_next_notice_settles_what_was_provisional() -> None:
    year = YearNotice(2027, "试", (Holiday("元旦", date(2027, 1, 1), date(2027, 1, 3)),), ())
    moved = YearNotice(2027, "试", (Holiday("元旦", date(2026, 12, 31), date(2027, 1, 2)),), (date(2027, 1, 3),))
    assert WorkCalendar([*shipped(), year]).add(date(2026, 12, 25), 5) == Due(date(2027, 1, 4), False)
    later = WorkCalendar([*shipped(), moved])
    assert later.add(date(2026, 12, 25), 5) == Due(date(2027, 1, 4), False)
    assert later.add(date(2026, 12, 24), 5) == Due(date(2027, 1, 3), False)


def test_the_notice_of_the_later_year_wins() -> None:
    day = date(2026, 12, 27)
    early = YearNotice(2026, "一", (), (day,))
    late = YearNotice(2027, "二", (Holiday("元旦", day, day),), ())
    assert WorkCalendar([late, early]).why(day) == Why.public_holiday
    early = YearNotice(2026, "一", (Holiday("节", day, day),), ())
    late = YearNotice(2027, "二", (), (day,))
    assert WorkCalendar([late, early]).why(day) == Why.makeup_workday


def test_without_any_notice_everything_is_provisional() -> None:
    assert WorkCalendar([]).add(date(2026, 5, 8), 5) == Due(date(2026, 5, 15), provisional=True)


def test_far_from_the_tables() -> None:
    assert CALENDAR.add(date(1999, 9, 30), 1) == Due(date(1999, 10, 4), provisional=True)
    assert CALENDAR.add(date(2050, 12, 30), 5) == Due(date(2051, 1, 6), provisional=True)
    assert CALENDAR.add(date(2100, 12, 31), 1) == Due(date(2101, 1, 3), provisional=True)
    assert CALENDAR.add(date(2050, 12, 31), 1) == Due(date(2051, 1, 2), provisional=True)
    with pytest.raises(OverflowError):
        CALENDAR.add(date(9999, 12, 30), 5)


def test_a_notice_outside_the_festival_table_widens_the_tables() -> None:
    old = YearNotice(2004, "旧", (Holiday("元旦", date(2004, 1, 1), date(2004, 1, 1)),), ())
    new = YearNotice(2060, "新", (), (date(2060, 1, 3),))
    subject = WorkCalendar([old, new])
    assert subject.add(date(2003, 12, 31), 1) == Due(date(2004, 1, 2), provisional=False)
    assert subject.add(date(2003, 12, 30), 2) == Due(date(2004, 1, 2), provisional=True)
    assert subject.add(date(2060, 1, 2), 1) == Due(date(2060, 1, 3), provisional=False)


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="same year"):
        WorkCalendar([*shipped(), *shipped()])
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.add(date(2026, 1, 1), 0)
    CALENDAR.add(date(2026, 1, 1), 5)
    for moment in (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1)):  # noqa: DTZ001
        with pytest.raises(TypeError, match="datetime"):
            CALENDAR.add(moment, 5)
    with pytest.raises(TypeError, match="datetime"):
        plain_date(datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(TypeError, match="str"):
        plain_date("2026-01-01")  # type: ignore[arg-type]


def test_a_reversed_range_has_no_days() -> None:
    assert Holiday("节", date(2026, 1, 2), date(2026, 1, 1)).days() == []


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    fresh = WorkCalendar(shipped())
    first, last = fresh.numbered
    every = range((last - first).days + 1)
    for days in (1, 5, 40):
        singly = [CALENDAR.add(first + timedelta(days=number), days) for number in every]
        assert list(fresh.add_all(every, days)) == singly
        assert list(fresh.add_all([7, 3, 7], days)) == [singly[7], singly[3], singly[7]]
        assert list(fresh.add_all([9], days)) == [singly[9]] and not fresh.add_all([], days)
    with pytest.raises(IndexError):
        fresh.add_all([0, len(every)], 5)
    with pytest.raises(ValueError, match="at least one"):
        fresh.add_all([0, 1], 0)
