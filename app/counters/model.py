"""Sums of records and cadres by unit and month, and the changes to them that are not folded in yet (ADR-0015).

Triggers of the database write the changes, so no path of writing can forget them.
"""

from datetime import date

from sqlalchemy import BigInteger, Date, Identity, Index, Integer, String
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


class CounterDelta(UnitOwned, Base):
    """A change at one unit that its counters and those above it do not hold yet."""

    __tablename__ = "counter_deltas"
    derived = True

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True)
    unit_number: Mapped[int] = mapped_column(BigInteger)
    module: Mapped[str] = mapped_column(String(40))
    month: Mapped[date] = mapped_column(Date)
    total: Mapped[int] = mapped_column(Integer)
    on_time: Mapped[int] = mapped_column(Integer)
    late: Mapped[int] = mapped_column(Integer)
    open: Mapped[int] = mapped_column(Integer)

    __table_args__ = (Index("ix_counter_deltas_unit_number", "unit_number", "module", "month"),)
