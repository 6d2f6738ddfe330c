"""When work with retired cadres is done: festivals, month ends, weekends, as weights over the days of a period."""

from collections.abc import Iterable
from datetime import date, timedelta

# First day of 春节 and the day of 重阳; beyond the table the middle of the usual range is near enough.
SPRING_FESTIVALS = {
    2023: date(2023, 1, 22), 2024: date(2024, 2, 10), 2025: date(2025, 1, 29), 2026: date(2026, 2, 17),
    2027: date(2027, 2, 6), 2028: date(2028, 1, 26), 2029: date(2029, 2, 13), 2030: date(2030, 2, 3),
    2031: date(2031, 1, 23), 2032: date(2032, 2, 11), 2033: date(2033, 1, 31), 2034: date(2034, 2, 19),
}
DOUBLE_NINTHS = {
    2023: date(2023, 10, 23), 2024: date(2024, 10, 11), 2025: date(2025, 10, 29), 2026: date(2026, 10, 18),
    2027: date(2027, 10, 8), 2028: date(2028, 10, 26), 2029: date(2029, 10, 16), 2030: date(2030, 10, 5),
    2031: date(2031, 10, 24), 2032: date(2032, 10, 12), 2033: date(2033, 10, 1), 2034: date(2034, 10, 20),
}
SPRING, DOUBLE_NINTH, PARTY_DAY, NATIONAL_DAY = "春节", "重阳节", "七一", "国庆节"
# How long before (and after) a festival the visits for it are paid, in days.
REACH = {SPRING: (18, 0), DOUBLE_NINTH: (8, 2), PARTY_DAY: (10, 1), NATIONAL_DAY: (7, 0)}

_FESTIVAL_GAIN = {
    "visits": {SPRING: 5.0, DOUBLE_NINTH: 5.5, PARTY_DAY: 3.0, NATIONAL_DAY: 2.2},
    "hardship_aid": {SPRING: 9.0, DOUBLE_NINTH: 3.0, PARTY_DAY: 4.5, NATIONAL_DAY: 1.5},
    "branch_activities": {SPRING: 0.7, DOUBLE_NINTH: 1.5, PARTY_DAY: 3.5, NATIONAL_DAY: 1.3},
    "volunteer_service": {SPRING: 1.6, DOUBLE_NINTH: 2.4, PARTY_DAY: 1.6, NATIONAL_DAY: 1.4},
}
_WEEKEND = {"visits": 0.22, "hardship_aid": 0.04, "branch_activities": 0.06, "volunteer_service": 0.75}
_MONTH_END = {"visits": 1.35, "hardship_aid": 1.8, "branch_activities": 2.4, "volunteer_service": 1.2}
_HOLIDAY = 0.05


def festival_days(year: int) -> dict[str, date]:
    """The four festivals of a year that bring visits."""
    return {
        SPRING: SPRING_FESTIVALS.get(year, date(year, 2, 5)),
        DOUBLE_NINTH: DOUBLE_NINTHS.get(year, date(year, 10, 16)),
        PARTY_DAY: date(year, 7, 1),
        NATIONAL_DAY: date(year, 10, 1),
    }


def festival_near(day: date) -> str | None:
    """The festival for which a visit on this day would be paid, None in ordinary weeks."""
    for name, festival in festival_days(day.year).items():
        before, after = REACH[name]
        if festival - timedelta(days=before) <= day <= festival + timedelta(days=after):
            return name
    return None


def _in_long_holiday(day: date) -> bool:
    spring = festival_days(day.year)[SPRING]
    return spring <= day <= spring + timedelta(days=6) or (day.month, day.day) in {(10, d) for d in range(1, 8)}


def weight(module: str, day: date) -> float:
    """How much of the module's work falls on this day, 1 being an ordinary weekday."""
    value = 1.0
    festival = festival_near(day)
    if festival is not None:
        value *= _FESTIVAL_GAIN[module][festival]
    if day.weekday() >= 5:
        value *= _WEEKEND[module]
    if (day + timedelta(days=5)).month != day.month:
        value *= _MONTH_END[module]
    if module == "volunteer_service" and day.month == 3 and day.day <= 10:
        value *= 3.0  # the month of learning from Lei Feng begins on 5 March
    if module == "branch_activities" and day.month in (1, 12):
        value *= 1.4  # yearly reviews and organisational-life meetings
    return value * _HOLIDAY if _in_long_holiday(day) and day.weekday() < 5 else value


def weights(module: str, days: Iterable[date]) -> list[float]:
    """The weight of each day, in their order."""
    return [weight(module, day) for day in days]
