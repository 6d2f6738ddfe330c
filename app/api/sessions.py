"""`/sessions`, `/me`: logging in and out, who I am, my password."""

from flask import Response, request
from flask_smorest import Blueprint

from app.administration import devices, login
from app.api.declare import routes
from app.api.reading import answer, nothing, values
from app.api.shapes import me_out
from app.schemas.bodies import EndSessionBody, LoginBody, PasswordBody
from permissions.guard import me, public, signed_in
from permissions.roles import Channel
from tenants import clock
from tenants.errors import NotFound

blueprint = Blueprint("api_sessions", __name__, url_prefix="/api/v1", description="登录与本人")
route = routes(blueprint)


@route("POST", "/sessions", takes=LoginBody, gives=201)
@public(late=True)
def open_session() -> Response:
    """登录"""
    found = values(LoginBody())
    came = login.Came(request.remote_addr or "", request.headers.get("User-Agent", ""), found.get("device") or "")
    entered = login.log_in(found["phone"], found["password"], Channel(found["channel"]), came)
    shown = me_out(entered.principal)
    return answer({"token": entered.token, "must_change_password": shown["must_change_password"],
                   "account": shown["account"], "device": entered.kept}, 201)


@route("DELETE", "/sessions/current", gives=204)
@signed_in(before_change=True)
def close_session() -> Response:
    """退出登录"""
    login.log_out(me())
    return nothing()


@route("GET", "/me/sessions")
@signed_in()
def my_sessions() -> Response:
    """我在哪些设备上登录着"""
    here = me().session
    return answer({"items": [
        {"id": each.id, "channel": each.channel, "device": each.device, "address": each.address,
         "created_at": clock.iso(each.created_at), "seen_at": clock.iso(each.seen_at),
         "new_device": each.new_device, "failed_before": each.failed_before,
         "current": here is not None and each.id == here.id} for each in devices.mine(me())], "next": None})


@route("POST", "/me/sessions/end", takes=EndSessionBody, gives=204)
@signed_in()
def end_sessions() -> Response:
    """退出一台或其他全部设备"""
    found = values(EndSessionBody())
    if found["others"]:
        devices.end_others(me())
    elif not devices.end(me(), found.get("session_id") or ""):
        raise NotFound
    return nothing()


@route("GET", "/me")
@signed_in(before_change=True)
def who_am_i() -> Response:
    """我是谁，有哪些权限"""
    return answer(me_out(me()))


@route("PUT", "/me/password", takes=PasswordBody, gives=204)
@signed_in(before_change=True)
def change_password() -> Response:
    """修改密码"""
    found = values(PasswordBody())
    login.change_password(me(), found["old"], found["new"])
    return nothing()
