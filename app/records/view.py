"""A record as it goes out: common fields, own fields with labels, people, and masks where they are due."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.deadlines.rules import Timeliness
from app.records.model import Record
from app.records.module import Module
from app.records.schema import Link
from app.schemas.fields import Code
from tenants import clock

MASK = "***"


def out(module: Module, record: Record, people: Sequence[tuple[Link, str]], *, today: date,
        clear: bool) -> dict[str, Any]:
    """The JSON of one record. `clear` shows sensitive fields: to whoever keeps the record, nobody above (F5)."""
    timeliness = record.timeliness(today)
    shown: dict[str, Any] = {
        "id": record.id,
        "module": record.module,
        "unit_id": record.unit_id,
        "state": record.state,
        "draft": record.state == "draft",
        "ended_on": record.ended_on.isoformat(),
        "entered_at": clock.iso(record.entered_at) if record.entered_at else None,
        "entered_by": record.entered_by,
        "due_on": record.due_on.isoformat(),
        "first_due_on": record.first_due_on.isoformat(),
        "due_provisional": record.due_provisional,
        "timeliness": timeliness.value,
        "timeliness_label": timeliness.label,
        "late_reason": record.late_reason,
        "late_reason_owed": timeliness is Timeliness.late and not record.late_reason,
        "summary": record.summary,
        "version": record.version,
    }
    shown.update(_own(module, record, people, clear))
    shown["people"] = [{"cadre_id": link.cadre_id, "name": name} for link, name in people]
    return shown


def _own(module: Module, record: Record, people: Sequence[tuple[Link, str]], clear: bool) -> dict[str, Any]:
    schema = module.schema()
    field = schema.people_field()
    shown: dict[str, Any] = {}
    for name, declared in schema.own().items():
        if field is not None and name == field[0]:
            shown[name] = field[1].value_of([link for link, _name in people])
            continue
        value = getattr(record, name)
        hidden = not clear and bool(declared.metadata.get("sensitive")) and value is not None
        shown[name] = MASK if hidden else value.isoformat() if isinstance(value, date) else value
        if isinstance(declared, Code):
            shown[f"{name}_label"] = MASK if hidden else declared.choices.get(value) if value is not None else None
    return shown


def line(record: Record, title: str, today: date) -> dict[str, Any]:
    """A record in a list of several kinds: common fields only."""
    timeliness = record.timeliness(today)
    return {
        "id": record.id, "module": record.module, "title": title, "summary": record.summary,
        "unit_id": record.unit_id, "ended_on": record.ended_on.isoformat(), "due_on": record.due_on.isoformat(),
        "due_provisional": record.due_provisional, "timeliness": timeliness.value,
        "timeliness_label": timeliness.label, "state": record.state,
    }
