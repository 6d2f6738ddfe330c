"""`/me/…` of a cadre."""

from flask import Response
from flask_smorest import Blueprint

from app.api.declare import routes
from app.api.reading import answer, creates, no_body, nothing, query, values
from app.opinions import answers
from app.opinions import store as opinions
from app.own import cadre
from app.schemas.bodies import OpinionBody
from app.schemas.queries import PageQuery
from permissions.actions import Action
from permissions.guard import guard, me

blueprint = Blueprint("api_own", __name__, url_prefix="/api/v1", description="本人")
route = routes(blueprint)


@route("GET", "/me/cadre")
@guard(Action.OWN_FILE_READ)
def own_file() -> Response:
    """我的档案"""
    return answer(cadre.own_file(me()))


@route("GET", "/me/contact")
@guard(Action.OWN_FILE_READ)
def own_contact() -> Response:
    """我的联系人"""
    found = cadre.contact(me())
    return answer(found.out() if found is not None else {"name": None, "phone": None, "unit_name": me().unit.name})


@route("GET", "/me/services", query=PageQuery)
@guard(Action.OWN_FILE_READ)
def own_services() -> Response:
    """为我做的事"""
    query(PageQuery.kept())
    rows = cadre.services(me())
    return answer({"items": rows, "next": None, "total": len(rows)})


@route("GET", "/me/opinions", query=PageQuery)
@guard(Action.OPINION_LEAVE)
def own_opinions() -> Response:
    """我提过的意见建议"""
    query(PageQuery.kept())
    mine = opinions.own(me())
    answered = answers.mine(mine)
    rows = [opinions.out(each, answers=answered[each.id]) for each in mine]
    return answer({"items": rows, "next": None, "total": len(rows)})


@route("POST", "/me/opinions", takes=OpinionBody, gives=201)
@guard(Action.OPINION_LEAVE)
@creates
def leave_opinion() -> Response:
    """提意见建议"""
    return answer(opinions.out(opinions.leave(me(), values(OpinionBody())["text"])), 201)


@route("POST", "/me/opinions/seen", gives=204)
@guard(Action.OPINION_LEAVE)
def see_answers() -> Response:
    """我看过答复了"""
    no_body()
    answers.see(me())
    return nothing()
