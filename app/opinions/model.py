"""An opinion and what was answered; their texts may speak of anything, so they are encrypted."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base
from tenants.fields import Id, Instant, encrypted, new_id
from tenants.scope import UnitOwned, owned


class Opinion(UnitOwned, Base):
    """Left by a cadre at his own unit; answered once `answered_at` is set."""

    __tablename__ = "opinions"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    cadre_id: Mapped[str] = mapped_column(ForeignKey("cadres.id"))
    text: Mapped[str] = mapped_column(encrypted("opinions.text"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = owned(
        Index("ix_opinions_created", "created_at", "id"),
        Index("ix_opinions_waiting", "unit_number", "created_at", sqlite_where=answered_at.is_(None),
              postgresql_where=answered_at.is_(None)),
    )


class Answer(UnitOwned, Base):
    """One wording of the answer: the first, or one that corrects those before. None is ever changed.

    `seen_at` is when the writer said he had read it.
    """

    __tablename__ = "opinion_answers"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    opinion_id: Mapped[str] = mapped_column(ForeignKey("opinions.id"))
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(encrypted("opinion_answers.text"))
    answered_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    answered_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = owned(
        UniqueConstraint("opinion_id", "number", name="uq_opinion_answers_number"),
        CheckConstraint("number > 0", name="number"),
    )
