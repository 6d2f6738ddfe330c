"""`/role-templates`, rights frozen and thawed, and why somebody may or may not."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.administration import accounts, grants, role_templates, units, why
from app.administration.why import End
from app.api.declare import routes
from app.api.placing import placed
from app.api.reading import answer, body, creates, if_match, no_body, query
from app.api.shapes import grant_out
from app.schemas.rights import TemplateBody, TemplateChange, TemplateQuery, WhyQuery
from app.schemas.strict import load
from app.versions import check_version
from permissions import explain, guard, lineage, table
from permissions.actions import Action
from permissions.grants import RoleTemplate
from permissions.guard import require
from permissions.roles import PC, Role
from tenants.errors import Invalid, NotFound
from tenants.models import Unit
from tenants.scope import Scope

blueprint = Blueprint("api_rights", __name__, url_prefix="/api/v1", description="角色模板、冻结与解冻、为什么能或不能")
route = routes(blueprint)


def template_out(template: RoleTemplate, unit: Unit) -> dict[str, Any]:
    """A template as it is used at a unit; who is below does not read whose a superior's is."""
    return {"id": template.id, "unit_id": unit.id if template.unit_id == unit.id else None,
            "parent_id": template.parent_id, "name": template.name, "role": template.role,
            "actions": template.actions, "columns": template.columns, "channel": template.channel,
            "withdrawn": template.withdrawn_at is not None, "version": template.version}


@route("GET", "/role-templates", query=TemplateQuery)
@guard.guard(Action.GRANT_READ)
def list_templates() -> Response:
    """在一个单位可用的角色模板：本单位的，和上级的"""
    found = query(TemplateQuery.kept())
    unit = units.seen(found["unit"]) if found.get("unit") else units.own()
    require(Action.GRANT_READ, unit)
    rows = [template_out(each, unit) for each in role_templates.listing(unit)]
    return answer({"items": rows, "next": None, "total": len(rows)})


@route("POST", "/role-templates", takes=TemplateBody, gives=201)
@guard.guard(Action.GRANT_CREATE, channels=PC)
@creates
def make_template() -> Response:
    """新建角色模板，或照上级的模板收窄一份"""
    raw = body()
    unit = placed(raw, Action.GRANT_CREATE)
    found = load(TemplateBody(), raw)
    parent = _original(found["parent_id"], unit) if found.get("parent_id") else None
    wanted = role_templates.wanted(Role(found["role"]), found, role_templates.above(parent, unit))
    return answer(template_out(role_templates.make(unit, found["name"], wanted, parent), unit), 201)


def _original(template_id: str, unit: Unit) -> RoleTemplate:
    try:
        return role_templates.original(template_id, unit)
    except NotFound as error:
        raise Invalid(fields={"parent_id": ["没有找到可以照着制定的模板。"]}) from error


@route("GET", "/role-templates/<template_id>")
@guard.guard(Action.GRANT_READ)
def show_template(template_id: str) -> Response:
    """一个角色模板"""
    template, unit = role_templates.seen(template_id)
    require(Action.GRANT_READ, unit)
    return answer(template_out(template, unit))


@route("PATCH", "/role-templates/<template_id>", takes=TemplateChange)
@guard.guard(Action.GRANT_CREATE, channels=PC)
def amend_template(template_id: str) -> Response:
    """改名、收窄；已有人按它持有权限的，不能放宽"""
    template, unit = role_templates.seen(template_id)
    require(Action.GRANT_CREATE, unit)
    check_version(template, if_match())
    now = {"name": template.name, "actions": template.actions, "columns": template.columns,
           "channel": template.channel}
    found = now | load(TemplateChange(), body(), partial=True)
    parent = role_templates.parent_of(template)
    wanted = role_templates.wanted(Role(template.role), found, role_templates.above(parent, unit))
    role_templates.amend(template, unit, found["name"], wanted)
    return answer(template_out(template, unit))


@route("POST", "/role-templates/<template_id>/withdraw")
@guard.guard(Action.GRANT_CREATE, channels=PC)
@creates
def withdraw_template(template_id: str) -> Response:
    """停用角色模板：按它授予的权限马上不起作用"""
    template, unit = role_templates.seen(template_id)
    require(Action.GRANT_CREATE, unit)
    no_body()
    role_templates.withdraw(template, unit)
    return answer(template_out(template, unit))


@route("POST", "/accounts/<account_id>/grants/<grant_id>/freeze")
@guard.guard(Action.GRANT_DELETE, channels=PC)
@creates
def freeze_grant(account_id: str, grant_id: str) -> Response:
    """冻结一项权限：下一次请求起不再起作用"""
    account = accounts.seen(account_id)
    accounts.require_over(account, Action.GRANT_DELETE)
    grant = grants.found(account, grant_id, Action.GRANT_DELETE)
    no_body()
    grants.freeze(account, grant)
    return answer(grant_out(grant))


@route("POST", "/accounts/<account_id>/grants/<grant_id>/thaw")
@guard.guard(Action.GRANT_CREATE, channels=PC)
@creates
def thaw_grant(account_id: str, grant_id: str) -> Response:
    """解冻一项权限：从现在起由解冻的人负责"""
    account = accounts.seen(account_id)
    accounts.require_over(account, Action.GRANT_CREATE)
    grant = grants.found(account, grant_id, Action.GRANT_CREATE)
    no_body()
    grants.thaw(account, grant)
    return answer(grant_out(grant))


@route("GET", "/accounts/<account_id>/explain", query=WhyQuery)
@guard.guard(Action.GRANT_READ)
def explain_account(account_id: str) -> Response:
    """为什么能、为什么不能：结论、每项权限的作用和来源、规则"""
    account = accounts.seen(account_id)
    home = accounts.unit_of(account)
    require(Action.GRANT_READ, home)
    found = query(WhyQuery.kept())
    unit = units.seen(found["unit"]) if found.get("unit") else home
    action, column = Action(found["action"]), found.get("column")
    sight = guard.sight(Action.ACCOUNT_READ)
    return answer({
        "account_id": account.id, "unit_id": unit.id, "action": action.value, "column": column,
        "ends": [_end_out(each, sight) for each in why.both_ends(account, action, unit, column)],
        "rule": [{"role": role, "reach": reach} for role, reach in explain.rule(action)],
        "proof": action in table.PROVED})


def _end_out(end: End, sight: Scope) -> dict[str, Any]:
    chains = lineage.chains([each.standing.right.id for each in end.shown])
    return {"channel": end.channel.value, "allowed": end.verdict.allowed, "passes": end.verdict.passes,
            "door": end.verdict.door, "hidden": end.hidden, "reasons": [{
                "right_id": each.standing.right.id, "role": each.standing.held.role.value,
                "unit_id": each.standing.held.unit.id, "allows": each.allows, "code": each.code, "words": each.words,
                "origin": [explain.told(step, sight) for step in chains.get(each.standing.right.id, [])]}
                for each in end.shown]}
