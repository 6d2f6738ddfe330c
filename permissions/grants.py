"""Who holds which right where: grants, administrators' seats (第七条: at most two), their filings (报备), where each
right came from, and the templates that narrow rights. Rows of rights come and go through `permissions.giving` alone.
"""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from tenants.db import Base
from tenants.fields import Id, Instant, new_id
from tenants.scope import UnitOwned, owned

SEATS = (1, 2)


class RoleTemplate(UnitOwned, Base):
    """角色模板: a role limited to some actions, columns and channels (None = all); a copy names what it narrows."""

    __tablename__ = "role_templates"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("role_templates.id"), index=True)
    name: Mapped[str] = mapped_column(String(50))
    role: Mapped[str] = mapped_column(String(16))
    actions: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    columns: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    channel: Mapped[str] = mapped_column(String(8), default="both")
    made_by: Mapped[str | None] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = owned(
        CheckConstraint("role IN ('clerk', 'chief', 'reviewer', 'auditor')", name="role"),
        CheckConstraint("channel IN ('pc', 'mobile', 'both')", name="channel"),
    )
    __mapper_args__ = {"version_id_col": version}


class Grant(UnitOwned, Base):
    """A role of an account in a unit, for some columns (栏目, None = all), on some channels, from a day to a day.

    A frozen one gives nothing. One with a template gives what the template and all above it still allow.
    """

    __tablename__ = "grants"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    columns: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    channel: Mapped[str] = mapped_column(String(8), default="both")
    since: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    template_id: Mapped[str | None] = mapped_column(ForeignKey("role_templates.id"), index=True)
    frozen_at: Mapped[datetime | None] = mapped_column(Instant)
    given_by: Mapped[str | None] = mapped_column(Id)
    given_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    __table_args__ = owned(
        CheckConstraint("role IN ('clerk', 'chief', 'reviewer', 'auditor')", name="role"),
        CheckConstraint("channel IN ('pc', 'mobile', 'both')", name="channel"),
    )


def counts_on(day: date) -> ColumnElement[bool]:
    """The condition on a grant that has begun, has not ended and is not frozen; where its holder may work is another.
    """
    return and_(Grant.frozen_at.is_(None), Grant.since.is_(None) | (Grant.since <= day),
                Grant.until.is_(None) | (Grant.until >= day))


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


class RightGiven(UnitOwned, Base):
    """授权来源: a right ever given, by whom, under which of the giver's own rights, by which path; and its end.

    The database lets nothing of it be changed but the end, once, and nothing be deleted (ADR-0025).
    """

    __tablename__ = "rights_given"
    derived = True  # follows rights as they come and go, and tells where they were

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(8))
    right_id: Mapped[str] = mapped_column(Id, index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    columns: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    channel: Mapped[str] = mapped_column(String(8), default="both")
    since: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    template_id: Mapped[str | None] = mapped_column(ForeignKey("role_templates.id"))
    given_by: Mapped[str | None] = mapped_column(Id, index=True)
    under: Mapped[str | None] = mapped_column(ForeignKey("rights_given.id"))
    path: Mapped[str] = mapped_column(String(16))
    given_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(Id)
    ended_path: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = owned(CheckConstraint("kind IN ('seat', 'grant')", name="kind"))


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
