"""What every page gets: who I am, where I can go, what I owe, the tree at the left, the crumbs."""

from typing import Any

from flask import render_template, request, url_for

from app import registry
from app.administration import posts
from app.columns import COLUMNS
from app.own import cadre
from app.own.owed import Counted, counted
from app.web.side_tree import side_tree
from permissions import rotation
from permissions.actions import Action
from permissions.guard import me
from permissions.identity import Principal
from permissions.needs import holds
from permissions.roles import Channel, Role
from permissions.standing import Why
from tenants import clock, tree
from tenants.models import Unit
from tenants.scope import Scope


def me_for_page(principal: Principal) -> dict[str, Any]:
    """The corner of the page."""
    roles = sorted({Role(held.role).label for held in principal.held if held.role is not Role.cadre})
    return {"name": principal.account.name, "unit_name": principal.at.name, "unit_id": principal.at.id,
            "kind": principal.account.kind, "channel": principal.channel.value, "roles": roles,
            "role_label": "、".join(roles), "must_change": _must_change(principal),
            "posts": post_choices(principal)}


def post_choices(principal: Principal) -> list[dict[str, Any]]:
    """The posts of somebody who has several, and all of them together: `{id, name, roles, here}` each."""
    found = posts.of(principal)
    if len(found) < 2:
        return []
    chosen = principal.post.id if principal.post is not None else ""
    every = {"id": "", "name": "全部岗位", "roles": f"{len(found)} 个单位一起看", "here": not chosen}
    return [every, *({"id": each.unit.id, "name": each.unit.name, "here": each.unit.id == chosen,
                      "roles": "、".join(role.label for role in each.roles)} for each in found)]


def _must_change(principal: Principal) -> bool:
    """Whether only the change of the password is open."""
    return principal.account.must_change_password or rotation.due(principal.account)


def _link(title: str, endpoint: str, group: str | None, *, badge: int = 0, **arguments: Any) -> dict[str, Any]:
    href = url_for(endpoint, **arguments)
    return {"title": title, "href": href, "group": group, "badge": badge,
            "active": request.path == href or (request.path.startswith(f"{href.rstrip('/')}/") and href != "/desk/")}


def desk_navigation(principal: Principal, owed: Counted) -> list[dict[str, Any]]:
    """The console's menu: only what this principal holds."""
    links = [_link("待办", "desk.home", None, badge=owed.records)]
    links.append(_link("消息", "todo.index", None))
    for module in registry.modules().values():
        if holds(principal, Action.RECORD_READ, module.column):
            links.append(_link(module.title, "desk_records.index", COLUMNS[module.column], module_key=module.key))
    wanted = (
        (Action.CADRE_READ, "离退休干部", "desk_cadres.index", "基础信息", 0),
        (Action.UNIT_READ, "单位", "desk_units.index", "基础信息", 0),
        (Action.OPINION_READ, "意见建议", "desk_opinions.index", "基础信息", 0),
        (Action.RECORD_OVERSEE, "待处理与异常录入", "desk_oversight.index", "督查", 0),
        (Action.REPORT_TIMELINESS, "及时性统计", "desk_reports.index", "督查", 0),
        (Action.DEADLINE_EXPLAIN, "放假安排", "desk_calendar.index", "督查", 0),
        (Action.DEADLINE_EXPLAIN, "时限规则", "desk_rules.index", "督查", 0),
        (Action.AUDIT_READ, "操作日志", "desk_log.index", "督查", 0),
        (Action.RECORD_EXPORT, "后台任务", "desk_jobs.index", "督查", 0),
        (Action.ACCOUNT_READ, "账号", "desk_accounts.index", "管理", 0),
        (Action.ADMINISTRATOR_READ, "单位缺项", "desk_defects.index", "管理", 0),
        (Action.NOMINATION_READ, "提名", "desk_nominations.index", "管理", 0),
        (Action.GRANT_READ, "角色模板", "desk_templates.index", "管理", 0),
        (Action.GRANT_READ, "为什么能、为什么不能", "desk_why.index", "管理", 0),
        (Action.ACCOUNT_OPEN, "人员调动", "desk_transfers.index", "管理", 0),
        (Action.ACCOUNT_UPDATE, "换号申请", "desk_phone_changes.index", "管理", 0),
        (Action.FILING_READ, "报备", "desk_filings.index", "管理", owed.filings),
    )
    return links + [_link(title, endpoint, group, badge=badge) for action, title, endpoint, group, badge in wanted
                    if holds(principal, action, any_column=True)]


def unit_crumbs(unit: Unit, scope: Scope, *rest: dict[str, Any]) -> list[dict[str, Any]]:
    """From my topmost unit down to this one, each with its page, and then `rest`."""
    line = [{"title": each.name, "href": url_for("desk_units.show", unit_id=each.id)}
            for each in tree.ancestors(unit, scope)]
    return [*line, *rest]


def page(template: str, *, crumbs: list[dict[str, Any]] | None = None, title: str = "", unit: Unit | None = None,
         **context: Any) -> str:
    """Render a page for the principal of this request; `unit` is the one the tree shows as in view."""
    principal = me()
    console = principal.channel is Channel.pc and not _must_change(principal)
    if console:
        owed = context.pop("owed_counts", None) or counted(principal, clock.today())
        context |= {"nav": desk_navigation(principal, owed), "side_tree": side_tree(unit)}
    if principal.is_cadre and not _must_change(principal):
        context.setdefault("contact", own_contact())
    return render_template(template, me=me_for_page(principal), crumbs=crumbs or [], title=title,
                           elder_size=elder_size(), password_url=url_for("auth.password"), **context)


def own_contact() -> dict[str, Any] | None:
    """Whom a cadre calls, for the foot of every page of 长辈版."""
    found = cadre.contact(me())
    return {"name": found.name, "tel": found.phone, "role": f"{found.unit_name}，您的联系人"} if found else None


def works_elsewhere() -> bool:
    """Whether some of what I hold counts on the other end only (第十条)."""
    return any(each.why is Why.channel for each in me().rights)


def elder_size() -> str:
    """The type size the cadre chose, kept in the browser: 18 or 30."""
    wanted = request.cookies.get("elder_size", "18")
    return wanted if wanted in ("18", "30") else "18"
