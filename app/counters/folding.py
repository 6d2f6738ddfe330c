"""Folding: changes are added to the counters of their unit and of every unit above it, in batches, by one worker."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import Select, Table, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app.counters.model import SUMS, Counter, CounterDelta, CounterState, DayCounter
from permissions import transaction
from tenants import clock
from tenants.db import db
from tenants.models import TreeState, Unit
from tenants.scope import Scope
from tenants.tree import ancestor_ids

BATCH = 5000
_WHOLE = Scope.everything("changes are folded for the whole tree")
Key = tuple[str, str, date]
Sums = dict[Key, list[int]]


class Kept(NamedTuple):
    """Sums by (unit, kind, first day of the month), and by (unit, kind, day) where days are known."""

    months: Sums
    days: Sums


def nothing() -> Sums:
    """Sums that begin at zero."""
    return defaultdict(lambda: [0, 0, 0, 0])


def adding(model: Any, statement: Select[Any] | None = None) -> Any:
    """An INSERT into the counters by month or by day that adds to what is there."""
    insert = insert_postgresql if db.engine.dialect.name == "postgresql" else insert_sqlite
    table, key = cast(Table, model.__table__), key_of(model)
    made = insert(table)
    if statement is not None:
        made = made.from_select(["unit_id", "unit_number", "module", key, *SUMS], statement)
    return made.on_conflict_do_update(
        index_elements=["unit_id", "module", key],
        set_={name: table.c[name] + made.excluded[name] for name in SUMS},
    )


def key_of(model: Any) -> str:
    """What counters are kept by beside unit and kind."""
    return "month" if model is Counter else "day"


def fold() -> int:
    """Fold one batch; how many changes it took. 0 as well when the tree is just being changed: later, then."""
    # Not lasting: what is lost comes back whole, the changes with the counters they were not added to.
    with transaction.act("folding", lasting=False):
        if not _anything_waits() or not _tree_stands_still():
            return 0
        # Held until the end: which days are kept does not change meanwhile.
        since = db.session.execute(select(CounterState.days_since).with_for_update(read=True)).scalar_one()
        columns = (CounterDelta.id, CounterDelta.unit_id, CounterDelta.module, CounterDelta.day,
                   *(getattr(CounterDelta, name) for name in SUMS))
        statement = _WHOLE.select(CounterDelta, *columns).order_by(CounterDelta.id).limit(BATCH)
        deltas = db.session.execute(statement.with_for_update(skip_locked=True)).all()
        if deltas:
            kept = _fanned_out([row[1:] for row in deltas], since)
            _add(Counter, kept.months)
            _add(DayCounter, kept.days)
            db.session.execute(_WHOLE.delete(CounterDelta).where(CounterDelta.id.in_([row[0] for row in deltas]))
                               .execution_options(synchronize_session=False))
        return len(deltas)


def _anything_waits() -> bool:
    """Most often nothing does: then nothing is locked, and there is nothing to write down at the end."""
    return db.session.execute(_WHOLE.select(CounterDelta, CounterDelta.id).limit(1)).first() is not None


def _tree_stands_still() -> bool:
    """Paths must not change between reading them and adding along them. Nobody is waited for."""
    held = select(TreeState.version).where(TreeState.id == 1).with_for_update(read=True, skip_locked=True)
    return db.session.execute(held).scalar_one_or_none() is not None


def _fanned_out(deltas: Iterable[Any], since: date) -> Kept:
    """The changes of each unit that is touched: its own, and everything from below."""
    own = nothing()
    for unit_id, module, day, *change in deltas:
        increase(own[(unit_id, module, day)], change)
    found = _WHOLE.select(Unit, Unit.id, Unit.path).where(Unit.id.in_({unit_id for unit_id, _module, _day in own}))
    kept = upward(((*key, *change) for key, change in own.items()), dict(db.session.execute(found).all()), since)
    return Kept(*({key: change for key, change in sums.items() if any(change)} for sums in kept))


def upward(rows: Iterable[Any], paths: dict[str, str], since: date) -> Kept:
    """Rows of (unit id, kind, day, *sums) added to their unit and all above it, by month, and by day from `since` on.
    """
    kept = Kept(nothing(), nothing())
    for unit_id, module, day, *values in rows:
        change, month = [int(value) for value in values], day.replace(day=1)
        for above in ancestor_ids(paths[unit_id]):
            increase(kept.months[(above, module, month)], change)
            if day >= since:
                increase(kept.days[(above, module, day)], change)
    return kept


def increase(sums: list[int], change: list[int]) -> None:
    """Add to sums in place; written out, because verification does it some million times."""
    sums[0] += change[0]
    sums[1] += change[1]
    sums[2] += change[2]
    sums[3] += change[3]


def _add(model: Any, sums: Sums) -> None:
    """Add them in one fixed order, so that two workers that fold at once wait and never block each other for good."""
    if not sums:
        return
    ids = {unit_id for unit_id, _module, _month in sums}
    found = _WHOLE.select(Unit, Unit.id, Unit.number).where(Unit.id.in_(ids))
    numbers: dict[str, int] = dict(db.session.execute(found).all())
    rows = [
        {"unit_id": unit_id, "unit_number": numbers[unit_id], "module": module, key_of(model): day,
         **dict(zip(SUMS, change, strict=True))}
        for (unit_id, module, day), change in sorted(sums.items())
    ]
    db.session.execute(_WHOLE.mark(adding(model)), rows)


def fold_all(most: int = 40) -> int:
    """Fold batch after batch until nothing waits, at most so many; how many changes in all."""
    done = 0
    for _ in range(most):
        taken = fold()
        done += taken
        if taken < BATCH:
            break
    return done


def days_wanted(today: date) -> date:
    """From which day on days are kept: all of the running month and of the one before."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def forget_days() -> bool:
    """Once a month is over for a month it is known as a whole alone; whether there was one to forget.

    Folders hold the state's row, so none adds to a day that goes. A change that still waits keeps its month.
    """
    wanted = days_wanted(clock.today())
    if db.session.execute(select(CounterState.days_since)).scalar_one() >= wanted:
        return False
    with transaction.act("forgetting days of the counters"):
        db.session.execute(update(CounterState).where(CounterState.days_since < wanted).values(days_since=wanted)
                           .execution_options(synchronize_session=False))
        db.session.execute(_WHOLE.delete(DayCounter).where(
            DayCounter.day < select(CounterState.days_since).scalar_subquery())
            .execution_options(synchronize_session=False))
    return True
