"""Counters against the records they stand for: checked in one snapshot, and built anew from nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Date, Select, case, cast, func, literal, select, union_all
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import aliased

from app.counters.folding import Key, adding
from app.counters.model import CADRES, NO_MONTH, SUMS, Counter, CounterDelta
from app.people.model import Cadre
from app.records.model import Record
from permissions import transaction
from tenants.db import begin_read, begin_snapshot_write, db
from tenants.models import TreeState, Unit
from tenants.scope import Scope
from tenants.tree import ancestor_ids

_WHOLE = Scope.everything("counters are checked for every unit there is")
ATTEMPTS = 20
Sums = dict[Key, list[int]]


def _month() -> Any:
    """The first day of the month of `due_on`, on either engine."""
    if db.engine.dialect.name == "postgresql":
        return cast(func.date_trunc("month", Record.due_on), Date)
    return func.date(Record.due_on, "start of month", type_=Date())


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _recounted() -> Select[Any]:
    """Every unit's own, from the records and the cadre files themselves."""
    month = _month()
    records = (
        _WHOLE.select(Record, Record.unit_id, Record.unit_number, Record.module, month.label("month"),
                      func.count().label("total"), _sum(Record.entered_on <= Record.due_on).label("on_time"),
                      _sum(Record.entered_on > Record.due_on).label("late"),
                      _sum(Record.entered_on.is_(None)).label("open"))
        .where(Record.deleted_at.is_(None)).group_by(Record.unit_id, Record.unit_number, Record.module, month)
    )
    cadres = (
        _WHOLE.select(Cadre, Cadre.unit_id, Cadre.unit_number, literal(CADRES), literal(NO_MONTH, Date()),
                      func.count(), literal(0), literal(0), literal(0))
        .group_by(Cadre.unit_id, Cadre.unit_number)
    )
    both = union_all(records, cadres).subquery()
    return select(both)


def _upward(rows: Iterable[Any], paths: dict[str, str]) -> Sums:
    sums: Sums = defaultdict(lambda: [0, 0, 0, 0])
    for unit_id, _number, module, month, *values in rows:
        for above in ancestor_ids(paths[unit_id]):
            kept = sums[(above, module, month)]
            for place, value in enumerate(values):
                kept[place] += int(value)
    return sums


def _columns(model: Any) -> list[Any]:
    return [model.unit_id, model.unit_number, model.module, model.month, *(getattr(model, name) for name in SUMS)]


def differences() -> Iterator[str]:
    """A line for every sum, folded and not yet folded together, that is not what the records say; none when all is."""
    begin_read()
    try:
        paths: dict[str, str] = dict(db.session.execute(_WHOLE.select(Unit, Unit.id, Unit.path)).all())
        said = _upward(db.session.execute(_WHOLE.mark(_recounted())), paths)
        kept = _upward(db.session.execute(_WHOLE.select(CounterDelta, *_columns(CounterDelta))), paths)
        for unit_id, _number, module, month, *values in db.session.execute(_WHOLE.select(Counter, *_columns(Counter))):
            for place, value in enumerate(values):
                kept[(unit_id, module, month)][place] += int(value)
        for key in sorted({*said, *kept}):
            if kept[key] != said[key]:
                unit_id, module, month = key
                yield f"{unit_id} {module} {month:%Y-%m}: counters say {kept[key]}, records {said[key]} {SUMS}"
    finally:
        db.session.rollback()


def size() -> tuple[int, int]:
    """(sums kept, changes not folded yet)."""
    kept, waiting = (int(db.session.execute(_WHOLE.select(model, func.count())).scalar_one())
                     for model in (Counter, CounterDelta))
    return kept, waiting


def rebuild() -> int:
    """Build every counter from the records, in one snapshot, while others go on writing; how many sums there are.

    What commits after the snapshot leaves its own change behind, which is folded later.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.act("rebuilding the counters"):
                begin_snapshot_write()
                return _rebuild()
        except OperationalError:  # a fold or a move got in between: once more, from a later snapshot
            if attempt == ATTEMPTS:
                raise
    raise AssertionError


def _rebuild() -> int:
    db.session.execute(select(TreeState.version).where(TreeState.id == 1).with_for_update())
    for model in (CounterDelta, Counter):
        db.session.execute(_WHOLE.delete(model).execution_options(synchronize_session=False))
    db.session.execute(_WHOLE.mark(adding(_recounted().where(literal(1) == 1))))
    deepest = db.session.execute(_WHOLE.select(Unit, func.max(Unit.depth))).scalar_one() or 0
    for depth in range(deepest, 1, -1):
        db.session.execute(_WHOLE.mark(adding(_lifted(depth))))
    return int(db.session.execute(_WHOLE.select(Counter, func.count())).scalar_one())


def _lifted(depth: int) -> Select[Any]:
    """The sums of the units of one depth, by the superior they are added to."""
    parent = aliased(Unit)
    return (
        select(parent.id, parent.number, Counter.module, Counter.month,
               *(func.sum(getattr(Counter, name)) for name in SUMS))
        .select_from(Counter).join(Unit, Unit.id == Counter.unit_id).join(parent, parent.id == Unit.parent_id)
        .where(Unit.depth == depth).group_by(parent.id, parent.number, Counter.module, Counter.month)
    )
