"""`/nominations`: whom units propose for their seats, and what their superiors say."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.administration import nominations, units
from app.administration.nomination import Nomination
from app.api.declare import routes
from app.api.placing import narrowed
from app.api.reading import answer, creates, limit_of, listed, no_body, query, values
from app.api.shapes import seat_out
from app.handover import seats as leaving
from app.schemas.bodies import NominationBody
from app.schemas.queries import NominationQuery
from app.schemas.rulings import ReasonBody
from permissions.actions import Action
from permissions.guard import guard, my_scope, require
from permissions.roles import PC
from tenants import clock

blueprint = Blueprint("api_nominations", __name__, url_prefix="/api/v1", description="系统管理员的提名")
route = routes(blueprint)


def nomination_out(found: Nomination) -> dict[str, Any]:
    """A nomination."""
    return {"id": found.id, "unit_id": found.unit_id, "account_id": found.account_id,
            "replaces_id": found.replaces_id, "reason": found.reason, "state": found.state,
            "made_at": clock.iso(found.made_at), "answer": found.answer,
            "answered_at": clock.iso(found.answered_at) if found.answered_at else None}


@route("GET", "/nominations", query=NominationQuery)
@guard(Action.NOMINATION_READ)
def list_nominations() -> Response:
    """提名清单"""
    found = query(NominationQuery.kept())
    within = narrowed(found)
    scope = my_scope(Action.NOMINATION_READ)
    page = nominations.listing(scope.narrowed(within) if within is not None else scope, state=found.get("state"),
                               cursor=found.get("cursor"), limit=limit_of(found))
    return answer(listed(page, nomination_out))


@route("POST", "/units/<unit_id>/nominations", takes=NominationBody, gives=201)
@guard(Action.ADMINISTRATOR_NOMINATE, channels=PC)
@creates
def nominate(unit_id: str) -> Response:
    """提名本单位的系统管理员人选"""
    unit = units.seen(unit_id)
    require(Action.ADMINISTRATOR_NOMINATE, unit)
    found = values(NominationBody())
    account = nominations.candidate(unit, found["account_id"])
    made = nominations.nominate(unit, account, reason=found.get("reason"), replaces=found.get("replaces_id"))
    return answer(nomination_out(made), 201)


@route("POST", "/nominations/<nomination_id>/seat", gives=201)
@guard(Action.ADMINISTRATOR_APPOINT, channels=PC)
@creates
def seat(nomination_id: str) -> Response:
    """按提名任命；提名里写了接替谁的，同时免去那一位"""
    nomination, unit = nominations.seen(nomination_id)
    require(Action.ADMINISTRATOR_APPOINT, unit)
    no_body()
    return answer(seat_out(leaving.seat_nominee(nomination, unit), nominations.account_of(nomination)), 201)


@route("POST", "/nominations/<nomination_id>/refuse", takes=ReasonBody)
@guard(Action.ADMINISTRATOR_APPOINT, channels=PC)
@creates
def refuse(nomination_id: str) -> Response:
    """不同意提名，写明理由"""
    nomination, unit = nominations.seen(nomination_id)
    require(Action.ADMINISTRATOR_APPOINT, unit)
    return answer(nomination_out(nominations.refuse(nomination, unit, values(ReasonBody())["reason"])))


@route("POST", "/nominations/<nomination_id>/withdraw")
@guard(Action.ADMINISTRATOR_NOMINATE, channels=PC)
@creates
def withdraw(nomination_id: str) -> Response:
    """撤回提名"""
    nomination, unit = nominations.seen(nomination_id)
    require(Action.ADMINISTRATOR_NOMINATE, unit)
    no_body()
    return answer(nomination_out(nominations.withdraw(nomination, unit)))
