"""Planned changes of units on the console: what was ordered for which day, what it will do, and calling it off."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from app.administration import overview, units
from app.plans import ordering
from app.plans.kinds import KINDS
from app.plans.model import PlannedChange
from app.schemas.changes import STATES, ChangeQuery
from app.web import words
from app.web.forms import asked, attempt
from app.web.list_page import ROWS, pager
from app.web.plan_words import foretold
from app.web.render import page, unit_crumbs
from permissions.actions import Action
from permissions.guard import guard, may, me, my_scope
from permissions.roles import PC
from tenants.models import Unit

blueprint = Blueprint("desk_unit_changes", __name__, url_prefix="/desk/unit-changes")
TONES = {"waiting": "warn", "done": "good", "failed": "bad", "cancelled": "plain"}
COLUMNS: list[dict[str, Any]] = [
    {"key": "what", "label": "调整", "wide": True}, {"key": "day", "label": "生效日期", "nowrap": True},
    {"key": "by", "label": "下达人"}, {"key": "state", "label": "状态"}]


def change_rows(found: list[PlannedChange]) -> list[dict[str, Any]]:
    """Rows of a list of planned changes."""
    ids = [unit_id for each in found for unit_id in (each.unit_id, *KINDS[each.kind].concerned(each.body))]
    names = overview.names_of_units(ids, units.sight())
    return [{"href": url_for("desk_unit_changes.show", change_id=each.id), "cells": {
        "what": told(each, names), "day": each.effective_on.isoformat(), "by": each.ordered_by_name,
        "state": {"badge": {"text": STATES[each.state], "tone": TONES[each.state]}}}} for each in found]


def told(change: PlannedChange, names: dict[str, str]) -> str:
    """A change in a sentence."""
    def name(unit_id: str) -> str:
        return f"“{names.get(unit_id, '（范围外的单位）')}”"

    unit, body = name(change.unit_id), change.body
    if change.kind == "move":
        return f"{unit}移到{name(body['parent_id'])}之下"
    if change.kind == "rename":
        return f"{unit}更名为“{body['name']}”"
    if change.kind == "merge":
        return "、".join(name(each) for each in body["unit_ids"]) + f"并入{unit}"
    if change.kind == "split":
        return f"从{unit}分出“{body['name']}”"
    return f"撤销{unit}" + (f"，由{name(body['successor_id'])}接收" if body.get("successor_id") else "")


@blueprint.get("")
@guard(Action.ADMINISTRATOR_READ, channels=PC)
def index() -> str:
    """Everything ordered that concerns my units."""
    my_scope(Action.ADMINISTRATOR_READ)
    found = asked(ChangeQuery.kept())
    unit = units.seen(found["unit"]) if found.get("unit") else None
    result = ordering.listing(units.subtree(unit) if unit is not None else None, found.get("state"),
                              cursor=found.get("cursor"), limit=ROWS)
    return page("desk/list.html", title="已下达的机构调整", sub="到生效日期的 0 时自动办理；生效之前可以取消",
                crumbs=[{"title": "单位", "href": url_for("desk_units.index")}, {"title": "机构调整"}], columns=COLUMNS,
                rows=change_rows(result.items), page_of=pager(result, "项"),
                filter_fields=[{"name": "state", "label": "状态", "widget": "select", "placeholder": "不限",
                                "choices": list(STATES.items()), "value": found.get("state")}],
                empty={"title": "没有下达过机构调整", "icon": "switch",
                       "text": "移动、合并、拆分、撤销单位或改名时，填上以后的生效日期，就会列在这里。"})


def _facts(change: PlannedChange, names: dict[str, str]) -> list[dict[str, str]]:
    facts = [{"label": "调整", "value": told(change, names)},
             {"label": "生效日期", "value": f"{change.effective_on.isoformat()} 0 时"},
             {"label": "下达", "value": f"{change.ordered_by_name}，{words.moment(change.ordered_at)}"},
             {"label": "状态", "value": STATES[change.state]}]
    if change.settled_at is not None:
        facts.append({"label": "办理时间", "value": words.moment(change.settled_at)})
    return facts + ([{"label": "没有生效的原因", "value": change.reason}] if change.reason else [])


def _ends(change: PlannedChange, unit: Unit) -> bool:
    mine = change.ordered_by == me().account.id or may(ordering.ACTIONS[change.kind], unit)
    return mine and change.state in ("waiting", "failed")


@blueprint.get("/<change_id>")
@guard(Action.ADMINISTRATOR_READ, channels=PC)
def show(change_id: str) -> str:
    """One of them, and as long as it waits what it would do as things are now, for who could order it."""
    my_scope(Action.ADMINISTRATOR_READ)
    change, unit = ordering.seen(change_id)
    waits = change.state == "waiting" and ordering.told_whole(change)
    now = foretold(change, unit) if waits else None
    ids = [change.unit_id, *KINDS[change.kind].concerned(change.body)]
    names = overview.names_of_units(ids, units.sight())
    above = {"title": "机构调整", "href": url_for("desk_unit_changes.index")}
    return page("desk/units/change.html", title=told(change, names), facts=_facts(change, names),
                crumbs=unit_crumbs(unit, units.sight(), above),
                ends=_ends(change, unit), failed=change.state == "failed", now=now,
                cancel=url_for("desk_unit_changes.cancel", change_id=change.id))


@blueprint.post("/<change_id>/cancel")
@guard(Action.UNIT_UPDATE, channels=PC)
def cancel(change_id: str) -> Response:
    """Call it off, or put away what failed."""
    change, unit = ordering.seen(change_id)
    my_scope(Action.UNIT_UPDATE)
    done = attempt(lambda: ordering.call_off(change, unit))
    flash("已取消。" if not done.failed else done.message, "success" if not done.failed else "warn")
    return redirect(url_for("desk_unit_changes.show", change_id=change_id), 303)
