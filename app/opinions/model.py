"""An opinion; its text may speak of anything, so it is encrypted."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base
from tenants.fields import Id, Instant, encrypted, new_id
from tenants.scope import UnitOwned, owned


class Opinion(UnitOwned, Base):
    """Left by a cadre at his own unit."""

    __tablename__ = "opinions"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    cadre_id: Mapped[str] = mapped_column(ForeignKey("cadres.id"))
    text: Mapped[str] = mapped_column(encrypted("opinions.text"))
    created_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = owned(Index("ix_opinions_created", "created_at", "id"))
