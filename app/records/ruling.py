"""What a superior said about a record, and what the unit asked him: only ever added to, shown on the record."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.model import Record
from permissions.identity import Principal
from tenants import clock
from tenants.db import Base, db
from tenants.fields import Id, Instant, new_id
from tenants.scope import Scope, UnitOwned, owned


class Said(StrEnum):
    """The acts, in the order they usually come."""

    extension_asked = "extension_asked"
    extended = "extended"
    extension_declined = "extension_declined"
    late_confirmed = "late_confirmed"
    late_returned = "late_returned"
    correction_confirmed = "correction_confirmed"
    correction_returned = "correction_returned"
    reopened = "reopened"

    @property
    def label(self) -> str:
        """The act in Chinese."""
        return LABELS[self]


LABELS = {
    Said.extension_asked: "申请延期", Said.extended: "批准延期", Said.extension_declined: "不同意延期",
    Said.late_confirmed: "确认逾期补录", Said.late_returned: "退回逾期补录", Said.correction_confirmed: "确认改期",
    Said.correction_returned: "退回改期", Said.reopened: "重新开放修改",
}


RETURNS = (Said.late_returned.value, Said.correction_returned.value)


class Ruling(UnitOwned, Base):
    """One act about one record: by whom of which unit, with what words, until when where it says so."""

    __tablename__ = "record_rulings"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    words: Mapped[str | None] = mapped_column(String(200))
    until: Mapped[date | None] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    by_name: Mapped[str] = mapped_column(String(50))
    by_unit: Mapped[str] = mapped_column(String(100))

    __table_args__ = owned()

    @property
    def said(self) -> Said:
        return Said(self.kind)


def add(record: Record, said: Said, who: Principal, *, words: str | None = None, until: date | None = None) -> Ruling:
    """Write down one act about a record."""
    made = Ruling(id=new_id(), record_id=record.id, kind=said.value, words=words, until=until, at=clock.now(),
                  by=who.account.id, by_name=who.account.name, by_unit=who.unit.name, unit_id=record.unit_id,
                  unit_number=record.unit_number)
    db.session.add(made)
    return made


def of(record: Record, scope: Scope) -> Sequence[Ruling]:
    """Everything said about a record, the first first."""
    statement = scope.select(Ruling).where(Ruling.record_id == record.id).order_by(Ruling.at, Ruling.id)
    return db.session.execute(statement).scalars().all()
