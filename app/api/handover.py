"""Administrators replaced, posts handed over: each in one transaction."""

from flask import Response
from flask_smorest import Blueprint

from app.administration import accounts, units
from app.api.declare import routes
from app.api.reading import answer, creates, values
from app.api.shapes import seat_out
from app.handover import posts
from app.handover import seats as leaving
from app.handover.gave import Fate
from app.schemas.bodies import HandOverBody, ReplaceBody
from permissions.actions import Action
from permissions.guard import checked_id, guard, require
from permissions.roles import PC
from tenants.errors import NotFound

blueprint = Blueprint("api_handover", __name__, url_prefix="/api/v1", description="更换系统管理员，岗位交接")
route = routes(blueprint)


@route("POST", "/units/<unit_id>/administrators/<account_id>/replace", takes=ReplaceBody, gives=201)
@guard(Action.ADMINISTRATOR_REMOVE, channels=PC)
@creates
def replace(unit_id: str, account_id: str) -> Response:
    """更换系统管理员：免去与任命同时生效"""
    wanted, unit = checked_id(account_id), units.seen(unit_id)
    require(Action.ADMINISTRATOR_REMOVE, unit)
    require(Action.ADMINISTRATOR_APPOINT, unit)
    out = leaving.sitting(unit, wanted)
    if out is None:
        raise NotFound
    found = values(ReplaceBody())
    successor = accounts.candidate(found["successor_id"], field="successor_id")
    done = leaving.replace(unit, out, successor, fate=Fate(found["rights"]), reason=found.get("reason"),
                           work=found["work"])
    return answer(seat_out(done.seat, successor) | {"rights": vars(done.rights)}, 201)


@route("POST", "/accounts/<account_id>/hand-over", takes=HandOverBody)
@guard(Action.GRANT_CREATE, channels=PC)
@creates
def hand_over(account_id: str) -> Response:
    """岗位交接：权限和未办事项交给同单位的另一人"""
    giver = accounts.seen(account_id)
    accounts.require_over(giver, Action.GRANT_CREATE)
    found = values(HandOverBody())
    taker = accounts.candidate(found["taker_id"], field="taker_id")
    on = found.get("effective_on")
    done = posts.hand_over(giver, taker, found.get("reason"), on)
    return answer({"account_id": taker.id, "effective_on": on.isoformat() if on is not None else None,
                   "rights": done.rights, "known": done.known, "messages": done.work.told,
                   "nominations": done.work.nominations})
