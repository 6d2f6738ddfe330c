"""The staff file (人员档案): trainings one by one, and the commitments signed (第七、十四、二十二条).

The day of the latest training stands in the account too: 第七条 is judged by it, and the contract shows it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint, func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.administration import seats
from app.administration.accounts import hold, require_living, require_over, unit_of
from permissions import audit, guard
from permissions.accounts import Account
from tenants import clock
from tenants.db import Base, db
from tenants.errors import Conflict, Invalid, NotFound
from tenants.fields import Id, Instant, encrypted, new_id
from tenants.scope import Scope, UnitOwned, owned

_OF_IT = Scope.everything("the file of an account already seen, whichever unit it was kept in")
VERSION = "2026-1"
TEXT = (
    "我自愿遵守《江苏省离退休干部服务管理系统管理办法（试行）》，并作如下承诺：",
    "一、只为工作需要使用系统，不把系统里的信息用于工作以外的事项（第十三条）。",
    "二、保管好自己的账号、密码和手机，不借给他人，不用他人账号（第九、十二条）。",
    "三、不泄露老同志的个人信息；导出、打印的材料按规定保管和销毁（第二十二条）。",
    "四、使用正版软件的电脑，及时更新，定期查杀病毒、更换密码（第二十三条）。",
    "五、离岗、调动、退休时，把手头的工作和材料交接清楚；发现泄露马上报告。",
)


class Training(UnitOwned, Base):
    """One training of one member of staff; `unit_id` is the unit it was written down in."""

    __tablename__ = "staff_trainings"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(100))
    held_on: Mapped[date] = mapped_column(Date)
    hours: Mapped[int | None] = mapped_column(Integer)
    organiser: Mapped[str] = mapped_column(String(100), default="")
    kept_by: Mapped[str] = mapped_column(Id)
    kept_at: Mapped[datetime] = mapped_column(Instant)
    proof_as: Mapped[str | None] = mapped_column(String(40))  # the file's name on its shelf; none without a proof
    proof_name: Mapped[str | None] = mapped_column(encrypted("staff_trainings.proof_name"))
    proof_type: Mapped[str | None] = mapped_column(String(40))
    proof_size: Mapped[int | None] = mapped_column(Integer)

    __table_args__ = owned(Index("ix_staff_trainings_account", "account_id", "held_on"))


class Commitment(UnitOwned, Base):
    """A text of which somebody said: I shall keep it. `version` is the text's; each is signed once."""

    __tablename__ = "staff_commitments"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    version: Mapped[str] = mapped_column(String(20))
    signed_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = owned(UniqueConstraint("account_id", "version", name="uq_staff_commitments_once"))


def trainings(account: Account) -> list[Training]:
    """The trainings of an account already seen, the latest first."""
    return list(db.session.execute(_OF_IT.select(Training).where(Training.account_id == account.id)
                                   .order_by(Training.held_on.desc(), Training.id)).scalars())


def one(account: Account, training_id: str) -> Training:
    """A training of an account already seen, or NotFound."""
    found = db.session.execute(_OF_IT.select(Training).where(
        Training.id == guard.checked_id(training_id), Training.account_id == account.id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def commitments(account_id: str) -> list[Commitment]:
    """What somebody already seen has signed, the latest first."""
    return list(db.session.execute(_OF_IT.select(Commitment).where(Commitment.account_id == account_id)
                                   .order_by(Commitment.signed_at.desc(), Commitment.id)).scalars())


def add_training(account: Account, values: Mapping[str, Any]) -> Training:
    """Write a training down. Raises Invalid, Conflict, Forbidden."""
    unit = hold(account, require_over(account))
    require_living(account)
    if account.kind != "staff":
        raise Conflict("离退休干部没有培训登记。", code="not_staff")
    if values["held_on"] > clock.today():
        raise Invalid(fields={"held_on": ["培训日期不能晚于今天。"]})
    made = Training(account_id=account.id, unit_id=unit.id, unit_number=unit.number, name=values["name"],
                    held_on=values["held_on"], hours=values.get("hours"), organiser=values.get("organiser") or "",
                    kept_by=guard.me().account.id, kept_at=clock.now())
    db.session.add(made)
    account.trained_on = max(account.trained_on or made.held_on, made.held_on)
    db.session.flush()
    audit.record("account:training", "account", account.id, unit,
                 after={"name": made.name, "trained_on": account.trained_on.isoformat()})
    return made


def remove_training(account: Account, training_id: str) -> str | None:
    """Strike a training that was written down wrongly; the name of its proof. Raises NotFound, Conflict `still_seated`.
    """
    unit = hold(account, require_over(account))
    require_living(account)
    found = one(account, training_id)
    name, held_on, proof = found.name, found.held_on, found.proof_as
    db.session.delete(found)
    db.session.flush()
    if account.trained_on == held_on:  # a later day was put down without its training
        account.trained_on = db.session.execute(_OF_IT.select(Training, func.max(Training.held_on)).where(
            Training.account_id == account.id)).scalar_one()
    if seats.is_seated(account) and seats.eligibility(account, unit):
        raise Conflict("该人员是系统管理员，去掉这次培训就不符合第七条，请先免去其管理员职务。", code="still_seated")
    db.session.flush()
    audit.record("account:training_struck", "account", account.id, unit, before={"name": name})
    return proof


def owed() -> bool:
    """Whether I have yet to sign the text that is in force."""
    return not guard.me().is_cadre and all(
        each.version != VERSION for each in commitments(guard.me().account.id))


def sign() -> Commitment:
    """I sign the text in force. Raises Conflict when I have."""
    account = db.session.execute(_OF_IT.select(Account).where(Account.id == guard.me().account.id)).scalar_one()
    if account.kind != "staff":
        raise Conflict("承诺书由工作人员签署。", code="not_staff")
    unit = unit_of(account)
    made = Commitment(account_id=account.id, unit_id=unit.id, unit_number=unit.number, version=VERSION,
                      signed_at=clock.now())
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("您已经签过这一版承诺书。", code="already_signed") from error
    account.signed_version = VERSION
    db.session.flush()
    audit.record("account:sign", "account", account.id, unit, after={"version": VERSION})
    return made
