"""Units, the nodes of the one tree: kinds, which kind may sit under which (第五条), names, moves."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base
from tenants.fields import Id, Instant, new_id


class UnitKind(StrEnum):
    """The kinds of unit the regulation names, and 开发区, which its cover letter addresses."""

    province_bureau = "province_bureau"
    city_bureau = "city_bureau"
    county_bureau = "county_bureau"
    development_zone = "development_zone"
    township = "township"
    province_group_unit = "province_group_unit"
    city_direct_unit = "city_direct_unit"
    county_direct_unit = "county_direct_unit"
    subordinate_unit = "subordinate_unit"

    @property
    def label(self) -> str:
        return KIND_LABELS[self]


K = UnitKind
KIND_LABELS = {
    K.province_bureau: "省委老干部局",
    K.city_bureau: "设区市委老干部局",
    K.county_bureau: "县（市、区）委老干部局",
    K.development_zone: "开发区",
    K.township: "乡镇（街道）",
    K.province_group_unit: "省直片组单位",
    K.city_direct_unit: "市直单位",
    K.county_direct_unit: "县（市、区）直单位",
    K.subordinate_unit: "所辖下属单位",
}

CHILDREN: dict[UnitKind, tuple[UnitKind, ...]] = {
    K.province_bureau: (K.city_bureau, K.province_group_unit),
    K.city_bureau: (K.county_bureau, K.development_zone, K.city_direct_unit),
    K.county_bureau: (K.township, K.county_direct_unit),
    K.development_zone: (K.township, K.county_direct_unit),
    K.township: (K.subordinate_unit,),
    K.province_group_unit: (K.subordinate_unit,),
    K.city_direct_unit: (K.subordinate_unit,),
    K.county_direct_unit: (K.subordinate_unit,),
    K.subordinate_unit: (K.subordinate_unit,),
}

PAIRS = " OR ".join(
    f"(parent_kind = '{parent}' AND kind = '{child}')" for parent, below in CHILDREN.items() for child in below
)


# Paths are compared as ranges of bytes, never with LIKE (M6), so their order must not depend on a locale.
BINARY_TEXT = String(1000).with_variant(String(1000, collation="C"), "postgresql")


class UnitStatus(StrEnum):
    """A unit is open until it is closed; closing needs an empty subtree or a successor."""

    open = "open"
    closed = "closed"


class Unit(Base):
    """A node of the tree. `path` is `/root id/…/own id/`; `number` never changes, `path` follows every move.

    Pairs of kinds are held by a check on (parent_kind, kind), where parent_kind is tied to the parent's own
    kind by a composite foreign key. Cycles cannot be written: on PostgreSQL triggers demand path = parent's path
    + own id at the end, and a path cannot be longer than itself; on SQLite a trigger refuses them.
    """

    __tablename__ = "units"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    parent_id: Mapped[str | None] = mapped_column(Id)
    parent_kind: Mapped[str | None] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(100))
    code: Mapped[str] = mapped_column(String(32), unique=True)
    path: Mapped[str] = mapped_column(BINARY_TEXT)
    depth: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(8), default=UnitStatus.open)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    successor_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        UniqueConstraint("id", "kind"),
        UniqueConstraint("id", "number"),
        ForeignKeyConstraint(["parent_id", "parent_kind"], ["units.id", "units.kind"], name="parent"),
        CheckConstraint(
            f"(parent_id IS NULL AND kind = 'province_bureau') OR (parent_kind IS NOT NULL AND ({PAIRS}))", name="pair"
        ),
        CheckConstraint("(parent_id IS NULL) = (parent_kind IS NULL)", name="parent_whole"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_own_parent"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        Index("ix_units_parent_id", "parent_id"),
        Index("ix_units_path", "path", unique=True),
        Index(
            "uq_units_one_root",
            "kind",
            unique=True,
            sqlite_where=text("kind = 'province_bureau'"),
            postgresql_where=text("kind = 'province_bureau'"),
        ),
    )
    __mapper_args__ = {"version_id_col": version}


class TreeState(Base):
    """One row: the tree's version. Whoever changes the tree updates it first, which puts changers in a queue."""

    __tablename__ = "tree_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, default=1)
    version: Mapped[int] = mapped_column(BigInteger, default=0)

    __table_args__ = (CheckConstraint("id = 1", name="single"),)


class UnitMove(Base):
    """A dated fact: from which superior to which, and when; reports “as of” a day use it."""

    __tablename__ = "unit_moves"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    from_parent_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    to_parent_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    moved_at: Mapped[datetime] = mapped_column(Instant)


class UnitName(Base):
    """A name a unit bore before, and until when."""

    __tablename__ = "unit_names"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    until: Mapped[datetime] = mapped_column(Instant)


class UnitSplit(Base):
    """A dated fact: a unit was split off another, which goes on."""

    __tablename__ = "unit_splits"

    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True)
    from_id: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    split_at: Mapped[datetime] = mapped_column(Instant)
