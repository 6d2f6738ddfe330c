"""`/accounts/{id}/trainings`, `/me/commitment`: the staff file."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.administration import accounts, staff_file
from app.api.declare import routes
from app.api.reading import answer, creates, no_body, nothing, query, values
from app.schemas.bodies import TrainingBody
from app.schemas.queries import PageQuery
from permissions.actions import Action
from permissions.guard import guard, me, require, signed_in
from permissions.roles import PC
from tenants import clock

blueprint = Blueprint("api_staff_file", __name__, url_prefix="/api/v1", description="人员档案")
route = routes(blueprint)


def training_out(found: staff_file.Training) -> dict[str, Any]:
    """A training."""
    return {"id": found.id, "name": found.name, "held_on": found.held_on.isoformat(), "hours": found.hours,
            "organiser": found.organiser}


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
    staff_file.remove_training(account, training_id)
    return nothing()


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
