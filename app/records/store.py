"""The only writer and the only loader of records. It flushes; `permissions.transaction` commits."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app.people.model import Cadre
from app.records import likeness
from app.records.model import Record, RecordPerson, State
from app.records.module import Module
from app.records.schema import Link, RecordSchema
from app.records.standing import RETURNED, Odd, correct_end, mark, reckon, settle
from permissions.identity import Known
from tenants import clock, inserting
from tenants.db import db
from tenants.errors import Conflict, Invalid, NotFound
from tenants.fields import new_id
from tenants.models import Unit
from tenants.place import Placed
from tenants.prepared import Asked, Prepared, Row, Within, among, padded, together
from tenants.scope import Scope
from tenants.tree import here

NOT_ENDED = "工作还没有结束，不能提交；可以先存为草稿。"
NOT_HERE = "所选老同志不存在，或不归本单位管理。"


def get(module: Module, record_id: str, scope: Scope) -> Record:
    """The record, or NotFound when it does not exist, was deleted, or lies outside the scope."""
    found = db.session.execute(
        scope.select(module.record).where(module.record.id == record_id, module.record.deleted_at.is_(None))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


_SIZES = (1, 20, 60, 200)


def _in_records(within: Within, size: int) -> Any:
    statement: Any = (
        select(RecordPerson.record_id, RecordPerson.cadre_id, RecordPerson.status, RecordPerson.minutes, Cadre.name)
        .join(Cadre, Cadre.id == RecordPerson.cadre_id)
        .where(RecordPerson.record_id.in_(among(size)), within.of_known(RecordPerson))
        .order_by(RecordPerson.record_id, RecordPerson.place)
    )
    return statement


def _named(within: Within, size: int) -> Any:
    return select(Cadre.id, Cadre.name).where(Cadre.id.in_(among(size)), within.of_known(Cadre))


_PEOPLE, _NAMES = Prepared(_in_records), Prepared(_named)


def _asked(prepared: Prepared, ids: Sequence[str], scope: Scope) -> Iterator[Row]:
    for start in range(0, len(ids), _SIZES[-1]):
        size, values = padded(ids[start:start + _SIZES[-1]], _SIZES)
        yield from prepared.rows(scope, size, **values)


def people_of(record_ids: Sequence[str], scope: Scope) -> dict[str, list[tuple[Link, str]]]:
    """Links and names of the people in these records, in the order they were put in."""
    found: dict[str, list[tuple[Link, str]]] = {record_id: [] for record_id in record_ids}
    for record_id, cadre_id, status, minutes, name in _asked(_PEOPLE, record_ids, scope):
        found[record_id].append((Link(cadre_id, status, minutes), name))
    return found


def with_people(scope: Scope, record_id: str, first: Asked) -> tuple[list[Row], list[tuple[Link, str]]]:
    """The rows of another statement, and the people of one record, asked for on one way."""
    found, people = together(scope, first, (_PEOPLE, (1,), {"id_0": record_id}))
    return found, [(Link(cadre_id, status, minutes), name) for _id, cadre_id, status, minutes, name in people]


def _split(schema: RecordSchema, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Link] | None, str | None]:
    """Own columns, people (None when not given), and the name of the people field."""
    field = schema.people_field()
    own = {name: values[name] for name in schema.own() if name in values and (field is None or name != field[0])}
    if field is None or field[0] not in values:
        return own, None, field[0] if field else None
    return own, field[1].links(values[field[0]]), field[0]


def _check_people(links: Sequence[Link], unit: Placed, field: str) -> dict[str, str]:
    """id -> name; every person must be on the unit's own files."""
    ids = [link.cadre_id for link in links]
    names: dict[str, str] = dict(_asked(_NAMES, ids, here(unit)))
    if len(names) != len(ids):
        raise Invalid(fields={field: [NOT_HERE]})
    return names


def described(module: Module, schema: RecordSchema, values: Mapping[str, Any], names: Sequence[str]) -> tuple[str, str]:
    """(line for lists, text for searches) from a record's own values and the names of its people; nothing sensitive."""
    searched = [str(values[name]) for name, field in schema.own().items()
                if field.metadata.get("search") and values.get(name)]
    summary = module.summary(values)[:200]
    return summary, " ".join([summary, *names, *searched]).lower()[:2000]


def _describe(record: Record, module: Module, names: Sequence[str]) -> None:
    schema = module.schema.kept()
    values = {name: getattr(record, name, None) for name in schema.own()}
    record.summary, record.search = described(module, schema, values, names)


def create(module: Module, values: Mapping[str, Any], unit: Placed, *, author: Known | None, draft: bool) -> Record:
    """A new record of a unit; entered at once unless a draft. Raises Invalid."""
    return create_with_people(module, values, unit, author=author, draft=draft)[0]


def create_with_people(module: Module, values: Mapping[str, Any], unit: Placed, *, author: Known | None,
                       draft: bool) -> tuple[Record, list[tuple[Link, str]]]:
    """The same, and its people."""
    schema = module.schema.kept()
    own, links, people_field = _split(schema, values)
    names = _check_people(links, unit, people_field) if links and people_field else {}
    record = module.record(module=module.key, unit_id=unit.id, unit_number=unit.number, state=State.draft,
                           ended_on=values["ended_on"], late_reason=values.get("late_reason"),
                           created_at=clock.now(), created_by=author.id if author else None, **own)
    reckon(record, module, unit)
    _describe(record, module, list(names.values()))
    if not draft:
        _enter(record, schema.missing_for_entry(values), author)
    if record.due_on < clock.today():
        mark(record, Odd.backdated)
    settle(record)
    record.id = new_id()
    likeness.notice(record, list(names), unit)
    with inserting.gathered():
        inserting.add(record)
        inserting.put(RecordPerson, *_people(record, links or []))
    return record, [(link, names[link.cadre_id]) for link in links or []]


def _people(record: Record, links: Sequence[Link]) -> list[dict[str, Any]]:
    return [{"record_id": record.id, "unit_id": record.unit_id, "unit_number": record.unit_number,
             "cadre_id": link.cadre_id, "place": place, "status": link.status, "minutes": link.minutes}
            for place, link in enumerate(links)]


def _enter(record: Record, missing: dict[str, list[str]], author: Known | None) -> None:
    today = clock.today()
    if record.ended_on > today:
        missing = {**missing, "ended_on": [NOT_ENDED]}
    if missing:
        raise Invalid(fields=missing)
    record.state = State.entered
    record.entered_at, record.entered_on = clock.now(), today
    record.entered_by = author.id if author else None
    record.asked_until = None


def update(module: Module, record: Record, values: Mapping[str, Any], unit: Unit) -> Record:
    """Change what is given. A changed end date gives a new due date; the first one is kept."""
    schema = module.schema.kept()
    own, links, people_field = _split(schema, values)
    people = {link.cadre_id: name for link, name in people_of([record.id], here(unit))[record.id]}
    if links is not None and people_field is not None:
        added = [link for link in links if link.cadre_id not in people]
        people.update(_check_people(added, unit, people_field) if added else {})
        people = {link.cadre_id: people[link.cadre_id] for link in links}
        flag_modified(record, "search")  # another version of the record, even when only somebody's part changed
    with db.session.no_autoflush:  # one change, one version
        _put(record, module, own, values, unit)
    if record.entered_at is not None:
        whole = current_values(module, record, [Link(each) for each in people] if links is None else links)
        if missing := schema.missing_for_entry(whole):
            raise Invalid(fields=missing)
    with db.session.no_autoflush:
        _describe(record, module, list(people.values()))
        _answer(record)
        if links is not None or "ended_on" in values:
            likeness.notice(record, list(people), unit)
    db.session.flush()
    if links is not None:
        _replace_people(record, links, unit)
    return record


def _put(record: Record, module: Module, own: Mapping[str, Any], values: Mapping[str, Any], unit: Unit) -> None:
    for name, value in own.items():
        setattr(record, name, value)
    if "late_reason" in values:
        record.late_reason = values["late_reason"]
    if "ended_on" in values and values["ended_on"] != record.ended_on:
        if record.entered_on is not None and values["ended_on"] > record.entered_on:
            raise Invalid(fields={"ended_on": ["结束日期不能晚于录入日期。"]})
        correct_end(record, values["ended_on"], clock.today())
        reckon(record, module, unit)


def _answer(record: Record) -> None:
    """Whoever changes a record that was sent back has answered: it goes to the superior again."""
    if record.late_ruling == RETURNED:
        record.late_ruling = None
    if record.correction_ruling == RETURNED:
        record.correction_ruling = None
    settle(record)


def _replace_people(record: Record, links: Sequence[Link], unit: Unit) -> None:
    kept = here(unit).select(RecordPerson).where(RecordPerson.record_id == record.id)
    for row in db.session.execute(kept).scalars():
        db.session.delete(row)
    db.session.flush()
    inserting.put(RecordPerson, *_people(record, links))


def current_values(module: Module, record: Record, links: Sequence[Link]) -> dict[str, Any]:
    """The module's own values as they stand, people included."""
    schema = module.schema.kept()
    field = schema.people_field()
    values = {name: getattr(record, name, None) for name in schema.own() if not field or name != field[0]}
    if field is not None:
        values[field[0]] = field[1].value_of(links)
    return values


def enter(module: Module, record: Record, unit: Unit, *, author: Known, late_reason: str | None) -> Record:
    """Enter a draft. Late entry is accepted and labelled, never refused (Art. 18)."""
    if record.state != State.draft:
        raise Conflict("这条记录已经提交过了。", code="already_entered")
    links = [link for link, _name in people_of([record.id], here(unit))[record.id]]
    if late_reason is not None:
        record.late_reason = late_reason
    _enter(record, module.schema.kept().missing_for_entry(current_values(module, record, links)), author)
    settle(record)
    db.session.flush()
    return record


def remove(record: Record, unit: Unit) -> None:
    """Leave a tombstone: gone from lists, kept for the superior and the log; work that had ended is marked."""
    with db.session.no_autoflush:
        if record.ended_on <= clock.today():
            mark(record, Odd.deleted)
        likeness.notice_gone(record, [link.cadre_id for link, _name in people_of([record.id], here(unit))[record.id]],
                             unit)
    record.deleted_at, record.asks = clock.now(), None
    db.session.flush()
