"""Acts on units (第五、六条) on the console: open below, amend, close; what is hard to undo is looked at first."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import overview, units
from app.administration.overview import Load
from app.plans import ordering
from app.plans.model import PlannedChange
from app.schemas.bodies import CloseBody, CloseForm, UnitBody, UnitChange, UnitForm
from app.schemas.fields import Line, Reference
from app.schemas.strict import Strict
from app.versions import check_version
from app.web.forms import Attempt, asked, attempt, beside_theirs, fields_of, submitted, typed
from app.web.list_page import here
from app.web.render import page, unit_crumbs
from app.web.unit_frame import is_open, kind_label
from permissions import guard
from permissions.actions import Action
from permissions.guard import require
from permissions.roles import PC
from tenants import tree
from tenants.errors import Conflict, Invalid
from tenants.models import CHILDREN, Unit, UnitKind

blueprint = Blueprint("desk_unit_acts", __name__, url_prefix="/desk/units")
Answer = str | Response | tuple[str, int]


class PlaceQuery(Strict):
    """Choosing another unit: by a part of its name, or the one chosen."""

    q = Line("单位名称或代码", longest=50)
    chosen = Reference("选定的单位")


def mine(unit_id: str, action: Action) -> Unit:
    """A unit I may do this at, still open."""
    unit = units.seen(unit_id)
    require(action, unit)
    if not is_open(unit):
        raise Conflict("该单位已经撤销，不能再改。", code="closed")
    return unit


def back(unit: Unit) -> str:
    return url_for("desk_units.show", unit_id=unit.id)


def _form(unit: Unit, title: str, fields: Sequence[dict[str, Any]], failed: Attempt[Any] | None, **form_of: Any) -> str:
    shown = {each["name"]: each for each in fields}
    general = failed.general_beside(shown) if failed is not None else []
    return page("desk/form.html", unit=unit, title=title, sub=f"{unit.name} · {kind_label(unit)}",
                crumbs=unit_crumbs(unit, units.sight(), {"title": title}), all_fields=list(fields),
                groups=[{"title": "单位信息", "fields": [each for each in fields if each["widget"] != "hidden"]}],
                form_of={"cancel_href": back(unit), "general": general, **form_of})


def _open_form(parent: Unit, failed: Attempt[Any] | None = None) -> str:
    schema = UnitBody()
    kinds = [(kind.value, kind.label) for kind in CHILDREN[UnitKind(parent.kind)]]
    values = typed(schema) if failed is not None else {"kind": kinds[0][0] if len(kinds) == 1 else None}
    fields = fields_of(schema, values, failed.errors if failed is not None else {}, {"kind": kinds})
    fields.pop("parent_id")
    fields["kind"] |= {"widget": "radio", "help": f"“{parent.name}”下面只能设这几类单位（第五条）。"}
    return _form(parent, "新设下级单位", list(fields.values()), failed, submit="新设", icon="plus",
                 action=url_for("desk_unit_acts.open_below", unit_id=parent.id))


@blueprint.get("/<unit_id>/open")
@guard.guard(Action.UNIT_OPEN, channels=PC)
def open_below(unit_id: str) -> Answer:
    """The form for a new unit below this one."""
    return _open_form(mine(unit_id, Action.UNIT_OPEN))


@blueprint.post("/<unit_id>/open")
@guard.guard(Action.UNIT_OPEN, channels=PC)
def opened(unit_id: str) -> Answer:
    """Open it."""
    parent = mine(unit_id, Action.UNIT_OPEN)

    def act() -> Unit:
        found = submitted(UnitBody(), parent_id=parent.id)
        return units.open_below(parent, kind=found["kind"], name=found["name"], code=found["code"])

    done = attempt(act)
    if done.value is None:
        return _open_form(parent, done), done.status
    flash(f"已新设“{done.value.name}”。接下来请为它开通工作人员账号，再任命系统管理员。", "success")
    return redirect(back(done.value), 303)


def _edit_form(unit: Unit, version: str, failed: Attempt[Any] | None = None) -> str:
    schema = UnitForm()
    now = {name: getattr(unit, name) for name in UnitChange.kept().named()}
    values = typed(schema) if failed is not None else now
    fields = fields_of(schema, values, failed.errors if failed is not None else {})
    failed = beside_theirs(failed, fields, fields_of(schema, now, {}))
    fields["name"]["help"] = "改名后，原来的名称留在沿革里"
    fields["valid_to"]["help"] = "不填表示长期；到期不会自动撤销"
    return _form(unit, "修改单位信息", list(fields.values()), failed, submit="保存", hidden={"version": version},
                 action=url_for("desk_unit_acts.edit", unit_id=unit.id))


@blueprint.get("/<unit_id>/edit")
@guard.guard(Action.UNIT_UPDATE, channels=PC)
def edit(unit_id: str) -> Answer:
    """Name, code, validity."""
    unit = mine(unit_id, Action.UNIT_UPDATE)
    return _edit_form(unit, str(unit.version))


def _amended(unit: Unit, version: str) -> Unit | PlannedChange:
    """At once; or, with a day, the name alone for that day."""
    found = submitted(UnitForm())
    day = found.pop("effective_on", None)
    if day is None:
        return units.amend(unit, found, version)
    check_version(unit, version)
    if found["name"] == unit.name:
        raise Invalid(fields={"name": ["名称没有改；定在以后的日子只能改名称。"]})
    if any(value != getattr(unit, name) for name, value in found.items() if name != "name"):
        raise Invalid(fields={"effective_on": ["只有名称可以定在以后改；代码和日期请先另外保存。"]})
    return ordering.order("rename", unit, {"name": found["name"]}, day)


def ordered(change: PlannedChange, what: str) -> Response:
    """To the page of what was put down for a day to come, saying so."""
    flash(f"已下达：{change.effective_on.isoformat()} 0 时{what}。", "success")
    return redirect(url_for("desk_unit_changes.show", change_id=change.id), 303)


@blueprint.post("/<unit_id>/edit")
@guard.guard(Action.UNIT_UPDATE, channels=PC)
def edited(unit_id: str) -> Answer:
    """Save them."""
    unit = mine(unit_id, Action.UNIT_UPDATE)
    version = request.form.get("version", "")
    done = attempt(lambda: _amended(unit, version))
    if done.failed:
        return _edit_form(unit, str(unit.version) if done.stale else version, done), done.status
    if isinstance(done.value, PlannedChange):
        return ordered(done.value, f"更名为“{done.value.body['name']}”")
    flash("单位信息已保存。", "success")
    return redirect(back(unit), 303)


def load_facts(load: Load) -> list[dict[str, str]]:
    """What goes along, as the lines of a confirmation."""
    counted = (("下级单位", load.units, "个"), ("离退休干部", load.cadres, "人"), ("账号", load.accounts, "个"),
               ("服务记录", load.records, "条"))
    return [{"label": label, "value": f"{count:,} {measure}"} for label, count, measure in counted]


def choose(unit: Unit, title: str, lead: str, offered: Sequence[Unit], q: str | None,
            facts: Sequence[Mapping[str, str]] = ()) -> str:
    """A page to choose another unit from: search, and a list whose rows lead on."""
    names = overview.names_of_units([each.parent_id for each in offered], units.sight())
    rows = [{"href": here(chosen=each.id, q=None), "cells": {
        "name": each.name, "kind": kind_label(each), "code": each.code, "parent": names.get(each.parent_id or "")}}
        for each in offered]
    return page(
        "desk/units/choose.html", unit=unit, title=title, lead=lead, facts=facts, cancel_href=back(unit),
        crumbs=unit_crumbs(unit, units.sight(), {"title": title}), sub=f"{unit.name} · {kind_label(unit)}",
        columns=[{"key": "name", "label": "点名称选定", "wide": True}, {"key": "kind", "label": "类别"},
                 {"key": "code", "label": "单位代码"}, {"key": "parent", "label": "上级管理单位"}], rows=rows,
        filter_fields=[{"name": "q", "label": "单位名称或代码", "widget": "search", "value": q, "maxlength": 50}],
        more=len(offered) >= overview.OFFERED - 1, reset_href=request.path if q else None,
        empty={"title": "没有可选的单位", "icon": "search",
               "text": "只列出您管理范围内、按第五条允许的单位；换个名称再找，或联系上级系统管理员。"})


def _confirm(unit: Unit, title: str, ask: dict[str, Any], failed: Attempt[Any] | None) -> str:
    general = failed.general_beside({each["name"]: each for each in ask["fields"]}) if failed is not None else []
    return page("desk/confirm.html", unit=unit, title=title, crumbs=unit_crumbs(unit, units.sight(), {"title": title}),
                ask={"cancel_href": back(unit), "general": general, **ask})


def _confirm_close(unit: Unit, successor: Unit | None, load: Load, failed: Attempt[Any] | None = None) -> str:
    schema = CloseForm()
    fields = fields_of(schema, typed(schema) if failed is not None else {}, failed.errors if failed is not None else {})
    fields.pop("successor_id")
    facts = [{"label": "单位代码", "value": unit.code}]
    consequences = ["单位从各处清单里消失，名称、记录和日志仍然可查；", "它的系统管理员同时免去并报备；",
                    "撤销之后不能恢复。"]
    if successor is not None:
        facts += [{"label": "接收单位", "value": successor.name}, *load_facts(load)]
        consequences.insert(0, f"上面这些下级单位、人员和记录转给“{successor.name}”；")
    return _confirm(unit, "撤销", {
        "fields": list(fields.values()),
        "title": f"撤销“{unit.name}”？", "danger": True, "facts": facts, "consequences": consequences,
        "submit": "确定撤销", "action": url_for("desk_unit_acts.close", unit_id=unit.id),
        "hidden": {"successor_id": successor.id} if successor is not None else {}}, failed)


@blueprint.get("/<unit_id>/close")
@guard.guard(Action.UNIT_CLOSE, channels=PC)
def close(unit_id: str) -> Answer:
    """What it still holds, who takes that over, and the question."""
    unit = mine(unit_id, Action.UNIT_CLOSE)
    found = asked(PlaceQuery.kept())
    load = overview.load_to_hand_over(unit)
    if found.get("chosen"):
        return _confirm_close(unit, units.seen(found["chosen"]), load)
    if load.empty:
        return _confirm_close(unit, None, load)
    offered = overview.successors_for(guard.sight(Action.UNIT_OPEN), unit, found.get("q"))
    return choose(unit, "撤销：选择接收单位", "该单位还不是空的，撤销之前要选定由谁接收下面这些内容。", offered,
                   found.get("q"), load_facts(load))


@blueprint.post("/<unit_id>/close")
@guard.guard(Action.UNIT_CLOSE, channels=PC)
def closed(unit_id: str) -> Answer:
    """Close it."""
    unit = mine(unit_id, Action.UNIT_CLOSE)
    found = attempt(lambda: submitted(CloseBody()))
    if found.value is None:
        return redirect(url_for("desk_unit_acts.close", unit_id=unit.id), 303)
    successor_id = found.value.get("successor_id")
    successor = units.seen(successor_id) if successor_id else None

    def act() -> Unit | PlannedChange:
        day = submitted(CloseForm()).get("effective_on")
        return units.close(unit, successor) if day is None else ordering.order(
            "close", unit, {"successor_id": successor_id}, day)

    done = attempt(act)
    if done.failed:
        return _confirm_close(unit, successor, overview.load_to_hand_over(unit), done), done.status
    if isinstance(done.value, PlannedChange):
        return ordered(done.value, f"撤销“{unit.name}”")
    flash(f"“{unit.name}”已撤销。", "success")
    parent = tree.superior(unit)
    return redirect(back(parent) if units.sight().covers(parent.number) else url_for("desk_units.index"), 303)
