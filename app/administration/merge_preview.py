"""What a merge will do, worked out before it is done, by reading alone, unit by unit (ADR-0035).

`merging.merge` does exactly this; a test measures every line of it before and after, over random trees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from app.administration import overview
from app.administration.move_preview import (
    Foretold,
    Onlooker,
    Redated,
    RightLost,
    RuleChange,
    onlookers,
    redated,
    rules_between,
    seated_in,
)
from app.records import redating
from app.records.calendar import timing
from permissions.accounts import Account
from permissions.grants import Filing, Grant
from tenants import tree
from tenants.db import db
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope

_BOTH_ENDS = Scope.everything("a preview tells what crosses the border of what is merged, at either end")


@dataclass(frozen=True)
class MergePreview(Foretold):
    """What one unit hands over when it is merged, what ends with it, and what changes for those who go over."""

    unit_id: str
    name: str
    units: int
    cadres: int
    accounts: int
    records: int
    administrators: tuple[str, ...]
    ended: tuple[RightLost, ...]
    rights: tuple[RightLost, ...]
    open_records: int
    redated: tuple[Redated, ...]
    rules: tuple[RuleChange, ...]
    filings: int
    losing: tuple[Onlooker, ...]
    gaining: tuple[Onlooker, ...]


@dataclass
class _Held:
    """A right with the paths of both its ends, as they are after what has been merged so far."""

    right: RightLost
    at: str
    home: str


def merge_previews(others: Sequence[Unit], into: Unit) -> list[MergePreview]:
    """What merging each of the others into the one will do, one after the other as it will be done; reads alone."""
    held, now, found = _held(others), timing(), []
    closed: list[Unit] = []
    for unit in others:
        load, here = overview.load_to_hand_over(unit), tree.here(unit)
        within, merged = tree.below(unit), (*closed, unit)
        ended = tuple(each.right for each in held if each.right.unit_id == unit.id)
        lost = _taken_back(held, unit, into, closed)
        closed.append(unit)
        old, new = set(tree.ancestor_ids(unit.path)), set(tree.ancestor_ids(into.path))
        found.append(MergePreview(
            unit.id, unit.name, load.units, load.cadres, load.accounts, load.records,
            administrators=seated_in(here), ended=ended, rights=lost, open_records=redating.open_count(within),
            redated=redated(now, within, partial(led, merged=merged, into=into)),
            rules=rules_between(now, unit.path, into.path), filings=_filings(unit),
            losing=onlookers(old - new - {unit.id}), gaining=onlookers(new - old)))
    return found


def led(path: str, merged: Sequence[Unit], into: Unit) -> str:
    """Where a path leads once these units are merged into the one, in their order."""
    ids, gone = tree.ancestor_ids(path), {unit.id for unit in merged}
    last = max((place for place, each in enumerate(ids) if each in gone), default=-1)
    return path if last < 0 else "/".join([into.path.rstrip("/"), *ids[last + 1:], ""])


def _held(others: Sequence[Unit]) -> list[_Held]:
    """Every right with an end in what is merged, held in an open unit, in the order of units and names."""
    held_at, home = aliased(Unit), aliased(Unit)
    spans = [(end.path >= low) & (end.path < high) for end in (held_at, home)
             for low, high in (tree.span(unit.path) for unit in others)]
    rows = db.session.execute(_BOTH_ENDS.mark(
        select(Grant.id, Account.id, Account.name, Grant.role, held_at.id, held_at.name, held_at.path, home.path)
        .select_from(Grant).join(held_at, held_at.id == Grant.unit_id).join(Account, Account.id == Grant.account_id)
        .join(home, home.id == Account.unit_id).where(held_at.status == UnitStatus.open, or_(*spans))
        .order_by(held_at.number, Account.name, Grant.id)))
    return [_Held(RightLost(*about), at, own) for *about, at, own in rows]


def _taken_back(held: list[_Held], unit: Unit, into: Unit, closed: Sequence[Unit]) -> tuple[RightLost, ...]:
    """Rights with an end in the unit that run neither up nor down one branch once it is merged; `held` follows."""
    now_at = led(unit.path, closed, into)
    found: list[_Held] = []
    kept: list[_Held] = []
    for each in held:
        if each.right.unit_id == unit.id:
            continue  # it ends with the unit
        touches = each.at.startswith(now_at) or each.home.startswith(now_at)
        each.at, each.home = led(each.at, (unit,), into), led(each.home, (unit,), into)
        crosses = not each.home.startswith(each.at) and not each.at.startswith(each.home)
        (found if touches and crosses else kept).append(each)
    held[:] = kept
    return tuple(each.right for each in found)


def _filings(unit: Unit) -> int:
    """Filings about the units directly below that wait: their receiver changes."""
    children = [child.id for child in tree.children(unit, tree.below(unit))]
    return int(db.session.execute(_BOTH_ENDS.select(Filing, func.count()).where(
        Filing.unit_id.in_(children), Filing.acknowledged_at.is_(None))).scalar_one())
