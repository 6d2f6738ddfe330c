"""What an administrator looks over before acting: free seats below, what goes along in a move, where a unit may go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Select

from app.paging import Page, decode, like, page_of
from app.people import search
from app.people.model import Cadre
from app.records.model import Record
from permissions.accounts import Account
from permissions.grants import SEATS, Seat
from tenants import in_order, tree
from tenants.db import db
from tenants.in_order import Aisle
from tenants.models import CHILDREN, Unit, UnitKind, UnitMove, UnitName, UnitStatus
from tenants.scope import Scope

OFFERED = 20
PARTNERS = 50
_HISTORY = Scope.everything("former names and superiors of a unit already seen")


@dataclass(frozen=True)
class Load:
    """What hangs on a unit and below it."""

    units: int
    cadres: int
    accounts: int
    records: int

    @property
    def empty(self) -> bool:
        return not (self.units or self.cadres or self.accounts or self.records)


def load_of(scope: Scope) -> Load:
    """Count a scope's open units, cadres, accounts and records (those withdrawn included: their rows go along)."""
    counted = [
        db.session.execute(scope.select(model, func.count())).scalar_one() for model in (Cadre, Account, Record)
    ]
    return Load(open_units(scope), *counted)


def load_to_move(unit: Unit) -> Load:
    """What goes along when a unit moves; the unit itself is not counted among the units."""
    found = load_of(tree.below(unit))
    return Load(max(0, found.units - 1), found.cadres, found.accounts, found.records)


def load_to_hand_over(unit: Unit) -> Load:
    """What a closing unit must hand over: its open children and its own people and records."""
    found = load_of(tree.here(unit))
    children = tree.children(unit, tree.below(unit))
    return Load(len(children), found.cadres, found.accounts, found.records)


def seats_taken(unit_ids: Iterable[str], scope: Scope) -> dict[str, int]:
    """Administrators by unit, for units inside the scope."""
    rows = db.session.execute(
        scope.select(Seat, Seat.unit_id, func.count()).where(Seat.unit_id.in_(set(unit_ids))).group_by(Seat.unit_id)
    )
    return {row[0]: row[1] for row in rows}


def seat_of(account: Account, scope: Scope) -> Seat | None:
    """The administrator's seat a person holds, if it lies inside the scope."""
    return db.session.execute(scope.select(Seat).where(Seat.account_id == account.id)).scalar_one_or_none()


def seated(account_ids: Iterable[str], scope: Scope) -> set[str]:
    """Which of these people sit as administrators inside the scope."""
    found = db.session.execute(scope.select(Seat, Seat.account_id).where(Seat.account_id.in_(set(account_ids))))
    return set(found.scalars())


def _taken() -> ColumnElement[int]:
    seats = select(func.count(Seat.id)).where(Seat.unit_id == Unit.id)
    return seats.correlate(Unit).scalar_subquery()


def short_of_administrators(scope: Scope) -> dict[int, int]:
    """How many open units of the scope have 0 and how many have 1 of the two administrators (第七条)."""
    per_unit = (
        select(Unit.id, func.count(Seat.id).label("seats")).outerjoin(Seat, Seat.unit_id == Unit.id)
        .where(scope.clause(Unit), Unit.status == UnitStatus.open).group_by(Unit.id).subquery()
    )
    rows = db.session.execute(
        scope.mark(select(per_unit.c.seats, func.count()).group_by(per_unit.c.seats))
    )
    found = {row[0]: row[1] for row in rows}
    return {seats: found.get(seats, 0) for seats in range(len(SEATS))}


def units_with(scope: Scope, administrators: int, q: str | None, *, cursor: str | None, limit: int) -> Page[Unit]:
    """Open units with exactly so many administrators, the highest levels first."""
    wanted = [Unit.status == UnitStatus.open, _taken() == administrators]
    if q:
        wanted.append(_named(q))
    statement = scope.select(Unit).where(*wanted)
    after = decode(cursor, (int, int))
    if after is not None:
        depth, number = after
        statement = statement.where(or_(Unit.depth > depth, and_(Unit.depth == depth, Unit.number > number)))
    rows = list(db.session.execute(statement.order_by(Unit.depth, Unit.number).limit(limit + 1)).scalars())
    total = db.session.execute(scope.select(Unit, func.count()).where(*wanted)).scalar_one()
    return page_of(rows, limit, lambda unit: (unit.depth, unit.number), total)


def _named(q: str) -> ColumnElement[bool]:
    return or_(Unit.name.like(like(q), escape="\\"), func.lower(Unit.code).like(like(q), escape="\\"))


def kinds_above(kinds: Iterable[UnitKind]) -> list[UnitKind]:
    """Kinds under which every one of these kinds may sit (第五条)."""
    wanted = set(kinds)
    return [parent for parent, below in CHILDREN.items() if wanted <= set(below)]


def _places(scope: Scope, unit: Unit, kinds: Sequence[UnitKind], q: str | None) -> list[Unit]:
    """Open units of these kinds outside the unit's own subtree, its neighbours first; a choice, not a whole list."""
    low, high = tree.span(unit.path)
    statement = scope.select(Unit).where(
        Unit.status == UnitStatus.open, Unit.kind.in_([kind.value for kind in kinds]),
        or_(Unit.path < low, Unit.path >= high),
    )
    if q:
        statement = statement.where(_named(q))
    near = case((Unit.parent_id == unit.parent_id, 0), else_=1)
    return list(db.session.execute(statement.order_by(near, Unit.number).limit(OFFERED)).scalars())


def superiors_for(scope: Scope, unit: Unit, q: str | None) -> list[Unit]:
    """Where a unit might be moved, inside the scope; not where it is already."""
    found = _places(scope, unit, kinds_above([UnitKind(unit.kind)]), q)
    return [each for each in found if each.id != unit.parent_id]


def successors_for(scope: Scope, unit: Unit, q: str | None) -> list[Unit]:
    """Who might take over a closing unit: under whom all its open children may sit."""
    children = tree.children(unit, tree.below(unit))
    return _places(scope, unit, kinds_above(UnitKind(child.kind) for child in children), q)


def partners_for(scope: Scope, unit: Unit, q: str | None, chosen: Iterable[str] = ()) -> list[Unit]:
    """Open units of the same kind that might be merged into this one, its neighbours first; those chosen always."""
    above = set(tree.ancestor_ids(unit.path))
    statement = scope.select(Unit).where(Unit.status == UnitStatus.open, Unit.kind == unit.kind, Unit.id.not_in(above))
    if q:
        statement = statement.where(or_(_named(q), Unit.id.in_(list(chosen))))
    near = case((Unit.id.in_(list(chosen)), 0), (Unit.parent_id == unit.parent_id, 1), else_=2)
    return list(db.session.execute(statement.order_by(near, Unit.number).limit(PARTNERS)).scalars())


def names_of_units(unit_ids: Iterable[str | None], scope: Scope) -> dict[str, str]:
    """Names of units by id, as far as the scope reaches."""
    wanted = {unit_id for unit_id in unit_ids if unit_id}
    return _pairs(scope.select(Unit, Unit.id, Unit.name).where(Unit.id.in_(wanted))) if wanted else {}


def names_of_accounts(account_ids: Iterable[str | None], scope: Scope) -> dict[str, str]:
    """Names of account holders by id, as far as the scope reaches."""
    wanted = {account_id for account_id in account_ids if account_id}
    return _pairs(scope.select(Account, Account.id, Account.name).where(Account.id.in_(wanted))) if wanted else {}


def names_of_cadres(cadre_ids: Iterable[str | None], scope: Scope) -> dict[str, str]:
    """Names of cadres by id, as far as the scope reaches."""
    wanted = {cadre_id for cadre_id in cadre_ids if cadre_id}
    return _pairs(scope.select(Cadre, Cadre.id, Cadre.name).where(Cadre.id.in_(wanted))) if wanted else {}


def _pairs(statement: Select[Any]) -> dict[str, str]:
    return {row[0]: row[1] for row in db.session.execute(statement)}


def units_of(unit_ids: Iterable[str], scope: Scope) -> Mapping[str, Unit]:
    """Units by id, as far as the scope reaches."""
    wanted = set(unit_ids)
    if not wanted:
        return {}
    return {unit.id: unit for unit in db.session.execute(scope.select(Unit).where(Unit.id.in_(wanted))).scalars()}


def former_names(unit: Unit) -> list[UnitName]:
    """Names a unit bore before, the last one first."""
    return list(db.session.execute(
        _HISTORY.mark(select(UnitName).where(UnitName.unit_id == unit.id).order_by(UnitName.until.desc()).limit(20))
    ).scalars())


def moves_of(unit: Unit) -> list[UnitMove]:
    """Moves of a unit, the last one first."""
    return list(db.session.execute(
        _HISTORY.mark(select(UnitMove).where(UnitMove.unit_id == unit.id).order_by(UnitMove.moved_at.desc()).limit(20))
    ).scalars())


def cadres_without_account(scope: Scope, q: str | None) -> list[Cadre]:
    """Living cadres of a scope nobody has opened an account for, by name; a choice, not a whole list."""
    has_account = select(Account.id).where(Account.cadre_id == Cadre.id).correlate(Cadre).exists()
    where = (Cadre.life_status == "living", ~has_account)
    aisle = search.cadres(q, scope, where) if q else Aisle(
        Cadre, Cadre.name_reading, Cadre.id, (true(),), where=where)
    return in_order.fetched(Cadre, in_order.first(aisle, scope, OFFERED), scope)


def open_units(scope: Scope) -> int:
    """How many open units a scope holds."""
    return int(db.session.execute(
        scope.select(Unit, func.count()).where(Unit.status == UnitStatus.open)
    ).scalar_one())


def living_cadres(scope: Scope) -> int:
    """How many living cadres a scope holds."""
    return int(db.session.execute(
        scope.select(Cadre, func.count()).where(Cadre.life_status == "living")
    ).scalar_one())


def accounts_by_kind(scope: Scope) -> tuple[int, int]:
    """How many accounts of staff and of cadres a scope holds, closed ones aside."""
    rows = db.session.execute(
        scope.select(Account, Account.kind, func.count()).where(Account.state != "closed").group_by(Account.kind)
    )
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return found.get("staff", 0), found.get("cadre", 0)
