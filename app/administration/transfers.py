"""调动: an account goes to another unit when one side asks and the other accepts; the file of a cadre goes with it.

Whoever asks for somebody to come knows the number and the name, and learns nothing by asking: a number nobody has is
kept as waiting like any other. Rights, sessions and the PC end with the move; records stay where they were made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, and_, column, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.administration import closing, endings, phone_request, seats
from app.administration.accounts import normalised, require_living, require_over, unit_of
from app.administration.holding import concerned, hold_units, hold_whole
from app.people.model import Cadre
from permissions import audit, giving, guard, life, sessions
from permissions.accounts import Account, AccountState, phone_key
from permissions.actions import Action
from tenants import clock
from tenants.db import Base, db
from tenants.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tenants.fields import Id, Instant, new_id
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope, UnitOwned, owned
from tenants.tree import require_open

_BOTH_SIDES = Scope.everything("a transfer lies between two units; each side is asked for its own right")
ASKED = column("state") == "asked"
STATES = {"asked": "等待答复", "accepted": "已同意", "refused": "未同意", "withdrawn": "已撤回"}
SEATED = "该人员是系统管理员，请先由上级免去其管理员职务，再办理调动。"


class AccountTransfer(UnitOwned, Base):
    """One request. `unit_id` is where the account is to go; `side` says which end asked."""

    __tablename__ = "account_transfers"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    from_unit_id: Mapped[str | None] = mapped_column(Id)
    side: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(50))
    reason: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(10), default="asked")
    decided_by: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = owned(
        CheckConstraint("side IN ('from', 'to')", name="side"),
        CheckConstraint("state IN ('asked', 'accepted', 'refused', 'withdrawn')", name="state"),
        Index("uq_account_transfers_asked", "account_id", unique=True, postgresql_where=ASKED, sqlite_where=ASKED),
    )


@dataclass(frozen=True)
class Seen:
    """A transfer as one reader sees it: where to, and the account as far as it is his."""

    row: AccountTransfer
    to: Unit
    account: Account | None
    mine: bool  # it waits for my word


def ask_out(account: Account, code: str, reason: str) -> AccountTransfer:
    """Ask another unit, named by its code, to take somebody over; done at once where both ends are mine."""
    home = require_over(account)
    _check(account)
    to = db.session.execute(_BOTH_SIDES.select(Unit).where(
        Unit.code == code.strip(), Unit.status == UnitStatus.open)).scalar_one_or_none()
    if to is None or to.id == home.id:
        raise Invalid(fields={"unit_code": ["没有这个单位代码，或就是现在的单位；请向对方核对代码。"]})
    hold_whole(account, to)
    asked = _keep(account, to, "from", account.name, reason)
    if guard.may(Action.ACCOUNT_OPEN, to):
        _decide(asked, to, account, "accepted", "")
    return asked


def ask_in(to: Unit, phone: str, name: str, reason: str) -> AccountTransfer:
    """Ask for somebody to come, by number and name; the answer is the same whether there is such a person."""
    guard.require(Action.ACCOUNT_OPEN, to)
    require_open(to)
    found = db.session.execute(_BOTH_SIDES.select(Account).where(
        Account.phone_key == phone_key(normalised(phone)), Account.name == name, Account.unit_id != to.id,
        Account.state != AccountState.closed)).scalar_one_or_none()
    if found is not None and _waiting(found):
        found = None
    return _keep(found, to, "to", name, reason)


def _waiting(account: Account) -> bool:
    return db.session.execute(_BOTH_SIDES.select(AccountTransfer, AccountTransfer.id).where(
        AccountTransfer.account_id == account.id, AccountTransfer.state == "asked")).first() is not None


def _check(account: Account) -> None:
    require_living(account)
    if seats.is_seated(account):
        raise Conflict(SEATED, code="still_seated")


def _keep(account: Account | None, to: Unit, side: str, name: str, reason: str) -> AccountTransfer:
    asked = AccountTransfer(
        account_id=account.id if account else None, from_unit_id=account.unit_id if account else None, side=side,
        name=name, reason=reason, asked_by=guard.me().account.id, asked_at=clock.now(), unit_id=to.id,
        unit_number=to.number)
    db.session.add(asked)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("已经有一个等待答复的调动申请。", code="already_asked") from error
    audit.record("account:ask_transfer", "account", account.id if side == "from" and account else None, to,
                 after={"act": side})
    return asked


def _open_to_me(row: AccountTransfer, account: Account | None) -> tuple[bool, bool]:
    """Whether the end that gives and the end that takes are mine."""
    giving_end = account is not None and guard.sight(Action.ACCOUNT_UPDATE).covers(account.unit_number)
    return giving_end, guard.sight(Action.ACCOUNT_OPEN).covers(row.unit_number)


def _as_seen(row: AccountTransfer, to: Unit, account: Account | None) -> Seen | None:
    gives, takes = _open_to_me(row, account)
    asks, answers = (gives, takes) if row.side == "from" else (takes, gives)
    if not asks and not answers:
        return None
    known = account if gives or row.side == "from" else None  # who asks for somebody knows what he typed, no more
    return Seen(row, to, known, mine=answers and row.state == "asked")


def listing(*, waiting: bool) -> list[Seen]:
    """Transfers at either end of mine, the newest first; `waiting`: only those that wait for my word."""
    update, opening = guard.sight(Action.ACCOUNT_UPDATE), guard.sight(Action.ACCOUNT_OPEN)
    gives, takes = update.clause(Account), opening.clause(AccountTransfer)
    which = and_(AccountTransfer.state == "asked", or_(
        and_(AccountTransfer.side == "from", takes), and_(AccountTransfer.side == "to", gives))) if waiting \
        else or_(gives, takes)
    rows = db.session.execute(_BOTH_SIDES.mark(
        select(AccountTransfer, Unit, Account).join(Unit, Unit.id == AccountTransfer.unit_id)
        .outerjoin(Account, Account.id == AccountTransfer.account_id).where(which)
        .order_by(AccountTransfer.asked_at.desc(), AccountTransfer.id).limit(100))).all()
    return [seen for row, to, account in rows if (seen := _as_seen(row, to, account)) is not None]


def seen(transfer_id: str, *, lock: bool = False) -> Seen:
    """A transfer at an end of mine, or NotFound."""
    statement = _BOTH_SIDES.select(AccountTransfer).where(AccountTransfer.id == guard.checked_id(transfer_id))
    row = db.session.execute(statement.with_for_update() if lock else statement,
                             execution_options={"populate_existing": lock}).scalar_one_or_none()
    if row is None:
        raise NotFound
    to = db.session.execute(_BOTH_SIDES.select(Unit).where(Unit.id == row.unit_id)).scalar_one()
    account = db.session.execute(_BOTH_SIDES.select(Account).where(
        Account.id == row.account_id)).scalar_one_or_none() if row.account_id else None
    found = _as_seen(row, to, account)
    if found is None:
        raise NotFound
    return found


def decide(transfer_id: str, verdict: str, answer: str) -> Seen:
    """Accept or refuse what waits for my word, or withdraw what my end asked. One of several at once wins."""
    found, account = _held(seen(transfer_id))
    row = found.row
    if (row.side == "to") == (verdict != "withdrawn"):
        if account is None:  # as for somebody out of reach: whoever asked learns nothing by answering himself
            raise Forbidden
        require_over(account)
    else:
        guard.require(Action.ACCOUNT_OPEN, found.to)
    if verdict == "refused" and len(answer.strip()) < 2:
        raise Invalid(fields={"answer": ["请写明不同意的原因。"]})
    _decide(row, found.to, account, verdict, answer.strip())
    return found


def _held(found: Seen) -> tuple[Seen, Account | None]:
    """A transfer to be answered: units, its row and the account are mine until the act ends. Conflict, Stale."""
    account = db.session.execute(_BOTH_SIDES.select(Account).where(
        Account.id == found.row.account_id)).scalar_one_or_none() if found.row.account_id else None
    hold_units(concerned(account, found.to) if account is not None else [found.to.id])
    held = seen(found.row.id, lock=True)
    if held.row.state != "asked":
        raise Conflict(f"这个申请{STATES[held.row.state]}，不能再改。", code="already_decided")
    if held.to.id != found.to.id:  # it was closed meanwhile, and its successor is asked
        raise Stale
    if account is not None:
        hold_whole(account, found.to)
    return held, account


def _decide(row: AccountTransfer, to: Unit, account: Account | None, verdict: str, answer: str) -> None:
    row.state, row.answer, row.decided_at, row.decided_by = verdict, answer, clock.now(), guard.me().account.id
    if verdict == "accepted" and account is not None:
        _move(account, to)
    audit.record("account:answer_transfer", "account", account.id if account and row.side == "from" else None, to,
                 after={"verdict": verdict})
    db.session.flush()


def _move(account: Account, to: Unit) -> None:
    """Take an account, with a cadre's file, to another unit; it keeps its number and its past, and no right."""
    _check(account)
    require_open(to)
    home, before = unit_of(account), {"unit_id": account.unit_id}
    if home.id == to.id:  # the two units have become one since it was asked
        raise Conflict(f"该人员已经在{to.name}，不必再调动；请选“不同意”或撤回这个申请。", code="already_there")
    closing.lose_rights(account)
    phone_request.drop(account, "已调动，请在新单位重新申请")
    sessions.revoke_all(account.id, clock.now())
    if account.kind == "staff":
        giving.set_ends(account, pc_grant=False)
    for each in (account, *_with(account)):
        each.unit_id, each.unit_number = to.id, to.number
        if isinstance(each, Cadre):
            each.contact_account_id = None
    life.happened(account, "moved", by=guard.me().account.id, note=f"由{home.name}调入{to.name}")
    for unit in (home, to):
        audit.record("account:move", "account", account.id, unit, before=before, after={"unit_id": to.id})


def _with(account: Account) -> Sequence[Cadre | endings.AccountEnding]:
    """What goes along: a cadre's file, and what is planned of a member of staff."""
    if account.cadre_id is not None:
        return [db.session.execute(_BOTH_SIDES.select(Cadre).where(
            Cadre.id == account.cadre_id).with_for_update()).scalar_one()]
    planned = endings.last_of(account, "planned")
    return [planned] if planned is not None else []
