"""Deleting and recording again: a record that takes the place of a deleted one is shown to the superior."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from app.records.model import Record, RecordPerson
from app.records.standing import Odd, mark
from tenants.db import db
from tenants.models import Unit
from tenants.tree import here

NEAR = timedelta(days=31)


def _alike(record: Record, people: Sequence[str]) -> Any:
    """Records of the unit and kind that end about the same time and are about one of the same people, or, where
    nobody is named, end on the same day or say the same.
    """
    same: list[Any] = [Record.id.in_(select(RecordPerson.record_id).where(RecordPerson.cadre_id.in_(people)))] \
        if people else [Record.ended_on == record.ended_on, Record.summary == record.summary]
    return [Record.module == record.module, Record.id != record.id, or_(*same),
            Record.ended_on.between(record.ended_on - NEAR, record.ended_on + NEAR)]


def notice(record: Record, people: Sequence[str], unit: Unit) -> None:
    """Mark a record just made or changed when it looks like one that was deleted."""
    if record.recreated_of is not None:
        return
    gone = here(unit).select(Record, Record.id).where(Record.deleted_at.is_not(None), *_alike(record, people))
    found = db.session.execute(gone.order_by(Record.deleted_at.desc()).limit(1)).scalar_one_or_none()
    if found is not None:
        record.recreated_of = found
        mark(record, Odd.recreated)


def notice_gone(record: Record, people: Sequence[str], unit: Unit) -> None:
    """Mark the record that was made beforehand to take the place of one that is now being deleted."""
    since = here(unit).select(Record).where(
        Record.deleted_at.is_(None), Record.created_at >= record.created_at, Record.recreated_of.is_(None),
        *_alike(record, people))
    found = db.session.execute(since.order_by(Record.created_at.desc()).limit(1)).scalar_one_or_none()
    if found is not None:
        found.recreated_of = record.id
        mark(found, Odd.recreated)
