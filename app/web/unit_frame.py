"""What all pages of one unit share: its heading, the tabs I may open, the acts I may do, where it hangs."""

from typing import Any

from flask import request, url_for

from app.administration import units
from app.web.list_page import several
from app.web.render import unit_crumbs
from permissions.actions import Action
from permissions.guard import may
from tenants import tree
from tenants.models import CHILDREN, KIND_LABELS, Unit, UnitKind, UnitStatus

BELOW = "desk_units.below"
TABS = (
    ("desk_units.show", "概况", None),
    ("desk_seats.index", "管理员", Action.ADMINISTRATOR_READ),
    ("desk_units.people", "人员", Action.ACCOUNT_READ),
    ("desk_rights.columns", "栏目权限", Action.GRANT_READ),
    (BELOW, "下级单位", None),
    ("desk_unit_history.show", "沿革", None),
    ("desk_units.filing_list", "报备", Action.FILING_READ),
    ("desk_units.log", "日志", Action.AUDIT_READ),
)


def kind_label(unit: Unit) -> str:
    """The kind of a unit in words."""
    return KIND_LABELS[UnitKind(unit.kind)]


def is_open(unit: Unit) -> bool:
    """Whether a unit still works."""
    return unit.status == UnitStatus.open


def tabs(unit: Unit) -> list[dict[str, Any]]:
    """Only what I may open."""
    shown = []
    for endpoint, title, action in TABS:
        if action is not None and not may(action, unit):
            continue
        if endpoint == BELOW and not (may(Action.UNIT_OPEN, unit) or several(units.sight().narrowed(tree.below(unit)))):
            continue
        shown.append({"title": title, "href": url_for(endpoint, unit_id=unit.id),
                      "active": endpoint == request.endpoint})
    return shown


def acts(unit: Unit) -> list[dict[str, Any]]:
    """Buttons of the unit's page; a closed unit can only be looked at."""
    if not is_open(unit):
        return []
    found: tuple[tuple[Action, str, str, str, dict[str, bool]], ...] = (
        (Action.UNIT_CLOSE, "撤销", "desk_unit_acts.close", "trash", {"danger": True}),
        (Action.UNIT_CLOSE, "合并", "desk_unit_merge.merge", "tree", {}),
        (Action.UNIT_MOVE, "拆分", "desk_unit_split.choose", "switch", {}),
        (Action.UNIT_MOVE, "移动", "desk_unit_move.move", "switch", {}),
        (Action.UNIT_UPDATE, "修改", "desk_unit_acts.edit", "edit", {}),
    )
    shown: list[dict[str, Any]] = [
        {"label": label, "href": url_for(endpoint, unit_id=unit.id), "icon": icon, **look}
        for action, label, endpoint, icon, look in found if may(action, unit)
    ]
    if CHILDREN[UnitKind(unit.kind)] and may(Action.UNIT_OPEN, unit):
        shown.append({"label": "新设下级单位", "href": url_for("desk_unit_acts.open_below", unit_id=unit.id),
                      "icon": "plus", "primary": True})
    return shown


def frame(unit: Unit) -> dict[str, Any]:
    """The variables of `desk/units/frame.html`."""
    return {
        "unit": unit,
        "title": unit.name,
        "crumbs": unit_crumbs(unit, units.sight()),
        "heading": {"title": unit.name, "sub": f"{kind_label(unit)} · 单位代码 {unit.code}", "actions": acts(unit),
                    "badge": None if is_open(unit) else {"text": "已撤销", "tone": "plain"}},
        "unit_tabs": tabs(unit),
    }
