"""Counters against the records they stand for: checked in one snapshot, and built anew from nothing."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, case, cast, func, literal, select, union_all, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import aliased

from app.counters.folding import Kept, adding, days_wanted, increase, key_of, upward
from app.counters.model import CADRES, NO_MONTH, SUMS, Counter, CounterDelta, CounterState, DayCounter
from app.people.model import Cadre
from app.records.model import Record
from permissions import transaction
from tenants import clock
from tenants.db import begin_read, begin_snapshot_write, db
from tenants.models import TreeState, Unit
from tenants.scope import Scope

_WHOLE = Scope.everything("counters are checked for every unit there is")
ATTEMPTS = 20


def _month() -> Any:
    """The first day of the month of `due_on`, on either engine."""
    if db.engine.dialect.name == "postgresql":
        return cast(func.date_trunc("month", Record.due_on), Date)
    return func.date(Record.due_on, "start of month", type_=Date())


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _recounted(day: Any, *narrower: Any) -> Select[Any]:
    """Every unit's own by day (or what stands for it), from the records and, unless narrowed, the cadre files."""
    records = (
        _WHOLE.select(Record, Record.unit_id, Record.unit_number, Record.module, day.label("day"),
                      func.count().label("total"), _sum(Record.entered_on <= Record.due_on).label("on_time"),
                      _sum(Record.entered_on > Record.due_on).label("late"),
                      _sum(Record.entered_on.is_(None)).label("open"))
        .where(Record.deleted_at.is_(None), *narrower).group_by(Record.unit_id, Record.unit_number, Record.module, day)
    )
    cadres = (
        _WHOLE.select(Cadre, Cadre.unit_id, Cadre.unit_number, literal(CADRES), literal(NO_MONTH, Date()),
                      func.count(), literal(0), literal(0), literal(0))
        .group_by(Cadre.unit_id, Cadre.unit_number)
    )
    return select((records if narrower else union_all(records, cadres)).subquery())


def _own(model: Any) -> Select[Any]:
    return _WHOLE.select(model, model.unit_id, model.module, getattr(model, key_of(model)),
                         *(getattr(model, name) for name in SUMS))


def _said(paths: dict[str, str], since: date) -> Kept:
    """What the records say."""
    day = case((Record.due_on >= since, Record.due_on), else_=_month())
    recounted = db.session.execute(_WHOLE.mark(_recounted(day)))
    return upward((row[:1] + row[2:] for row in recounted), paths, since)


def _kept(paths: dict[str, str], since: date) -> Kept:
    """What the counters say, with what waits."""
    kept = upward(db.session.execute(_own(CounterDelta)), paths, since)
    for model, sums in ((Counter, kept.months), (DayCounter, kept.days)):
        for unit_id, module, day, *values in db.session.execute(_own(model)):
            if model is Counter or day >= since:
                increase(sums[(unit_id, module, day)], values)
    return kept


def differences() -> Iterator[str]:
    """A line for every sum, folded and not yet folded together, that is not what the records say; none when all is."""
    begin_read()
    try:
        paths: dict[str, str] = dict(db.session.execute(_WHOLE.select(Unit, Unit.id, Unit.path)).all())
        since = db.session.execute(select(CounterState.days_since)).scalar_one()
        for said, kept, shown in zip(_said(paths, since), _kept(paths, since), ("%Y-%m", "%Y-%m-%d"), strict=True):
            for key in sorted({*said, *kept}):
                if kept[key] != said[key]:
                    unit_id, module, day = key
                    yield f"{unit_id} {module} {day:{shown}}: counters say {kept[key]}, records {said[key]} {SUMS}"
    finally:
        db.session.rollback()


def size() -> tuple[int, int]:
    """(sums kept by month and by day, changes not folded yet)."""
    months, days, waiting = (int(db.session.execute(_WHOLE.select(model, func.count())).scalar_one())
                             for model in (Counter, DayCounter, CounterDelta))
    return months + days, waiting


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
    since = days_wanted(clock.today())
    db.session.execute(update(CounterState).values(days_since=since).execution_options(synchronize_session=False))
    for model in (CounterDelta, Counter, DayCounter):
        db.session.execute(_WHOLE.delete(model).execution_options(synchronize_session=False))
    deepest = db.session.execute(_WHOLE.select(Unit, func.max(Unit.depth))).scalar_one() or 0
    days = _recounted(Record.due_on, Record.due_on >= since)
    for model, own in ((Counter, _recounted(_month())), (DayCounter, days)):
        db.session.execute(_WHOLE.mark(adding(model, own.where(literal(1) == 1))))
        for depth in range(deepest, 1, -1):
            db.session.execute(_WHOLE.mark(adding(model, _lifted(model, depth))))
    return size()[0]


def _lifted(model: Any, depth: int) -> Select[Any]:
    """The sums of the units of one depth, by the superior they are added to."""
    parent, key = aliased(Unit), getattr(model, key_of(model))
    return (
        select(parent.id, parent.number, model.module, key, *(func.sum(getattr(model, name)) for name in SUMS))
        .select_from(model).join(Unit, Unit.id == model.unit_id).join(parent, parent.id == Unit.parent_id)
        .where(Unit.depth == depth).group_by(parent.id, parent.number, model.module, key)
    )
