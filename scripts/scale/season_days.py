"""The days records fall on: how many of each kind, when they are due by the product's own engine, when they came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.deadlines.calendar import WorkCalendar
from app.deadlines.rules import due
from app.demo import seasons, timing
from app.demo.records import MODULE_SHARES
from app.demo.shares import apportion
from app.records.module import FIVE_WORKING_DAYS, Module

YEARS_BACK, DAYS_AHEAD, AHEAD_SHARE = 3, 30, 0.012
CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Day:
    """One day of ending: due day and mark by module, and slots of days on which records of it were entered."""

    date: date
    iso: str
    due: dict[str, tuple[str, str]]
    on_time: tuple[str | None, ...]
    late: tuple[str | None, ...]
    owed: float
    begun: tuple[str, ...]
    season: str | None
    ahead: bool


def days(today: date, calendar: WorkCalendar, modules: Mapping[str, Module]) -> list[Day]:
    """Every day from three years ago to a month from now."""
    work = timing.WorkDays(lambda day: due(FIVE_WORKING_DAYS, calendar, day).on)
    first = today - timedelta(days=YEARS_BACK * 365 + 1)
    count = (today - first).days + DAYS_AHEAD + 1
    return [_day(first + timedelta(days=place), today, calendar, modules, work) for place in range(count)]


def _day(day: date, today: date, calendar: WorkCalendar, modules: Mapping[str, Module], work: timing.WorkDays) -> Day:
    dues = {key: due(module.deadlines, calendar, day) for key, module in modules.items() if key in MODULE_SHARES}
    last = work.due(day)
    fresh = max(0.0, 1 - (today - last).days / timing.SETTLED_DAYS)
    yesterday = today - timedelta(days=1)
    begun = [yesterday - timedelta(days=some) if day > today else min(day + timedelta(days=some), yesterday)
             for some in range(3)]
    return Day(
        date=day, iso=day.isoformat(),
        due={key: (each.on.isoformat(), "1" if each.provisional else "0") for key, each in dues.items()},
        on_time=_slots(timing.ON_TIME_DAYS, [min(work.following(day, step), last) for step in range(6)], today),
        late=_slots(timing.LATE_DAYS, [work.following(last + timedelta(days=1), step) for step in range(11)], today),
        owed=timing.FORGOTTEN_AT_LAST + (timing.FORGOTTEN_AT_FIRST - timing.FORGOTTEN_AT_LAST) * min(1.0, fresh),
        begun=tuple(each.isoformat() for each in begun), season=seasons.festival_near(day), ahead=day > today,
    )


def _slots(weights: tuple[int, ...], entered: list[date], today: date) -> tuple[str | None, ...]:
    """A hundred draws in one look-up; None for a day that has not come yet."""
    return tuple(day.isoformat() if day < today else None
                 for weight, day in zip(weights, entered, strict=True) for _ in range(weight))


Chunk = list[tuple[int, dict[str, int]]]


def chunks(all_days: list[Day], records: int, size: int = CHUNK) -> list[Chunk]:
    """Runs of days with the number of records of each kind, so that the table grows day by day, as it does in life."""
    past = [place for place, day in enumerate(all_days) if not day.ahead]
    ahead = [place for place, day in enumerate(all_days) if day.ahead]
    counts: list[dict[str, int]] = [{} for _ in all_days]
    by_module = dict(zip(MODULE_SHARES, apportion(list(MODULE_SHARES.values()), records), strict=True))
    for module, total in by_module.items():
        later = round(total * AHEAD_SHARE)
        weights = seasons.weights(module, [all_days[place].date for place in past])
        shares = apportion(weights, total - later), apportion([1.0] * len(ahead), later)
        for places, shared in zip((past, ahead), shares, strict=True):
            for place, count in zip(places, shared, strict=True):
                counts[place][module] = count
    found: list[Chunk] = []
    waiting: Chunk = []
    for place, each in enumerate(counts):
        waiting.append((place, each))
        if sum(sum(one.values()) for _, one in waiting) >= size:
            found.append(waiting)
            waiting = []
    return [*found, waiting] if waiting else found
