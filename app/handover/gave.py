"""What a leaving administrator gave and still lives: answered for by a successor, by whoever acts, or frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from app.administration import grants
from permissions import audit, giving, guard
from permissions.accounts import Account
from permissions.grants import Grant, RightGiven
from permissions.identity import Known
from permissions.lineage import right_of, rights_given_by
from tenants.db import db
from tenants.errors import Forbidden
from tenants.models import Unit
from tenants.scope import Scope

_LEFT = Scope.everything("what somebody gave is looked after wherever it lies, each right asked for by itself")


class Fate(StrEnum):
    """What becomes of what he gave."""

    rehome = "rehome"
    freeze = "freeze"



@dataclass(frozen=True)
class Left:
    """One right he gave: whose it is, and where."""

    given: RightGiven
    holder: str
    unit: str


@dataclass
class Settled:
    """How many rights a successor answers for now, how many whoever acted, how many are frozen, how many are as before.

    The last are rights of people nobody here may act upon; they live on under the name of him who gave them.
    """

    successor: int = 0
    mine: int = 0
    frozen: int = 0
    left: int = 0

    def facts(self) -> dict[str, int]:
        """For the log."""
        return {name: count for name, count in vars(self).items() if count}


def left_by(account: Known) -> list[Left]:
    """Every living right somebody gave, in the order of the tree."""
    rows = rights_given_by(account)
    people = _names(Account, {row.account_id for row in rows})
    units = _names(Unit, {row.unit_id for row in rows})
    return [Left(row, people[row.account_id], units[row.unit_id]) for row in rows]


def _names(model: type[Account] | type[Unit], ids: set[str]) -> dict[str, str]:
    rows = db.session.execute(_LEFT.mark(select(model.id, model.name).where(model.id.in_(ids))))
    return {row.id: row.name for row in rows} if ids else {}


def settle(rows: Sequence[RightGiven], fate: Fate, successor: Account | None) -> Settled:
    """Do what was chosen with each. A seat is never frozen; it and what the successor may not give fall to me."""
    mine = db.session.execute(_LEFT.select(Account).where(Account.id == guard.me().account.id)).scalar_one()
    done = Settled()
    for given in rows:
        if fate is Fate.freeze and given.kind == "grant":
            done.frozen += _frozen(given)
        elif successor is not None and _rehomed(given, successor):
            done.successor += 1
        elif _rehomed(given, mine):
            done.mine += 1
        elif given.kind == "grant":
            done.frozen += _frozen(given)
    done.left = len(rows) - done.successor - done.mine - done.frozen
    return done


def _rehomed(given: RightGiven, to: Account) -> bool:
    if to.id == given.account_id:
        return False
    try:
        grants.rehome(given, to)
    except Forbidden:
        return False
    return True


def _frozen(given: RightGiven) -> bool:
    right, unit = right_of(given), grants.unit_of(given)
    if not isinstance(right, Grant) or right.frozen_at is not None:
        return False
    try:
        giving.freeze(right, unit)
    except Forbidden:
        return False
    audit.record("grant:freeze", "grant", right.id, unit, after=grants.facts(right) | {"account_id": given.account_id})
    return True
