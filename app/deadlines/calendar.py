"""The official working-day calendar: which days are worked, why, and which the n-th one is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from operator import itemgetter

from app.deadlines.festivals import FIRST_YEAR, LAST_YEAR, statutory_days

ONE_DAY = timedelta(days=1)
SATURDAY = 5
WEEKEND_NAMES = {5: "周六", 6: "周日"}
WORKED_NAME = "工作日"
LONGEST_KEPT = 30  # working days; answers for longer deadlines are worked out each time
MAKEUP_NAME = "调休上班"


class Why(StrEnum):
    """The reason a day is worked or not; the values are those of the explain route."""

    weekday = "weekday"
    makeup_workday = "makeup_workday"
    weekend = "weekend"
    public_holiday = "public_holiday"
    statutory_holiday = "statutory_holiday"


WORKED = frozenset({Why.weekday, Why.makeup_workday})


@dataclass(frozen=True)
class Holiday:
    """One holiday of a notice: its Chinese name, first and last day off, both inclusive."""

    name: str
    first: date
    last: date

    def days(self) -> list[date]:
        """Every day from first to last; empty when the range is reversed."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class YearNotice:
    """What the State Council's notice for one year says.

    A notice may reach over the turn of the year: 2022-12-31 is in the notice for 2023,
    2023-12-30 and 31 in that for 2024.
    """

    year: int
    notice: str
    holidays: tuple[Holiday, ...]
    makeup: tuple[date, ...]
    issued: date | None = None


@dataclass(frozen=True)
class Due:
    """A due day, and whether it is provisional because a notice it depends on is not out yet."""

    on: date
    provisional: bool


@dataclass(frozen=True)
class Day:
    """One explained day: the date, the reason, and what people call it in Chinese."""

    date: date
    why: Why
    name: str


def plain_date(day: date) -> date:
    """Give the date back; TypeError for a datetime, which hides a time zone inside a date."""
    if isinstance(day, datetime) or not isinstance(day, date):
        raise TypeError(f"a date is needed, not {type(day).__name__}")
    return day


class WorkCalendar:
    """Worked and free days under a set of notices, at most one per year.

    A day that a notice names follows the notice; where two name the same day, that for the
    later year wins, being issued later. Any other day of a published year follows Monday to
    Friday. In a year without a notice, earlier or later, it is Monday to Friday less the
    holidays fixed by law (see `app.deadlines.festivals`), and the answer is provisional.
    ValueError when two notices are for the same year.
    """

    def __init__(self, notices: Iterable[YearNotice]) -> None:
        """Read the notices, in any order, and build the tables once."""
        self.notices = tuple(sorted(notices, key=lambda notice: notice.year))
        self._years = frozenset(notice.year for notice in self.notices)
        if len(self._years) != len(self.notices):
            raise ValueError("two notices for the same year")
        self._free: dict[date, str] = {}
        self._makeup: set[date] = set()
        for notice in self.notices:
            self._read(notice)
        self._law: dict[int, dict[date, str]] = {}
        self._build()
        self._answers: dict[int, dict[date, Due]] = {n: {} for n in range(1, LONGEST_KEPT + 1)}
        self._by_number: dict[int, list[Due]] = {}

    def _read(self, notice: YearNotice) -> None:
        for holiday in notice.holidays:
            for day in holiday.days():
                self._free[day] = holiday.name
                self._makeup.discard(day)
        self._makeup.update(notice.makeup)  # asked first, so it goes before a holiday of earlier years

    def _build(self) -> None:
        """Sorted worked days, and per day how many are worked, and how many unpublished, so far."""
        first = date(min(self._years | {FIRST_YEAR}), 1, 1)
        last = date(max(self._years | {LAST_YEAR}), 12, 31)
        self._base = first.toordinal()
        self._rank: list[int] = []
        self._unknown: list[int] = []
        self._worked: list[date] = []
        self._unknown_at: list[int] = []
        unknown = 0
        for ordinal in range(self._base, last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            unknown += day.year not in self._years
            if self.is_worked(day):
                self._worked.append(day)
                self._unknown_at.append(unknown)
            self._rank.append(len(self._worked))
            self._unknown.append(unknown)

    def published(self, year: int) -> bool:
        """Whether the notice for this year is known."""
        return year in self._years

    @property
    def published_through(self) -> date | None:
        """31 December of the last year before the first gap in the notices; None without any."""
        if not self._years:
            return None
        year = min(self._years)
        while year + 1 in self._years:
            year += 1
        return date(year, 12, 31)

    def _by_law(self, day: date) -> str | None:
        if day.year in self._years:
            return None
        if day.year not in self._law:
            self._law[day.year] = statutory_days(day.year)
        return self._law[day.year].get(day)

    def why(self, day: date) -> Why:
        """Why the day is worked or free; a free Saturday inside a holiday counts as the holiday."""
        if day in self._makeup:
            return Why.makeup_workday
        if day in self._free:
            return Why.public_holiday
        if self._by_law(day):
            return Why.statutory_holiday
        return Why.weekend if day.weekday() >= SATURDAY else Why.weekday

    def name(self, day: date) -> str:
        """What the day is called in Chinese: the holiday, 周六, 周日, 调休上班 or 工作日."""
        if day in self._makeup:
            return MAKEUP_NAME
        holiday = self._free.get(day) or self._by_law(day)
        return holiday or WEEKEND_NAMES.get(day.weekday(), WORKED_NAME)

    def day(self, day: date) -> Day:
        """The day with its reason and its name."""
        return Day(day, self.why(day), self.name(day))

    def is_worked(self, day: date) -> bool:
        """Whether the day is a working day, make-up days included."""
        return self.why(day) in WORKED

    def add(self, start: date, days: int) -> Due:
        """The `days`-th working day after `start`, which is itself not counted (Civil Code 201).

        `start` may be a free day. Provisional when any day after `start`, up to and with the
        due day, lies in a year without a notice. ValueError for less than one day, TypeError
        for a datetime, OverflowError when the due day would lie beyond the year 9999.
        """
        try:
            return self._answers[days][start]  # a datetime never equals a date, so it is not here
        except KeyError:
            return self._work_out(plain_date(start), days)

    @property
    def numbered(self) -> tuple[date, date]:
        """The first and the last day that have a number: the first is 0, the next 1, and so on."""
        return date.fromordinal(self._base), date.fromordinal(self._base + len(self._rank) - 1)

    def add_all(self, numbers: Sequence[int], days: int) -> Sequence[Due]:
        """`add` for many starts at once, in their order, each given by its number in `numbered`.

        By number, because a list is read several times as fast as a date is looked up; a database gives numbers as
        readily as dates. IndexError beyond the last number; below 0 there is none.
        """
        if days not in self._by_number:
            self._by_number[days] = [self.add(date.fromordinal(self._base + number), days)
                                     for number in range(len(self._rank))]
        known = self._by_number[days]
        # In one call where that is possible: for fewer than two it gives no tuple.
        return itemgetter(*numbers)(known) if len(numbers) > 1 else [known[number] for number in numbers]

    def _work_out(self, start: date, days: int) -> Due:
        """The answer from the tables, kept for the next time; outside them from the day walk."""
        if days < 1:
            raise ValueError("at least one working day")
        offset = start.toordinal() - self._base
        if not 0 <= offset < len(self._rank):
            return self._walk(start, days)
        nth = self._rank[offset] + days - 1
        if nth >= len(self._worked):
            return self._walk(start, days)
        due = Due(self._worked[nth], self._unknown_at[nth] > self._unknown[offset])
        if days <= LONGEST_KEPT:
            self._answers[days][start] = due
        return due

    def _walk(self, start: date, days: int) -> Due:
        """The same, day by day, for dates outside the tables."""
        day, provisional = start, False
        while days:
            day += ONE_DAY
            provisional = provisional or not self.published(day.year)
            days -= self.is_worked(day)
        return Due(day, provisional)

    def explain(self, start: date, days: int) -> tuple[list[Day], list[Day]]:
        """The days after `start` through the due day in order: those counted, those skipped."""
        due = self.add(start, days).on
        counted: list[Day] = []
        skipped: list[Day] = []
        for ordinal in range(start.toordinal() + 1, due.toordinal() + 1):
            explained = self.day(date.fromordinal(ordinal))
            (counted if explained.why in WORKED else skipped).append(explained)
        return counted, skipped
