"""Merging units on the console (第六条): tick the units, read what will happen line by line, then confirm."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import merging, overview, units
from app.plans import ordering
from app.plans.model import PlannedChange
from app.schemas.changes import MergeForm, MergeQuery
from app.web.desk_unit_acts import Answer, back, mine, ordered
from app.web.forms import Attempt, asked, attempt, field_of, fields_of, submitted, typed
from app.web.merge_words import CHANGED, merge_rows, seal
from app.web.render import page, unit_crumbs
from app.web.unit_frame import kind_label
from permissions import guard
from permissions.actions import Action
from permissions.roles import PC
from tenants.errors import Conflict
from tenants.models import Unit

blueprint = Blueprint("desk_unit_merge", __name__, url_prefix="/desk/units")
TITLE = "合并"


def _choose(unit: Unit, q: str | None, chosen: list[str], wrong: str | None = None) -> str:
    offered = overview.partners_for(guard.sight(Action.UNIT_CLOSE), unit, q, chosen)
    names = overview.names_of_units([each.parent_id for each in offered], units.sight())
    fields = MergeQuery.kept().named()
    ticks = field_of("unit_ids", fields["unit_ids"], chosen, [wrong] if wrong else [], choices=[
        (each.id, f"{each.name}（{each.code}，{names.get(each.parent_id or '', '上级不在您的查看范围内')}）")
        for each in offered]) | {"widget": "checkboxes"}
    return page("desk/units/choose_many.html", unit=unit, title=f"{TITLE}：把哪些单位并入“{unit.name}”",
                sub=f"{unit.name} · {kind_label(unit)}", crumbs=unit_crumbs(unit, units.sight(), {"title": TITLE}),
                lead=f"选定的单位将撤销，下级单位、人员和记录都转入“{unit.name}”。选定之后，先看会发生什么，再确定。",
                cancel_href=back(unit), chosen=chosen, ticks=ticks, more=len(offered) >= overview.PARTNERS,
                search=field_of("q", fields["q"], q, []) | {"widget": "search"},
                nobody={"title": "没有可以并入的单位", "icon": "search",
                      "text": "只列出您管理范围内、类别相同的单位；换个名称再找，或联系上级系统管理员。"})


def _confirm(unit: Unit, others: list[Unit], failed: Attempt[Any] | None = None) -> Answer:
    """What the merge will do; where it cannot be, only why."""
    told = attempt(lambda: merging.preview(others, unit))
    wrong = failed or (told if told.failed else None)
    schema = MergeForm()
    fields = fields_of(schema, typed(schema) if failed is not None else {}, wrong.errors if wrong else {})
    for name in ("unit_ids", "told"):
        fields.pop(name)
    found = told.value or []
    ask = {"cancel_href": back(unit), "action": url_for("desk_unit_merge.merge", unit_id=unit.id),
           "submit": "确定合并", "danger": True, "fields": list(fields.values()),
           "hidden": {"unit_ids": [each.id for each in others], "told": seal([each.as_dict() for each in found])},
           "general": wrong.general_beside(fields) if wrong else []}
    shown = page("desk/units/preview.html", unit=unit, title=f"把 {len(others)} 个单位并入“{unit.name}”",
                 lead="合并之后不能恢复，请逐项核对。", ask=ask, rows=merge_rows(found, unit) if found else [],
                 crumbs=unit_crumbs(unit, units.sight(), {"title": TITLE}))
    return (shown, wrong.status) if wrong else shown


@blueprint.get("/<unit_id>/merge")
@guard.guard(Action.UNIT_OPEN, channels=PC)
def merge(unit_id: str) -> Answer:
    """Tick the units that are merged into this one, then see what goes over."""
    unit = mine(unit_id, Action.UNIT_OPEN)
    found = asked(MergeQuery.kept())
    chosen = found.get("unit_ids") or []
    if found.get("step") and not chosen:
        return _choose(unit, None, [], "请至少勾选一个单位。"), 422
    if found.get("step"):
        return _confirm(unit, [units.seen(each) for each in chosen])
    return _choose(unit, found.get("q"), [each for each in chosen if units.seen(each)])


@blueprint.post("/<unit_id>/merge")
@guard.guard(Action.UNIT_OPEN, channels=PC)
def merged(unit_id: str) -> Answer | Response:
    """Merge them, if what will happen is still what was read."""
    unit = mine(unit_id, Action.UNIT_OPEN)
    others = [units.seen(guard.checked_id(each)) for each in request.form.getlist("unit_ids") if each]
    if not others:
        return redirect(url_for("desk_unit_merge.merge", unit_id=unit.id), 303)

    def act() -> Unit | PlannedChange:
        merging.require_merge(others, unit)
        found = submitted(MergeForm())
        day, name = found.get("effective_on"), found.get("name")
        if found.get("told") not in (None, seal([each.as_dict() for each in merging.preview(others, unit)])):
            raise Conflict(CHANGED, code="stale")
        if day is None:
            return merging.merge(others, unit, name)
        return ordering.order("merge", unit, {"unit_ids": [each.id for each in others], "name": name}, day)

    done = attempt(act)
    if done.failed:
        return _confirm(unit, others, done)
    if isinstance(done.value, PlannedChange):
        return ordered(done.value, f"把 {len(others)} 个单位并入“{unit.name}”")
    flash(f"{len(others)} 个单位已并入“{unit.name}”。失效的权限请按需要重新授予。", "success")
    return redirect(back(unit), 303)
