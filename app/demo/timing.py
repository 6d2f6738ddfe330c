"""When a record of finished work was entered: mostly in time, some late, some still owed, by county."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from random import Random

# Shanghai has kept one offset since 1991; a fixed one spares the look-up in sixty thousand rows.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
ON_TIME_DAYS = (24, 30, 20, 13, 8, 5)
LATE_DAYS = (40, 22, 13, 8, 5, 4, 3, 2, 1, 1, 1)
FORGOTTEN_AT_LAST, FORGOTTEN_AT_FIRST, SETTLED_DAYS = 0.2, 0.75, 90
MORNING, AFTERNOON = 190, 290  # minutes
BEST, WORST = 0.985, 0.70
# Two counties for the top and the bottom of the table, and the two visitors look at first.
SET_SHARES = {"320583": 0.985, "320925": 0.98, "320924": 0.93, "320981": 0.885, "320921": 0.72, "321322": 0.69}


@dataclass(frozen=True, slots=True)
class Entry:
    """When a record was entered, None if it is still owed; `late` tells whether that was after the due day."""

    entered_at: datetime | None
    late: bool


class WorkDays:
    """Working days, told apart by the deadline rule alone: a day counts if it moves the due day on."""

    def __init__(self, due: Callable[[date], date]) -> None:
        self.due = cache(due)
        self.counts = cache(self._counts)
        self.following = cache(self._following)

    def _counts(self, day: date) -> bool:
        return self.due(day - timedelta(days=1)) != self.due(day)

    def _following(self, day: date, number: int) -> date:
        """The working day `number` places on; number 0 is the day itself or, if it is free, the next one."""
        while not self.counts(day):
            day += timedelta(days=1)
        return day if number == 0 else self.following(day + timedelta(days=1), number - 1)


def punctuality(rng: Random, county_keys: list[str]) -> dict[str, float]:
    """The share of records entered in time by county-level key, spread so that the table has a top and a bottom."""
    shares = {}
    for key in county_keys:
        drawn = rng.gauss(0.895, 0.05)
        shares[key] = SET_SHARES.get(key, min(max(drawn, WORST), BEST))
    return shares


def at_work(rng: Random, day: date, *, afternoon: bool = False) -> datetime:
    """A moment of the day within working hours: 8:40 to 11:50 and 13:30 to 18:20."""
    minutes = rng.randrange(MORNING if afternoon else 0, MORNING + AFTERNOON)
    clock = 8 * 60 + 40 + minutes if minutes < MORNING else 13 * 60 + 30 + minutes - MORNING
    return datetime.combine(day, time(clock // 60, clock % 60, rng.randrange(60)), SHANGHAI)


def entry(rng: Random, days: WorkDays, ended_on: date, share: float, today: date) -> Entry:
    """When this record was entered, by a unit that enters `share` of them in time; never today or later.

    What is not entered in time is entered late in most cases once enough time has passed, and is owed until then.
    """
    drawn, forgotten = rng.random(), rng.random()
    if drawn < share:
        day = days.following(ended_on, rng.choices(range(6), ON_TIME_DAYS)[0])
        day = min(day, days.due(ended_on))
        moment = at_work(rng, day, afternoon=day == ended_on)
        return Entry(moment if day < today else None, False)
    delay = rng.choices(range(11), LATE_DAYS)[0]
    due = days.due(ended_on)
    day = days.following(due + timedelta(days=1), delay)
    age = (today - due).days
    moment = at_work(rng, day)
    fresh = max(0.0, 1 - age / SETTLED_DAYS)
    owed = forgotten < FORGOTTEN_AT_LAST + (FORGOTTEN_AT_FIRST - FORGOTTEN_AT_LAST) * fresh
    if owed or day >= today:
        return Entry(None, False)
    return Entry(moment, True)
