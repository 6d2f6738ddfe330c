"""Forms of records made from the module's schema: what is shown, what was typed, and what it comes to."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import request, url_for
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from app.keeping import photos
from app.records import store
from app.records.calendar import due_of
from app.records.model import Record
from app.records.module import Module
from app.records.schema import CadreIds, Link, OneCadre, PeopleField, Rows
from app.schemas.fields import Day, is_id
from app.schemas.strict import load
from app.web import pickers
from app.web.forms import Attempt, fields_of
from app.web.list_page import address
from permissions.actions import Action
from permissions.guard import sight
from tenants import clock
from tenants.db import db
from tenants.models import Unit, UnitStatus

PHOTO_KINDS = "image/jpeg,image/png,image/webp"
WIDE = ("textarea", "radio")
Errors = Mapping[str, Sequence[str]]


def _with_rows(module: Module) -> MultiDict[str, str]:
    """The form with each ticked person joined to his part, as `Rows.from_form` reads it."""
    form = MultiDict(request.form.items(multi=True))
    found = module.schema().people_field()
    if found is not None and isinstance(found[1], Rows):
        name = found[0]
        form.setlist(name, [f"{each}:{form.get(f'{name}-{each}', '')}" for each in form.getlist(name) if each])
    return form


def typed(module: Module) -> dict[str, Any]:
    """What the browser sent, as the schema's JSON; an own field that is not there is empty."""
    schema = module.schema()
    raw = schema.from_form(_with_rows(module))
    raw.pop("draft", None)
    return dict.fromkeys(schema.own()) | raw


def loaded(module: Module, raw: Mapping[str, Any], *, draft: bool) -> dict[str, Any]:
    """Checked values. A draft may leave required fields empty, and empties them again. Raises Invalid."""
    schema = module.schema()
    empty = [name for name, value in raw.items() if value is None and name in schema.own()]
    unset = [name for name in empty if not schema.fields[name].allow_none]
    rest = {name: value for name, value in raw.items() if name not in unset}
    values = load(schema, rest, partial=tuple(schema.own()) if draft else False)
    cleared = {name: None for name in unset if draft and schema.fields[name].required}
    return cleared | values | {"draft": draft}


def is_draft() -> bool:
    """Whether the button for keeping a draft was pressed."""
    return request.form.get("draft") == "true"


def places(module: Module) -> list[Unit]:
    """Open units where I may enter records of this kind, in tree order."""
    scope = sight(Action.RECORD_CREATE, module.column)
    statement = scope.select(Unit).where(Unit.status == UnitStatus.open).order_by(Unit.number)
    return list(db.session.execute(statement).scalars())


def late_reason(module: Module, value: Any, errors: Sequence[str] = ()) -> dict[str, Any]:
    """The field that asks why an entry is late."""
    drawn = fields_of(module.schema(), {"late_reason": value}, {"late_reason": errors})["late_reason"]
    return drawn | {"widget": "textarea", "rows": 2, "help": "逾期照样可以录入；请写明原因，上级可以看到。"}


def looked_for() -> str | None:
    """What the button for finding people (there without scripts) asks for; None when another was pressed."""
    return request.form.get("look_for", "").strip()[:50] if "look" in request.form else None


def values_of(module: Module, record: Record, people: Sequence[tuple[Link, str]]) -> dict[str, Any]:
    """A record as its form shows it."""
    values = store.current_values(module, record, [link for link, _name in people])
    return values | {"ended_on": record.ended_on, "late_reason": record.late_reason}


def about(module: Module, cadre_id: str) -> dict[str, Any]:
    """A form begun from somebody's file has him in it; whether he is the unit's own is asked when it is sent."""
    found = module.schema().people_field()
    return {found[0]: found[1].value_of([Link(cadre_id)])} if found is not None and is_id(cadre_id) else {}


def _ids(field: PeopleField, value: Any) -> list[str]:
    if isinstance(field, CadreIds):
        return list(value or [])
    if isinstance(field, OneCadre):
        return [value] if value else []
    return [row["cadre_id"] for row in value or []]


def _parts(field: PeopleField, value: Any) -> dict[str, Any]:
    return {row["cadre_id"]: row[field.part] for row in value or []} if isinstance(field, Rows) else {}


def _wrong(name: str, ids: Sequence[str], errors: Errors) -> dict[str, str]:
    """What is wrong with single rows, by person."""
    found = {}
    for path, texts in errors.items():
        place = path.removeprefix(f"{name}.").partition(".")[0]
        if path.startswith(f"{name}.") and place.isdecimal() and int(place) < len(ids):
            found[ids[int(place)]] = "；".join(texts)
    return found


def _people(module: Module, unit: Unit, values: Mapping[str, Any], names: Mapping[str, str],
            errors: Errors) -> dict[str, Any]:
    """What the people field adds to an ordinary one."""
    found = module.schema().people_field()
    if found is None:
        return {}
    name, field = found
    ids, q = _ids(field, values.get(name)), looked_for()
    wrong = _wrong(name, ids, errors)
    loose = [text for path, texts in errors.items() if path == name for text in texts]
    return {"choices": pickers.offered(unit, {each: names.get(each, "") for each in ids}, q), "picked": ids,
            "parts": _parts(field, values.get(name)), "search_url": pickers.search_url(module, unit),
            "placeholder": "输入姓名、拼音或首字母查找", **pickers.shape(module), "looked_for": q, "wrong": wrong,
            "errors": loose or (["有人的内容需要更正。"] if wrong else [])}


def due_line(module: Module, ended_on: Any, unit: Unit, *, entered_on: date | None = None) -> dict[str, Any] | None:
    """The due date that follows from a day typed, and whether it has passed; None when it is no day."""
    if isinstance(ended_on, str):
        try:
            ended_on = Day("").deserialize(ended_on)
        except ValidationError:
            return None
    if not isinstance(ended_on, date):
        return None
    due, today = due_of(module, ended_on, unit), clock.today()
    why = address(url_for("desk_records.due", module_key=module.key),
                  {"ended_on": ended_on.isoformat(), "unit": unit.id})
    return {"on": due.on.isoformat(), "provisional": due.provisional, "past": due.on < (entered_on or today),
            "ahead": ended_on > today, "entered": entered_on is not None, "why_href": why}


def fields(module: Module, unit: Unit, values: Mapping[str, Any], errors: Errors, *, names: Mapping[str, str],
           photo_field: bool = True, entered_on: date | None = None) -> dict[str, Any]:
    """Every field of the form by name, in the order they are drawn: people, what was done, when, photos."""
    made = fields_of(module.schema(), values, errors)
    made.pop("draft")
    made.pop("late_reason")
    late = late_reason(module, values.get("late_reason"), errors.get("late_reason", ()))
    when = made.pop("ended_on")
    asks = address(url_for("desk_records.deadline"),
                   {"module": module.key, "entered_on": entered_on, "unit": unit.id})
    when["attrs"] = {"hx-get": asks, "hx-target": "#due-line", "hx-trigger": "change",
                     "hx-include": "#due-line"}
    found = module.schema().people_field()
    people = {found[0]: made.pop(found[0]) | _people(module, unit, values, names, errors)} if found else {}
    for each in made.values():
        each["wide"] = each["widget"] in WIDE
    drawn = people | {"ended_on": when, "late_reason": late} | made
    if photo_field:
        drawn["file"] = {"name": "file", "label": "照片", "widget": "file", "multiple": True, "accept": PHOTO_KINDS,
                         "optional": True, "wide": True, "errors": list(errors.get("file", ())),
                         "help": f"不强制。最多 {photos.MOST} 张；拍摄地点等信息会自动去除。"}
    return drawn


def shown(module: Module, unit: Unit, values: Mapping[str, Any], attempt: Attempt[Any] | None, *,
          names: Mapping[str, str], record: Record | None = None) -> dict[str, Any]:
    """What the form's template needs."""
    errors = attempt.errors if attempt is not None else {}
    drawn = fields(module, unit, values, errors, names=names, photo_field=record is None,
                   entered_on=record.entered_on if record is not None else None)
    found = module.schema().people_field()
    return {
        "module": module, "owner": unit, "record": record, "fields": drawn,
        "people_field": drawn[found[0]] if found else None,
        "own": [each for name, each in drawn.items()
                if name not in ("ended_on", "late_reason", "file") and (found is None or name != found[0])],
        "due": due_line(module, values.get("ended_on"), unit, entered_on=record.entered_on if record else None),
        "general": attempt.general_beside(drawn) if attempt is not None and attempt.failed else [],
    }


def add_photos(module: Module, record: Record, unit: Unit) -> int:
    """Put the photos sent with the form to the record; how many. Raises Invalid or Conflict."""
    sent = [each for each in request.files.getlist("file") if each.filename]
    for each in sent:
        photos.add(module, record, unit, each.stream.read(), each.filename or "")
    return len(sent)
