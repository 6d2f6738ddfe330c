"""人员档案 on the console: 专职或兼职, 编制, trainings one by one, commitments signed."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, staff_file, units
from app.schemas.bodies import EMPLOYMENT, TrainingBody
from app.web import words
from app.web.forms import Attempt, attempt, fields_of, submitted, typed
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.guard import require
from permissions.roles import PC
from tenants.errors import Forbidden, NotFound

blueprint = Blueprint("desk_staff_file", __name__, url_prefix="/desk/accounts")
Answer = str | Response | tuple[str, int]


def _staff(account_id: str) -> Account:
    account = accounts.seen(account_id)
    if account.kind != "staff":
        raise NotFound
    return account


def _mine(account: Account) -> bool:
    try:
        accounts.require_over(account)
    except Forbidden:
        return False
    return True


def _shown(account: Account, failed: Attempt[Any] | None = None) -> str:
    unit, manages, back = accounts.unit_of(account), _mine(account), url_for(
        "desk_accounts.show", account_id=account.id)
    schema = TrainingBody()
    fields = fields_of(schema, typed(schema) if failed else {}, failed.errors if failed else {})
    facts = [{"label": "专职或兼职", "value": EMPLOYMENT.get(account.employment or "", "")},
             {"label": "编制", "value": "编制内" if account.on_establishment else "非编制"},
             {"label": "在职", "value": "在职" if account.in_service else "不在职"},
             {"label": "最近一次培训", "value": account.trained_on.isoformat() if account.trained_on else "没有登记"}]
    rows = [{"id": each.id, "text": " · ".join(part for part in (
        each.held_on.isoformat(), each.name, each.organiser, f"{each.hours} 学时" if each.hours else "") if part)}
        for each in staff_file.trainings(account)]
    signed = [{"label": f"{each.version} 版", "value": f"{words.moment(each.signed_at)} 签署"}
              for each in staff_file.commitments(account.id)]
    return page("desk/accounts/file.html", unit=unit, title=f"{account.name} 的人员档案", sub=unit.name, facts=facts,
                rows=rows, signed=signed, trained=account.trained_on is not None, fields=list(fields.values()),
                manages=manages and account.state != "closed",
                account_id=account.id, back=back, general=failed.general_beside(fields) if failed else [],
                crumbs=unit_crumbs(unit, units.sight(), {"title": account.name, "href": back}, {"title": "人员档案"}))


@blueprint.get("/<account_id>/file")
@guard.guard(Action.ACCOUNT_READ, channels=PC)
def show(account_id: str) -> str:
    """The file of a member of staff."""
    account = _staff(account_id)
    require(Action.ACCOUNT_READ, accounts.unit_of(account))
    return _shown(account)


@blueprint.post("/<account_id>/trainings")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def add(account_id: str) -> Answer:
    """Write a training down."""
    account = accounts.seen(account_id)
    accounts.require_over(account)
    done = attempt(lambda: staff_file.add_training(account, submitted(TrainingBody())))
    if done.failed:
        return _shown(account, done), done.status
    flash("培训已登记。", "success")
    return redirect(url_for("desk_staff_file.show", account_id=account_id), 303)


@blueprint.post("/<account_id>/trainings/<training_id>")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def strike(account_id: str, training_id: str) -> Response:
    """Strike one that was written down wrongly."""
    account = accounts.seen(account_id)
    accounts.require_over(account)
    done = attempt(lambda: staff_file.remove_training(account, training_id))
    flash(done.message if done.failed else "已划去。", "error" if done.failed else "success")
    return redirect(url_for("desk_staff_file.show", account_id=account_id), 303)
