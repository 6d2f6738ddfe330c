"""沿革 of a unit, and 历史机构: the tree as it stood at the end of any day, with what has become of it since."""

from datetime import date
from typing import Any

from flask import Blueprint, url_for

from app.administration import overview, past, units
from app.audit_log import knows_actor
from app.paging import Page, decode, page_of
from app.plans import ordering
from app.schemas.changes import PAST_STATES, PastQuery
from app.units import ids_named
from app.web import words
from app.web.desk_unit_changes import COLUMNS as CHANGE_COLUMNS
from app.web.desk_unit_changes import change_rows
from app.web.forms import asked
from app.web.list_page import ROWS, address, chips, pager
from app.web.render import page
from app.web.unit_frame import frame
from permissions import guard
from permissions.actions import Action
from permissions.guard import may, my_scope
from permissions.roles import PC, Role
from tenants import clock, history, tree
from tenants.history import Then, TreeOn
from tenants.models import KIND_LABELS, Unit, UnitKind, UnitStatus
from tenants.scope import Scope

blueprint = Blueprint("desk_unit_history", __name__, url_prefix="/desk/units")
OUT_OF_SIGHT = "（范围外的单位）"
BADGES = {"open": {"text": "正常", "tone": "good"}, "closed": {"text": "已撤销", "tone": "plain"},
          "coming": {"text": "尚未设立", "tone": "calm"}}
COLUMNS: list[dict[str, Any]] = [
    {"key": "name", "label": "单位（当日名称）", "wide": True}, {"key": "kind", "label": "类别"},
    {"key": "above", "label": "当日上级"}, {"key": "state", "label": "当日状态"}, {"key": "now", "label": "今天"}]


@blueprint.get("/<unit_id>/history")
@guard.guard(Action.UNIT_READ, channels=PC)
def show(unit_id: str) -> str:
    """Opened, renamed, moved, merged, closed: on which day, and by whom as far as I may know."""
    units.visible()
    unit = units.seen(unit_id)
    events = past.of_unit(unit)
    names = overview.names_of_units([each for event in events for each in event.others], units.sight())
    waiting = ordering.listing(tree.here(unit), "waiting", cursor=None, limit=ROWS).items if may(
        Action.ADMINISTRATOR_READ, unit) else []
    return page("desk/units/history.html", **frame(unit), events=[_told(event, names) for event in events],
                waiting=change_rows(waiting), waiting_columns=CHANGE_COLUMNS,
                tree_at=url_for("desk_unit_history.index", unit=unit.parent_id if unit.parent_id in
                                overview.names_of_units([unit.parent_id], units.sight()) else unit.id))


def _told(event: past.Event, names: dict[str, str]) -> dict[str, Any]:
    """An event in parts of text, some of them links, and who did it."""
    def of(unit_id: str | None) -> dict[str, Any]:
        known = unit_id is not None and unit_id in names
        return {"text": f"“{names[unit_id]}”" if known and unit_id else OUT_OF_SIGHT,
                "href": url_for("desk_units.show", unit_id=unit_id) if known else None}

    parts: dict[str, list[Any]] = {
        "opened": [f"新设，名称为“{event.words[0]}”" if event.words else ""],
        "renamed": [f"更名：由“{event.words[0]}”改为“{event.words[-1]}”" if event.words else ""],
        "moved": ["由", of(event.others[0]), "之下移到", of(event.others[-1]), "之下"] if event.others else [],
        "split_off": ["由", *(of(each) for each in event.others), "拆分设立"],
        "split": ["拆分，分出", *(of(each) for each in event.others)],
        "received": ["接收并入的", *(of(each) for each in event.others)],
        "closed": ["撤销"] if event.others == (None,) else ["撤销，并入", *(of(each) for each in event.others)]}
    said = [part if isinstance(part, dict) else {"text": part, "href": None} for part in parts[event.kind]]
    return {"day": event.day.isoformat(), "parts": said, "by": _by(event)}


def _by(event: past.Event) -> str:
    entry = event.entry
    if entry is None:
        return ""
    at = words.moment(entry.at)
    if not knows_actor(entry, guard.sight(Action.AUDIT_READ), guard.me().account.id):
        return f"{words.SUPERIOR}，{at}"
    role = Role(entry.actor_role).label if entry.actor_role in {each.value for each in Role} else ""
    return f"{entry.actor_name or words.SYSTEM}{f'（{role}）' if role else ''}，{at}"


@blueprint.get("/past")
@guard.guard(Action.UNIT_READ, channels=PC)
def index() -> str:
    """历史机构: a level of the tree of a day, or what a search by any name ever borne finds in it."""
    scope = my_scope(Action.UNIT_READ, any_column=True)
    found = asked(PastQuery.kept())
    chosen = units.seen(found["unit"]) if found.get("unit") else None
    day = min(found.get("on") or clock.today(), clock.today())
    top = past.line_below(chosen, scope)
    then = history.seen_in(history.tree_on(day, top), scope)
    listed = _listed(then, top, found, ids_named(scope, found["q"]) if found.get("q") else None)
    state = PAST_STATES.get(found.get("state", ""))
    fields = [{"name": "on", "label": "哪一天", "widget": "date", "value": day.isoformat()},
              {"name": "q", "label": "名称（当时或现在）、代码", "widget": "search", "value": found.get("q"),
               "maxlength": 50},
              {"name": "state", "label": "当日状态", "widget": "select", "placeholder": "不限",
               "choices": list(PAST_STATES.items()), "value": found.get("state")}]
    return page("desk/units/past.html", title="历史机构", unit=chosen, columns=COLUMNS, filter_fields=fields,
                sub=f"{day.isoformat()} 24 时的隶属关系；点单位名称看它当时的下级",
                crumbs=[{"title": "单位", "href": url_for("desk_units.index")}, {"title": "历史机构"}],
                rows=_rows(listed.items, then, day.isoformat()), page_of=pager(listed, "个单位"),
                line=_line(top, day, scope), hidden={"unit": chosen.id} if chosen is not None else {},
                reset_href=url_for("desk_unit_history.index"),
                ahead=bool(found.get("on") and found["on"] > clock.today()),
                active=chips({"q": found.get("q"), "state": state}),
                empty={"title": "这一天这里没有这样的单位", "icon": "search",
                       "text": "换一天、换个名称，或点“清空”从头看起。"})


def _listed(then: TreeOn, top: Unit | None, found: dict[str, Any], ids: set[str] | None) -> Page[Then]:
    """By number, those closed by the day behind; units that came later only when they are looked for."""
    wanted, state = ids is not None or found.get("state") is not None, found.get("state")
    if top is None:
        within = list(then.units.values()) if wanted else [each for each in then.units.values() if not each.parent_id]
    else:
        within = list(then.below(top.id)) if wanted else then.children(top.id)
    kept = [each for each in within if (ids is None or each.id in ids) and (
        each.status == state if state else ids is not None or each.status != "coming")]
    kept.sort(key=_place)
    after = decode(found.get("cursor"), (int, int))
    rest = [each for each in kept if after is None or _place(each) > after]
    return page_of(rest[:ROWS + 1], ROWS, _place, len(kept))


def _place(each: Then) -> tuple[int, int]:
    return int(each.status != "open"), each.number


def _rows(listed: list[Then], then: TreeOn, day: str) -> list[dict[str, Any]]:
    now = overview.units_of([each.id for each in listed], units.sight())
    names = overview.names_of_units([other for each in now.values() for other in (each.parent_id, each.successor_id)],
                                    units.sight())
    rows = []
    for each in listed:
        above = then.units.get(each.parent_id or "")
        rows.append({"href": address(url_for("desk_unit_history.index"), {"on": day, "unit": each.id}), "cells": {
            "name": each.name, "kind": KIND_LABELS[UnitKind(each.kind)], "above": above.name if above else None,
            "state": {"badge": BADGES[each.status]},
            "now": {"text": _now(each, now[each.id], names), "href": url_for("desk_units.show", unit_id=each.id)}}})
    return rows


def _now(each: Then, unit: Unit, names: dict[str, str]) -> str:
    """What has become of it."""
    if unit.status == UnitStatus.closed:
        went = f"，并入“{names.get(unit.successor_id, OUT_OF_SIGHT)}”" if unit.successor_id else ""
        on = unit.valid_to.isoformat() if unit.valid_to else ""
        return f"{on} 撤销{went}"
    changed = [f"现名“{unit.name}”"] if unit.name != each.name else []
    if each.parent_id != each.parent_now and each.parent_now is not None:
        changed.append(f"现属“{names.get(each.parent_now, OUT_OF_SIGHT)}”")
    return "，".join(changed) or "没有变化"


def _line(top: Unit | None, day: date, scope: Scope) -> list[dict[str, str]]:
    """From the topmost unit of then in sight down to the one in view."""
    return [{"text": each.name, "href": address(url_for("desk_unit_history.index"),
                                                {"on": day.isoformat(), "unit": each.id})}
            for each in (history.line_on(day, top) if top is not None else []) if scope.covers(each.number)]
