"""角色模板 on the console: those of a unit and its superiors, a new one or a narrower copy, narrowing, withdrawing."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import role_templates, units
from app.columns import COLUMNS
from app.schemas.fields import Code, Columns, Line, Reference
from app.schemas.strict import Strict
from app.web import right_words, words
from app.web.forms import Attempt, asked, attempt, fields_of, submitted, typed
from app.web.render import page, unit_crumbs
from permissions import guard, templates
from permissions.actions import Action
from permissions.grants import RoleTemplate
from permissions.narrowing import Limits, actions_of, channel_of
from permissions.roles import CHANNEL_LABELS, GRANTABLE, PC, Role
from tenants.models import Unit

blueprint = Blueprint("desk_templates", __name__, url_prefix="/desk/templates")
Answer = str | Response | tuple[str, int]
LEAD = "模板把一个角色收窄到部分操作、栏目或使用端，供本单位和下级授予权限时使用；下级可以照着再收窄，不能放宽。"
OFTEN = {action: words.ACTIONS[action] for role in GRANTABLE for action in sorted(actions_of(role))}


class PlaceQuery(Strict):
    """Where, and by which role or original."""

    unit = Reference("单位")
    role = Code("角色", {role.value: role.label for role in GRANTABLE})
    copy = Reference("上级模板")


class TemplateBody(Strict):
    """A template."""

    name = Line("模板名称", required=True, longest=50)
    actions = Columns("操作", OFTEN, help="不选表示这个角色（或上级模板）的全部操作")
    columns = Columns("栏目", COLUMNS, help="不选表示全部栏目")
    channel = Code("使用端", {"both": "电脑端和手机端", "pc": "电脑端", "mobile": "手机端"}, load_default="both",
                   allow_none=False)


def _unit(found: dict[str, Any], action: Action) -> Unit:
    unit = units.seen(found["unit"]) if found.get("unit") else units.own()
    guard.require(action, unit)
    return unit


def _back(unit: Unit) -> str:
    return url_for("desk_templates.index", unit=unit.id)


@blueprint.get("")
@guard.guard(Action.GRANT_READ, channels=PC)
def index() -> str:
    """The templates of a unit and of those above it."""
    unit = _unit(asked(PlaceQuery.kept()), Action.GRANT_READ)
    makes = guard.may(Action.GRANT_CREATE, unit)
    return page(
        "desk/templates.html", unit=unit, title="角色模板", sub=unit.name, lead=LEAD,
        crumbs=unit_crumbs(unit, units.sight(), {"title": "角色模板"}),
        rows=[_row(template, unit, makes=makes) for template in role_templates.listing(unit)],
        actions=[{"label": f"新建{role.label}模板", "icon": "plus", "href": url_for(
            "desk_templates.new", unit=unit.id, role=role.value)} for role in GRANTABLE] if makes else [])


def _row(template: RoleTemplate, unit: Unit, *, makes: bool) -> dict[str, Any]:
    """A superior's template stands here without the superior's name: who is below does not see above."""
    own = template.unit_id == unit.id
    name: dict[str, Any] = {"text": template.name, "sub": None if own else "由上级单位制定"}
    act: dict[str, Any] | None = None
    if template.withdrawn_at is not None:
        name["badge"] = {"text": f"{template.name}（已停用）", "tone": "plain"}
    elif own and makes:
        name["href"] = url_for("desk_templates.edit", template_id=template.id)
        act = {"text": "停用", "href": url_for("desk_templates.withdraw", template_id=template.id)}
    elif makes:
        act = {"text": "照此制定本单位的模板", "href": url_for("desk_templates.new", unit=unit.id, copy=template.id)}
    return {"cells": {
        "name": name, "role": Role(template.role).label,
        "actions": "全部操作" if template.actions is None else "、".join(OFTEN[each] for each in template.actions),
        "columns": right_words.columns_said(template.columns), "channel": CHANNEL_LABELS[template.channel], "act": act}}


def _form(unit: Unit, role: Role, above: Limits | None, now: dict[str, Any], title: str,
          failed: Attempt[Any] | None = None) -> str:
    schema = TemplateBody()
    fields = fields_of(schema, typed(schema) if failed is not None else now, failed.errors if failed else {})
    offered = actions_of(role) if above is None or above.actions is None else above.actions
    columns = COLUMNS if above is None or above.columns is None else [each for each in COLUMNS if each in above.columns]
    fields["actions"]["choices"] = [(each, OFTEN[each]) for each in sorted(offered)]
    fields["columns"]["choices"] = [(each, COLUMNS[each]) for each in columns]
    fields["channel"]["no_blank"] = True
    who = {"name": "who", "label": "角色", "widget": "static", "value": role.label}
    shown = [who, *(fields[name] for name in ("name", "actions", "columns", "channel"))]
    return page("desk/form.html", unit=unit, title=title, sub=unit.name, all_fields=shown,
                crumbs=unit_crumbs(unit, units.sight(), {"title": "角色模板", "href": _back(unit)}, {"title": title}),
                groups=[{"title": "模板", "help": LEAD, "fields": shown}],
                form_of={"action": request.full_path.rstrip("?"), "submit": "保存", "cancel_href": _back(unit),
                         "general": failed.general_beside({each["name"]: each for each in shown}) if failed else []})


def _asked_new() -> tuple[Unit, Role, RoleTemplate | None, Limits | None]:
    found = asked(PlaceQuery.kept())
    unit = _unit(found, Action.GRANT_CREATE)
    if not found.get("copy"):
        return unit, Role(found.get("role", Role.clerk)), None, None
    parent = role_templates.original(found["copy"], unit)
    return unit, Role(parent.role), parent, role_templates.above(parent, unit)


@blueprint.get("/new")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def new() -> str:
    """The form."""
    unit, role, parent, above = _asked_new()
    now = {"name": parent.name} if parent is not None else {}
    if above is not None:
        now |= {"channel": channel_of(above.channels)}
    return _form(unit, role, above, now, "新建角色模板")


@blueprint.post("/new")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def made() -> Answer:
    """Make it."""
    unit, role, parent, above = _asked_new()

    def do() -> RoleTemplate:
        body = submitted(TemplateBody())
        return role_templates.make(unit, body["name"], role_templates.wanted(role, body, above), parent)

    done = attempt(do)
    if done.failed:
        return _form(unit, role, above, {}, "新建角色模板", done), done.status
    flash("角色模板已建立，授予权限时可以选用。", "success")
    return redirect(_back(unit), 303)


def _found(template_id: str) -> tuple[RoleTemplate, Unit]:
    template, unit = role_templates.seen(template_id)
    guard.require(Action.GRANT_CREATE, unit)
    return template, unit


def _above(template: RoleTemplate, unit: Unit) -> Limits | None:
    return role_templates.above(role_templates.parent_of(template), unit)


@blueprint.get("/<template_id>")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def edit(template_id: str) -> str:
    """The form."""
    template, unit = _found(template_id)
    now = {"name": template.name, "actions": template.actions or [], "columns": template.columns or [],
           "channel": template.channel}
    return _form(unit, Role(template.role), _above(template, unit), now, "修改角色模板")


@blueprint.post("/<template_id>")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def edited(template_id: str) -> Answer:
    """Narrow it."""
    template, unit = _found(template_id)
    role, above = Role(template.role), _above(template, unit)

    def do() -> RoleTemplate:
        body = submitted(TemplateBody())
        role_templates.amend(template, unit, body["name"], role_templates.wanted(role, body, above))
        return template

    done = attempt(do)
    if done.failed:
        return _form(unit, role, above, {}, "修改角色模板", done), done.status
    flash("角色模板已保存；按它授予的权限，下一次打开页面即按新的范围。", "success")
    return redirect(_back(unit), 303)


@blueprint.get("/<template_id>/withdraw")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def withdraw(template_id: str) -> str:
    """The question."""
    template, unit = _found(template_id)
    many = templates.uses(template)
    return page("desk/confirm.html", unit=unit, title="停用角色模板", crumbs=unit_crumbs(
        unit, units.sight(), {"title": "角色模板", "href": _back(unit)}, {"title": "停用"}), ask={
        "title": f"停用角色模板“{template.name}”？", "danger": True, "submit": "确定停用", "action": request.path,
        "cancel_href": _back(unit), "facts": [{"label": "单位", "value": unit.name},
                                              {"label": "正按它持有的权限", "value": f"{many} 项"}],
        "consequences": ["按它和下级照它制定的模板授予的权限，马上不起作用；",
                         "停用后不能恢复，只能新建模板、重新授予。"]})


@blueprint.post("/<template_id>/withdraw")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def withdrawn(template_id: str) -> Response:
    """Withdraw it."""
    template, unit = _found(template_id)
    role_templates.withdraw(template, unit)
    flash("角色模板已停用。", "success")
    return redirect(_back(unit), 303)
