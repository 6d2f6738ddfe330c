"""Where a record lay before its unit was merged into another, so that reports of a past day find it there."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, insert, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from app.records.model import Attachment, Record, RecordPerson
from app.records.ruling import Ruling
from tenants import clock
from tenants.db import Base, db
from tenants.fields import Id, Instant
from tenants.models import Unit
from tenants.scope import Scope, UnitOwned, owned

_HANDED_OVER = Scope.everything("all that a unit hands over, wherever it has lain before")
SLAB = 500


class RecordHome(UnitOwned, Base):
    """A record went from `home_id` to `to_id` when its unit was merged or split. The row goes along."""

    __tablename__ = "record_homes"

    record_id: Mapped[str] = mapped_column(Id, primary_key=True)
    home_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True)
    to_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    handed_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)

    __table_args__ = owned(Index("ix_record_homes_handed_at", "handed_at"))


def remember(unit: Unit, successor: Unit, ids: Sequence[str] | None = None) -> None:
    """Before a unit hands its records over, or those named: keep that they were its own until now."""
    there = _HANDED_OVER.select(
        Record, Record.id, literal(unit.id), literal(successor.id), literal(clock.now(), Instant()), Record.unit_id,
        Record.unit_number).where(Record.unit_id == unit.id)
    if ids is not None:
        there = there.where(Record.id.in_(ids))
    columns = ["record_id", "home_id", "to_id", "handed_at", "unit_id", "unit_number"]
    db.session.execute(_HANDED_OVER.mark(insert(RecordHome).from_select(columns, there)))


def hand_over(unit: Unit, to: Unit, ids: Sequence[str]) -> None:
    """Give these records of a unit to another, with the people, photos and rulings in them."""
    for start in range(0, len(ids), SLAB):
        some = ids[start:start + SLAB]
        remember(unit, to, some)
        for model, key in ((Record, Record.id), (RecordPerson, RecordPerson.record_id),
                           (Attachment, Attachment.record_id), (Ruling, Ruling.record_id),
                           (RecordHome, RecordHome.record_id)):
            db.session.execute(
                _HANDED_OVER.update(model).where(key.in_(some)).values(unit_id=to.id, unit_number=to.number)
                .execution_options(synchronize_session=False))
    db.session.expire_all()


def lay_in(record: Record) -> list[int]:
    """Numbers of the units a record has lain in before."""
    return list(db.session.execute(_HANDED_OVER.mark(
        select(Unit.number).join(RecordHome, RecordHome.home_id == Unit.id)
        .where(RecordHome.record_id == record.id))).scalars())
