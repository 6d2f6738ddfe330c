"""A change of the tree that was ordered ahead, as rows: what, for which day, by whom, what was foretold."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base
from tenants.fields import Id, Instant, new_id
from tenants.scope import UnitOwned, owned


class PlannedChange(UnitOwned, Base):
    """A change of the unit it belongs to; `body` names the other units and the people by id.

    Of those that wait no two of one unit are `same_as` each other.
    """

    __tablename__ = "planned_changes"
    __audited__ = True
    stays = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(8))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    effective_on: Mapped[date] = mapped_column(Date)
    preview: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    same_as: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    reason: Mapped[str | None] = mapped_column(String(300))
    ordered_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    ordered_by_name: Mapped[str] = mapped_column(String(50))
    ordered_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = owned(
        CheckConstraint("kind IN ('move', 'merge', 'close', 'rename', 'split')", name="kind"),
        CheckConstraint("state IN ('waiting', 'done', 'failed', 'cancelled')", name="state"),
        Index("ix_planned_changes_state", "state", "effective_on"),
        Index("uq_planned_changes_waiting", "unit_id", "same_as", unique=True, sqlite_where=state == "waiting",
              postgresql_where=state == "waiting"),
    )


class PlannedUnit(UnitOwned, Base):
    """A unit that a planned change concerns, so that whoever manages it finds it."""

    __tablename__ = "planned_change_units"
    stays = True

    change_id: Mapped[str] = mapped_column(ForeignKey("planned_changes.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(Id, primary_key=True)

    __table_args__ = owned()
