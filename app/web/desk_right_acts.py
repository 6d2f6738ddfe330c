"""One right of a staff member changed, frozen or thawed, each after a look at what it will mean."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, grants, units
from app.schemas.queries import GrantBody
from app.web import right_words
from app.web.forms import Attempt, attempt, fields_of, submitted, typed
from app.web.render import page, unit_crumbs
from permissions import guard, templates
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Grant
from permissions.roles import CHANNEL_LABELS, PC, Role
from tenants.models import Unit

blueprint = Blueprint("desk_right_acts", __name__, url_prefix="/desk/accounts")
Answer = str | Response | tuple[str, int]
SHOWN = ("columns", "channel", "since", "until", "template_id")


def _found(account_id: str, grant_id: str, action: Action) -> tuple[Account, Grant, Unit]:
    account = accounts.seen(account_id)
    accounts.require_over(account, action)
    grant = grants.found(account, grant_id, action, held=request.method == "POST")
    at = grants.unit_of(grant)
    guard.require(action, at)
    return account, grant, at


def _back(account: Account) -> str:
    return url_for("desk_rights.show", account_id=account.id)


def _crumbs(account: Account, unit: Unit, title: str) -> list[dict[str, Any]]:
    return unit_crumbs(unit, units.sight(), {"title": "栏目与渠道权限", "href": _back(account)}, {"title": title})


def _form(account: Account, grant: Grant, at: Unit, failed: Attempt[Any] | None = None) -> str:
    schema = GrantBody()
    now = {"columns": grant.columns or [], "channel": grant.channel, "since": grant.since, "until": grant.until,
           "template_id": grant.template_id}
    fields = fields_of(schema, typed(schema) if failed is not None else now,
                       failed.errors if failed is not None else {})
    fields["channel"]["no_blank"] = True
    fields["template_id"] |= {"widget": "select", "placeholder": "不用模板", "choices": [
        (each.id, each.name) for each in templates.usable(at, Role(grant.role))]}
    what = {"name": "what", "label": "权限", "widget": "static", "value": f"{Role(grant.role).label}（{at.name}）",
            "help": "角色和单位不能改；要换，请收回后另行授予。"}
    shown = [what, *(fields[name] for name in SHOWN)]
    return page("desk/form.html", unit=at, title="修改权限", sub=f"{account.name} · {at.name}", all_fields=shown,
                crumbs=_crumbs(account, at, "修改权限"), groups=[{
                    "title": "栏目、使用端和有效期", "fields": shown,
                    "help": "保存后，对方下一次打开页面就按新的权限。"}],
                form_of={"action": request.path, "submit": "保存", "cancel_href": _back(account), "general":
                         failed.general_beside(dict.fromkeys(SHOWN)) if failed is not None else []})


@blueprint.get("/<account_id>/grants/<grant_id>/change")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def change(account_id: str, grant_id: str) -> str:
    """The form."""
    account, grant, at = _found(account_id, grant_id, Action.GRANT_CREATE)
    return _form(account, grant, at)


@blueprint.post("/<account_id>/grants/<grant_id>/change")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def changed(account_id: str, grant_id: str) -> Answer:
    """Give it anew."""
    account, grant, at = _found(account_id, grant_id, Action.GRANT_CREATE)
    fixed: dict[str, Any] = {"role": grant.role, "unit_id": grant.unit_id}
    done = attempt(lambda: grants.change(account, grant, submitted(GrantBody(), **fixed)))
    if done.failed:
        return _form(account, grant, at, done), done.status
    flash(f"{account.name} 的权限已修改，下一次打开页面即生效。", "success")
    return redirect(_back(account), 303)


ASKS: dict[str, dict[str, Any]] = {
    "freeze": {"title": "冻结 {name} 的“{role}”权限？", "danger": True, "submit": "确定冻结", "consequences": [
        "此人下次打开页面时就不能再用这项权限；", "权限的内容保留着，不必重新填写；",
        "需要时由能授予它的系统管理员解冻。"]},
    "thaw": {"title": "解冻 {name} 的“{role}”权限？", "submit": "确定解冻", "consequences": [
        "此人下次打开页面时就恢复这项权限；", "从现在起，这项权限由您负责，授权来源里记您的名字。"]},
}


def _ask(account: Account, grant: Grant, at: Unit, what: str, failed: Attempt[Any] | None = None) -> str:
    ask = ASKS[what] | {"title": ASKS[what]["title"].format(name=account.name, role=Role(grant.role).label)}
    return page("desk/confirm.html", unit=at, title=ask["title"], crumbs=_crumbs(account, at, "确认"), ask={
        "action": request.path, "cancel_href": _back(account), "general": failed.general if failed else [],
        "facts": [{"label": "单位", "value": at.name},
                  {"label": "栏目", "value": right_words.columns_said(grant.columns)},
                  {"label": "使用端", "value": CHANNEL_LABELS[grant.channel]}], **ask})


@blueprint.get("/<account_id>/grants/<grant_id>/<any(freeze, thaw):what>")
@guard.guard(Action.GRANT_DELETE, channels=PC)
def hold(account_id: str, grant_id: str, what: str) -> str:
    """The question."""
    account, grant, at = _found(account_id, grant_id, Action.GRANT_DELETE)
    return _ask(account, grant, at, what)


@blueprint.post("/<account_id>/grants/<grant_id>/<any(freeze, thaw):what>")
@guard.guard(Action.GRANT_DELETE, channels=PC)
def held(account_id: str, grant_id: str, what: str) -> Answer:
    """Freeze or thaw."""
    account, grant, at = _found(account_id, grant_id, Action.GRANT_DELETE)
    act = {"freeze": grants.freeze, "thaw": grants.thaw}[what]
    done = attempt(lambda: act(account, grant))
    if done.failed:
        return _ask(account, grant, at, what, done), done.status
    flash(f"{account.name} 的权限已{'冻结' if what == 'freeze' else '解冻'}。", "success")
    return redirect(_back(account), 303)
