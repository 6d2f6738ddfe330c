"""`/me/phone-change`, `/phone-changes`: another number for an account, asked for and answered."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.administration import accounts, phone_changes
from app.administration.phone_request import PhoneChange
from app.api.declare import routes
from app.api.reading import answer, creates, no_body, nothing, query, values
from app.schemas.bodies import PhoneChangeBody, PhoneChangeForCadre
from app.schemas.queries import PageQuery
from app.schemas.rulings import ReasonBody
from permissions.actions import Action
from permissions.guard import guard, my_scope, signed_in
from permissions.roles import PC
from tenants import clock

blueprint = Blueprint("api_phone_changes", __name__, url_prefix="/api/v1", description="更换手机号码")
route = routes(blueprint)


def change_out(row: PhoneChange) -> dict[str, Any]:
    """A request; the number masked."""
    return {"id": row.id, "account_id": row.account_id, "unit_id": row.unit_id, "phone": row.masked,
            "reason": row.reason, "state": row.state, "asked_at": clock.iso(row.asked_at),
            "by_owner": row.asked_by == row.account_id, "answer": row.answer,
            "decided_at": clock.iso(row.decided_at) if row.decided_at else None}


@route("GET", "/me/phone-change")
@signed_in()
def my_change() -> Response:
    """我最近的换号申请"""
    row = phone_changes.mine()
    return answer({"request": change_out(row) if row is not None else None})


@route("POST", "/me/phone-change", takes=PhoneChangeBody, gives=201)
@signed_in(proved=True, spares_cadres=True)
def ask_for_me() -> Response:
    """申请更换自己的手机号码，由管理员审核"""
    found = values(PhoneChangeBody())
    return answer(change_out(phone_changes.ask_for_me(found["phone"], found.get("reason") or "")), 201)


@route("DELETE", "/me/phone-change", gives=204)
@signed_in()
def withdraw() -> Response:
    """撤回自己的换号申请"""
    phone_changes.withdraw_mine()
    return nothing()


@route("POST", "/accounts/<account_id>/phone-change", takes=PhoneChangeForCadre, gives=201)
@guard(Action.ACCOUNT_UPDATE, channels=PC)
@creates
def ask_for(account_id: str) -> Response:
    """代老同志申请更换手机号码，由另一名管理员审核"""
    account = accounts.seen(account_id)
    accounts.require_over(account)
    found = values(PhoneChangeForCadre())
    return answer(change_out(phone_changes.ask_for(account, found["phone"], found["reason"])), 201)


@route("GET", "/phone-changes", query=PageQuery)
@guard(Action.ACCOUNT_UPDATE)
def waiting() -> Response:
    """等待审核的换号申请，最早的在前，最多 200 个"""
    query(PageQuery.kept())
    rows = [change_out(each.row) for each in phone_changes.waiting(my_scope(Action.ACCOUNT_UPDATE))]
    return answer({"items": rows, "next": None, "total": len(rows)})


def _decided(request_id: str, verdict: str, text: str = "") -> Response:
    my_scope(Action.ACCOUNT_UPDATE)
    return answer(change_out(phone_changes.decide(request_id, verdict, text).row))


@route("POST", "/phone-changes/<request_id>/accept")
@guard(Action.ACCOUNT_UPDATE, channels=PC)
@creates
def accept(request_id: str) -> Response:
    """同意换号：马上生效，所有设备退出"""
    phone_changes.seen(request_id)
    no_body()
    return _decided(request_id, "accepted")


@route("POST", "/phone-changes/<request_id>/refuse", takes=ReasonBody)
@guard(Action.ACCOUNT_UPDATE, channels=PC)
@creates
def refuse(request_id: str) -> Response:
    """不同意换号，写明理由"""
    phone_changes.seen(request_id)
    return _decided(request_id, "refused", values(ReasonBody())["reason"])
