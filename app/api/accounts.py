"""`/accounts` and their grants: opened by administrators, in their own unit and below."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.administration import accounts, closing, devices, grants
from app.api.declare import routes
from app.api.placing import narrowed, placed
from app.api.reading import answer, body, creates, if_match, limit_of, listed, no_body, nothing, query
from app.api.shapes import account_out, grant_out
from app.schemas.bodies import AccountChange, CadreAccountBody, StaffAccountBody
from app.schemas.queries import AccountQuery, GrantBody, GrantChange, PageQuery
from app.schemas.strict import load
from app.versions import check_version
from permissions.actions import Action
from permissions.guard import guard, my_scope, require
from permissions.roles import PC
from tenants.errors import Invalid

blueprint = Blueprint("api_accounts", __name__, url_prefix="/api/v1/accounts", description="账号与权限")
route = routes(blueprint)
BODIES = {"staff": StaffAccountBody, "cadre": CadreAccountBody}


@route("GET", "", query=AccountQuery)
@guard(Action.ACCOUNT_READ)
def list_accounts() -> Response:
    """账号清单"""
    found = query(AccountQuery.kept())
    filters = accounts.Filters(within=narrowed(found), kind=found.get("kind"), q=found.get("q"),
                               state=found.get("state"))
    page = accounts.listing(my_scope(Action.ACCOUNT_READ), filters, cursor=found.get("cursor"), limit=limit_of(found))
    return answer(listed(page, account_out))


@route("POST", "", takes=StaffAccountBody, gives=201)
@guard(Action.ACCOUNT_OPEN, channels=PC)
@creates
def open_account() -> Response:
    """开通账号，密码由短信发给本人"""
    raw = body()
    unit = placed(raw, Action.ACCOUNT_OPEN)
    schema = BODIES.get(raw["kind"]) if isinstance(raw.get("kind"), str) else None
    if schema is None:
        raise Invalid(fields={"kind": ["请选择 staff 或 cadre。"]})
    return answer(account_out(accounts.open_account(unit, load(schema(), raw))), 201)


@route("GET", "/<account_id>")
@guard(Action.ACCOUNT_READ)
def show_account(account_id: str) -> Response:
    """一个账号"""
    account = accounts.seen(account_id)
    require(Action.ACCOUNT_READ, accounts.unit_of(account))
    return answer(account_out(account))


@route("PATCH", "/<account_id>", takes=AccountChange)
@guard(Action.ACCOUNT_UPDATE, channels=PC)
def amend_account(account_id: str) -> Response:
    """更改人员信息、电脑端与手机端权限"""
    account = accounts.seen(account_id)
    accounts.require_over(account)
    check_version(account, if_match())
    found = load(AccountChange(), body(), partial=True)
    return answer(account_out(accounts.amend(account, found, if_match())))  # asked again once it is held


def _act(account_id: str, act: Any) -> Response:
    account = accounts.seen(account_id)
    accounts.require_over(account)
    no_body()
    return answer(account_out(act(account)))


@route("POST", "/<account_id>/suspend")
@guard(Action.ACCOUNT_UPDATE, channels=PC)
@creates
def suspend(account_id: str) -> Response:
    """停用账号"""
    return _act(account_id, accounts.suspend)


@route("POST", "/<account_id>/reactivate")
@guard(Action.ACCOUNT_UPDATE, channels=PC)
@creates
def reactivate(account_id: str) -> Response:
    """恢复账号"""
    return _act(account_id, accounts.reactivate)


@route("POST", "/<account_id>/resend")
@guard(Action.ACCOUNT_UPDATE, channels=PC)
@creates
def resend(account_id: str) -> Response:
    """重新发送密码，原密码作废"""
    return _act(account_id, accounts.resend)


@route("POST", "/<account_id>/sign-out")
@guard(Action.ACCOUNT_UPDATE, channels=PC)
@creates
def sign_out(account_id: str) -> Response:
    """退出所有设备"""
    return _act(account_id, devices.sign_out)


@route("POST", "/<account_id>/close")
@guard(Action.ACCOUNT_UPDATE, channels=PC)
@creates
def close(account_id: str) -> Response:
    """注销账号：不能恢复，号码释放"""
    return _act(account_id, closing.close)


@route("GET", "/<account_id>/grants", query=PageQuery)
@guard(Action.GRANT_READ)
def list_grants(account_id: str) -> Response:
    """一个账号的权限"""
    account = accounts.seen(account_id)
    query(PageQuery.kept())
    rows = [grant_out(grant) for grant in grants.listing(account, my_scope(Action.GRANT_READ))]
    return answer({"items": rows, "next": None, "total": len(rows)})


@route("POST", "/<account_id>/grants", takes=GrantBody, gives=201)
@guard(Action.GRANT_CREATE, channels=PC)
@creates
def give_grant(account_id: str) -> Response:
    """授予权限"""
    account = accounts.seen(account_id)
    raw = body()
    unit = placed(raw, Action.GRANT_CREATE)
    accounts.require_over(account, Action.GRANT_CREATE)
    return answer(grant_out(grants.give(account, unit, load(GrantBody(), raw))), 201)


@route("PATCH", "/<account_id>/grants/<grant_id>", takes=GrantChange)
@guard(Action.GRANT_CREATE, channels=PC)
def change_grant(account_id: str, grant_id: str) -> Response:
    """更改一项权限的栏目、使用端、有效期和模板；角色和单位不能改"""
    account = accounts.seen(account_id)
    accounts.require_over(account, Action.GRANT_CREATE)
    grant = grants.found(account, grant_id, Action.GRANT_CREATE)
    require(Action.GRANT_CREATE, grants.unit_of(grant))
    check_version(grant, if_match())
    found = load(GrantChange(), body(), partial=True)
    return answer(grant_out(grants.change(account, grant, grants.as_it_is(grant) | found)))


@route("DELETE", "/<account_id>/grants/<grant_id>", gives=204)
@guard(Action.GRANT_DELETE, channels=PC)
def take_grant_back(account_id: str, grant_id: str) -> Response:
    """收回权限"""
    grants.take_back(accounts.seen(account_id), grant_id, if_match())
    return nothing()
