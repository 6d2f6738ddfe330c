"""A period of days as sums of months, corrected by single days where those are known, and days to be counted live."""

from collections.abc import Iterator
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


@dataclass(frozen=True)
class Run:
    """Days whose sums are added so many times, and what of them is open so many times to what is overdue."""

    first: date
    last: date
    times: int
    overdue: int


@dataclass(frozen=True)
class Cut:
    """Of what a report on a period is made.

    `months` whole, what is open up to `this_month` as overdue; `runs` of single days added and taken away; of the
    changes that wait, those of the days `changes`; days counted `live` from the records.
    """

    months: Days | None
    runs: tuple[Run, ...]
    changes: Days | None
    live: tuple[Days, ...]


# Few records are due further ahead, so days beyond cost next to nothing.
AHEAD = timedelta(days=14)


def end_of(month: date) -> date:
    """The last day of a month."""
    return date.max if month >= LAST_MONTH else next_month(month) - ONE_DAY


def cut(first: date, last: date, *, today: date, since: date) -> Cut:
    """Cut a period (both days inclusive) as of `today`; days are known one by one from `since`, a first of a month."""
    this_month = month_of(today)
    if this_month < since and first <= end_of(this_month) and last >= this_month:
        return Cut(None, (), None, ((first, last),))
    period = split(first, last)
    months = [] if period.months is None else [*period.months]
    runs, live = [], []
    if months and months[0] <= this_month <= months[1]:
        runs.append(Run(today, end_of(this_month), 0, -1))
    for begin, end in (piece for edge in period.edges for piece in _by_month(edge)):
        if month_of(begin) < since:
            live.append((begin, end))
            continue
        whole, corrected = _edge(begin, end, today)
        months += [month_of(begin)] if whole else []
        runs += corrected
    lower = max([first, *(end + ONE_DAY for _begin, end in live if end < last)])
    upper = min([last, *(begin - ONE_DAY for begin, _end in live if begin > first)])
    changes = None if (first, last) in live or lower > upper else (lower, upper)
    return Cut((min(months), max(months)) if months else None, tuple(runs), changes, tuple(live))


def _by_month(run: Days) -> Iterator[Days]:
    first, last = run
    while month_of(first) < month_of(last):
        yield first, end_of(month_of(first))
        first = next_month(first)
    yield first, last


def _edge(first: date, last: date, today: date) -> tuple[bool, list[Run]]:
    """Days within a month: one by one, or the month less its other days, whichever are fewer; whether the month."""
    month = month_of(first)
    end, this_month = end_of(month), month_of(today)
    open_counts = int(month <= this_month)
    direct = [Run(first, min(last, today - ONE_DAY), 1, 1), Run(max(first, today), last, 1, 0)]
    inverse = [Run(month, first - ONE_DAY, -1, -open_counts) if first > month else None,
               Run(last + ONE_DAY, end, -1, -open_counts) if last < end else None,
               Run(max(first, today), last, 0, -1) if month == this_month else None]
    ways = [[run for run in way if run is not None and run.first <= run.last] for way in (direct, inverse)]
    costs = [sum((min(run.last, max(today + AHEAD, run.first)) - run.first).days + 1 for run in way) for way in ways]
    whole = costs[1] < costs[0]
    return whole, ways[whole]
