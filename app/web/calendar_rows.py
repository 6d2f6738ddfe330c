"""The year as the calendar page draws it: twelve months, each day with its colour and its word."""

import calendar as months_of
from collections.abc import Collection
from datetime import date
from itertools import groupby
from typing import Any

from app.deadlines.calendar import WORKED, Day, Why, WorkCalendar

WEEKDAYS = "一二三四五六日"
WORDS = {Why.makeup_workday: "班", Why.public_holiday: "休", Why.statutory_holiday: "休"}
KINDS = {Why.weekday: "work", Why.makeup_workday: "makeup", Why.weekend: "weekend", Why.public_holiday: "holiday",
         Why.statutory_holiday: "holiday"}


def months(calendar: WorkCalendar, year: int, today: date, changed: Collection[date] = ()) -> list[dict[str, Any]]:
    """Twelve months of weeks of days (None outside the month), with a line of words for each."""
    found = []
    for month in range(1, 13):
        days = [calendar.day(date(year, month, n)) for n in range(1, months_of.monthrange(year, month)[1] + 1)]
        blank: list[dict[str, Any] | None] = [None] * days[0].date.weekday()
        cells = blank + [_cell(day, today, changed) for day in days]
        cells += [None] * (-len(cells) % 7)
        found.append({"number": month, "name": f"{month} 月",
                      "weeks": [cells[n:n + 7] for n in range(0, len(cells), 7)],
                      "worked": sum(day.why in WORKED for day in days), "lines": _lines(days)})
    return found


def _cell(day: Day, today: date, changed: Collection[date]) -> dict[str, Any]:
    word = WORDS.get(day.why, "")
    name = f"{day.name}放假" if word == "休" else day.name
    return {"n": day.date.day, "kind": KINDS[day.why], "word": word, "today": day.date == today,
            "changed": day.date in changed, "iso": day.date.isoformat(),
            "title": f"{day.date.month} 月 {day.date.day} 日 周{WEEKDAYS[day.date.weekday()]}：{name}"}


def _lines(days: list[Day]) -> list[dict[str, str]]:
    """`1—3 日 元旦 放假` and `4 日 调休上班`, in order."""
    lines = []
    for (kind, name), run in groupby((day for day in days), key=lambda day: (KINDS[day.why], day.name)):
        found = list(run)
        if kind in ("holiday", "makeup"):
            first, last = found[0].date.day, found[-1].date.day
            span = f"{first} 日" if first == last else f"{first}—{last} 日"
            lines.append({"kind": kind, "text": f"{span} {name}{'放假' if kind == 'holiday' else ''}"})
    return lines


def spoken(day: date) -> str:
    """`2027-02-06（周六）`."""
    return f"{day.isoformat()}（周{WEEKDAYS[day.weekday()]}）"


def said_of(day: Day) -> str:
    """What a day is, in words: 工作日, 调休上班, 周末, 春节放假."""
    if day.why in (Why.public_holiday, Why.statutory_holiday):
        return f"{day.name}放假" + ("（法定）" if day.why is Why.statutory_holiday else "")
    return "周末" if day.why is Why.weekend else day.name


