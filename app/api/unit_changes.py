"""`/unit-changes`: changes of the tree ordered for a day to come; and merging and splitting at once."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.administration import merging, units
from app.api.declare import routes
from app.api.placing import placed
from app.api.reading import answer, body, creates, limit_of, no_body, query, values
from app.api.shapes import unit_out
from app.plans import ordering
from app.plans.model import PlannedChange
from app.schemas.changes import ChangeBody, ChangeQuery, MergeAsked, MergeBody, SplitBody
from app.splits.preview import split_preview
from app.splits.splitting import Chosen, split
from permissions.actions import Action
from permissions.guard import guard, my_scope, require
from permissions.roles import PC
from tenants import clock

blueprint = Blueprint("api_unit_changes", __name__, url_prefix="/api/v1", description="机构调整")
route = routes(blueprint)


def change_out(change: PlannedChange) -> dict[str, Any]:
    """A planned change; whom it names and what was foretold, only for who could order it."""
    whole = ordering.told_whole(change)
    body_of = {name: value for name, value in change.body.items() if whole or name not in ordering.PEOPLE}
    return {"id": change.id, "kind": change.kind, "unit_id": change.unit_id, "body": body_of,
            "effective_on": change.effective_on.isoformat(), "preview": change.preview if whole else None,
            "state": change.state, "reason": change.reason, "ordered_by": change.ordered_by,
            "ordered_by_name": change.ordered_by_name, "ordered_at": clock.iso(change.ordered_at),
            "settled_at": clock.iso(change.settled_at) if change.settled_at is not None else None}


@route("POST", "/units/<unit_id>/merge", takes=MergeBody)
@guard(Action.UNIT_OPEN, channels=PC)
@creates
def merge_units(unit_id: str) -> Response:
    """把几个单位并入这个单位"""
    into = units.seen(unit_id)
    require(Action.UNIT_OPEN, into)
    found = values(MergeBody())
    others = [units.seen(each) for each in found["unit_ids"]]
    return answer(unit_out(merging.merge(others, into, found.get("name")), ()))


@route("GET", "/units/<unit_id>/merge-preview", query=MergeAsked)
@guard(Action.UNIT_OPEN, channels=PC)
def preview_merge(unit_id: str) -> Response:
    """合并之前：会发生什么"""
    into = units.seen(unit_id)
    require(Action.UNIT_OPEN, into)
    others = [units.seen(each) for each in query(MergeAsked.kept())["unit_ids"]]
    return answer({"units": [each.as_dict() for each in merging.preview(others, into)]})


@route("POST", "/units/<unit_id>/split", takes=SplitBody, gives=201)
@guard(Action.UNIT_MOVE, channels=PC)
@creates
def split_unit(unit_id: str) -> Response:
    """从这个单位分出一个新单位"""
    unit = units.seen(unit_id)
    require(Action.UNIT_MOVE, unit)
    found = values(SplitBody())
    chosen = Chosen.named(found)
    if found["dry_run"]:
        return answer(split_preview(unit, chosen, found["name"]).as_dict())
    return answer(unit_out(split(unit, chosen, name=found["name"], code=found["code"]), ()), 201)


@route("POST", "/unit-changes", takes=ChangeBody, gives=201)
@guard(Action.UNIT_UPDATE, channels=PC)
@creates
def order_change() -> Response:
    """下达以后生效的机构调整"""
    unit = placed(body(), Action.UNIT_UPDATE)
    found = values(ChangeBody())
    found.pop("unit_id")
    kind, day = found.pop("kind"), found.pop("effective_on")
    return answer(change_out(ordering.order(kind, unit, found, day)), 201)


@route("GET", "/unit-changes", query=ChangeQuery)
@guard(Action.ADMINISTRATOR_READ)
def list_changes() -> Response:
    """已下达的机构调整"""
    found = query(ChangeQuery.kept())
    within = units.subtree(units.seen(found["unit"])) if found.get("unit") else None
    my_scope(Action.ADMINISTRATOR_READ)
    page = ordering.listing(within, found.get("state"), cursor=found.get("cursor"), limit=limit_of(found))
    return answer({"items": [change_out(each) for each in page.items], "next": page.next, "total": page.total})


@route("GET", "/unit-changes/<change_id>")
@guard(Action.ADMINISTRATOR_READ)
def show_change(change_id: str) -> Response:
    """一项机构调整"""
    change, _unit = ordering.seen(change_id)
    my_scope(Action.ADMINISTRATOR_READ)
    return answer(change_out(change))


@route("POST", "/unit-changes/<change_id>/cancel")
@guard(Action.UNIT_UPDATE, channels=PC)
@creates
def cancel_change(change_id: str) -> Response:
    """取消还没有生效的调整"""
    change, unit = ordering.seen(change_id)
    my_scope(Action.UNIT_UPDATE)
    no_body()
    return answer(change_out(ordering.call_off(change, unit)))
