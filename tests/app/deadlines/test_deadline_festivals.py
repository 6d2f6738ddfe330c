"""The festival table against the sky: new moons and the sun's longitude worked out in the test.

Formulas: Jean Meeus, Astronomical Algorithms, chapters 25 and 49 (main terms; two minutes for the
moon, a quarter of an hour for the sun). Calendar rules: GB/T 33661-2017.
"""

from datetime import date, timedelta
from math import floor, radians, sin

import pytest

from app.deadlines.calendar import WorkCalendar
from app.deadlines.festivals import FESTIVALS, festivals_within, statutory_days
from app.deadlines.notices import shipped

BEIJING = 8 / 24
DELTA_T = 75 / 86400  # dynamical time is ahead of the clock by about this much in these decades
JD_OF_ORDINAL_0 = 1721424.5

# coefficient, power of E, multiples of M, M', F
MOON = [
    (-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0), (0.01039, 0, 0, 0, 2),
    (0.00739, 1, -1, 1, 0), (-0.00514, 1, 1, 1, 0), (0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2),
    (-0.00057, 0, 0, 1, 2), (0.00056, 1, 1, 2, 0), (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2),
    (0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0), (-0.00007, 0, 2, 1, 0),
]  # fmt: skip


def new_moon(k: int) -> float:
    """Julian date, dynamical time, of the k-th new moon after that of 2000-01-06."""
    t = k / 1236.85
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = radians(2.5534 + 29.10535670 * k)
    moon = radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    node = radians(160.7108 + 390.67050284 * k - 0.0016118 * t * t)
    jde = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    jde += sum(c * e**p * sin(a * sun + b * moon + d * node) for c, p, a, b, d in MOON)
    jde -= 0.00017 * sin(radians(124.7746 - 1.56375588 * k))
    return jde + 0.000325 * sin(radians(299.77 + 0.107408 * k))


def sun_longitude(ordinal: float) -> float:
    """Apparent longitude in degrees at Beijing midnight beginning that day."""
    t = (ordinal + JD_OF_ORDINAL_0 - BEIJING + DELTA_T - 2451545) / 36525
    m = radians(357.52911 + 35999.05029 * t)
    centre = (1.914602 - 0.004817 * t) * sin(m) + 0.019993 * sin(2 * m) + 0.000289 * sin(3 * m)
    wobble = 0.00569 + 0.00478 * sin(radians(125.04 - 1934.136 * t))
    return (280.46646 + 36000.76983 * t + 0.0003032 * t * t + centre - wobble) % 360


def moon_days(year: int) -> list[int]:
    """Ordinals of the Beijing days with a new moon, from autumn before to the winter after."""
    k = floor((year - 2000) * 12.3685) - 3
    jds = [new_moon(n) - DELTA_T + BEIJING for n in range(k, k + 19)]
    return [floor(jd - JD_OF_ORDINAL_0) for jd in jds]


def lunar_months(year: int) -> dict[int, int]:
    """Ordinal of the first day of each ordinary month of the lunar year, by its number."""
    days = moon_days(year)
    sector = [int(sun_longitude(day) // 30) for day in days]
    solstices = [n for n in range(len(days) - 1) if sector[n] < 9 <= sector[n + 1]]
    first, last = solstices[0], solstices[1]
    leap = None
    if last - first == 13:
        leap = next(n for n in range(first, last) if sector[n] == sector[n + 1])
    starts, number = {}, 11
    for n in range(first, last):
        if n != leap:
            starts[(number - 1) % 12 + 1] = days[n]
            number += 1
    return starts


def from_the_sky(year: int) -> tuple[str, str, str, str]:
    months = lunar_months(year)
    clear = date(year, 4, 1).toordinal()
    while sun_longitude(clear + 1) < 15:
        clear += 1
    found = (months[1], clear, months[5] + 4, months[8] + 14)
    return tuple(date.fromordinal(each).strftime("%m-%d") for each in found)


def test_the_table_covers_the_years_promised() -> None:
    assert set(range(2022, 2046)) <= set(FESTIVALS)
    assert sorted(FESTIVALS) == list(range(min(FESTIVALS), max(FESTIVALS) + 1))


def test_every_year_of_the_table_equals_the_sky() -> None:
    assert {year: from_the_sky(year) for year in FESTIVALS} == FESTIVALS


def test_a_planted_slip_of_one_day_is_caught() -> None:
    for year, row in FESTIVALS.items():
        sky = from_the_sky(year)
        for n, text in enumerate(row):
            slipped = date.fromisoformat(f"{year}-{text}") + timedelta(days=1)
            assert sky != (*row[:n], slipped.strftime("%m-%d"), *row[n + 1 :])


def test_the_sky_of_the_test_finds_leap_months() -> None:
    """A leap month follows the second of 2023, the sixth of 2025, and the eleventh of 2033."""

    def length(year: int, month: int) -> int:
        return lunar_months(year)[month + 1] - lunar_months(year)[month]

    assert length(2023, 2) > 50
    assert length(2025, 6) > 50
    assert length(2026, 6) < 31
    assert lunar_months(2034)[12] - lunar_months(2034)[11] > 50


def test_the_published_notices_agree_with_the_law() -> None:
    """Each day by law is free in the notices, but 2024-02-09, a year before 除夕 became one."""
    calendar = WorkCalendar(shipped())
    worked = [day for year in range(2023, 2027) for day in statutory_days(year) if calendar.is_worked(day)]
    assert worked == [date(2024, 2, 9)]


@pytest.mark.parametrize(("year", "count"), [(2026, 13), (2027, 13), (2031, 12), (2060, 6)])
def test_thirteen_days_by_law(year: int, count: int) -> None:
    assert len(statutory_days(year)) == count


def test_days_of_2027_by_law() -> None:
    by_name: dict[str, list[str]] = {}
    for day, name in statutory_days(2027).items():
        by_name.setdefault(name, []).append(day.strftime("%m-%d"))
    assert by_name == {
        "元旦": ["01-01"],
        "春节": ["02-05", "02-06", "02-07", "02-08"],
        "清明节": ["04-05"],
        "劳动节": ["05-01", "05-02"],
        "端午节": ["06-09"],
        "中秋节": ["09-15"],
        "国庆节": ["10-01", "10-02", "10-03"],
    }


def test_names_within_a_range() -> None:
    assert festivals_within(date(2023, 9, 29), date(2023, 10, 6)) == "中秋节、国庆节"
    assert festivals_within(date(2025, 10, 1), date(2025, 10, 8)) == "国庆节、中秋节"
    assert festivals_within(date(2022, 12, 31), date(2023, 1, 2)) == "元旦"
    assert festivals_within(date(2031, 10, 1), date(2031, 10, 7)) == "国庆节、中秋节"
    assert festivals_within(date(2015, 9, 3), date(2015, 9, 5)) == ""
