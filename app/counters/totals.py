"""Totals of lists from the counters, where the counters can answer for a scope."""

from collections.abc import Sequence

from sqlalchemy import BindParameter, Select, bindparam, func, select, union_all

from app.counters.model import CADRES, Counter, CounterDelta
from tenants import tree
from tenants.prepared import Prepared, Within
from tenants.scope import Scope


def records_total(scope: Scope, module_keys: Sequence[str]) -> int | None:
    """How many records of these kinds lie inside, deleted ones apart; None when they must be counted."""
    unit_id = tree.top_of(scope)
    if unit_id is None:
        return None
    keys = {f"key_{place}": key for place, key in enumerate(module_keys)}
    [(total,)] = _TOTAL.rows(scope, len(keys), unit=unit_id, **keys)
    return int(total)


def cadres_total(scope: Scope) -> int | None:
    """How many cadre files lie inside; None when they must be counted."""
    return records_total(scope, (CADRES,))


def summed(within: Within, many: int) -> Select[tuple[int]]:
    """Folded and not yet folded in one statement: a fold in between can neither lose nor double a record.

    Bound are `unit`, at the top of the scope, and `key_0` and on, as many as there are.
    """
    keys: list[BindParameter[str]] = [bindparam(f"key_{place}") for place in range(many)]
    folded = select(Counter.total).where(
        within(Counter), Counter.unit_id == bindparam("unit"), Counter.module.in_(keys))
    waiting = select(CounterDelta.total).where(within(CounterDelta), CounterDelta.module.in_(keys))
    both = union_all(folded, waiting).subquery()
    return select(func.coalesce(func.sum(both.c.total), 0))


_TOTAL = Prepared(summed)
