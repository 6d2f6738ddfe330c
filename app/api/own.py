"""`/me/…` of a cadre, and the opinions staff read."""

from flask import Response
from flask_smorest import Blueprint

from app.api.declare import routes
from app.api.placing import narrowed
from app.api.reading import answer, creates, limit_of, listed, query, values
from app.opinions import store as opinions
from app.own import cadre
from app.schemas.bodies import OpinionBody
from app.schemas.queries import OpinionQuery, PageQuery
from permissions.actions import Action
from permissions.guard import guard, me, my_scope

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
    rows = [opinions.out(each) for each in opinions.own(me())]
    return answer({"items": rows, "next": None, "total": len(rows)})


@route("POST", "/me/opinions", takes=OpinionBody, gives=201)
@guard(Action.OPINION_LEAVE)
@creates
def leave_opinion() -> Response:
    """提意见建议"""
    return answer(opinions.out(opinions.leave(me(), values(OpinionBody())["text"])), 201)


@route("GET", "/opinions", query=OpinionQuery)
@guard(Action.OPINION_READ)
def list_opinions() -> Response:
    """老同志的意见建议"""
    found = query(OpinionQuery.kept())
    within = narrowed(found)
    page = opinions.listing(my_scope(Action.OPINION_READ), within=within,
                            cursor=found.get("cursor"), limit=limit_of(found))
    return answer(listed(page, lambda row: opinions.out(*row)))
