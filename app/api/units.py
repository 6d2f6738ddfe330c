"""`/units`: the tree as far as I see it, and its changes strictly below me."""

from flask import Response, request
from flask_smorest import Blueprint

from app.administration import units
from app.api.declare import routes
from app.api.placing import placed
from app.api.reading import answer, body, creates, if_match, limit_of, query, values
from app.api.shapes import unit_out
from app.schemas.bodies import CloseBody, MoveBody, UnitBody, UnitChange
from app.schemas.queries import MoveQuery, UnitQuery
from app.units import one, paged, search
from app.versions import check_version
from permissions.actions import Action
from permissions.guard import checked_id, guard, require
from permissions.roles import PC
from tenants import tree
from tenants.models import Unit

blueprint = Blueprint("api_units", __name__, url_prefix="/api/v1/units", description="单位")
route = routes(blueprint)


def _out(unit: Unit) -> dict[str, object]:
    """A unit with its parent, unless the parent is out of my sight."""
    scope = units.sight()
    parent_seen = len(tree.ancestors(unit, scope)) > 1
    return unit_out(unit, tree.parents_among([unit], scope), shows_parent=parent_seen)


@route("GET", "", query=UnitQuery)
@guard(Action.UNIT_READ)
def list_units() -> Response:
    """下级单位，或按名称查找"""
    found = query(UnitQuery.kept())
    parent = units.seen(found["parent"]) if found.get("parent") else None
    scope = units.visible()
    if found.get("q"):
        page = search(scope, found["q"], cursor=found.get("cursor"), limit=limit_of(found))
    else:
        with_closed = found.get("closed") == "true"
        rows = (tree.children(parent, scope, with_closed=with_closed) if parent is not None else tree.topmost(scope))
        page = paged(rows, cursor=found.get("cursor"), limit=limit_of(found))
    parents = tree.parents_among(page.items, scope)
    seen = tree.ids_among([unit.parent_id for unit in page.items if unit.parent_id], scope)
    items = [unit_out(unit, parents, shows_parent=unit.parent_id in seen) for unit in page.items]
    return answer({"items": items, "next": page.next, "total": page.total})


@route("POST", "", takes=UnitBody, gives=201)
@guard(Action.UNIT_OPEN, channels=PC)
@creates
def open_unit() -> Response:
    """在下级新设单位"""
    parent = placed(body(), Action.UNIT_OPEN, field="parent_id")
    found = values(UnitBody())
    unit = units.open_below(parent, kind=found["kind"], name=found["name"], code=found["code"])
    return answer(unit_out(unit, ()), 201)


@route("GET", "/<unit_id>")
@guard(Action.UNIT_READ)
def show_unit(unit_id: str) -> Response:
    """一个单位"""
    unit = one(checked_id(unit_id), units.sight())
    require(Action.UNIT_READ, unit)
    parents = (unit.id,) if unit.has_children else ()
    return answer(unit_out(unit, parents, shows_parent=unit.parent_seen))


@route("PATCH", "/<unit_id>", takes=UnitChange)
@guard(Action.UNIT_UPDATE, channels=PC)
def amend_unit(unit_id: str) -> Response:
    """改名、改代码、改有效期"""
    unit = units.seen(unit_id)
    require(Action.UNIT_UPDATE, unit)
    check_version(unit, if_match())
    return answer(_out(units.amend(unit, values(UnitChange(), partial=True), if_match())))


@route("POST", "/<unit_id>/move", takes=MoveBody)
@guard(Action.UNIT_MOVE, channels=PC)
@creates
def move_unit(unit_id: str) -> Response:
    """移到另一个上级之下"""
    unit = units.seen(unit_id)
    require(Action.UNIT_MOVE, unit)
    found = values(MoveBody())
    return answer(_out(units.move(unit, units.seen(found["parent_id"]))))


@route("GET", "/<unit_id>/move-preview", query=MoveQuery)
@guard(Action.UNIT_MOVE, channels=PC)
def preview_move(unit_id: str) -> Response:
    """移动之前：会发生什么"""
    unit = units.seen(unit_id)
    require(Action.UNIT_MOVE, unit)
    return answer(units.preview(unit, units.seen(query(MoveQuery.kept())["parent_id"])).as_dict())


@route("POST", "/<unit_id>/close", takes=CloseBody)
@guard(Action.UNIT_CLOSE, channels=PC)
@creates
def close_unit(unit_id: str) -> Response:
    """撤销单位"""
    unit = units.seen(unit_id)
    require(Action.UNIT_CLOSE, unit)
    found = values(CloseBody()) if request.get_data() else {}
    successor = units.seen(found["successor_id"]) if found.get("successor_id") else None
    return answer(_out(units.close(unit, successor)))
