"""A date known to the year, the month or the day, as old personnel files give it."""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import total_ordering
from typing import Self

from app.values.bad import BadValue

FIRST_YEAR = 1900
LAST_YEAR = 2100
MAX_TYPED = 40

_STRICT = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?\Z")
_DIGITS = re.compile(r"([0-9]{4})(?:([0-9]{2})([0-9]{2})?)?\Z")
_SEPARATED = re.compile(r"([0-9]{4})([-./])([0-9]{1,2})(?:\2([0-9]{1,2}))?(?: 0?0:00(?::00)?)?\Z")
_CHINESE = re.compile(r"([0-9]{4}) ?年(?: ?([0-9]{1,2}) ?月(?: ?([0-9]{1,2}) ?[日号])?)?\Z")

# Dashes of other lengths, the ideographic full stop and comma that input methods produce.
_AS_SEPARATOR = str.maketrans({"‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-", "。": ".", "、": "."})


class BadDate(BadValue):
    """The text is no date of the years 1900-2100; the message, in Chinese, says why."""


@total_ordering
@dataclass(frozen=True, slots=True)
class PartialDate:
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`; `text` is what was put in and what comes out.

    It is a date and never an instant: no zone is involved, because Asia/Shanghai was an
    hour ahead in several summers and a date kept as midnight would come back a day early.
    Dates are ordered by their earliest day and, when that is equal, the less precise one
    first. The order of the texts is the same, so a database may sort the stored text.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse any text that is not in the strict form. Raises BadDate."""
        match = _STRICT.match(self.text) if isinstance(self.text, str) else None
        if match is None:
            raise BadDate("date_format", "日期请写成 1940、1940-01 或 1940-01-02 的形式")
        _check(*(int(part) if part else None for part in match.groups()))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the strict form of the API. Raises BadDate."""
        return cls(text)

    @classmethod
    def read(cls, cell: object) -> Self:
        """Read what people type and spreadsheets hold. Raises BadDate.

        Text: 1940, 1940-1, 1940.1.2, 1940/01/02, 194001, 19400102, 1940年1月2日, full-width
        digits. Numbers: 1940, 194001, 19400102, and 1940.12 for December; 1940.1 is refused
        because January and October look the same in it. A date cell is taken whole; its
        time of day is ignored.
        """
        if isinstance(cell, datetime):
            return cls(cell.date().isoformat())
        if isinstance(cell, date):
            return cls(cell.isoformat())
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            return cls(_from_text(_from_number(cell)))
        if isinstance(cell, str):
            return cls(_from_text(cell))
        raise BadDate("date_format", "无法识别为日期，请写成 1940-01-02 的形式")

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the partial date of a full day."""
        return cls(day.isoformat()[:10])

    def __str__(self) -> str:
        """Give back what was put in."""
        return self.text

    def __lt__(self, other: object) -> bool:
        """Order by earliest day, then the less precise first."""
        if not isinstance(other, PartialDate):
            return NotImplemented
        return self.text < other.text

    @property
    def precision(self) -> str:
        """`year`, `month` or `day`."""
        return {4: "year", 7: "month", 10: "day"}[len(self.text)]

    @property
    def first(self) -> date:
        """The earliest day it can mean."""
        return date.fromisoformat(f"{self.text}-01-01"[:10])

    @property
    def last(self) -> date:
        """The latest day it can mean: 31 December of a year, 28 or 29 February of a month."""
        year, month, day = (*map(int, self.text.split("-")), None, None)[:3]
        month = month or 12
        return date(year or 0, month, day or calendar.monthrange(year or 0, month)[1])

    def covers(self, day: date) -> bool:
        """Say whether that day is one of those it can mean."""
        return self.first <= day <= self.last

    def may_precede(self, other: "PartialDate") -> bool:
        """Say whether it can lie on or before the other: 1960 may precede 1960-05."""
        shorter = min(len(self.text), len(other.text))
        return self.text[:shorter] <= other.text[:shorter]

    def anniversary(self, year: int) -> date | None:
        """Return its day in another year, None unless it is precise to the day.

        Those born on 29 February are greeted on 28 February of a common year.
        """
        if self.precision != "day":
            return None
        month, day = self.first.month, self.first.day
        return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _check(year: int | None, month: int | None = None, day: int | None = None) -> None:
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadDate("date_range", f"日期的年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间")
    if month is not None and not 1 <= month <= 12:
        raise BadDate("date_invalid", "日期的月份应在 1 至 12 之间")
    if month is not None and day is not None and not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise BadDate("date_invalid", "这一天在日历上不存在，请核对日期")


def _from_number(number: int | float) -> str:
    if not 0 < number < 10**9:
        raise BadDate("date_format", "无法识别为日期，请写成 1940-01-02 的形式")
    if number == int(number):
        text = str(int(number))
        if len(text) == 5:
            raise BadDate("date_serial", "这像是 Excel 的日期序号，请把单元格设为文本后重新填写日期")
        return text
    text = repr(number)
    if text.endswith(".1"):
        raise BadDate("date_ambiguous", "无法分辨是 1 月还是 10 月，请把单元格设为文本，写成 1940-01 的形式")
    return text


def _from_text(cell: str) -> str:
    if len(cell) > MAX_TYPED:
        raise BadDate("date_format", "无法识别为日期，请写成 1940-01-02 的形式")
    text = unicodedata.normalize("NFKC", cell).translate(_AS_SEPARATOR).strip(" ")
    for pattern, picks in ((_DIGITS, (1, 2, 3)), (_SEPARATED, (1, 3, 4)), (_CHINESE, (1, 2, 3))):
        match = pattern.match(text)
        if match:
            year, *rest = (match.group(pick) for pick in picks)
            return "-".join((year, *(part.zfill(2) for part in rest if part)))
    if re.match(r"[0-9]{2}[-./年]", text):
        raise BadDate("date_format", "年份请写满四位，例如 1940-01-02")
    raise BadDate("date_format", "无法识别为日期，请写成 1940-01-02 的形式")
