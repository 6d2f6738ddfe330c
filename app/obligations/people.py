"""Who is told of a step: asked when it is sent, so that it is the superior of that moment (第六条, 第七条)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from app.deadlines.steps import audience
from permissions.accounts import Account, present
from permissions.grants import Grant, Seat, counts_on
from tenants import tree
from tenants.db import db
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope

_ANYBODY = Scope.everything("whoever must be told is found wherever they sit")


@dataclass(frozen=True)
class Somebody:
    """An account that can be told."""

    id: str
    name: str


@dataclass
class Chart:
    """Clerks and administrators of some units and of all above them, those who may log in today."""

    paths: dict[str, str] = field(default_factory=dict)
    seats: defaultdict[str, list[Somebody]] = field(default_factory=lambda: defaultdict(list))
    clerks: defaultdict[str, list[tuple[Somebody, list[str] | None]]] = field(
        default_factory=lambda: defaultdict(list))

    def upward(self, unit_id: str) -> list[str]:
        """Ids from the unit itself up to the root."""
        return tree.ancestor_ids(self.paths[unit_id])[::-1]

    def administrators(self, unit_id: str, level: int) -> list[Somebody]:
        """Those of the unit so many above, or of the next above it that has any; empty when nobody sits up there."""
        units = self.upward(unit_id)
        place = audience(level, (bool(self.seats[each]) for each in units))
        return list(self.seats[units[place]]) if place is not None else []

    def holders(self, unit_id: str, column: str | None) -> list[Somebody]:
        """Whoever owes it: the unit's clerks of the column; without one, or for no column, its administrators."""
        able = {who.id: who for who, columns in self.clerks[unit_id]
                if column is not None and (columns is None or column in columns)}
        return list(able.values()) or self.administrators(unit_id, 0)


def chart(unit_ids: Collection[str], today: date) -> Chart:
    """The people of these units and of every unit above them, as they are now; three statements."""
    found = Chart()
    rows = db.session.execute(_ANYBODY.select(Unit, Unit.id, Unit.path).where(Unit.id.in_(unit_ids)))
    found.paths = {row.id: row.path for row in rows}
    above = {unit_id for path in found.paths.values() for unit_id in tree.ancestor_ids(path)}
    for unit_id, account_id, name in _seated(above):
        found.seats[unit_id].append(Somebody(account_id, name))
    for unit_id, account_id, name, columns in _clerks(unit_ids, today):
        found.clerks[unit_id].append((Somebody(account_id, name), columns))
    return found


def _seated(unit_ids: Collection[str]) -> Iterable[Any]:
    statement = (
        select(Seat.unit_id, Seat.account_id, Account.name).join(Account, Account.id == Seat.account_id)
        .join(Unit, Unit.id == Seat.unit_id)
        .where(Seat.unit_id.in_(unit_ids), present(), Unit.status == UnitStatus.open)
        .order_by(Seat.unit_id, Seat.seat))
    return db.session.execute(_ANYBODY.mark(statement)).all()


def _clerks(unit_ids: Collection[str], today: date) -> Iterable[Any]:
    statement = (
        select(Grant.unit_id, Grant.account_id, Account.name, Grant.columns)
        .join(Account, Account.id == Grant.account_id)
        .where(Grant.unit_id.in_(unit_ids), Grant.role == "clerk", counts_on(today),
               present())
        .order_by(Grant.unit_id, Grant.account_id, Grant.id))
    return db.session.execute(_ANYBODY.mark(statement)).all()
