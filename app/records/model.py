"""One table for what all records share, joined by one small table per module (ADR-0006)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from app.deadlines.rules import Timeliness, judge
from tenants.db import Base
from tenants.fields import Id, Instant, encrypted, new_id
from tenants.scope import UnitOwned, owned


class State(StrEnum):
    """A draft is owed once its work has ended; an entered record is judged."""

    draft = "draft"
    entered = "entered"


def _pair(kind: str, day: str, living: Any) -> tuple[Index, Index]:
    """One index in the order of a list over the whole tree, and one in the order of a list of one unit."""
    partial = {"postgresql_where": living, "sqlite_where": living}
    return (Index(f"ix_records_{kind}day", "module", day, "unit_number", "id", **partial),
            Index(f"ix_records_{kind}unit", "module", "unit_number", day, "id", **partial))


def _few(name: str, *columns: str, where: Any) -> Index:
    """An index of the few records something is special about."""
    return Index(f"ix_records_{name}", *columns, postgresql_where=where, sqlite_where=where)


class Record(UnitOwned, Base):
    """What every record has: whose it is, when the work ended, when entry is due, when it was entered.

    `due_on` is the day that decides, a fact stored at writing, so no report computes it; `entered_on` is the Shanghai
    date of `entered_at`. While a corrected end waits for the superior, `held_ended_on` is the end that stood and
    `corrected_due_on` the due day it would give (ADR-0020). A deleted record keeps its row as a tombstone.
    `asks` names what its superior is asked for, `odd` what he should see; both are None for nearly every record.
    """

    __tablename__ = "records"
    __audited__ = True
    blocks_closing = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    module: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(8))
    ended_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    first_due_on: Mapped[date] = mapped_column(Date)
    due_provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    entered_at: Mapped[datetime | None] = mapped_column(Instant)
    entered_on: Mapped[date | None] = mapped_column(Date)
    entered_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    late_reason: Mapped[str | None] = mapped_column(String(200))
    held_ended_on: Mapped[date | None] = mapped_column(Date)
    corrected_due_on: Mapped[date | None] = mapped_column(Date)
    extended_to: Mapped[date | None] = mapped_column(Date)
    asked_until: Mapped[date | None] = mapped_column(Date)
    reopened_until: Mapped[date | None] = mapped_column(Date)
    late_ruling: Mapped[str | None] = mapped_column(String(10))
    correction_ruling: Mapped[str | None] = mapped_column(String(10))
    asks: Mapped[str | None] = mapped_column(String(40))
    odd: Mapped[str | None] = mapped_column(String(60))
    recreated_of: Mapped[str | None] = mapped_column(Id)
    summary: Mapped[str] = mapped_column(String(200), default="")
    search: Mapped[str] = mapped_column(String(2000), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = owned(
        CheckConstraint("state IN ('draft', 'entered')", name="state"),
        CheckConstraint("(state = 'entered') = (entered_at IS NOT NULL)", name="entered"),
        CheckConstraint("(entered_at IS NULL) = (entered_on IS NULL)", name="entered_day"),
        CheckConstraint("entered_on IS NULL OR entered_on >= ended_on", name="not_before_its_end"),
        # Three sets of living records, each under a pair of indexes that `tenants.picking` reads.
        *_pair("", "ended_on", deleted_at.is_(None)),
        *_pair("open_", "due_on", and_(entered_at.is_(None), deleted_at.is_(None))),
        *_pair("late_", "ended_on", and_(entered_on > due_on, deleted_at.is_(None))),
        _few("marked", "unit_number", "ended_on", "id", where=odd.is_not(None)),
        _few("asking", "unit_number", "ended_on", "id", where=and_(asks.is_not(None), deleted_at.is_(None))),
        _few("strayed", "module", "due_on", "unit_number",
             where=or_(corrected_due_on.is_not(None), extended_to.is_not(None))),
        _few("returned", "unit_number", "id", where=and_(
            or_(late_ruling == "returned", correction_ruling == "returned"), deleted_at.is_(None))),
        _few("gone", "unit_number", "module", "ended_on", where=deleted_at.is_not(None)),
    )
    __mapper_args__: dict[str, Any] = {"polymorphic_on": "module", "version_id_col": version}

    def timeliness(self, today: date) -> Timeliness:
        """How it stands today (Asia/Shanghai)."""
        return judge(self.due_on, self.entered_on, today)

    @property
    def stated_due_on(self) -> date:
        """The due day by the end the record states now, whether or not that has been confirmed."""
        return self.corrected_due_on or self.due_on

    def is_owed(self, today: date) -> bool:
        """Work that has ended, or had before its end was put off, and is not entered."""
        return self.entered_at is None and (self.ended_on <= today or self.held_ended_on is not None)


class RecordPerson(UnitOwned, Base):
    """A cadre in a record: visited, helped, present, serving. What was done for a person is read from here."""

    __tablename__ = "record_people"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    cadre_id: Mapped[str] = mapped_column(ForeignKey("cadres.id"), primary_key=True, index=True)
    place: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str | None] = mapped_column(String(16))
    minutes: Mapped[int | None] = mapped_column(Integer)

    __table_args__ = owned(CheckConstraint("minutes IS NULL OR minutes >= 0", name="minutes"))


class Attachment(UnitOwned, Base):
    """A photo of a record: re-encoded, encrypted at rest, served through the record's scope only."""

    __tablename__ = "attachments"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), index=True)
    stored_as: Mapped[str] = mapped_column(String(40))
    filename: Mapped[str] = mapped_column(encrypted("attachments.filename"))
    content_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))

    __table_args__ = owned()


def module_record(key: str) -> dict[str, Any]:
    """`__mapper_args__` of a module's record class."""
    return {"polymorphic_identity": key}


def record_key() -> Any:
    """The primary key of a module's own table: the record's."""
    return mapped_column(ForeignKey("records.id"), primary_key=True)
