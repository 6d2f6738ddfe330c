"""Records on the console: lists, one record, why a date is due, its photos and its history."""

import io
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, send_file, url_for

from app import registry
from app.columns import COLUMNS
from app.deadlines.calendar import Day, Why
from app.deadlines.rules import LABELS, Timeliness
from app.keeping import photos
from app.keeping import records as acts
from app.keeping.rulings import About
from app.records import store
from app.records.listing import Filters, listing
from app.records.model import Record
from app.records.module import Module
from app.reports.explain import Explained, explain
from app.schemas import fields
from app.schemas.queries import RecordQuery
from app.schemas.strict import Strict
from app.timing.asking import unit_asked
from app.web import record_forms, ruling_words
from app.web.forms import asked
from app.web.list_page import ROWS, chips, here, narrowed, pager, several, unit_field, unit_names, whole_list
from app.web.record_words import WEEKDAYS, badge, details, people_rows, rows_of
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, may, my_scope, require, sight
from permissions.roles import PC
from tenants import clock
from tenants.errors import Malformed
from tenants.models import Unit

blueprint = Blueprint("desk_records", __name__, url_prefix="/desk")
ONE_DAY = timedelta(days=1)
WEEKEND = "周末"


class RecordListQuery(RecordQuery):
    """The list of the console: besides the API's filters the due period and the unit alone, for drilling down."""

    class Meta(RecordQuery.Meta):
        pass

    due_from = fields.Day("截止日从")
    due_to = fields.Day("截止日到")
    own = fields.Flag("只看本级")
    show = fields.Code("范围", {"plans": "计划", "all": "全部"})


class DueQuery(Strict):
    """A day whose deadline is asked for."""

    ended_on = fields.Day("工作结束日期")
    unit = fields.Reference("单位")


class DeadlineQuery(Strict):
    """What the form sends while it is filled in."""

    module = fields.Line("记录种类", longest=40, required=True)
    ended_on = fields.Line("工作结束日期", longest=40)
    entered_on = fields.Day("录入日期")
    late_reason = fields.Line("逾期原因", longest=400)
    unit = fields.Reference("单位")


def crumbs(module: Module, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """Column, kind, and what follows."""
    return [{"title": COLUMNS[module.column]},
            {"title": module.title, "href": url_for("desk_records.index", module_key=module.key)}, *more]


def _tabs(found: dict[str, Any]) -> list[dict[str, Any]]:
    wanted, show = found.get("timeliness"), found.get("show")

    def tab(title: str, timeliness: str | None, shows: str | None = None) -> dict[str, Any]:
        active = wanted == timeliness and (timeliness is not None or show == shows)
        return {"title": title, "href": here(timeliness=timeliness, show=shows), "active": active}

    outcomes = (Timeliness.pending, Timeliness.overdue, Timeliness.on_time, Timeliness.late)
    return [tab("已结束", None), *(tab(LABELS[each], each.value) for each in outcomes), tab("计划", None, "plans"),
            tab("全部", None, "all")]


def filters_of(found: dict[str, Any]) -> Filters:
    """The list begins with work that has ended; plans have a tab of their own, and figures of a report mean all."""
    wanted, show, today = found.get("timeliness"), found.get("show"), clock.today()
    first, last = found.get("from"), found.get("to")
    if wanted is None and show is None:
        last = min(last or today, today)
    if wanted is None and show == "plans":
        first = max(first or today, today + ONE_DAY)
    return Filters(first=first, last=last, due_first=found.get("due_from"), due_last=found.get("due_to"),
                   q=found.get("q"), timeliness=Timeliness(wanted) if wanted else None, odd=bool(found.get("odd")))


def _fields(found: dict[str, Any], unit_filter: dict[str, Any] | None) -> list[dict[str, Any]]:
    drawn = [{"name": "q", "label": "查找", "widget": "search", "placeholder": "姓名、地点等", "maxlength": 50,
              "value": found.get("q", "")}]
    drawn += [unit_filter] if unit_filter else []
    drawn += [{"name": "odd", "label": "异常录入", "widget": "select", "placeholder": "不限",
               "choices": [("1", "只看异常")], "value": "1" if found.get("odd") else ""}]
    return drawn + [{"name": name, "label": label, "widget": "date",
                     "value": found[name].isoformat() if found.get(name) else ""}
                    for name, label in (("from", "结束日期从"), ("to", "到"))]


def _chips(found: dict[str, Any], unit: Unit | None) -> list[dict[str, str]]:
    first, last = found.get("due_from"), found.get("due_to")
    return chips({"unit": unit.name if unit is not None else None, "own": "只看本级" if found.get("own") else None,
                  "due_from": f"截止日从 {first}" if first else None, "due_to": f"截止日到 {last}" if last else None,
                  "odd": "只看异常录入" if found.get("odd") else None, "q": found.get("q")})


@blueprint.get("/records/<module_key>")
@guard(Action.RECORD_READ, channels=PC)
def index(module_key: str) -> str:
    """Records of one kind."""
    module = acts.module_of(module_key)
    whole = my_scope(Action.RECORD_READ, module.column)
    found = asked(RecordListQuery.kept())
    unit, scope = narrowed(found.get("unit"), whole, alone=bool(found.get("own")))
    rows = listing(module, scope, filters_of(found), today=clock.today(), cursor=found.get("cursor"),
                   limit=found.get("limit") or ROWS)
    names = unit_names({row.unit_id for row in rows.items}) if several(whole) else None
    people = store.people_of([row.id for row in rows.items], scope)
    kept = {name: request.args.get(name) for name in ("timeliness", "show", "due_from", "due_to", "own")}
    return page(
        "desk/records/index.html", title=module.title, crumbs=[*crumbs(module)[:1], {"title": module.title}],
        unit=unit, module=module, tabs=_tabs(found),
        filters=_fields(found, unit_field(whole, unit) if several(whole) else None),
        hidden={name: value for name, value in kept.items() if value}, active=_chips(found, unit),
        table=rows_of(module, rows.items, people, names, clock.today()), pager=pager(rows),
        may_enter=may_enter(module), export_href=_export_href(module), filtered=bool(set(found) - {"cursor", "limit"}),
    )


def _export_href(module: Module) -> str | None:
    """Where the whole of this list is asked for, narrowed as it is now; None for those who may not."""
    if not sight(Action.RECORD_EXPORT, module.column):
        return None
    return whole_list(url_for("desk_exports.records", module_key=module.key))


def may_enter(module: Module) -> bool:
    """Whether I may enter records of this kind anywhere."""
    return bool(record_forms.places(module))


def _record(module_key: str, record_id: str) -> tuple[Module, Record, Unit]:
    module = acts.module_of(module_key)
    record, unit = acts.seen(module, record_id)
    require(Action.RECORD_READ, unit, module.column)
    return module, record, unit


@blueprint.get("/records/<module_key>/<record_id>")
@guard(Action.RECORD_READ, channels=PC)
def show(module_key: str, record_id: str) -> str:
    """One record."""
    return one(About(*_record(module_key, record_id)))


def one(about: About, tried: ruling_words.Tried | None = None) -> str:
    """The page of a record; `tried` a form of the superior's or to him that was refused."""
    module, record, unit = about.module, about.record, about.unit
    shown = acts.shown(module, record, unit)
    pictures = photos.of([record.id], acts.sight(module))[record.id]
    keeps = may(Action.RECORD_UPDATE, unit, module.column)
    rows = people_rows(module, shown, linked=may(Action.CADRE_READ, unit))
    said = ruling_words.superior(about, "desk", tried)
    keeps_open = keeps and not said["locked"]
    return page(
        "desk/records/show.html", title=f"{module.title} {record.ended_on.isoformat()}", module=module, record=record,
        superior=said,
        unit=unit, owner=unit, shown=shown, people=rows, badge=badge(record, clock.today()),
        crumbs=crumbs(module, {"title": f"{record.ended_on.isoformat()} {record.summary}"}),
        items=details(module, record, shown, unit), due=due_days(module, record.ended_on, unit, record.due_on),
        photos=[{"href": url_for("desk_records.photo", attachment_id=each.id), "alt": f"照片 {place}"}
                for place, each in enumerate(pictures, start=1)],
        may_update=keeps_open, keeps=keeps,
        may_delete=keeps_open and may(Action.RECORD_DELETE, unit, module.column),
        may_read_log=may(Action.AUDIT_READ, unit), owed=record.is_owed(clock.today()),
        may_submit=keeps and record.entered_at is None and record.ended_on <= clock.today(),
        may_add_photos=keeps_open and len(pictures) < photos.MOST,
    )


@blueprint.get("/photos/<attachment_id>")
@guard(Action.RECORD_READ, channels=PC)
def photo(attachment_id: str) -> Response:
    """A photo of a record I may see; a download with a safe name that a page may still show as an image."""
    attachment = photos.seen(attachment_id)
    photos.allowed(attachment)
    return send_file(io.BytesIO(photos.content(attachment)), mimetype=attachment.content_type, as_attachment=True,
                     download_name=attachment.filename, max_age=0, etag=False)


def due_days(module: Module, ended_on: date, unit: Unit, due_on: date | None = None) -> dict[str, Any]:
    """What the macro `due_days` draws; `due_on` is the date a record carries, if it differs from today's answer."""
    told: Explained = explain(module, ended_on, unit)
    counted = {day.date: place for place, day in enumerate(told.counted, start=1)}
    days = sorted((*told.counted, *told.skipped), key=lambda day: day.date)
    return {
        "ended_on": ended_on.isoformat(), "due_on": told.due.on.isoformat(), "provisional": told.due.provisional,
        "rule": told.rule, "kept": due_on.isoformat() if due_on is not None and due_on != told.due.on else None,
        "days": [_day(day) | {"counted": day.date in counted, "n": counted.get(day.date)} for day in days],
    }


def _day(day: Day) -> dict[str, Any]:
    name = WEEKEND if day.why is Why.weekend else day.name
    return {"date": day.date.isoformat(), "weekday": WEEKDAYS[day.date.weekday()], "why": day.why.value, "name": name}


@blueprint.get("/records/<module_key>/due")
@guard(Action.DEADLINE_EXPLAIN, channels=PC)
def due(module_key: str) -> str:
    """Why a date is due: any day, counted out by name."""
    found = asked(DueQuery.kept())
    unit, ended_on = unit_asked(found.get("unit")), found.get("ended_on") or clock.today()
    module = acts.module_of(module_key)
    others = [{"title": each.title, "active": each.key == module.key,
               "href": url_for("desk_records.due", module_key=each.key, ended_on=ended_on.isoformat(), unit=unit.id)}
              for each in registry.modules().values()]
    return page("desk/records/due.html", title="期限查询", module=module, tabs=others, unit=unit, unit_id=unit.id,
                due=_told(module, ended_on, unit), crumbs=crumbs(module, {"title": "期限查询"}),
                ended_on=ended_on.isoformat(), before=(ended_on - ONE_DAY).isoformat(),
                after=(ended_on + ONE_DAY).isoformat())


def _told(module: Module, ended_on: date, unit: Unit) -> dict[str, Any]:
    try:
        return due_days(module, ended_on, unit)
    except (LookupError, ValueError) as error:
        raise Malformed("这个日期超出了可以推算的范围。") from error


@blueprint.get("/deadline")
@guard(Action.DEADLINE_EXPLAIN, channels=PC)
def deadline() -> str:
    """The due date of a day just chosen in a form, and the reason it asks for when that date has passed."""
    found = asked(DeadlineQuery.kept())
    unit, module = unit_asked(found.get("unit")), registry.module(found.get("module", ""))
    line = record_forms.due_line(module, found.get("ended_on"), unit, entered_on=found.get("entered_on"))
    reason = record_forms.late_reason(module, found.get("late_reason"))
    return render_template("desk/records/due_line.html", due=line, reason=reason)
