"""A date column as the number of its day in the working-day calendar, counted by the database."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, case, cast, func, literal, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _DaysBetween(FunctionElement[int]):
    """How many days the first date lies after the second."""

    type = Integer()
    inherit_cache = True
    name = "days_between"


@compiles(_DaysBetween, "postgresql")
def _by_subtraction(element: Any, compiler: Any, **more: Any) -> str:
    later, earlier = element.clauses
    return str(compiler.process(type_coerce(later, Date) - type_coerce(earlier, Date), **more))


@compiles(_DaysBetween)
def _by_julian_day(element: Any, compiler: Any, **more: Any) -> str:
    # Midnights are whole numbers and a half, so that the difference is exact.
    later, earlier = element.clauses
    return str(compiler.process(cast(func.julianday(later) - func.julianday(earlier), Integer), **more))


def day_number(column: Any, numbered: tuple[date, date]) -> Any:
    """The day's number in `WorkCalendar.numbered`; NULL for a day that has none."""
    first, last = numbered
    return case((column.between(first, last), _DaysBetween(column, literal(first, Date))))
