"""Records already there, on the phone: change, submit a draft, say why it was late, add photos, delete."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for

from app.keeping import records as acts
from app.records import store
from app.records.model import Record
from app.records.module import Module
from app.schemas.bodies import SubmitBody
from app.schemas.strict import load
from app.web import record_forms
from app.web.forms import Attempt, attempt
from app.web.mobile_records import asked_for, form_page, own_record, say, show_again
from app.web.phone import spoken_day, staff_page
from permissions.actions import Action
from permissions.guard import guard
from permissions.roles import MOBILE
from tenants.errors import Invalid
from tenants.models import Unit
from tenants.tree import here

blueprint = Blueprint("mobile_record_edit", __name__, url_prefix="/m/records/<module_key>/<record_id>")


def _names(record: Record, unit: Unit) -> dict[str, str]:
    return {link.cadre_id: name for link, name in store.people_of([record.id], here(unit))[record.id]}


def _as_it_stands(module: Module, record: Record, unit: Unit) -> dict[str, Any]:
    return record_forms.values_of(module, record, store.people_of([record.id], here(unit))[record.id])


@blueprint.get("/edit")
@guard(Action.RECORD_UPDATE, channels=MOBILE)
def edit(module_key: str, record_id: str) -> str:
    """The form with what the record holds."""
    module, record, unit = own_record(module_key, record_id, Action.RECORD_UPDATE)
    return form_page(module, unit, _as_it_stands(module, record, unit), None, record=record,
                     names=_names(record, unit))


@blueprint.post("/edit")
@guard(Action.RECORD_UPDATE, channels=MOBILE)
def amend(module_key: str, record_id: str) -> Any:
    """Change what the small form shows and nothing else; a draft is submitted unless the other button keeps it one."""
    module, record, unit = own_record(module_key, record_id, Action.RECORD_UPDATE)
    shown = {*asked_for(module), "late_reason"}
    raw = {name: value for name, value in record_forms.typed(module).items() if name in shown}
    names = _names(record, unit)
    if record_forms.looked_for() is not None:
        return form_page(module, unit, raw, None, record=record, names=names)
    entered, stays = record.entered_at is not None, record_forms.is_draft()

    def act() -> Record:
        values = record_forms.loaded(module, raw, draft=stays and not entered)
        acts.amend(module, record, unit, {name: value for name, value in values.items() if name in raw},
                   request.form.get("version") or None)
        return record if entered or stays else acts.submit(module, record, unit, None)

    tried = attempt(act)
    if tried.value is None:
        return form_page(module, unit, raw, tried, record=record, names=names), tried.status
    if entered:
        flash("已保存。", "success")
    else:
        say(record)
    return show_again(module, record.id)


@blueprint.post("/submit")
@guard(Action.RECORD_UPDATE, channels=MOBILE)
def submit(module_key: str, record_id: str) -> Any:
    """Enter a draft as it stands; what is missing is shown in its form."""
    module, record, unit = own_record(module_key, record_id, Action.RECORD_UPDATE)
    values, names = _as_it_stands(module, record, unit), _names(record, unit)
    tried = attempt(lambda: acts.submit(module, record, unit, _reason(required=False)))
    if tried.value is None:
        typed = {name: text for name, text in request.form.items() if name == "late_reason" and text}
        return form_page(module, unit, values | typed, tried, record=record, names=names), tried.status
    say(tried.value)
    return show_again(module, record_id)


def _reason(*, required: bool) -> str | None:
    typed = request.form.get("late_reason", "").strip() or None
    reason: str | None = load(SubmitBody(), {"late_reason": typed}).get("late_reason")
    if required and not reason:
        raise Invalid(fields={"late_reason": ["请填写逾期原因。"]})
    return reason


def _tell(tried: Attempt[Any], done: str) -> None:
    """Say what became of a small act; nothing typed is lost with it that was worth a page of its own."""
    if tried.failed:
        flash("；".join(text for texts in tried.errors.values() for text in texts) or tried.message, "error")
    else:
        flash(done, "success")


@blueprint.post("/reason")
@guard(Action.RECORD_UPDATE, channels=MOBILE)
def explain_lateness(module_key: str, record_id: str) -> Any:
    """Say afterwards why a record was late."""
    module, record, unit = own_record(module_key, record_id, Action.RECORD_UPDATE)
    _tell(attempt(lambda: acts.amend(module, record, unit, {"late_reason": _reason(required=True)}, None)),
          "逾期原因已经填好。")
    return show_again(module, record_id)


@blueprint.post("/photos")
@guard(Action.RECORD_UPDATE, channels=MOBILE)
def add_photos(module_key: str, record_id: str) -> Any:
    """Add photos to a record; all of them or none."""
    module, record, unit = own_record(module_key, record_id, Action.RECORD_UPDATE)
    tried = attempt(lambda: record_forms.add_photos(module, record, unit))
    _tell(tried, f"已添加 {tried.value} 张照片。" if tried.value else "没有选择照片。")
    return show_again(module, record_id)


@blueprint.get("/delete")
@guard(Action.RECORD_DELETE, channels=MOBILE)
def confirm_delete(module_key: str, record_id: str) -> str:
    """Ask before deleting."""
    module, record, unit = own_record(module_key, record_id, Action.RECORD_DELETE)
    return staff_page("mobile/record_delete.html", module=module, record=record, day=spoken_day(str(record.ended_on)),
                      names="、".join(_names(record, unit).values()))


@blueprint.post("/delete")
@guard(Action.RECORD_DELETE, channels=MOBILE)
def delete(module_key: str, record_id: str) -> Any:
    """Delete a record, leaving a tombstone."""
    module, record, unit = own_record(module_key, record_id, Action.RECORD_DELETE)
    tried = attempt(lambda: acts.remove(module, record, unit, request.form.get("version") or None))
    _tell(tried, "已删除；上级和日志里仍保留痕迹。")
    if tried.failed:
        return show_again(module, record_id)
    return redirect(url_for("mobile_records.index", module_key=module.key), 303)
