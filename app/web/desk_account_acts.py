"""Acts on one account: facts, the two switches, stop, restore, send a new password, rights given and taken back."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, closing, devices, grants, overview, units
from app.schemas.bodies import AccountChange
from app.schemas.fields import Code, Flag, Line, is_id
from app.schemas.queries import GrantBody
from app.schemas.strict import Strict
from app.units import search
from app.web.desk_accounts import SENT, columns_text
from app.web.forms import Attempt, asked, attempt, beside_theirs, fields_of, submitted, typed
from app.web.render import page, unit_crumbs
from app.web.unit_frame import kind_label
from permissions import guard, templates
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Grant
from permissions.guard import require
from permissions.phone import mask_phone
from permissions.roles import CHANNEL_LABELS, PC, Role
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Unit

blueprint = Blueprint("desk_account_acts", __name__, url_prefix="/desk/accounts")
FOUND = 12
ALIKE = "此人已有完全相同的权限，不必再授予；要改栏目、使用端或有效期，请在“栏目与渠道权限”里修改那一项。"
Answer = str | Response | tuple[str, int]


class SwitchBody(Strict):
    """One switch."""

    name = Code("使用端", {"pc_grant": "电脑端", "mobile_access": "手机端"}, required=True)
    on = Flag("可用", required=True)


class UnitSearch(Strict):
    """Units to give a right in."""

    q = Line("单位名称或代码", longest=50)


def _mine(account_id: str, action: Action = Action.ACCOUNT_UPDATE) -> tuple[Account, Unit]:
    """An account I may do this to, and its unit. NotFound or Forbidden."""
    account = accounts.seen(account_id)
    return account, accounts.require_over(account, action)


def _back(account: Account) -> str:
    return url_for("desk_accounts.show", account_id=account.id)


def _crumbs(account: Account, unit: Unit, title: str) -> list[dict[str, Any]]:
    return unit_crumbs(unit, units.sight(), {"title": account.name, "href": _back(account)}, {"title": title})


def _edit_form(account: Account, unit: Unit, version: str, failed: Attempt[Any] | None = None) -> str:
    schema = AccountChange()
    now = {name: getattr(account, name) for name in schema.named()}
    fields = fields_of(schema, typed(schema) if failed is not None else now,
                       failed.errors if failed is not None else {})
    failed = beside_theirs(failed, fields, fields_of(schema, now, {}))
    wanted = ["name", "employment", "trained_on", "on_establishment", "in_service"]
    shown = [fields[name] for name in wanted]
    fields["trained_on"]["help"] = "计算机操作与网络安全培训；任命系统管理员时要用（第七条）"
    general = failed.general_beside(dict.fromkeys(wanted)) if failed is not None else []
    return page("desk/form.html", unit=unit, title="修改人员信息", sub=f"{account.name} · {unit.name}",
                crumbs=_crumbs(account, unit, "修改"), all_fields=shown,
                groups=[{"title": "人员信息", "fields": shown}],
                form_of={"action": request.path, "submit": "保存", "cancel_href": _back(account), "general": general,
                         "hidden": {"version": version}})


@blueprint.get("/<account_id>/edit")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def edit(account_id: str) -> Answer:
    """Name, employment, establishment, training."""
    account, unit = _mine(account_id)
    if account.kind != "staff":
        raise NotFound
    return _edit_form(account, unit, str(account.version))


@blueprint.post("/<account_id>/edit")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def edited(account_id: str) -> Answer:
    """Save them; the switches have a form of their own."""
    account, unit = _mine(account_id)
    if account.kind != "staff":
        raise NotFound
    version = request.form.get("version", "")
    kept = {"pc_grant": account.pc_grant, "mobile_access": account.mobile_access}
    done = attempt(lambda: accounts.amend(account, submitted(AccountChange(), **kept), version))
    if done.failed:
        return _edit_form(account, unit, str(account.version) if done.stale else version, done), done.status
    flash("人员信息已保存。", "success")
    return redirect(_back(account), 303)


@blueprint.post("/<account_id>/switch")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def switch(account_id: str) -> Response:
    """Turn one end on or off; it holds at the person's next request."""
    account, _unit = _mine(account_id)
    body = submitted(SwitchBody())
    accounts.amend(account, {body["name"]: body["on"]})
    end = {"pc_grant": "电脑端", "mobile_access": "手机端"}[body["name"]]
    flash(f"{account.name} 的{end}已{'开通' if body['on'] else '关闭'}。", "success")
    return redirect(_back(account), 303)


ASKS: dict[str, dict[str, Any]] = {
    "suspend": {"title": "停用 {name} 的账号？", "danger": True, "submit": "确定停用", "consequences": [
        "所有已登录的设备马上退出；", "不能再登录，直到恢复；", "录入过的记录、档案都不受影响。"]},
    "reactivate": {"title": "恢复 {name} 的账号？", "submit": "确定恢复", "consequences": [
        "可以用原来的密码登录；", "忘记密码的，恢复之后再重发密码短信。"]},
    "resend": {"title": "给 {name} 重发密码短信？", "submit": "确定重发", "consequences": [
        "系统生成新密码，由短信发给本人，这里看不到；", "原来的密码马上作废，所有已登录的设备退出；",
        "首次登录必须修改密码。"]},
    "close": {"title": "注销 {name} 的账号？", "danger": True, "submit": "确定注销", "consequences": [
        "注销后不能恢复，需要时只能重新开通；", "所有已登录的设备马上退出，所有权限收回；",
        "是系统管理员的，席位同时空出并报备上级（第七条）；",
        "手机号码释放，以后别人可以用它开通账号，看不到此人的任何内容；", "录入过的记录、档案和日志都保留。"]},
    "sign_out": {"title": "让 {name} 退出所有设备？", "submit": "全部退出", "consequences": [
        "所有已登录的电脑和手机，下一次打开页面时要重新登录；", "密码不变，账号照常可用。"]},
}
DONE = {"suspend": "{name} 的账号已停用。", "reactivate": "{name} 的账号已恢复。", "resend": "新密码已生成。" + SENT,
        "sign_out": "{name} 已从所有设备退出。", "close": "{name} 的账号已注销，号码已释放。"}
ACTS: dict[str, Callable[[Account], Account]] = {
    "suspend": accounts.suspend, "reactivate": accounts.reactivate, "resend": accounts.resend,
    "sign_out": devices.sign_out, "close": closing.close,
}


def _ask(account: Account, unit: Unit, what: str, failed: Attempt[Any] | None = None) -> str:
    ask = ASKS[what] | {"title": ASKS[what]["title"].format(name=account.name)}
    return page("desk/confirm.html", unit=unit, title=ask["title"], crumbs=_crumbs(account, unit, "确认"), ask={
        "action": request.path, "cancel_href": _back(account), "general": failed.general if failed else [],
        "facts": [{"label": "单位", "value": unit.name},
                  {"label": "手机号码", "value": mask_phone(account.phone)}], **ask})


@blueprint.get("/<account_id>/<any(suspend, reactivate, resend, sign_out, close):what>")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def confirm(account_id: str, what: str) -> Answer:
    """The question before stopping, restoring or sending; an administrator is removed and stopped on one page."""
    account, unit = _mine(account_id)
    seat = overview.seat_of(account, guard.sight(Action.ADMINISTRATOR_REMOVE)) if what == "suspend" else None
    if seat is not None:
        return redirect(url_for("desk_leaving.remove", unit_id=seat.unit_id, account_id=account.id, suspend="true"))
    return _ask(account, unit, what)


@blueprint.post("/<account_id>/<any(suspend, reactivate, resend, sign_out, close):what>")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def act(account_id: str, what: str) -> Answer:
    """Do it."""
    account, unit = _mine(account_id)
    done = attempt(lambda: ACTS[what](account))
    if done.failed:
        return _ask(account, unit, what, done), done.status
    flash(DONE[what].format(name=account.name), "success")
    return redirect(_back(account), 303)


def _staff(account_id: str, action: Action) -> tuple[Account, Unit]:
    account, unit = _mine(account_id, action)
    if account.kind != "staff":
        raise Conflict("离退休干部账号不授予工作角色。", code="not_staff")
    return account, unit


def _grant_form(account: Account, unit: Unit, failed: Attempt[Any] | None = None) -> str:
    schema = GrantBody()
    values = typed(schema) if failed is not None else {"unit_id": unit.id}
    fields = fields_of(schema, values, failed.errors if failed is not None else {})
    offered = {unit.id: unit}
    chosen = values.get("unit_id")
    if isinstance(chosen, str) and is_id(chosen):
        offered |= overview.units_of([chosen], guard.sight(Action.GRANT_CREATE))
    fields["unit_id"] |= {
        "widget": "person", "wide": True,
        "choices": [(each.id, each.name, kind_label(each)) for each in offered.values()],
        "value": chosen, "search_url": url_for("desk_account_acts.units_for_grant"),
        "placeholder": "在别的单位授予时，输入单位名称查找"}
    fields["role"] |= {"widget": "radio", "choices": ROLES}
    fields["channel"]["no_blank"] = True
    fields["template_id"] |= {"widget": "select", "placeholder": "不用模板", "choices": [
        (each.id, f"{each.name}（{Role(each.role).label}）") for each in templates.usable(unit)]}
    shown = [fields[name] for name in ("role", "unit_id", "columns", "channel", "since", "until", "template_id")]
    return page("desk/form.html", unit=unit, title="授予权限", sub=f"{account.name} · {unit.name}",
                crumbs=_crumbs(account, unit, "授予权限"), all_fields=shown,
                groups=[{"title": "权限", "fields": shown}],
                form_of={"action": request.path, "submit": "授予", "cancel_href": _back(account), "general":
                         failed.general_beside({each["name"]: each for each in shown}) if failed is not None else []})


ROLES = [
    (Role.clerk.value, Role.clerk.label, "录入、修改本单位所选栏目的记录"),
    (Role.chief.value, Role.chief.label, "查看本单位及下级的记录和统计"),
    (Role.reviewer.value, Role.reviewer.label, "审核本单位的信息发布"),
    (Role.auditor.value, Role.auditor.label, "查看本单位及下级的记录（敏感信息遮盖）、统计和日志"),
]


@blueprint.get("/units")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def units_for_grant() -> str:
    """Units a right may be given in, by a part of their name: ticks for the form."""
    scope = guard.my_scope(Action.GRANT_CREATE)
    q = asked(UnitSearch.kept()).get("q")
    found = search(scope, q, cursor=None, limit=FOUND).items if q else []
    return render_template("desk/accounts/units_found.html",
                           choices=[(each.id, each.name, kind_label(each)) for each in found])


@blueprint.get("/<account_id>/grants/give")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def give(account_id: str) -> str:
    """The form for a right."""
    account, unit = _staff(account_id, Action.GRANT_CREATE)
    return _grant_form(account, unit)


@blueprint.post("/<account_id>/grants/give")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def given(account_id: str) -> Answer:
    """Give it."""
    account, unit = _staff(account_id, Action.GRANT_CREATE)
    wanted = request.form.get("unit_id", "")
    at = units.seen(wanted) if is_id(wanted) else None
    if at is not None:
        require(Action.GRANT_CREATE, at)

    def do() -> Grant:
        if at is None:
            raise Invalid(fields={"unit_id": ["请选择单位。"]})
        wanted = submitted(GrantBody())
        if grants.held_alike(account, at, wanted):
            raise Conflict(ALIKE, code="held_alike")
        return grants.give(account, at, wanted)

    done = attempt(do)
    if done.value is None:
        return _grant_form(account, unit, done), done.status
    flash(f"已授予 {account.name}“{Role(done.value.role).label}”权限，下次打开页面即生效。", "success")
    return redirect(_back(account), 303)


@blueprint.get("/<account_id>/grants/<grant_id>/take")
@guard.guard(Action.GRANT_DELETE, channels=PC)
def take_back(account_id: str, grant_id: str) -> str:
    """The question before taking a right back."""
    account, unit = _mine(account_id, Action.GRANT_DELETE)
    found = grants.listing(account, guard.my_scope(Action.GRANT_DELETE))
    grant = next((each for each in found if each.id == guard.checked_id(grant_id)), None)
    if grant is None:
        raise NotFound
    names = overview.names_of_units([grant.unit_id], units.sight())
    return page("desk/confirm.html", unit=unit, title="收回权限", crumbs=_crumbs(account, unit, "收回权限"), ask={
        "title": f"收回 {account.name} 的“{Role(grant.role).label}”权限？", "danger": True, "submit": "确定收回",
        "action": request.path, "cancel_href": _back(account), "facts": [
            {"label": "单位", "value": names.get(grant.unit_id, "")}, {"label": "栏目", "value": columns_text(grant)},
            {"label": "使用端", "value": CHANNEL_LABELS[grant.channel]}],
        "consequences": ["此人下次打开页面时就不再有这项权限；", "需要时可以重新授予。"]})


@blueprint.post("/<account_id>/grants/<grant_id>/take")
@guard.guard(Action.GRANT_DELETE, channels=PC)
def taken_back(account_id: str, grant_id: str) -> Response:
    """Take it back."""
    account = accounts.seen(account_id)
    grants.take_back(account, grant_id)
    flash("权限已收回。", "success")
    return redirect(_back(account), 303)
