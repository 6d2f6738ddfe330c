"""`/accounts/{id}/trainings`, `/me/commitment`: the staff file."""

import io
from typing import Any

from flask import Response, request, send_file
from flask_smorest import Blueprint

from app.administration import accounts, staff_file, training_proofs, unsigned
from app.api.declare import routes
from app.api.placing import narrowed
from app.api.reading import answer, creates, limit_of, listed, no_body, nothing, query, values
from app.api.shapes import account_out
from app.schemas.bodies import TrainingBody
from app.schemas.queries import PageQuery, UnsignedQuery
from permissions.actions import Action
from permissions.guard import guard, me, my_scope, require, signed_in
from permissions.roles import PC
from tenants import clock
from tenants.errors import Invalid

blueprint = Blueprint("api_staff_file", __name__, url_prefix="/api/v1", description="人员档案")
route = routes(blueprint)


def training_out(found: staff_file.Training) -> dict[str, Any]:
    """A training."""
    return {"id": found.id, "name": found.name, "held_on": found.held_on.isoformat(), "hours": found.hours,
            "organiser": found.organiser, "proof": _proof_out(found)}


def _proof_out(found: staff_file.Training) -> dict[str, Any] | None:
    if found.proof_as is None:
        return None
    return {"filename": found.proof_name, "content_type": found.proof_type, "size": found.proof_size,
            "href": f"/api/v1/accounts/{found.account_id}/trainings/{found.id}/proof"}


@route("GET", "/accounts/<account_id>/trainings", query=PageQuery)
@guard(Action.ACCOUNT_READ)
def trainings(account_id: str) -> Response:
    """一名工作人员的培训"""
    account = accounts.seen(account_id)
    require(Action.ACCOUNT_READ, accounts.unit_of(account))
    query(PageQuery.kept())
    rows = [training_out(each) for each in staff_file.trainings(account)]
    return answer({"items": rows, "next": None, "total": len(rows)})


@route("POST", "/accounts/<account_id>/trainings", takes=TrainingBody, gives=201)
@guard(Action.ACCOUNT_UPDATE, channels=PC)
@creates
def add(account_id: str) -> Response:
    """登记一次培训；最近一次的日期用于第七条"""
    account = accounts.seen(account_id)
    accounts.require_over(account)
    return answer(training_out(staff_file.add_training(account, values(TrainingBody()))), 201)


@route("DELETE", "/accounts/<account_id>/trainings/<training_id>", gives=204)
@guard(Action.ACCOUNT_UPDATE, channels=PC)
def strike(account_id: str, training_id: str) -> Response:
    """划去登记错的培训"""
    account = accounts.seen(account_id)
    accounts.require_over(account)
    training_proofs.clear_away(staff_file.remove_training(account, training_id))
    return nothing()


@route("POST", "/accounts/<account_id>/trainings/<training_id>/proof", gives=201)
@guard(Action.ACCOUNT_UPDATE, channels=PC)
@creates
def put_proof(account_id: str, training_id: str) -> Response:
    """放入培训证明的照片或扫描件（multipart，字段 file）；原有的被替换"""
    account = accounts.seen(account_id)
    accounts.require_over(account)
    staff_file.one(account, training_id)
    sent = request.files.get("file")
    if sent is None:
        raise Invalid(fields={"file": [training_proofs.MISSING]})
    return answer(training_out(training_proofs.put(account, training_id, sent.stream.read(), sent.filename or "")), 201)


@route("GET", "/accounts/<account_id>/trainings/<training_id>/proof")
@guard(Action.ACCOUNT_READ)
def show_proof(account_id: str, training_id: str) -> Response:
    """下载培训证明；谁看过记入日志"""
    account = accounts.seen(account_id)
    require(Action.ACCOUNT_READ, accounts.unit_of(account))
    return proof_response(*training_proofs.taken(account, training_id))


def proof_response(training: staff_file.Training, content: bytes) -> Response:
    """The bytes, as a download with a safe name."""
    return send_file(io.BytesIO(content), mimetype=training.proof_type, as_attachment=True,
                     download_name=training.proof_name, max_age=0, etag=False)


@route("GET", "/commitments/unsigned", query=UnsignedQuery)
@guard(Action.ACCOUNT_READ)
def list_unsigned() -> Response:
    """还没有签署现行承诺书的工作人员"""
    found = query(UnsignedQuery.kept())
    filters = unsigned.Filters(within=narrowed(found), state=found.get("state"))
    page = unsigned.listing(my_scope(Action.ACCOUNT_READ), filters, cursor=found.get("cursor"), limit=limit_of(found))
    return answer(listed(page, lambda account: account_out(account) | {"signed_version": account.signed_version}))


@route("GET", "/me/commitment")
@signed_in()
def commitment() -> Response:
    """承诺书正文，和我签署过的各版"""
    signed = [{"version": each.version, "signed_at": clock.iso(each.signed_at)}
              for each in staff_file.commitments(me().account.id)]
    return answer({"version": staff_file.VERSION, "text": list(staff_file.TEXT), "owed": staff_file.owed(),
                   "signed": signed})


@route("POST", "/me/commitment", gives=201)
@signed_in()
def sign() -> Response:
    """签署现行的承诺书"""
    no_body()
    made = staff_file.sign()
    return answer({"version": made.version, "signed_at": clock.iso(made.signed_at)}, 201)
