"""Where obligations come from: each source says what is owed now; whoever brings a new kind adds a source here.

A module's file calls `add(Source(...))` when it is imported and `app.timing.kinds.add(Kind(...))` for its deadline;
nothing else is edited. Records of every module are one source, so a module that only declares deadlines adds none.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Row, func, literal, or_, select
from sqlalchemy.sql.selectable import Select

from app import registry
from app.records.model import Record
from app.records.ruling import RETURNS, Ruling
from app.records.standing import is_returned
from app.timing.kinds import FILING, RETURN
from permissions.grants import Filing
from tenants import clock
from tenants.models import Unit

COLUMNS = ("kind", "subject_id", "unit_id", "unit_number", "born_at", "started_on", "due_on")


@dataclass(frozen=True)
class Source:
    """What is owed of some kinds.

    `owed` gives, for a day or a parameter of one, a SELECT of `COLUMNS` over everything open: `born_at` when it came
    to be owed, `started_on` the day its period counts from (NULL: that of `born_at`), `due_on` NULL where the rule is
    asked.
    `column` says, of a row, the 栏目 whose clerks owe it; None: the unit's administrators do.
    """

    key: str
    kinds: Callable[[], Collection[str]]
    owed: Callable[[Any], Select[Any]]
    column: Callable[[Any], str | None]


@dataclass(frozen=True)
class Fact:
    """One thing owed, as its own table says now."""

    kind: str
    subject_id: str
    unit_id: str
    unit_number: int
    armed_on: date
    started_on: date
    due_on: date | None
    column: str | None


def fact(row: Row[Any], source: Source) -> Fact:
    """A row of a source's SELECT."""
    born: datetime = row.born_at
    day = clock.local(born).date()
    started = row.started_on or day
    return Fact(row.kind, row.subject_id, row.unit_id, row.unit_number, max(day, started), started, row.due_on,
                source.column(row))


def _records(today: Any) -> Any:
    return select(
        Record.module.label("kind"), Record.id.label("subject_id"), Record.unit_id, Record.unit_number,
        Record.created_at.label("born_at"), Record.ended_on.label("started_on"), Record.due_on.label("due_on"),
    ).where(Record.entered_at.is_(None), Record.deleted_at.is_(None),
            or_(Record.ended_on <= today, Record.held_ended_on.is_not(None)))


def _filings(_today: Any) -> Any:
    """Owed by the unit it was filed with."""
    return select(
        literal(FILING).label("kind"), Filing.id.label("subject_id"), Unit.id.label("unit_id"),
        Unit.number.label("unit_number"), Filing.filed_at.label("born_at"), literal(None, Date).label("started_on"),
        literal(None, Date).label("due_on"),
    ).join(Unit, Unit.id == Filing.receiver_unit_id).where(Filing.acknowledged_at.is_(None))


def _returned(_today: Any) -> Any:
    """What the superior sent back, until it is answered; counted from the day he last did."""
    sent_back = select(func.max(Ruling.at)).where(Ruling.record_id == Record.id, Ruling.kind.in_(RETURNS))
    return select(
        literal(RETURN).label("kind"), Record.id.label("subject_id"), Record.unit_id, Record.unit_number,
        func.coalesce(sent_back.scalar_subquery(), Record.created_at).label("born_at"),
        literal(None, Date).label("started_on"), literal(None, Date).label("due_on"), Record.module.label("module"),
    ).where(is_returned())


RECORDS = Source("records", lambda: tuple(registry.modules()), _records, lambda row: registry.module(row.kind).column)
FILINGS = Source("filings", lambda: (FILING,), _filings, lambda _row: None)
RETURNED = Source("returned", lambda: (RETURN,), _returned, lambda row: registry.module(row.module).column)
_sources: dict[str, Source] = {each.key: each for each in (RECORDS, FILINGS, RETURNED)}


def add(source: Source) -> None:
    """Bring one more source; the same again changes nothing. ValueError when a kind has one already."""
    taken = {kind for each in _sources.values() if each.key != source.key for kind in each.kinds()}
    if doubled := taken & set(source.kinds()):
        raise ValueError(f"{', '.join(sorted(doubled))}: two sources of obligations")
    _sources[source.key] = source


def sources() -> tuple[Source, ...]:
    """Every source, in the order they came."""
    return tuple(_sources.values())
