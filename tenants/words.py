"""Words by which names are found: a narrow table beside each table of people, kept by triggers of the database."""

from sqlalchemy import BigInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.fields import Id
from tenants.scope import UnitOwned

UNSPELLED = text("name_words IS NULL")  # of both tables of people: names that have no words yet


class Word(UnitOwned):
    """One word of one person; the key is the order of the list, so that each word's people lie in it (ADR-0023)."""

    derived = True
    unit_id = None  # type: ignore[assignment]  # the number places it; the longest table shall not be longer

    word: Mapped[str] = mapped_column(Text, primary_key=True)
    unit_number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    reading: Mapped[str] = mapped_column(String(200), primary_key=True)
    owner_id: Mapped[str] = mapped_column(Id, primary_key=True)

    __table_args__ = {"sqlite_with_rowid": False}
