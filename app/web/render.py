"""What every page gets: who I am, where I can go, the crumbs."""

from typing import Any

from flask import render_template, request, url_for

from app import registry
from app.columns import COLUMNS
from permissions.actions import Action
from permissions.guard import me
from permissions.identity import Principal
from permissions.needs import holds
from permissions.roles import Channel, Role


def me_for_page(principal: Principal) -> dict[str, Any]:
    """The corner of the page."""
    roles = [Role(held.role).label for held in principal.held if held.role is not Role.cadre]
    return {"name": principal.account.name, "unit_name": principal.unit.name, "unit_id": principal.unit.id,
            "kind": principal.account.kind, "channel": principal.channel.value, "roles": sorted(set(roles)),
            "must_change": principal.account.must_change_password}


def _link(title: str, endpoint: str, group: str, **arguments: Any) -> dict[str, Any]:
    href = url_for(endpoint, **arguments)
    return {"title": title, "href": href, "group": group, "badge": None,
            "active": request.path == href or request.path.startswith(f"{href}/")}


def desk_navigation(principal: Principal) -> list[dict[str, Any]]:
    """The console's menu: only what this principal holds."""
    links = [_link("待办", "desk.home", "工作台")]
    for module in registry.modules().values():
        if holds(principal, Action.RECORD_READ, module.column):
            links.append(_link(module.title, "desk_records.index", COLUMNS[module.column], module_key=module.key))
    wanted = (
        (Action.CADRE_READ, "离退休干部", "desk_cadres.index", "基础信息"),
        (Action.UNIT_READ, "单位", "desk_units.index", "基础信息"),
        (Action.OPINION_READ, "意见建议", "desk_opinions.index", "基础信息"),
        (Action.REPORT_TIMELINESS, "及时性统计", "desk_reports.index", "督查"),
        (Action.ACCOUNT_READ, "账号", "desk_accounts.index", "管理"),
        (Action.FILING_READ, "报备", "desk_filings.index", "管理"),
        (Action.AUDIT_READ, "操作日志", "desk_log.index", "管理"),
    )
    return links + [_link(title, endpoint, group) for action, title, endpoint, group in wanted
                    if holds(principal, action, any_column=True)]


def page(template: str, *, crumbs: list[dict[str, Any]] | None = None, title: str = "", **context: Any) -> str:
    """Render a page for the principal of this request."""
    principal = me()
    navigation = []
    if principal.channel is Channel.pc and not principal.account.must_change_password:
        navigation = desk_navigation(principal)
    return render_template(template, me=me_for_page(principal), nav=navigation, crumbs=crumbs or [], title=title,
                           elder_size=elder_size(), **context)


def elder_size() -> str:
    """The type size the cadre chose, kept in the browser: 18 or 30."""
    wanted = request.cookies.get("elder_size", "18")
    return wanted if wanted in ("18", "30") else "18"
