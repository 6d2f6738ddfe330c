"""人员档案 on the console: 专职或兼职, 编制, trainings one by one, commitments signed."""

import io
from typing import Any

from flask import Blueprint, flash, redirect, request, send_file, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, staff_file, training_proofs, units
from app.schemas.bodies import EMPLOYMENT, TrainingBody
from app.web import words
from app.web.forms import Attempt, attempt, fields_of, submitted, typed
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.guard import require
from permissions.roles import PC
from tenants.errors import Forbidden, Invalid, NotFound

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
    rows = [{"id": each.id, "proof": each.proof_as is not None, "text": " · ".join(part for part in (
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
    done = attempt(lambda: training_proofs.clear_away(staff_file.remove_training(account, training_id)))
    flash(done.message if done.failed else "已划去。", "error" if done.failed else "success")
    return redirect(url_for("desk_staff_file.show", account_id=account_id), 303)


def _proof_form(account: Account, training: staff_file.Training, failed: Attempt[Any] | None = None) -> str:
    unit, back = accounts.unit_of(account), url_for("desk_staff_file.show", account_id=account.id)
    field = {"name": "file", "label": "证书的照片或扫描件", "widget": "file", "required": True,
             "accept": "image/jpeg,image/png,image/webp", "help": "JPEG、PNG 或 WebP，不超过 10 MB。PDF 请先存成图片。",
             "errors": list(failed.errors.get("file", ())) if failed is not None else []}
    what = {"name": "what", "label": "培训", "widget": "static",
            "value": f"{training.held_on.isoformat()} {training.name}",
            "help": "已有证明，上传后替换。" if training.proof_as is not None else None}
    return page("desk/form.html", unit=unit, title="上传培训证明", sub=f"{account.name} · {unit.name}",
                all_fields=[what, field], groups=[{"title": "证明材料", "fields": [what, field], "help": (
                    "加密保存，只有能看这份人员档案的人看得到；谁看过都记入日志。")}],
                crumbs=unit_crumbs(unit, units.sight(), {"title": f"{account.name} 的人员档案", "href": back},
                                   {"title": "上传培训证明"}),
                form_of={"action": request.path, "submit": "上传", "icon": "upload", "cancel_href": back,
                         "multipart": True, "general": failed.general_beside({"file": field}) if failed else []})


@blueprint.get("/<account_id>/trainings/<training_id>/proof")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def choose(account_id: str, training_id: str) -> str:
    """Which file."""
    account = _staff(account_id)
    accounts.require_over(account)
    return _proof_form(account, staff_file.one(account, training_id))


@blueprint.post("/<account_id>/trainings/<training_id>/proof")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def put(account_id: str, training_id: str) -> Answer:
    """Keep it."""
    account = _staff(account_id)
    accounts.require_over(account)
    training, sent = staff_file.one(account, training_id), request.files.get("file")

    def act() -> staff_file.Training:
        if sent is None or not sent.filename:
            raise Invalid(fields={"file": [training_proofs.MISSING]})
        return training_proofs.put(account, training_id, sent.stream.read(), sent.filename)

    done = attempt(act)
    if done.failed:
        return _proof_form(account, training, done), done.status
    flash("培训证明已保存。", "success")
    return redirect(url_for("desk_staff_file.show", account_id=account_id), 303)


@blueprint.get("/<account_id>/trainings/<training_id>/proof/file")
@guard.guard(Action.ACCOUNT_READ, channels=PC)
def proof(account_id: str, training_id: str) -> Response:
    """The file; that it was looked at stands in the log."""
    account = _staff(account_id)
    require(Action.ACCOUNT_READ, accounts.unit_of(account))
    training, content = training_proofs.taken(account, training_id)
    return send_file(io.BytesIO(content), mimetype=training.proof_type, as_attachment=True,
                     download_name=training.proof_name, max_age=0, etag=False)
