"""Nominating for a seat (提名): the unit proposes, the superior's administrator seats or refuses (第六、七条).

Nobody seats anybody in his own unit; a nomination is the way a unit says whom it would like. It gives no right.
"""

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from app.administration import seats, sight
from app.administration.nomination import Nomination, end, open_ones
from app.paging import Page, decode, page_of
from permissions import audit, guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Seat
from tenants import clock, tree
from tenants.db import db
from tenants.errors import Conflict, Invalid
from tenants.models import Unit
from tenants.scope import Scope

_PARTIES = Scope.everything("the people of a nomination already seen")


def seen(nomination_id: str) -> tuple[Nomination, Unit]:
    """A nomination I may see with its unit, or NotFound."""
    return sight.seen(Nomination, nomination_id, Action.NOMINATION_READ)


def staff_of(unit: Unit) -> Scope:
    """Whose names a nominator chooses from: the unit's own staff, nobody else's."""
    guard.require(Action.ADMINISTRATOR_NOMINATE, unit)
    return tree.here(unit)


def candidate(unit: Unit, account_id: str) -> Account:
    """Somebody of the unit's own staff, or a field error."""
    found = db.session.execute(staff_of(unit).select(Account).where(
        Account.id == guard.checked_id(account_id), Account.kind == "staff")).scalar_one_or_none()
    if found is None:
        raise Invalid(fields={"account_id": ["只能提名本单位的工作人员。"]})
    return found


def nominate(unit: Unit, account: Account, *, reason: str | None, replaces: str | None = None) -> Nomination:
    """Propose a colleague. Raises Invalid quoting 第七条, Conflict when he sits already or is proposed already."""
    guard.require(Action.ADMINISTRATOR_NOMINATE, unit)
    tree.require_open(unit)
    sitting = {each.id for _seat, each in seats.listing(unit)}
    if account.id in sitting:
        raise Conflict("该人员已经是这个单位的系统管理员。", code="already_seated")
    if faults := seats.eligibility(account, unit):
        raise Invalid(fields={"account_id": faults})
    if replaces is not None and replaces not in sitting:
        raise Invalid(fields={"replaces_id": ["接替的应是本单位现任系统管理员。"]})
    made = Nomination(unit_id=unit.id, unit_number=unit.number, account_id=account.id, replaces_id=replaces,
                      reason=reason, made_by=guard.me().account.id, made_at=clock.now())
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("已经提名过该人员，正在等上级办理。", code="already_nominated") from error
    audit.record(Action.ADMINISTRATOR_NOMINATE, "nomination", made.id, unit,
                 after={"account_id": account.id, "replaces_id": replaces})
    return made


def _waiting(nomination: Nomination, unit: Unit, *, shared: bool = True) -> None:
    """Conflict unless nobody has answered yet; the row is mine until the act ends.

    The unit is locked before, as whoever closes it does: the other way round the two would wait for each other.
    """
    db.session.refresh(unit, with_for_update={"read": True} if shared else True)
    db.session.refresh(nomination, with_for_update=True)
    if nomination.state != "open":
        raise Conflict("这项提名已经办结。", code="already_answered")


def seat(nomination: Nomination, unit: Unit) -> Seat:
    """Do as the unit asks: the nominee takes the free seat, and it is filed."""
    guard.require(Action.ADMINISTRATOR_APPOINT, unit)
    take(nomination, unit)
    return seats.appoint(unit, account_of(nomination))


def take(nomination: Nomination, unit: Unit) -> None:
    """Hold the unit and the nomination for whoever seats somebody. Conflict once it is answered."""
    _waiting(nomination, unit, shared=False)


def refuse(nomination: Nomination, unit: Unit, reason: str) -> Nomination:
    """The superior says why not."""
    guard.require(Action.ADMINISTRATOR_APPOINT, unit)
    _waiting(nomination, unit)
    end(nomination, "refused", reason)
    audit.record("nomination:refuse", "nomination", nomination.id, unit, after={"account_id": nomination.account_id})
    return nomination


def withdraw(nomination: Nomination, unit: Unit) -> Nomination:
    """The unit takes it back."""
    guard.require(Action.ADMINISTRATOR_NOMINATE, unit)
    _waiting(nomination, unit)
    end(nomination, "withdrawn")
    audit.record("nomination:withdraw", "nomination", nomination.id, unit, after={"account_id": nomination.account_id})
    return nomination


def drop_all(unit: Unit) -> None:
    """A unit that closes proposes nobody any more."""
    for each in open_ones(unit):
        end(each, "withdrawn")
        audit.record("nomination:withdraw", "nomination", each.id, unit, after={"account_id": each.account_id})


def account_of(nomination: Nomination) -> Account:
    """Who is proposed."""
    return db.session.execute(_PARTIES.select(Account).where(Account.id == nomination.account_id)).scalar_one()


def names_of(found: list[Nomination]) -> dict[str, str]:
    """Names of those proposed and of those they would follow: whoever sees a nomination sees about whom it is."""
    ids = {each for row in found for each in (row.account_id, row.replaces_id) if each}
    if not ids:
        return {}
    rows = db.session.execute(_PARTIES.select(Account, Account.id, Account.name).where(Account.id.in_(ids)))
    return {row.id: row.name for row in rows}


def listing(scope: Scope, *, state: str | None, cursor: str | None, limit: int) -> Page[Nomination]:
    """Newest first."""
    wanted = [Nomination.state == state] if state else []
    statement = scope.select(Nomination).where(*wanted)
    after = decode(cursor, (datetime, str))
    if after is not None:
        at, key = after
        statement = statement.where(or_(Nomination.made_at < at, and_(Nomination.made_at == at, Nomination.id < key)))
    rows = list(db.session.execute(
        statement.order_by(Nomination.made_at.desc(), Nomination.id.desc()).limit(limit + 1)).scalars())
    total = db.session.execute(scope.select(Nomination, func.count()).where(*wanted)).scalar_one()
    return page_of(rows, limit, lambda row: (row.made_at, row.id), total)


def _for_me(below: Scope) -> tuple[ColumnElement[bool], ...]:
    """Open ones that my unit answers for: nobody sits in any unit between mine and the one that proposes."""
    above = aliased(Unit)
    between = select(Seat.id).join(above, above.id == Seat.unit_id).where(
        above.id != Unit.id, func.length(above.path) > len(guard.me().unit.path),
        func.substr(Unit.path, 1, func.length(above.path)) == above.path).exists()
    return below.both(Nomination, Unit), Nomination.state == "open", ~between


def waiting_for_me(limit: int) -> list[Nomination]:
    """The oldest of those that wait for my unit's word."""
    below = guard.sight(Action.ADMINISTRATOR_APPOINT)
    if not below:
        return []
    return list(db.session.execute(below.mark(
        select(Nomination).join(Unit, Unit.id == Nomination.unit_id).where(*_for_me(below))
        .order_by(Nomination.made_at, Nomination.id).limit(limit))).scalars())


def how_many_wait() -> int:
    """How many wait for my unit's word."""
    below = guard.sight(Action.ADMINISTRATOR_APPOINT)
    if not below:
        return 0
    return int(db.session.execute(below.mark(select(func.count()).select_from(Nomination).join(
        Unit, Unit.id == Nomination.unit_id).where(*_for_me(below)))).scalar_one())
