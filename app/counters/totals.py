"""Totals of lists from the counters, where the counters can answer for a scope."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, union_all

from app.counters.model import CADRES, Counter, CounterDelta
from tenants import tree
from tenants.db import db
from tenants.models import Unit
from tenants.numbering import LAST
from tenants.scope import Scope

_TREE = Scope.everything("which unit's subtree a scope is")


def records_total(scope: Scope, module_keys: Sequence[str]) -> int | None:
    """How many records of these kinds lie inside, deleted ones apart; None when they must be counted."""
    unit = _subtree_of(scope)
    return _total(unit, tuple(module_keys)) if unit is not None else None


def cadres_total(scope: Scope) -> int | None:
    """How many cadre files lie inside; None when they must be counted."""
    return records_total(scope, (CADRES,))


def _subtree_of(scope: Scope) -> Unit | None:
    """The unit whose subtree the scope is, to the last number."""
    if scope.because is not None or scope.ranges == ((0, LAST),):
        return tree.root()
    lows = [low for low, _high in scope.ranges]
    if not lows:
        return None
    found = db.session.execute(_TREE.select(Unit).where(Unit.number.in_(lows)).order_by(Unit.depth)).scalars()
    return next((unit for unit in found if tree.ranges_below(unit) == scope.ranges), None)


def _total(unit: Unit, keys: tuple[str, ...]) -> int:
    """Folded and not yet folded in one statement: a fold in between can neither lose nor double a record."""
    inside = tree.below(unit)
    folded: Any = inside.select(Counter, Counter.total).where(Counter.unit_id == unit.id, Counter.module.in_(keys))
    waiting: Any = inside.select(CounterDelta, CounterDelta.total).where(CounterDelta.module.in_(keys))
    both = union_all(folded, waiting).subquery()
    summed = inside.mark(func.coalesce(func.sum(both.c.total), 0).select())
    return int(db.session.execute(summed).scalar_one())
