"""Records on the phone: enter at the bedside in a few fields, drafts, lists of my unit, one record with its photos."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.administration import units
from app.deadlines.rules import LABELS, Timeliness
from app.keeping import photos
from app.keeping import records as acts
from app.keeping.rulings import About
from app.records import store
from app.records.listing import Filters, listing
from app.records.model import Record
from app.records.module import Module
from app.schemas.fields import Line, Reference
from app.schemas.queries import RecordQuery
from app.schemas.strict import Strict
from app.timing.asking import unit_asked
from app.web import record_forms, ruling_words
from app.web.desk_records import due_days
from app.web.forms import Attempt, asked, attempt
from app.web.list_page import ROWS, here, pager, unit_names
from app.web.phone import names_of, readable, spoken_day, staff_page
from app.web.pickers import choice, chosen_in, found_in, shape
from app.web.record_words import badge, details, people_rows
from app.web.ruling_words import odd_labels
from permissions.actions import Action
from permissions.guard import guard, may, me, my_scope, require
from permissions.roles import MOBILE
from tenants import clock
from tenants.errors import NotFound
from tenants.models import Unit

blueprint = Blueprint("mobile_records", __name__, url_prefix="/m/records/<module_key>")
PLACE = "/<record_id>"
MOST_FIELDS = 8  # at a bedside; what is left out can be added on the console


class NewQuery(Strict):
    """Where to enter, and about whom."""

    unit = Reference("单位")
    cadre = Reference("老同志")


class PickQuery(Strict):
    """Whom to look for, in which unit."""

    unit = Reference("单位", required=True)
    q = Line("姓名、拼音或首字母", longest=50)


def own_record(module_key: str, record_id: str, action: Action) -> tuple[Module, Record, Unit]:
    """A record I see (404) and may do this with (403)."""
    module = acts.module_of(module_key)
    record, unit = acts.seen(module, record_id)
    require(action, unit, module.column)
    return module, record, unit


def show_again(module: Module, record_id: str) -> Any:
    return redirect(url_for("mobile_records.show", module_key=module.key, record_id=record_id), 303)


@blueprint.get("")
@guard(Action.RECORD_READ, channels=MOBILE)
def index(module_key: str) -> str:
    """Records of one kind, newest first."""
    module = acts.module_of(module_key)
    scope = my_scope(Action.RECORD_READ, module.column)
    found = asked(RecordQuery(only=("q", "timeliness", "cursor")))
    wanted, today = found.get("timeliness"), clock.today()
    page = listing(module, scope, Filters(q=found.get("q"), timeliness=Timeliness(wanted) if wanted else None),
                   today=today, cursor=found.get("cursor"), limit=ROWS)
    people = store.people_of([row.id for row in page.items], scope)
    names = unit_names({row.unit_id for row in page.items} - {me().at.id})
    kinds = [{"title": each.title, "href": url_for("mobile_records.index", module_key=each.key),
              "active": each.key == module.key} for each in readable(me())]
    states = [{"title": LABELS[each] if each else "全部", "href": here(timeliness=each and each.value),
               "active": wanted == (each and each.value)} for each in (None, *Timeliness)]
    return staff_page(
        "mobile/records.html", module=module, kinds=kinds, pager=pager(page), q=found.get("q") or "",
        may_enter=bool(record_forms.places(module)), timeliness=wanted or "", states=states,
        filtered=bool(set(found) - {"cursor"}),
        rows=[_row(module, row, names_of(people[row.id]), names.get(row.unit_id), today) for row in page.items],
        reset_href=here(q=None, timeliness=None))


def _row(module: Module, record: Record, names: str, unit_name: str | None, today: Any) -> dict[str, Any]:
    day = spoken_day(record.ended_on.isoformat(), this_year=today.year)
    odd = "、".join(odd_labels(record.odd))
    due = f"截止日 {record.due_on}（暂定）" if record.due_provisional and record.entered_at is None else None
    return {"title": names or record.summary, "badge": badge(record, today),
            "sub": [f"{day} · {record.summary}" if names else day] + [each for each in (unit_name, due, odd) if each],
            "href": url_for("mobile_records.show", module_key=module.key, record_id=record.id)}


def asked_for(module: Module) -> list[str]:
    """At most eight fields, people first: whatever is required, then the others in the order they are declared."""
    schema = module.schema()
    own = list(schema.own())
    first = ["ended_on", *(name for name in own if schema.fields[name].required)]
    kept = set((first + [name for name in own if name not in first])[:MOST_FIELDS])
    people = schema.people_field()
    leading = [people[0]] if people and schema.fields[people[0]].required else []
    return [name for name in dict.fromkeys([*leading, "ended_on", *own]) if name in kept]


def form_page(module: Module, unit: Unit, values: Mapping[str, Any], tried: Attempt[Any] | None, *,
          record: Record | None = None, names: Mapping[str, str] | None = None) -> str:
    given = record_forms.shown(module, unit, values, tried, names=names or {}, record=record)
    drawn = {name: given["fields"][name] for name in asked_for(module)}
    if given["people_field"]:
        given["people_field"]["search_url"] = url_for("mobile_records.find", module_key=module.key, unit=unit.id)
    drawn["ended_on"]["attrs"] = {"hx-get": url_for("mobile_records.due", module_key=module.key, unit=unit.id),
                                  "hx-target": "#due-line", "hx-trigger": "change",
                                  "hx-include": "#due-line"}
    action = (url_for("mobile_record_edit.amend", module_key=module.key, record_id=record.id) if record is not None
              else url_for("mobile_records.create", module_key=module.key))
    failed = tried is not None and tried.failed
    return staff_page(
        "mobile/record_form.html", module=module, unit=unit, record=record, fields=drawn, due=given["due"],
        late=given["fields"]["late_reason"], file=given["fields"].get("file"), action=action,
        general=tried.general_beside(given["fields"]) if failed and tried is not None else [],
        version=request.form.get("version") or (record.version if record is not None else ""),
        places=record_forms.places(module) if record is None else [],
        may_draft=record is None or record.entered_at is None)


@blueprint.get("/new")
@guard(Action.RECORD_CREATE, channels=MOBILE)
def new(module_key: str) -> str:
    """An empty form: today, my unit, and the person I came from."""
    module = acts.module_of(module_key)
    my_scope(Action.RECORD_CREATE, module.column)
    found = asked(NewQuery.kept())
    unit = units.seen(found["unit"]) if found.get("unit") else record_forms.places(module)[0]
    require(Action.RECORD_CREATE, unit, module.column)
    values: dict[str, Any] = {"ended_on": clock.today()}
    field = module.schema().people_field()
    chosen = chosen_in(unit, [found["cadre"]]) if found.get("cadre") else []
    if found.get("cadre") and not chosen:
        raise NotFound
    if chosen and field is not None and not shape(module)["part"]:
        values[field[0]] = [chosen[0].id] if shape(module)["many"] else chosen[0].id
    return form_page(module, unit, values, None)


@blueprint.post("/new")
@guard(Action.RECORD_CREATE, channels=MOBILE)
def create(module_key: str) -> Any:
    """Enter a record, or keep a draft, with its photos."""
    module = acts.module_of(module_key)
    my_scope(Action.RECORD_CREATE, module.column)
    unit = units.seen(request.form.get("unit_id", ""))
    require(Action.RECORD_CREATE, unit, module.column)
    raw = record_forms.typed(module)
    if record_forms.looked_for() is not None:
        return form_page(module, unit, raw, None)

    def act() -> Record:
        record = acts.create(module, unit, record_forms.loaded(module, raw, draft=record_forms.is_draft()))
        record_forms.add_photos(module, record, unit)
        return record

    tried = attempt(act)
    if tried.value is None:
        return form_page(module, unit, raw, tried), tried.status
    say(tried.value)
    return show_again(module, tried.value.id)


def say(record: Record) -> None:
    today = clock.today()
    stands = record.timeliness(today)
    if record.entered_at is None:
        due = spoken_day(record.due_on.isoformat(), this_year=today.year)
        passed = record.due_on < today
        flash("已存为草稿，已过应录入的日期，请尽快提交。" if passed else f"已存为草稿，请在{due}前提交录入。",
              "warning" if passed else "success")
    elif stands is Timeliness.late and not record.late_reason:
        flash("已录入，记为逾期补录；请在下面填写逾期原因。", "warning")
    else:
        flash("已录入，逾期补录。" if stands is Timeliness.late else "已录入，按时。", "success")


@blueprint.get("/find")
@guard(Action.CADRE_READ, channels=MOBILE)
def find(module_key: str) -> str:
    """People of one unit that match what was typed, as ticks of the form."""
    module = acts.module_of(module_key)
    found = asked(PickQuery.kept())
    unit = units.seen(found.get("unit", ""))
    require(Action.CADRE_READ, unit)
    rows = [choice(cadre) for cadre in found_in(unit, found["q"]).items] if found.get("q") else []
    return render_template("mobile/people_found.html", f=shape(module), choices=rows, asked=bool(found.get("q")))


@blueprint.get("/due")
@guard(Action.DEADLINE_EXPLAIN, channels=MOBILE)
def due(module_key: str) -> str:
    """The due date that follows from the day just chosen."""
    unit, module = unit_asked(request.args.get("unit")), acts.module_of(module_key)
    line = record_forms.due_line(module, request.args.get("ended_on", "")[:40], unit)
    late = {"name": "late_reason", "value": request.args.get("late_reason", "")[:200]}
    return render_template("mobile/due_line.html", due=line, late=late, module=module)


@blueprint.get(PLACE)
@guard(Action.RECORD_READ, channels=MOBILE)
def show(module_key: str, record_id: str) -> str:
    """One record: how it stands, what it says, its photos, why it is due when it is."""
    return one(About(*own_record(module_key, record_id, Action.RECORD_READ)))


def one(about: About, tried: ruling_words.Tried | None = None) -> str:
    """The page of a record; `tried` a form of the superior's or to him that was refused."""
    module, record, unit = about.module, about.record, about.unit
    shown, today = acts.shown(module, record, unit), clock.today()
    pictures = photos.of([record.id], acts.sight(module))[record.id]
    keeps = may(Action.RECORD_UPDATE, unit, module.column)
    said = ruling_words.superior(about, "mobile", tried)
    open_work, keeps_open = record.entered_at is None, keeps and not said["locked"]
    return staff_page(
        "mobile/record.html", module=module, record=record, unit=unit, badge=badge(record, today),
        people=people_rows(module, shown, linked=False), items=_items(module, record, shown, unit),
        due=due_days(module, record.ended_on, unit, record.due_on), late_reason=record.late_reason,
        asks_reason=keeps and shown["late_reason_owed"], may_update=keeps_open, superior=said,
        may_submit=keeps and open_work and record.ended_on <= today,
        may_add_photos=keeps_open and len(pictures) < photos.MOST,
        photos=[{"href": url_for("mobile.photo", attachment_id=each.id),
                 "alt": f"照片 {place}"} for place, each in enumerate(pictures, start=1)])


def _items(module: Module, record: Record, shown: Mapping[str, Any], unit: Unit) -> Sequence[dict[str, Any]]:
    """What is filled in; on a small page what is empty is left out."""
    return [item for item in details(module, record, shown, unit) if item.get("value") not in (None, "")]
