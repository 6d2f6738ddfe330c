"""A period of days as whole months, which counters hold, and the days at its edges, which they do not."""

from dataclasses import dataclass
from datetime import date, timedelta

Days = tuple[date, date]


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
    begin = first if first.day == 1 else next_month(first)
    end = month_of(last + timedelta(days=1))  # the first month that is not whole any more
    if begin >= end:
        return Period(None, ((first, last),) if first <= last else ())
    edges = ((first, begin - timedelta(days=1)), (end, last))
    return Period((begin, month_of(end - timedelta(days=1))), tuple(edge for edge in edges if edge[0] <= edge[1]))
