"""Where a record lay before its unit was merged into another, so that reports of a past day find it there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, insert, literal
from sqlalchemy.orm import Mapped, mapped_column

from app.records.model import Record
from tenants import clock
from tenants.db import Base, db
from tenants.fields import Id, Instant
from tenants.models import Unit
from tenants.scope import Scope, UnitOwned, owned

_HANDED_OVER = Scope.everything("all that a closing unit holds is handed over")


class RecordHome(UnitOwned, Base):
    """A record went from `home_id` to `to_id`. The row goes along; a unit closes once, so a home is left once."""

    __tablename__ = "record_homes"

    record_id: Mapped[str] = mapped_column(Id, primary_key=True)
    home_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True)
    to_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    handed_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = owned(Index("ix_record_homes_handed_at", "handed_at"))


def remember(unit: Unit, successor: Unit) -> None:
    """Before a unit hands its records over: keep that they were its own until now."""
    there = _HANDED_OVER.select(
        Record, Record.id, literal(unit.id), literal(successor.id), literal(clock.now(), Instant()), Record.unit_id,
        Record.unit_number).where(Record.unit_id == unit.id)
    columns = ["record_id", "home_id", "to_id", "handed_at", "unit_id", "unit_number"]
    db.session.execute(_HANDED_OVER.mark(insert(RecordHome).from_select(columns, there)))
