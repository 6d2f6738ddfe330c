"""Writing records on the console: enter or keep as a draft, change, submit, delete, add photos, say why it was late."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for

from app.administration import units
from app.deadlines.rules import Timeliness
from app.keeping import records as acts
from app.records import store
from app.records.model import Record
from app.records.module import Module
from app.schemas.bodies import SubmitBody
from app.schemas.fields import is_id
from app.schemas.strict import load
from app.web import record_forms
from app.web.desk_records import crumbs
from app.web.forms import Attempt, attempt
from app.web.render import page
from permissions import transaction
from permissions.actions import Action
from permissions.guard import guard, my_scope, require
from permissions.roles import PC
from tenants import clock
from tenants.errors import Invalid
from tenants.models import Unit
from tenants.tree import here

blueprint = Blueprint("desk_record_edit", __name__, url_prefix="/desk/records/<module_key>")
PLACE = "/<record_id>"
CONSEQUENCES = ("它从清单、统计和老同志的页面里消失；", "上级和日志里仍保留痕迹，写明是您删除的；", "不能自己恢复。")


def _unit(module: Module, unit_id: str) -> Unit:
    """The unit a record is for: seen first (404), then allowed (403)."""
    if not is_id(unit_id):
        my_scope(Action.RECORD_CREATE, module.column)
        raise Invalid(fields={"unit_id": ["请选择单位。"]})
    unit = units.seen(unit_id)
    require(Action.RECORD_CREATE, unit, module.column)
    return unit


def _own(module_key: str, record_id: str, action: Action) -> tuple[Module, Record, Unit]:
    """A record I see (404) and may do this with (403)."""
    module = acts.module_of(module_key)
    record, unit = acts.seen(module, record_id)
    require(action, unit, module.column)
    return module, record, unit


def _back(module: Module, record_id: str) -> Any:
    return redirect(url_for("desk_records.show", module_key=module.key, record_id=record_id), 303)


@blueprint.get("/new")
@guard(Action.RECORD_CREATE, channels=PC)
def new(module_key: str) -> str:
    """An empty form, after the unit is known."""
    module = acts.module_of(module_key)
    my_scope(Action.RECORD_CREATE, module.column)
    mine = record_forms.places(module)
    wanted = request.args.get("unit", "")
    if not wanted and len(mine) != 1:
        here_url = url_for("desk_record_edit.new", module_key=module.key)
        return page("desk/records/choose_unit.html", title=f"录入{module.title}", module=module, here=here_url,
                    crumbs=crumbs(module, {"title": "选择单位"}), units=mine)
    unit = _unit(module, wanted or mine[0].id)
    values = {"ended_on": clock.today()} | record_forms.about(module, request.args.get("cadre", ""))
    return _form(module, unit, values, None)


def _form(module: Module, unit: Unit, values: dict[str, Any], tried: Attempt[Any] | None, *,
          record: Record | None = None) -> str:
    names = {}
    if record is not None:
        names = {link.cadre_id: name for link, name in store.people_of([record.id], here(unit))[record.id]}
    title = f"修改{module.title}" if record is not None else f"录入{module.title}"
    others = record is None and len(record_forms.places(module)) > 1
    return page("desk/records/form.html", title=title, crumbs=crumbs(module, {"title": title}), several_units=others,
                unit=unit,
                version=request.form.get("version") or (record.version if record is not None else ""),
                **record_forms.shown(module, unit, values, tried, names=names, record=record))


@blueprint.post("/new")
@guard(Action.RECORD_CREATE, channels=PC)
def create(module_key: str) -> Any:
    """Enter a record, or keep a draft, with its photos."""
    module = acts.module_of(module_key)
    unit = _unit(module, request.form.get("unit_id", ""))
    raw = record_forms.typed(module)
    if record_forms.looked_for() is not None:
        return _form(module, unit, raw, None)

    def act() -> Record:
        record = acts.create(module, unit, record_forms.loaded(module, raw, draft=record_forms.is_draft()))
        record_forms.add_photos(module, record, unit)
        return record

    tried = attempt(act)
    if tried.value is None:
        return _form(module, unit, raw, tried), tried.status
    _say(tried.value)
    return _back(module, tried.value.id)


def _say(record: Record) -> None:
    today = clock.today()
    stands = record.timeliness(today)
    if record.entered_at is None:
        if record.due_on >= today:
            flash(f"已存为草稿，请在 {record.due_on.isoformat()} 24 时前提交录入。", "success")
        else:
            flash("已存为草稿，但已超过截止日，请尽快提交。", "warning")
    elif stands is Timeliness.late and not record.late_reason:
        flash("已录入，记为逾期补录；逾期原因还没有填写，请补填。", "warning")
    else:
        flash("已录入，逾期补录。" if stands is Timeliness.late else "已录入，按时。", "success")


@blueprint.get(f"{PLACE}/edit")
@guard(Action.RECORD_UPDATE, channels=PC)
def edit(module_key: str, record_id: str) -> str:
    """The form with what the record holds."""
    module, record, unit = _own(module_key, record_id, Action.RECORD_UPDATE)
    people = store.people_of([record.id], here(unit))[record.id]
    return _form(module, unit, record_forms.values_of(module, record, people), None, record=record)


@blueprint.post(f"{PLACE}/edit")
@guard(Action.RECORD_UPDATE, channels=PC)
def amend(module_key: str, record_id: str) -> Any:
    """Change a record; a draft is submitted unless the other button keeps it one."""
    module, record, unit = _own(module_key, record_id, Action.RECORD_UPDATE)
    raw = record_forms.typed(module)
    if record_forms.looked_for() is not None:
        return _form(module, unit, raw, None, record=record)
    entered, stays = record.entered_at is not None, record_forms.is_draft()

    def act() -> Record:
        values = record_forms.loaded(module, raw, draft=stays and not entered)
        values.pop("draft")
        acts.amend(module, record, unit, values, request.form.get("version") or None)
        return record if entered or stays else acts.submit(module, record, unit, None)

    tried = attempt(act)
    if tried.value is None:
        return _form(module, unit, raw, tried, record=record), tried.status
    if entered:
        flash("已保存。", "success")
    else:
        _say(record)
    return _back(module, record.id)


@blueprint.post(f"{PLACE}/submit")
@guard(Action.RECORD_UPDATE, channels=PC)
def submit(module_key: str, record_id: str) -> Any:
    """Enter a draft as it stands; what is missing is shown in its form."""
    module, record, unit = _own(module_key, record_id, Action.RECORD_UPDATE)
    people = store.people_of([record.id], here(unit))[record.id]
    values = record_forms.values_of(module, record, people)
    tried = attempt(lambda: acts.submit(module, record, unit, _reason(required=False)))
    if tried.value is None:
        typed_reason = request.form.get("late_reason")
        return _form(module, unit, values | ({"late_reason": typed_reason} if typed_reason else {}), tried,
                     record=record), tried.status
    _say(tried.value)
    return _back(module, record_id)


def _reason(*, required: bool) -> str | None:
    reason: str | None = load(SubmitBody(), {"late_reason": request.form.get("late_reason", "").strip() or None}).get(
        "late_reason")
    if required and not reason:
        raise Invalid(fields={"late_reason": ["请填写逾期原因。"]})
    return reason


@blueprint.post(f"{PLACE}/reason")
@guard(Action.RECORD_UPDATE, channels=PC)
def explain_lateness(module_key: str, record_id: str) -> Any:
    """Say afterwards why a record was late."""
    module, record, unit = _own(module_key, record_id, Action.RECORD_UPDATE)

    def act() -> None:
        acts.amend(module, record, unit, {"late_reason": _reason(required=True)}, None)
        flash("逾期原因已填写。", "success")

    return _or_say(act, module, record_id)


def _or_say(act: Callable[[], None], module: Module, record_id: str) -> Any:
    """Do it and go back to the record; wrong fields are told there, a refused state is an error page."""
    try:
        act()
    except Invalid as invalid:
        transaction.undo()
        flash("；".join(text for texts in invalid.fields.values() for text in texts), "error")
    return _back(module, record_id)


@blueprint.post(f"{PLACE}/photos")
@guard(Action.RECORD_UPDATE, channels=PC)
def add_photos(module_key: str, record_id: str) -> Any:
    """Add photos to a record; all of them or none."""
    module, record, unit = _own(module_key, record_id, Action.RECORD_UPDATE)

    def act() -> None:
        added = record_forms.add_photos(module, record, unit)
        flash(f"已添加 {added} 张照片。" if added else "没有选择照片。", "success" if added else "warning")

    return _or_say(act, module, record_id)


@blueprint.get(f"{PLACE}/delete")
@guard(Action.RECORD_DELETE, channels=PC)
def confirm_delete(module_key: str, record_id: str) -> str:
    """Ask before deleting."""
    module, record, unit = _own(module_key, record_id, Action.RECORD_DELETE)
    entered = record.entered_on.isoformat() if record.entered_on else "草稿，还没有录入"
    line = crumbs(module, {"title": "删除"})
    return page("desk/confirm.html", title=f"删除{module.title}", crumbs=line, unit=unit, ask={
        "title": f"删除这条{module.title}记录？", "danger": True, "submit": "删除", "action": request.path,
        "hidden": {"version": record.version}, "consequences": CONSEQUENCES,
        "cancel_href": url_for("desk_records.show", module_key=module.key, record_id=record.id),
        "facts": [{"label": "内容", "value": record.summary}, {"label": "单位", "value": unit.name},
                  {"label": "工作结束日期", "value": record.ended_on.isoformat()},
                  {"label": "截止日", "value": record.due_on.isoformat()}, {"label": "录入日期", "value": entered}],
    })


@blueprint.post(f"{PLACE}/delete")
@guard(Action.RECORD_DELETE, channels=PC)
def delete(module_key: str, record_id: str) -> Any:
    """Delete a record, leaving a tombstone."""
    module, record, unit = _own(module_key, record_id, Action.RECORD_DELETE)
    acts.remove(module, record, unit, request.form.get("version") or None)
    flash("已删除；上级和日志里仍保留这条记录的痕迹。", "success")
    return redirect(url_for("desk_records.index", module_key=module.key), 303)
