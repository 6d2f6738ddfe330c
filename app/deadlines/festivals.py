"""The holidays fixed by law and the dates their festivals fall on, for years without a notice.

Law: 全国年节及纪念日放假办法 as revised in November 2024, article 2 (thirteen days: 元旦 1,
春节 4 from 除夕 on, 清明节 1, 劳动节 2, 端午节 1, 中秋节 1, 国庆节 3). The same list serves
unpublished years before 2025, whose deadlines are provisional all the same.
"""

from datetime import date, timedelta

FESTIVALS: dict[int, tuple[str, str, str, str]] = {
    # year: first day of the lunar year, 清明, fifth of the fifth month, fifteenth of the eighth
    2020: ("01-25", "04-04", "06-25", "10-01"),
    2021: ("02-12", "04-04", "06-14", "09-21"),
    2022: ("02-01", "04-05", "06-03", "09-10"),
    2023: ("01-22", "04-05", "06-22", "09-29"),
    2024: ("02-10", "04-04", "06-10", "09-17"),
    2025: ("01-29", "04-04", "05-31", "10-06"),
    2026: ("02-17", "04-05", "06-19", "09-25"),
    2027: ("02-06", "04-05", "06-09", "09-15"),
    2028: ("01-26", "04-04", "05-28", "10-03"),
    2029: ("02-13", "04-04", "06-16", "09-22"),
    2030: ("02-03", "04-05", "06-05", "09-12"),
    2031: ("01-23", "04-05", "06-24", "10-01"),
    2032: ("02-11", "04-04", "06-12", "09-19"),
    2033: ("01-31", "04-04", "06-01", "09-08"),
    2034: ("02-19", "04-05", "06-20", "09-27"),
    2035: ("02-08", "04-05", "06-10", "09-16"),
    2036: ("01-28", "04-04", "05-30", "10-04"),
    2037: ("02-15", "04-04", "06-18", "09-24"),
    2038: ("02-04", "04-05", "06-07", "09-13"),
    2039: ("01-24", "04-05", "05-27", "10-02"),
    2040: ("02-12", "04-04", "06-14", "09-20"),
    2041: ("02-01", "04-04", "06-03", "09-10"),
    2042: ("01-22", "04-04", "06-22", "09-28"),
    2043: ("02-10", "04-05", "06-11", "09-17"),
    2044: ("01-30", "04-04", "05-31", "10-05"),
    2045: ("02-17", "04-04", "06-19", "09-25"),
    2046: ("02-06", "04-04", "06-08", "09-15"),
    2047: ("01-26", "04-05", "05-29", "10-04"),
    2048: ("02-14", "04-04", "06-15", "09-22"),
    2049: ("02-02", "04-04", "06-04", "09-11"),
    2050: ("01-23", "04-04", "06-23", "09-30"),
}
FIRST_YEAR, LAST_YEAR = min(FESTIVALS), max(FESTIVALS)


def _spans(year: int) -> list[tuple[str, date, int]]:
    """Name, first day and number of days of each holiday; fixed-date ones only off the table."""
    spans = [
        ("元旦", date(year, 1, 1), 1),
        ("劳动节", date(year, 5, 1), 2),
        ("国庆节", date(year, 10, 1), 3),
    ]
    if year in FESTIVALS:
        spring, clear, dragon, moon = (date.fromisoformat(f"{year}-{d}") for d in FESTIVALS[year])
        spans += [
            ("春节", spring - timedelta(days=1), 4),
            ("清明节", clear, 1),
            ("端午节", dragon, 1),
            ("中秋节", moon, 1),
        ]
    return spans


def statutory_days(year: int) -> dict[date, str]:
    """The days off fixed by law in a year, each with its Chinese name.

    Where two fall together (中秋节 on 2031-10-01) the names are joined with 、. No days are moved
    to weekdays: only a notice says where a holiday on a weekend is made up for.
    """
    days: dict[date, str] = {}
    for name, first, count in _spans(year):
        for day in (first + timedelta(days=n) for n in range(count)):
            days[day] = f"{days[day]}、{name}" if day in days else name
    return days


def festivals_within(first: date, last: date) -> str:
    """The names of the festivals with a day off by law from first to last, joined in their order.

    Empty when there is none, as for a single holiday the State Council gives for an occasion.
    """
    found: dict[str, None] = {}
    for year in range(first.year, last.year + 1):
        for day, names in sorted(statutory_days(year).items()):
            if first <= day <= last:
                found.update(dict.fromkeys(names.split("、")))
    return "、".join(found)
