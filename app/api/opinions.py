"""`/opinions`: what cadres wrote (第十七条), by when it is to be answered, and the answer."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.administration import overview
from app.api.declare import routes
from app.api.placing import narrowed
from app.api.reading import answer, creates, limit_of, listed, query, values
from app.opinions import answers, store
from app.opinions.model import Opinion
from app.opinions.owed import answer_by, state_of
from app.records.calendar import Timing, timing
from app.schemas.bodies import AnswerBody
from app.schemas.queries import OpinionQuery
from permissions.actions import Action
from permissions.guard import guard, my_scope, require
from tenants.models import Unit

blueprint = Blueprint("api_opinions", __name__, url_prefix="/api/v1", description="意见建议")
route = routes(blueprint)


def _due(opinion: Opinion, unit: Unit, now: Timing | None = None) -> dict[str, Any]:
    by = answer_by(opinion, unit.path, now)
    return {"due_on": by.isoformat(), "state": state_of(opinion, by)}


@route("GET", "/opinions", query=OpinionQuery)
@guard(Action.OPINION_READ)
def list_opinions() -> Response:
    """老同志的意见建议"""
    found = query(OpinionQuery.kept())
    within, scope = narrowed(found), my_scope(Action.OPINION_READ)
    page = store.listing(scope, within=within, cursor=found.get("cursor"), limit=limit_of(found),
                         state=found.get("state"))
    units, now = overview.units_of([opinion.unit_id for opinion, _name in page.items], scope), timing()
    return answer(listed(page, lambda row: store.out(*row) | _due(row[0], units[row[0].unit_id], now)))


def _one(opinion: Opinion, name: str, unit: Unit) -> dict[str, Any]:
    said = answers.of([opinion.id], my_scope(Action.OPINION_READ))[opinion.id]
    return store.out(opinion, name, said) | _due(opinion, unit)


@route("GET", "/opinions/<opinion_id>")
@guard(Action.OPINION_READ)
def show_opinion(opinion_id: str) -> Response:
    """一条意见建议和它的答复"""
    opinion, name, unit = store.seen(opinion_id)
    require(Action.OPINION_READ, unit)
    return answer(_one(opinion, name, unit))


@route("POST", "/opinions/<opinion_id>/answer", takes=AnswerBody)
@guard(Action.OPINION_ANSWER)
@creates
def answer_opinion(opinion_id: str) -> Response:
    """答复意见建议，或更正答复"""
    opinion, name, unit = store.seen(opinion_id)
    require(Action.OPINION_ANSWER, unit)
    said = values(AnswerBody())
    answers.give(opinion, unit, said["text"], said.get("replaces"))
    return answer(_one(opinion, name, unit))
