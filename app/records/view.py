"""A record as it goes out: common fields, own fields with labels, people, and masks where they are due.

What a module's records look like is worked out once and kept (`Plan`). A list goes from the database's rows through
it; a single record is read off its entity and goes the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import String, type_coerce
from sqlalchemy_utils import StringEncryptedType

from app.deadlines.rules import Timeliness, judge
from app.records.model import Record
from app.records.module import Module
from app.records.schema import Link, PeopleField
from app.records.standing import words_of
from app.schemas.fields import Code
from tenants import clock

MASK = "***"
# In the order in which a row holds them, before the module's own.
COMMON = ("id", "module", "unit_id", "state", "ended_on", "entered_at", "entered_by", "due_on", "first_due_on",
          "due_provisional", "late_reason", "summary", "version", "extended_to", "late_ruling", "correction_ruling",
          "asked_until", "reopened_until",
          # In ways of their own, below.
          "entered_on", "unit_number", "corrected_due_on", "held_ended_on", "asks", "odd")
_INSIDE = ("entered_on", "unit_number", "corrected_due_on", "held_ended_on")
_WORDS = {each: (each.value, each.label) for each in Timeliness}
Values = Mapping[str, Any]
People = Sequence[tuple[Link, str]]


@dataclass(frozen=True)
class Plan:
    """What of a module goes out: its own columns in order, how they are shown, the field about people."""

    names: tuple[str, ...]
    sensitive: frozenset[str]
    choices: tuple[tuple[str, Mapping[str, str]], ...]
    people: tuple[str, PeopleField] | None


_plans: dict[type, Plan] = {}


def plan_of(module: Module) -> Plan:
    """The plan of a module, made when first asked for."""
    found = _plans.get(module.schema)
    if found is None:
        found = _plans[module.schema] = _plan(module)
    return found


def _plan(module: Module) -> Plan:
    schema = module.schema()
    people = schema.people_field()
    own = {name: field for name, field in schema.own().items() if people is None or name != people[0]}
    return Plan(
        names=(*COMMON, *own),
        sensitive=frozenset(name for name, field in own.items() if field.metadata.get("sensitive")),
        choices=tuple((name, field.choices) for name, field in own.items() if isinstance(field, Code)),
        people=people,
    )


def out(module: Module, record: Record, people: People, *, today: date, clear: bool) -> dict[str, Any]:
    """The JSON of one record. `clear` shows sensitive fields: to whoever keeps the record, nobody above (F5)."""
    plan = plan_of(module)
    return shaped(plan, {name: getattr(record, name) for name in plan.names}, people, today=today, clear=clear)


def shaped(plan: Plan, values: Values, people: People, *, today: date, clear: bool) -> dict[str, Any]:
    """The JSON of the values of one record; sensitive ones may be anything but None when they are to be masked."""
    shown = dict(values)
    for name in _INSIDE:
        del shown[name]
    # What is due by the end the record states now; `judged_on` decides while that end waits to be confirmed.
    shown["due_on"], shown["judged_on"] = values["corrected_due_on"] or values["due_on"], values["due_on"]
    shown["correction_unconfirmed"] = values["corrected_due_on"] is not None
    shown["asks"], shown["odd"] = words_of(values["asks"]), words_of(values["odd"])
    timeliness = judge(values["due_on"], values["entered_on"], today)
    entered_at = values["entered_at"]
    shown["draft"] = values["state"] == "draft"
    shown["entered_at"] = clock.iso(entered_at) if entered_at is not None else None
    shown["timeliness"], shown["timeliness_label"] = _WORDS[timeliness]
    shown["late_reason_owed"] = timeliness is Timeliness.late and not values["late_reason"]
    for name, choices in plan.choices:
        if (value := shown[name]) is not None:
            shown[f"{name}_label"] = MASK if name in plan.sensitive and not clear else choices.get(value)
        else:
            shown[f"{name}_label"] = None
    if not clear:
        for name in plan.sensitive:
            if shown[name] is not None:
                shown[name] = MASK
    if plan.people is not None:
        shown[plan.people[0]] = plan.people[1].value_of([link for link, _name in people])
    shown["people"] = [{"cadre_id": link.cadre_id, "name": name} for link, name in people]
    return shown


def line(record: Record, title: str, today: date) -> dict[str, Any]:
    """A record in a list of several kinds: common fields only."""
    timeliness = record.timeliness(today)
    return {
        "id": record.id, "module": record.module, "title": title, "summary": record.summary,
        "unit_id": record.unit_id, "ended_on": record.ended_on.isoformat(), "due_on": record.stated_due_on.isoformat(),
        "due_provisional": record.due_provisional, "timeliness": timeliness.value,
        "timeliness_label": timeliness.label, "state": record.state,
    }


def columns_of(record: type[Record], names: Sequence[str]) -> list[Any]:
    """The columns asked for; encrypted ones as they lie there, to be opened where they are shown."""
    mapped = [getattr(record, name) for name in names]
    return [type_coerce(each, String) if isinstance(each.type, StringEncryptedType) else each for each in mapped]
