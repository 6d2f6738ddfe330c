"""What people are told on their first page: that days they answer for were moved, once per cause and person."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from permissions.grants import Grant, Seat, counts_on
from tenants import clock
from tenants.db import Base, db
from tenants.fields import Id, Instant, new_id
from tenants.scope import Scope, UnitOwned, owned

_ALL = Scope.everything("those concerned are told wherever they work")
Where = tuple[str, int]  # a unit by id and number


@dataclass(frozen=True)
class Cause:
    """Why days were moved: the notice or rule, and what it is called."""

    id: str
    words: str


class Telling(UnitOwned, Base):
    """One account is told that so many of the records it enters in its unit are due on another day."""

    __tablename__ = "tellings"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    cause_id: Mapped[str] = mapped_column(Id)
    cause: Mapped[str] = mapped_column(String(200))
    records: Mapped[int] = mapped_column(Integer)
    told_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = owned(UniqueConstraint("account_id", "cause_id", name="uq_tellings_account_cause"))


def _holders(unit_ids: list[str]) -> dict[str, list[tuple[str, list[str] | None]]]:
    """unit -> (account, columns) of its clerks; of a unit without any, its administrators."""
    today = clock.today()
    clerks = _ALL.select(Grant, Grant.unit_id, Grant.account_id, Grant.columns).where(
        Grant.unit_id.in_(unit_ids), Grant.role == "clerk", counts_on(today))
    found: defaultdict[str, list[tuple[str, list[str] | None]]] = defaultdict(list)
    for unit_id, account_id, columns in db.session.execute(clerks):
        found[unit_id].append((account_id, columns))
    rest = [unit_id for unit_id in unit_ids if unit_id not in found]
    for unit_id, account_id in db.session.execute(
            _ALL.select(Seat, Seat.unit_id, Seat.account_id).where(Seat.unit_id.in_(rest))):
        found[unit_id].append((account_id, None))
    return found


def tell(cause: Cause, moved: Mapping[Where, Mapping[str, int]]) -> int:
    """Tell those who enter records of these columns in these units; `moved` counts by unit and column.

    Told again for the same cause, an account's count grows and nothing is new. Returns how many accounts are new.
    """
    holders = _holders([unit_id for unit_id, _number in moved])
    counts: defaultdict[str, int] = defaultdict(int)
    places: dict[str, Where] = {}
    for where, columns in moved.items():
        for account_id, own in holders.get(where[0], ()):
            number = sum(many for column, many in columns.items() if own is None or column in own)
            if number:
                counts[account_id] += number
                places.setdefault(account_id, where)
    known = set(db.session.execute(_ALL.select(Telling, Telling.account_id).where(
        Telling.cause_id == cause.id, Telling.account_id.in_(list(counts)))).scalars())
    _grow(cause, {each: many for each, many in counts.items() if each in known})
    new = [{"id": new_id(), "account_id": each, "cause_id": cause.id, "cause": cause.words[:200], "records": many,
            "told_at": clock.now(), "unit_id": places[each][0], "unit_number": places[each][1]}
           for each, many in counts.items() if each not in known]
    if new:
        db.session.execute(_ALL.mark(insert(Telling)), new)
    return len(new)


def _grow(cause: Cause, counts: Mapping[str, int]) -> None:
    by_number: defaultdict[int, list[str]] = defaultdict(list)
    for account_id, many in counts.items():
        by_number[many].append(account_id)
    for many, accounts in by_number.items():
        db.session.execute(
            _ALL.update(Telling).where(Telling.cause_id == cause.id, Telling.account_id.in_(accounts))
            .values(records=Telling.records + many).execution_options(synchronize_session=False))


def unread(account_id: str) -> list[Telling]:
    """What an account was told and has not put away, the latest first."""
    return list(db.session.execute(
        _ALL.mark(select(Telling).where(Telling.account_id == account_id, Telling.read_at.is_(None))
                  .order_by(Telling.told_at.desc(), Telling.id).limit(5))).scalars())


def put_away(telling_id: str, account_id: str) -> bool:
    """Mark one as read by the account it was told to; whether there was one."""
    done = db.session.execute(
        _ALL.update(Telling).where(Telling.id == telling_id, Telling.account_id == account_id)
        .values(read_at=clock.now()).returning(Telling.id).execution_options(synchronize_session=False))
    return done.scalar_one_or_none() is not None
