"""Sums of records and cadres by unit and month, the latest by day too, and the changes not folded in yet (ADR-0015).

Triggers of the database write the changes, so no path of writing can forget them.
"""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, Identity, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base
from tenants.scope import UnitOwned

# What is counted beside the kinds of record, under a month of its own.
CADRES = "cadres"
NO_MONTH = date(1970, 1, 1)
SUMS = ("total", "on_time", "late", "open")


class Counter(UnitOwned, Base):
    """What a unit and everything below it hold: records of a kind due in a month, by outcome."""

    __tablename__ = "counters"
    derived = True

    unit_id: Mapped[str] = mapped_column(String(22), primary_key=True)
    module: Mapped[str] = mapped_column(String(40), primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    unit_number: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    on_time: Mapped[int] = mapped_column(BigInteger, default=0)
    late: Mapped[int] = mapped_column(BigInteger, default=0)
    open: Mapped[int] = mapped_column(BigInteger, default=0)


class DayCounter(UnitOwned, Base):
    """The same by day, for the days from `CounterState.days_since` on: the edges of periods, and what is overdue."""

    __tablename__ = "counter_days"
    derived = True

    unit_id: Mapped[str] = mapped_column(String(22), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    module: Mapped[str] = mapped_column(String(40), primary_key=True)
    unit_number: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    on_time: Mapped[int] = mapped_column(BigInteger, default=0)
    late: Mapped[int] = mapped_column(BigInteger, default=0)
    open: Mapped[int] = mapped_column(BigInteger, default=0)


class CounterState(Base):
    """One row: the first day of a month, from which on days are counted one by one."""

    __tablename__ = "counter_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, default=1)
    days_since: Mapped[date] = mapped_column(Date)

    __table_args__ = (CheckConstraint("id = 1", name="single"),)


class CounterDelta(UnitOwned, Base):
    """A change at one unit that its counters and those above it do not hold yet.

    Of the day `due_on`; before `CounterState.days_since` the first day of a month may also stand for all of it.
    """

    __tablename__ = "counter_deltas"
    derived = True

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True)
    unit_number: Mapped[int] = mapped_column(BigInteger, index=True)
    module: Mapped[str] = mapped_column(String(40))
    day: Mapped[date] = mapped_column(Date)
    total: Mapped[int] = mapped_column(Integer)
    on_time: Mapped[int] = mapped_column(Integer)
    late: Mapped[int] = mapped_column(Integer)
    open: Mapped[int] = mapped_column(Integer)
