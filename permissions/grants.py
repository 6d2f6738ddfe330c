"""Who holds which right where: grants, administrators' seats (第七条: at most two), and their filings (报备)."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base
from tenants.fields import Id, Instant, new_id
from tenants.scope import UnitOwned, owned

SEATS = (1, 2)


class Grant(UnitOwned, Base):
    """A role of an account in a unit, for some columns (栏目, None = all), on some channels, until a day or not."""

    __tablename__ = "grants"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    columns: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    channel: Mapped[str] = mapped_column(String(8), default="both")
    until: Mapped[date | None] = mapped_column(Date)
    given_by: Mapped[str | None] = mapped_column(Id)
    given_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = owned(
        CheckConstraint("role IN ('clerk', 'chief', 'reviewer', 'auditor')", name="role"),
        CheckConstraint("channel IN ('pc', 'mobile', 'both')", name="channel"),
    )


class Seat(UnitOwned, Base):
    """One of the two administrators' seats of a unit, taken. The database holds the limit, not a count (M1)."""

    __tablename__ = "administrators"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), unique=True)
    seat: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(Instant)
    appointed_by: Mapped[str | None] = mapped_column(Id)

    __table_args__ = owned(
        UniqueConstraint("unit_id", "seat", name="uq_administrators_unit_seat"),
        CheckConstraint("seat IN (1, 2)", name="two_seats"),
    )


class Filing(UnitOwned, Base):
    """报备: an appointment or removal, told to the superior unit in the same transaction."""

    __tablename__ = "filings"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    act: Mapped[str] = mapped_column(String(8))
    receiver_unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    seat: Mapped[int] = mapped_column(Integer)
    filed_by: Mapped[str | None] = mapped_column(Id)
    filed_at: Mapped[datetime] = mapped_column(Instant, index=True)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by: Mapped[str | None] = mapped_column(Id)

    __table_args__ = owned(CheckConstraint("act IN ('appoint', 'remove')", name="act"))
