"""The life of an account: each step with its day, its unit and who took it, kept for as long as the account."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from permissions.accounts import Account
from tenants import clock
from tenants.db import Base, db
from tenants.fields import Id, Instant, new_id
from tenants.scope import Scope, UnitOwned, owned

_OWN = Scope.everything("the steps of an account already seen, whichever unit they were taken in")

STEPS = {
    "first_login": "首次登录", "suspended": "停用", "reactivated": "恢复", "closed": "注销", "left": "离岗，账号停用",
    "retired": "退休，由工作人员转为离退休干部", "not_retired": "退休当天未能转为离退休干部，账号停用",
    "moved": "调动", "reminded": "长期未登录，发短信提醒", "dormant": "长期未登录，停用",
    "deceased": "登记离世，停止登录和短信", "planned": "登记离岗或退休", "plan_dropped": "取消离岗或退休",
    "phone_changed": "更换手机号码",
}


class AccountEvent(UnitOwned, Base):
    """One step. `unit_id` is the account's unit when it was taken, or the one that took that unit over."""

    __tablename__ = "account_events"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    step: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str | None] = mapped_column(Id)
    note: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = owned(Index("ix_account_events_account", "account_id", "at", "id"))


def happened(account: Account, step: str, *, by: str | None, note: str = "") -> None:
    """Keep a step in the act's own transaction; `by` is the account of who took it, None for the system itself."""
    db.session.add(AccountEvent(account_id=account.id, unit_id=account.unit_id, unit_number=account.unit_number,
                                step=step, at=clock.now(), by=by, note=note[:200]))


def steps_of(account: Account) -> list[AccountEvent]:
    """What happened to an account, the last first; that it was opened stands in its own row."""
    return list(db.session.execute(_OWN.mark(
        select(AccountEvent).where(AccountEvent.account_id == account.id)
        .order_by(AccountEvent.at.desc(), AccountEvent.id.desc()).limit(200))).scalars())
