"""Acts on records: each with its right asked for the module's column, and its log entry written."""

from collections.abc import Collection, Mapping
from typing import Any

from app import registry
from app.records import page, standing, store, view
from app.records.model import Record
from app.records.module import Module
from app.versions import check_version
from permissions import audit, guard
from permissions.actions import Action
from tenants import clock, inserting, tree
from tenants.models import Unit
from tenants.place import Placed
from tenants.scope import Scope


def sight(module: Module) -> Scope:
    """Where I may see records of this kind; empty when nowhere."""
    return guard.sight(Action.RECORD_READ, module.column)


def seen(module: Module, record_id: str) -> tuple[Record, Unit]:
    """A record I may see with its unit, or NotFound."""
    scope = sight(module)
    record = store.get(module, guard.checked_id(record_id), scope)
    return record, tree.unit_by_id(record.unit_id, scope)


def module_of(key: str) -> Module:
    """The module a URL names, or NotFound."""
    return registry.module(key)


def shown(module: Module, record: Record, unit: Placed) -> dict[str, Any]:
    """One record as I may see it."""
    return _out(module, record, unit, store.people_of([record.id], tree.here(unit))[record.id])


def _out(module: Module, record: Record, unit: Placed, people: view.People) -> dict[str, Any]:
    clear = guard.may(Action.RECORD_UPDATE, unit, module.column)
    return view.out(module, record, people, today=clock.today(), clear=clear)


def looked_at(module: Module, record_id: str) -> tuple[dict[str, Any], page.One]:
    """One record as I may see it, and where it lies: rows only, for those who change nothing. Raises NotFound."""
    scope = sight(module)
    found = page.one(module, guard.checked_id(record_id), scope)
    keeps = guard.sight(Action.RECORD_UPDATE, module.column)
    return page.one_shown(module, found, keeps, clock.today()), found


def _odd(record: Record) -> dict[str, list[str]]:
    return {"odd": standing.words_of(record.odd)} if record.odd else {}


def facts(record: Record) -> dict[str, Any]:
    """What the log keeps: dates and state, never the contents."""
    decides = {"judged_on": record.due_on.isoformat()} if record.corrected_due_on is not None else {}
    return {"state": record.state, "ended_on": record.ended_on.isoformat(),
            "due_on": record.stated_due_on.isoformat(), **decides, **_odd(record),
            "entered_on": record.entered_on.isoformat() if record.entered_on else None,
            "late_reason": record.late_reason}


def create(module: Module, unit: Placed, values: Mapping[str, Any]) -> Record:
    """Enter a record, or keep a draft."""
    return _created(module, unit, values)[0]


def create_and_show(module: Module, unit: Placed, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same, and the record as I may see it."""
    record, people = _created(module, unit, values)
    return _out(module, record, unit, people)


def _created(module: Module, unit: Placed, values: Mapping[str, Any]) -> tuple[Record, view.People]:
    guard.require(Action.RECORD_CREATE, unit, module.column)
    with inserting.gathered():
        record, people = store.create_with_people(module, values, unit, author=guard.me().account,
                                                  draft=bool(values.get("draft")))
        audit.record(Action.RECORD_CREATE, module.key, record.id, unit, after=facts(record), at_once=True)
    return record, people


def require_changeable(record: Record, values: Collection[str]) -> None:
    """Raise Conflict when a locked record would be changed; the reason it still owes may be given at any time."""
    if set(values) != {"late_reason"} or record.late_reason:
        standing.require_unlocked(record)


def amend(module: Module, record: Record, unit: Unit, values: Mapping[str, Any], if_match: str | None) -> Record:
    """Change a record; the log keeps both end dates and both due dates."""
    guard.require(Action.RECORD_UPDATE, unit, module.column)
    check_version(record, if_match)
    require_changeable(record, values)
    before = facts(record)
    store.update(module, record, values, unit)
    audit.record(Action.RECORD_UPDATE, module.key, record.id, unit, before=before,
                 after=facts(record) | {"changed": sorted(values)})
    return record


def submit(module: Module, record: Record, unit: Unit, late_reason: str | None) -> Record:
    """Enter a draft."""
    guard.require(Action.RECORD_UPDATE, unit, module.column)
    before = facts(record)
    store.enter(module, record, unit, author=guard.me().account, late_reason=late_reason)
    audit.record("record:submit", module.key, record.id, unit, before=before, after=facts(record))
    return record


def remove(module: Module, record: Record, unit: Unit, if_match: str | None) -> None:
    """Delete a record, leaving a tombstone."""
    guard.require(Action.RECORD_DELETE, unit, module.column)
    check_version(record, if_match)
    standing.require_unlocked(record)
    before = facts(record)
    store.remove(record, unit)
    audit.record(Action.RECORD_DELETE, module.key, record.id, unit, before=before,
                 after=_odd(record) or None)
