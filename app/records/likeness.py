"""Deleting and recording again: a record that takes the place of a deleted one is shown to the superior."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Date, bindparam, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.records.model import Record, RecordPerson
from app.records.standing import Odd, mark
from tenants.db import db
from tenants.place import Placed
from tenants.prepared import Prepared, Within, among, padded
from tenants.tree import here

NEAR = timedelta(days=31)


def _alike(record: Record, people: Sequence[str]) -> Any:
    """Records of the unit and kind that end about the same time and are about one of the same people, or, where
    nobody is named, end on the same day or say the same.
    """
    same: list[Any] = [_about(people)] if people else [Record.ended_on == record.ended_on,
                                                       Record.summary == record.summary]
    return [Record.module == record.module, Record.id != record.id, or_(*same),
            Record.ended_on.between(record.ended_on - NEAR, record.ended_on + NEAR)]


def _about(people: Sequence[Any]) -> ColumnElement[bool]:
    return Record.id.in_(select(RecordPerson.record_id).where(RecordPerson.cadre_id.in_(people)))


def _gone(within: Within, size: int) -> Any:
    same = [_about(among(size))] if size else [Record.ended_on == bindparam("ended_on", type_=Date),
                                               Record.summary == bindparam("summary")]
    return (
        select(Record.id)
        .where(within(Record), Record.deleted_at.is_not(None), Record.module == bindparam("module"),
               Record.id != bindparam("own"), or_(*same),
               Record.ended_on.between(bindparam("first", type_=Date), bindparam("last", type_=Date)))
        .order_by(Record.deleted_at.desc()).limit(1)
    )


_GONE, _SIZES = Prepared(_gone), (1, 20, 60, 300)


def notice(record: Record, people: Sequence[str], unit: Placed) -> None:
    """Mark a record just made or changed when it looks like one that was deleted."""
    if record.recreated_of is not None:
        return
    size, values = padded(people, _SIZES) if people else (0, {"summary": record.summary})
    asked: dict[str, Any] = {} if people else {"ended_on": record.ended_on}
    found = _GONE.rows(here(unit), size, module=record.module, own=record.id, first=record.ended_on - NEAR,
                       last=record.ended_on + NEAR, **values, **asked)
    if found:
        record.recreated_of = found[0][0]
        mark(record, Odd.recreated)


def notice_gone(record: Record, people: Sequence[str], unit: Placed) -> None:
    """Mark the record that was made beforehand to take the place of one that is now being deleted."""
    since = here(unit).select(Record).where(
        Record.deleted_at.is_(None), Record.created_at >= record.created_at, Record.recreated_of.is_(None),
        *_alike(record, people))
    found = db.session.execute(since.order_by(Record.created_at.desc()).limit(1)).scalar_one_or_none()
    if found is not None:
        found.recreated_of = record.id
        mark(found, Odd.recreated)
