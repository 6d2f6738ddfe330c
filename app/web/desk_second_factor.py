"""Taking a lost authenticator off somebody's account, with the question before."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, second_factor, units
from app.web.forms import Attempt, attempt
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.phone import mask_phone
from permissions.roles import PC
from tenants.models import Unit

blueprint = Blueprint("desk_second_factor", __name__, url_prefix="/desk/accounts")


def _ask(account: Account, unit: Unit, failed: Attempt[Account] | None = None) -> str:
    back = url_for("desk_accounts.show", account_id=account.id)
    return page("desk/confirm.html", unit=unit, title="解除手机验证器", crumbs=unit_crumbs(
        unit, units.sight(), {"title": account.name, "href": back}, {"title": "解除手机验证器"}), ask={
        "title": f"解除 {account.name} 的手机验证器？", "danger": True, "submit": "确定解除", "action": request.path,
        "cancel_href": back, "general": failed.general if failed else [],
        "facts": [{"label": "单位", "value": unit.name}, {"label": "手机号码", "value": mask_phone(account.phone)}],
        "consequences": ["手机丢了、换了又没有恢复码时才办理，办理前请当面或打电话核实是本人；",
                         "所有已登录的设备马上退出，恢复码全部作废；",
                         "本人用密码登录以后重新绑定；系统会发短信告诉本人。"]})


@blueprint.get("/<account_id>/second-factor")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def confirm(account_id: str) -> str:
    """The question before."""
    account = accounts.seen(account_id)
    return _ask(account, accounts.require_over(account))


@blueprint.post("/<account_id>/second-factor")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def reset(account_id: str) -> Response | tuple[str, int]:
    """Do it."""
    account = accounts.seen(account_id)
    unit = accounts.require_over(account)
    done = attempt(lambda: second_factor.reset(account))
    if done.failed:
        return _ask(account, unit, done), done.status
    flash(f"{account.name} 的手机验证器已解除，短信已通知本人。", "success")
    return redirect(url_for("desk_accounts.show", account_id=account.id), 303)
