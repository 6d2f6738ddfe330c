"""A period of days as whole months, which counters hold, and the days at its edges, which they do not."""

from dataclasses import dataclass
from datetime import date, timedelta

Days = tuple[date, date]
ONE_DAY = timedelta(days=1)
SECOND_MONTH, LAST_MONTH = date(1, 2, 1), date(9999, 12, 1)


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (month_of(day) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True)
class Period:
    """Whole months by their first days, inclusive (None when there is none), and the runs of days beside them."""

    months: Days | None
    edges: tuple[Days, ...]


def split(first: date, last: date) -> Period:
    """Cut a period of days, both inclusive; every day of it is in exactly one part."""
    begin: date | None = first
    if first.day > 1:
        begin = next_month(first) if first < LAST_MONTH else None  # the year 9999 has no month after its last
    closed = last == date.max or (last + ONE_DAY).day == 1
    rest = () if closed else ((max(month_of(last), first), last),)
    whole = month_of(last) if closed else month_of(month_of(last) - ONE_DAY) if last >= SECOND_MONTH else None
    if begin is None or whole is None or begin > whole:
        return Period(None, ((first, last),) if first <= last else ())
    return Period((begin, whole), (((first, begin - ONE_DAY),) if first < begin else ()) + rest)
