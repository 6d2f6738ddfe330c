"""The life of an account on the console: its steps (账号经历), and the day on which somebody leaves or retires."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, dormancy, endings, overview, units
from app.people.schema import CadreSchema
from app.schemas.fields import Day
from app.schemas.strict import Strict
from app.web import words
from app.web.account_rows import KINDS, WITH_UNIT, account_rows, state_badge
from app.web.forms import Attempt, attempt, fields_of, submitted, typed
from app.web.render import page, unit_crumbs
from permissions import guard, life
from permissions.accounts import Account
from permissions.actions import Action
from permissions.guard import my_scope, require
from permissions.roles import PC
from tenants.errors import Conflict
from tenants.models import Unit

blueprint = Blueprint("desk_account_life", __name__, url_prefix="/desk/accounts")
Answer = str | Response | tuple[str, int]
PART = ("retirement_type", "id_number", "sex", "birth_date", "ethnicity", "political_status", "joined_party_on",
        "started_work_on", "former_unit", "former_post", "rank", "treatment_level", "address", "branch")


class LeaveBody(Strict):
    """Somebody leaves."""

    comes_on = Day("离岗日期", required=True, help="从这一天 0 点起，此人不再能登录")


class RetireBody(CadreSchema):
    """Somebody retires: the day, and what the file of the cadre is to hold."""

    comes_on = Day("退休日期", required=True, help="从这一天 0 点起，同一个手机号码转为离退休干部账号")

    class Meta(Strict.Meta):
        fields = ("comes_on", *PART)


BODIES: dict[str, type[Strict]] = {"leave": LeaveBody, "retire": RetireBody}
TITLES = {"leave": "登记离岗", "retire": "登记退休"}
WARNINGS = {
    "leave": "到当天 0 点：停止登录，所有设备退出，权限收回；是系统管理员的，席位空出并报备上级。之前可以取消。",
    "retire": "到当天 0 点：原有权限全部收回，电脑端关闭，所有设备退出；是系统管理员的，席位空出并报备上级；"
              "同一个号码转为离退休干部账号，用手机端登录。之前可以取消。",
}


def _mine(account_id: str) -> tuple[Account, Unit]:
    account = accounts.seen(account_id)
    unit = accounts.require_over(account)
    accounts.require_living(account)
    if account.kind != "staff":
        raise Conflict("离退休干部账号不登记离岗或退休。", code="not_staff")
    return account, unit


def _back(account: Account) -> str:
    return url_for("desk_accounts.show", account_id=account.id)


def _crumbs(account: Account, unit: Unit, title: str) -> list[dict[str, Any]]:
    return unit_crumbs(unit, units.sight(), {"title": account.name, "href": _back(account)}, {"title": title})


def _form(account: Account, unit: Unit, what: str, failed: Attempt[Any] | None = None) -> str:
    schema = BODIES[what]()
    values = typed(schema) if failed is not None else {"former_unit": unit.name} if what == "retire" else {}
    fields = fields_of(schema, values, failed.errors if failed is not None else {})
    groups = [{"title": "日期", "fields": [fields["comes_on"]]}]
    if what == "retire":
        groups.append({"title": "离退休干部档案", "fields": [fields[name] for name in PART],
                       "help": "到当天自动建档，之后可以修改；身份证号在本单位已有档案的，直接连到那份档案。"})
    general = failed.general_beside(fields) if failed is not None else []
    return page("desk/form.html", unit=unit, title=TITLES[what], sub=f"{account.name} · {unit.name}",
                crumbs=_crumbs(account, unit, TITLES[what]), groups=groups, all_fields=list(fields.values()),
                warning={"title": "到这一天会发生什么", "text": WARNINGS[what]},
                form_of={"action": request.path, "submit": TITLES[what], "cancel_href": _back(account),
                         "general": general})


def ending_notice(account: Account, manages: bool) -> dict[str, Any] | None:
    """What is planned of a person's post, or could not be done on its day."""
    found = endings.last_of(account, "planned", "failed") if account.kind == "staff" else None
    if found is None or (found.state == "failed" and account.state != "suspended"):
        return None
    if found.state == "failed":
        return {"tone": "bad", "title": "退休当天没有办成", "text": f"{found.fault}账号已停用。"}
    what = "退休，账号转为离退休干部账号" if found.kind == "retire" else "离岗，账号停用"
    return {"tone": "warn", "title": f"{found.comes_on} 起{what}", "text": "到当天 0 点自动办理，不用再操作。",
            "drop": url_for("desk_account_life.keep", account_id=account.id) if manages else None}


@blueprint.get("/<account_id>/<any(leave, retire):what>")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def plan(account_id: str, what: str) -> Answer:
    """The form for the day."""
    account, unit = _mine(account_id)
    return _form(account, unit, what)


@blueprint.post("/<account_id>/<any(leave, retire):what>")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def planned(account_id: str, what: str) -> Answer:
    """Keep the day."""
    account, unit = _mine(account_id)

    def do() -> endings.AccountEnding:
        found = submitted(BODIES[what]())
        return endings.plan(account, what, found.pop("comes_on"), found)

    done = attempt(do)
    if done.value is None:
        return _form(account, unit, what, done), done.status
    flash(f"已登记：{account.name} 从 {done.value.comes_on} 起{'退休' if what == 'retire' else '离岗'}。", "success")
    return redirect(_back(account), 303)


@blueprint.post("/<account_id>/keep")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def keep(account_id: str) -> Response:
    """Take the plan back: the account stays as it is."""
    account, _unit = _mine(account_id)
    done = attempt(lambda: endings.drop(account))
    if done.failed:
        flash(done.message, "error")
    else:
        flash("登记已取消，账号照常使用。", "success")
    return redirect(url_for("desk_accounts.show", account_id=account_id), 303)


@blueprint.get("/<account_id>/life")
@guard.guard(Action.ACCOUNT_READ, channels=PC)
def steps(account_id: str) -> str:
    """账号经历: each step, when and by whom; whoever acted from above is not named."""
    account = accounts.seen(account_id)
    unit = accounts.unit_of(account)
    require(Action.ACCOUNT_READ, unit)
    found = life.steps_of(account)
    names = overview.names_of_accounts([each.by for each in found] + [account.opened_by],
                                       guard.sight(Action.ACCOUNT_READ))
    places = overview.names_of_units([each.unit_id for each in found], units.sight())
    rows = [_row(each.at, life.STEPS.get(each.step, each.step), _who(each.by, names), places.get(each.unit_id),
                 each.note) for each in found]
    rows.append(_row(account.opened_at, "开通", _who(account.opened_by, names), None, ""))
    return page("desk/accounts/life.html", unit=unit, title=f"{account.name} 的账号经历", rows=rows,
                sub=f"{KINDS[account.kind]} · {unit.name}", badge=state_badge(account), back=_back(account),
                crumbs=_crumbs(account, unit, "账号经历"))


@blueprint.get("/dormant")
@guard.guard(Action.ACCOUNT_READ, channels=PC)
def dormant() -> str:
    """Accounts nobody has used for long, in the order of the tree; nobody is ranked."""
    found = dormancy.listing(my_scope(Action.ACCOUNT_READ), current_app.config["SETTINGS"])
    return page("desk/accounts/dormant.html", title="长期未登录的账号", rows=account_rows(found), columns=WITH_UNIT,
                sub="已由短信提醒本人；工作人员继续不登录的会停用，系统管理员和老同志只列在这里",
                crumbs=unit_crumbs(units.own(), units.sight(), {"title": "长期未登录的账号"}),
                back=url_for("desk_accounts.index"))


def _who(by: str | None, names: dict[str, str]) -> str:
    return words.SYSTEM if by is None else names.get(by, words.SUPERIOR)


def _row(at: Any, what: str, who: str, where: str | None, note: str) -> dict[str, Any]:
    return {"cells": {"what": {"text": what, "sub": note}, "at": words.moment(at, seconds=True), "who": who,
                      "where": where}}
