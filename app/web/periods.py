"""The periods a report is asked for: this and the last month and quarter, this year, or any two days."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from tenants.errors import Malformed

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """From a day through a day, both inclusive; two periods with the same days are the same."""

    title: str
    first: date
    last: date

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Period) and (self.first, self.last) == (other.first, other.last)

    def __hash__(self) -> int:
        return hash((self.first, self.last))

    @classmethod
    def chosen(cls, first: date | None, last: date | None, today: date) -> Self:
        """The days asked for, this quarter without them. Raises Malformed when they are the wrong way round."""
        this = _quarter(today)
        first, last = first or (this[0] if last is None else date(last.year, 1, 1)), last or this[1]
        if first > last:
            raise Malformed("开始日期不能晚于结束日期，请返回重新选择。", fields={"from": ["不能晚于结束日期。"]})
        known = next((each.title for each in named(today) if (each.first, each.last) == (first, last)), "")
        return cls(known, first, last)


def _month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - ONE_DAY


def _quarter(day: date) -> tuple[date, date]:
    begins = date(day.year, day.month - (day.month - 1) % 3, 1)
    return begins, _month(begins + timedelta(days=62))[1]


def named(today: date) -> list[Period]:
    """The periods offered by name, as of a day (Asia/Shanghai)."""
    quarter, month = _quarter(today), _month(today)
    return [
        Period("本季度", *quarter), Period("上季度", *_quarter(quarter[0] - ONE_DAY)),
        Period("本月", *month), Period("上月", *_month(month[0] - ONE_DAY)),
        Period("本年", date(today.year, 1, 1), date(today.year, 12, 31)),
    ]
