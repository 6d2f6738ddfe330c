"""Folding: changes are added to the counters of their unit and of every unit above it, in batches, by one worker."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from sqlalchemy import Select, Table, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app.counters.model import SUMS, Counter, CounterDelta
from permissions import transaction
from tenants.db import db
from tenants.models import TreeState, Unit
from tenants.scope import Scope
from tenants.tree import ancestor_ids

BATCH = 5000
_WHOLE = Scope.everything("changes are folded for the whole tree")
Key = tuple[str, str, date]
COUNTERS = cast(Table, Counter.__table__)


def adding(statement: Select[Any] | None = None) -> Any:
    """An INSERT into the counters that adds to what is there."""
    insert = insert_postgresql if db.engine.dialect.name == "postgresql" else insert_sqlite
    made = insert(COUNTERS)
    if statement is not None:
        made = made.from_select(["unit_id", "unit_number", "module", "month", *SUMS], statement)
    return made.on_conflict_do_update(
        index_elements=["unit_id", "module", "month"],
        set_={name: COUNTERS.c[name] + made.excluded[name] for name in SUMS},
    )


def fold() -> int:
    """Fold one batch; how many changes it took. 0 as well when the tree is just being changed: later, then."""
    with transaction.act("folding"):
        if not _tree_stands_still():
            return 0
        statement = _WHOLE.select(CounterDelta).order_by(CounterDelta.id).limit(BATCH)
        deltas = list(db.session.execute(statement.with_for_update(skip_locked=True)).scalars())
        if deltas:
            _add(_fanned_out(deltas))
            db.session.execute(_WHOLE.delete(CounterDelta).where(CounterDelta.id.in_([each.id for each in deltas]))
                               .execution_options(synchronize_session=False))
        return len(deltas)


def _tree_stands_still() -> bool:
    """Paths must not change between reading them and adding along them. Nobody is waited for."""
    held = select(TreeState.version).where(TreeState.id == 1).with_for_update(read=True, skip_locked=True)
    return db.session.execute(held).scalar_one_or_none() is not None


def _fanned_out(deltas: Iterable[CounterDelta]) -> dict[Key, list[int]]:
    """The changes of each unit that is touched: its own, and everything from below."""
    own: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for delta in deltas:
        _increase(own[(delta.unit_id, delta.module, delta.month)], [getattr(delta, name) for name in SUMS])
    wanted = {unit_id for unit_id, _module, _month in own}
    found = _WHOLE.select(Unit, Unit.id, Unit.path).where(Unit.id.in_(wanted))
    paths: dict[str, str] = dict(db.session.execute(found).all())
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (unit_id, module, month), change in own.items():
        for above in ancestor_ids(paths[unit_id]):
            _increase(sums[(above, module, month)], change)
    return {key: change for key, change in sums.items() if any(change)}


def _increase(sums: list[int], change: list[int]) -> None:
    for place, value in enumerate(change):
        sums[place] += value


def _add(sums: dict[Key, list[int]]) -> None:
    """Add them in one fixed order, so that two workers that fold at once wait and never block each other for good."""
    if not sums:
        return
    ids = {unit_id for unit_id, _module, _month in sums}
    found = _WHOLE.select(Unit, Unit.id, Unit.number).where(Unit.id.in_(ids))
    numbers: dict[str, int] = dict(db.session.execute(found).all())
    rows = [
        {"unit_id": unit_id, "unit_number": numbers[unit_id], "module": module, "month": month,
         **dict(zip(SUMS, change, strict=True))}
        for (unit_id, module, month), change in sorted(sums.items())
    ]
    db.session.execute(_WHOLE.mark(adding()), rows)


def fold_all(most: int = 40) -> int:
    """Fold batch after batch until nothing waits, at most so many; how many changes in all."""
    done = 0
    for _ in range(most):
        taken = fold()
        done += taken
        if taken < BATCH:
            break
    return done
