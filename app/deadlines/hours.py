"""Hours within working days: the moment a number of office hours after another has passed, in Asia/Shanghai."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.deadlines.calendar import ONE_DAY, WorkCalendar

OFFICE = ((8 * 60 + 30, 12 * 60), (14 * 60, 18 * 60))  # minutes of the day
ZONE = ZoneInfo("Asia/Shanghai")


def add_hours(calendar: WorkCalendar, start: datetime, hours: float) -> datetime:
    """The instant at which `hours` office hours of working days have passed since `start`, in Shanghai.

    In: an aware instant in any zone. What ends with a window ends there and not at
    the next one's beginning. ValueError for a naive instant or nothing to add.
    """
    if start.utcoffset() is None:
        raise ValueError("a time without an offset is not an instant")
    if hours <= 0:
        raise ValueError("more than no time")
    left, at = timedelta(hours=hours), start.astimezone(ZONE)
    day = at.date()
    while True:
        if calendar.is_worked(day):
            midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
            for opens, closes in OFFICE:
                begins = max(at, midnight + timedelta(minutes=opens))
                ends = midnight + timedelta(minutes=closes)
                if begins + left <= ends:
                    return begins + left
                left -= max(ends - begins, timedelta())
        day += ONE_DAY


def office_hour(at: datetime) -> bool:
    """Whether an instant lies in office hours in Shanghai, were the day a working day. The noon break is quiet."""
    if at.utcoffset() is None:
        raise ValueError("a time without an offset is not an instant")
    local = at.astimezone(ZONE)
    minute = local.hour * 60 + local.minute
    return any(opens <= minute < closes for opens, closes in OFFICE)


def office_open(calendar: WorkCalendar, at: datetime) -> bool:
    """Whether an instant lies in office hours of a working day; everything else is quiet."""
    return office_hour(at) and calendar.is_worked(at.astimezone(ZONE).date())
