"""Goal 10: due dates through the product's own functions beside a loop over `chinesecalendar.is_workday`."""

from datetime import date, timedelta
from typing import Any

import chinese_calendar

from app.deadlines.calendar import WorkCalendar
from app.deadlines.notices import shipped
from app.deadlines.rulebook import Rulebook
from app.records.calendar import Timing
from app.records.module import FIVE_WORKING_DAYS
from benchmarks.frame import AT_LEAST, EXACTLY, Finding, interleave
from benchmarks.goals import POSTGRESQL, benchmark

DAYS = 5
ONE_DAY = timedelta(days=1)


def by_loop(start: date, days: int = DAYS) -> date:
    """The usual way: ask day after day whether it is worked."""
    day = start
    while days:
        day += ONE_DAY
        days -= chinese_calendar.is_workday(day)
    return day


def _starts(calendar: WorkCalendar) -> list[date]:
    """Every start whose answer both sides know for certain."""
    first = date(min(each.year for each in calendar.notices), 1, 1)
    last = date(max(each.year for each in calendar.notices), 12, 10)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@benchmark("due", 10, POSTGRESQL)
def due_dates(bench: Any) -> list[Finding]:
    """One at a time, in bulk, and every answer compared."""
    calendar = WorkCalendar(shipped())
    timing, upward = Timing(calendar, Rulebook([])), ("province", "city", "county")
    starts = _starts(calendar)
    # Dates and numbers as they come from a database: equal ones are not the same object.
    few, many = starts[::30], [date.fromordinal(day.toordinal()) for day in starts * 70]
    first, _last = calendar.numbered
    numbers = [(day - first).days for day in many]

    def due(day: date) -> date:
        return timing.due("visits", FIVE_WORKING_DAYS, upward, day).on

    wrong = sum(due(day) != by_loop(day) for day in starts)
    wrong += sum(found.on != due(day) for day, found in
                 zip(many, timing.due_all("visits", FIVE_WORKING_DAYS, upward, numbers), strict=True))

    def singly() -> None:
        for day in many:
            timing.due("visits", FIVE_WORKING_DAYS, upward, day)

    def added() -> None:
        for day in many:
            calendar.add(day, DAYS)

    def in_bulk() -> None:
        timing.due_all("visits", FIVE_WORKING_DAYS, upward, numbers)

    def loop() -> None:
        for day in few:
            by_loop(day)

    took = interleave({"singly": singly, "added": added, "bulk": in_bulk, "loop": loop}, bench.pace)
    usual = took.median("loop") / len(few)
    each = {name: took.median(name) / len(many) for name in ("singly", "added", "bulk")}
    return [*_findings(each, usual),
            Finding("wrong answers", wrong, limit=0, bound=EXACTLY, unit="dates",
                    note=f"{len(starts):,} starts compared, each way")]


def _findings(each: dict[str, float], usual: float) -> list[Finding]:
    against = "chinesecalendar loop, each"
    return [
        Finding("one at a time", each["singly"], usual, against, 1000, AT_LEAST,
                note="`Timing.due`, as a record being written asks it: kind, unit, day"),
        Finding("one at a time", each["added"], usual, against, 1000, AT_LEAST,
                note="`WorkCalendar.add`, the rule known"),
        Finding("in bulk", each["bulk"], usual, against, 10000, AT_LEAST,
                note="`Timing.due_all`, as a new notice asks it for a slab of records: their days by number"),
    ]
