"""The file of a retired cadre. Sensitive fields are encrypted at rest; the ID number has a keyed unique index."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from app.values import name_words
from app.values.names import reading
from permissions.accounts import Account
from tenants import keys
from tenants.db import Base
from tenants.fields import Id, Instant, encrypted, new_id
from tenants.scope import UnitOwned, owned
from tenants.words import UNSPELLED, Word


def id_number_key(id_number: str) -> str:
    """The keyed index under which an ID number is unique over the living and the dead."""
    return keys.ring().index(id_number, "cadres.id_number")


def mobile_key(mobile: str) -> str:
    """The keyed index by which a mobile number is found exactly."""
    return keys.ring().index(mobile, "cadres.mobile")


def mobile_tail_key(mobile: str) -> str:
    """The keyed index by which the last four digits of a mobile number are found."""
    return keys.ring().index(mobile[-4:], "cadres.mobile.tail")


RETIREMENT_TYPES = ("lixiu", "tuixiu", "tuizhi")
LIFE_STATUSES = ("living", "deceased")


class Cadre(UnitOwned, Base):
    """One retired cadre (离退休干部), kept by the unit that manages them (现管单位).

    Dates whose day may be unknown are text: `YYYY`, `YYYY-MM` or a full date, as they were put in.
    """

    __tablename__ = "cadres"
    __audited__ = True
    blocks_closing = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(50))
    name_reading: Mapped[str] = mapped_column(String(200), default="")
    name_initials: Mapped[str] = mapped_column(String(50), default="")
    name_words: Mapped[str | None] = mapped_column(Text)
    id_number: Mapped[str] = mapped_column(encrypted("cadres.id_number"))
    id_number_key: Mapped[str] = mapped_column(String(64), unique=True)
    sex: Mapped[str] = mapped_column(String(1))
    birth_date: Mapped[str] = mapped_column(String(10))
    ethnicity: Mapped[str | None] = mapped_column(String(2))
    political_status: Mapped[str | None] = mapped_column(String(2))
    joined_party_on: Mapped[str | None] = mapped_column(String(10))
    started_work_on: Mapped[str | None] = mapped_column(String(10))
    retirement_type: Mapped[str] = mapped_column(String(8))
    retired_on: Mapped[str | None] = mapped_column(String(10))
    former_unit: Mapped[str | None] = mapped_column(String(100))
    former_post: Mapped[str | None] = mapped_column(String(100))
    rank: Mapped[str | None] = mapped_column(String(8))
    treatment_level: Mapped[str | None] = mapped_column(String(8))
    mobile: Mapped[str | None] = mapped_column(encrypted("cadres.mobile"))
    mobile_key: Mapped[str | None] = mapped_column(String(64), index=True)
    mobile_tail_key: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(encrypted("cadres.address"))
    living_arrangement: Mapped[str | None] = mapped_column(String(16))
    health_status: Mapped[str | None] = mapped_column(encrypted("cadres.health_status"))
    life_status: Mapped[str] = mapped_column(String(8), default="living")
    branch: Mapped[str | None] = mapped_column(String(100))
    contact_account_id: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str | None] = mapped_column(Id)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = owned(
        CheckConstraint("life_status IN ('living', 'deceased')", name="life_status"),
        CheckConstraint("retirement_type IN ('lixiu', 'tuixiu', 'tuizhi')", name="retirement_type"),
        Index("ix_cadres_roster", "unit_number", "name_reading", "id"),
        Index("ix_cadres_kind", "retirement_type", "life_status", "unit_number", "name_reading", "id"),
        Index("ix_cadres_tail", "mobile_tail_key", "unit_number", "name_reading", "id"),
        Index("ix_cadres_unspelled", "id", postgresql_where=UNSPELLED, sqlite_where=UNSPELLED),
    )
    __mapper_args__ = {"version_id_col": version}


class CadreWord(Word, Base):
    """A word that a cadre's name is found by."""

    __tablename__ = "cadre_words"


@event.listens_for(Cadre.mobile, "set")
def _keep_tail(cadre: Cadre, mobile: str | None, _before: object, _event: object) -> None:
    cadre.mobile_tail_key = mobile_tail_key(mobile) if mobile else None


@event.listens_for(Cadre.name, "set")
@event.listens_for(Account.name, "set")
def _spell(person: Cadre | Account, name: str, _before: object, _event: object) -> None:
    """Whoever gives a name gives its reading and its words with it."""
    for column, value in name_words.spelled(name).items():
        setattr(person, column, value)
    if isinstance(person, Cadre):
        _whole, person.name_initials = reading(name)
