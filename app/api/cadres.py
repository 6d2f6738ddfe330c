"""`/cadres`: the files of retired cadres, sensitive fields masked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.api.declare import routes
from app.api.placing import narrowed, placed
from app.api.reading import answer, body, creates, if_match, limit_of, query
from app.people import files
from app.people.listing import Filters, out, shown
from app.people.schema import CadreSchema
from app.schemas.queries import CadreQuery
from app.schemas.strict import load
from app.versions import check_version
from permissions.actions import Action
from permissions.guard import guard, my_scope, require
from permissions.roles import PC

blueprint = Blueprint("api_cadres", __name__, url_prefix="/api/v1/cadres", description="离退休干部档案")
route = routes(blueprint)


def filters_of(found: Mapping[str, Any]) -> Filters:
    """What a query narrows the roster by, its unit apart."""
    return Filters(q=found.get("q"), retirement_type=found.get("retirement_type"), life_status=found.get("life_status"))


@route("GET", "", query=CadreQuery)
@guard(Action.CADRE_READ)
def list_cadres() -> Response:
    """离退休干部名册"""
    found = query(CadreQuery.kept())
    filters = replace(filters_of(found), within=narrowed(found))
    page = shown(my_scope(Action.CADRE_READ), filters, cursor=found.get("cursor"), limit=limit_of(found))
    return answer({"items": page.items, "next": page.next, "total": page.total})


@route("POST", "", takes=CadreSchema, gives=201)
@guard(Action.CADRE_CREATE, channels=PC)
@creates
def create_cadre() -> Response:
    """建立档案"""
    raw = body()
    unit = placed(raw, Action.CADRE_CREATE)
    return answer(out(files.create(load(CadreSchema(), raw), unit)), 201)


@route("GET", "/<cadre_id>")
@guard(Action.CADRE_READ)
def show_cadre(cadre_id: str) -> Response:
    """一份档案"""
    looked_at, place = files.looked_at(cadre_id)
    require(Action.CADRE_READ, place)
    return answer(looked_at)


@route("PATCH", "/<cadre_id>", takes=CadreSchema)
@guard(Action.CADRE_UPDATE, channels=PC)
def amend_cadre(cadre_id: str) -> Response:
    """更改档案；现管单位不在此处更改"""
    cadre, unit = files.seen(cadre_id)
    require(Action.CADRE_UPDATE, unit)
    check_version(cadre, if_match())
    found = load(CadreSchema(exclude=("unit_id",)), files.without_masks(cadre, body()), partial=True)
    return answer(out(files.amend(cadre, unit, found)))


