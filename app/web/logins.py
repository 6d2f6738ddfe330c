"""Where I am logged in: each device with its last use, and the way to end the others."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import devices
from app.web.auth import home_of, look_of
from app.web.render import page
from permissions.accounts import LoginSession
from permissions.guard import me, signed_in
from tenants import clock

blueprint = Blueprint("logins", __name__)
SYSTEMS = (("MicroMessenger", "微信"), ("HarmonyOS", "鸿蒙手机"), ("iPhone", "苹果手机"), ("iPad", "苹果平板"),
           ("Android", "安卓手机"), ("Windows", "Windows 电脑"), ("Macintosh", "苹果电脑"), ("Linux", "Linux 电脑"))
BROWSERS = (("Edg", "Edge"), ("Firefox", "火狐"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def device_words(agent: str, channel: str) -> str:
    """What a browser calls itself, in words its owner knows: `安卓手机 · Chrome`."""
    system = next((words for sign, words in SYSTEMS[1:] if sign in agent), "")
    inside = "微信" if SYSTEMS[0][0] in agent else next((words for sign, words in BROWSERS if sign in agent), "")
    return " · ".join(each for each in (system, inside) if each) or ("电脑端" if channel == "pc" else "手机端")


def moment_words(moment: datetime) -> str:
    """A moment as people say it: `6月10日 10:00`."""
    local = clock.local(moment)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def _row(found: LoginSession, here: str) -> dict[str, Any]:
    return {"id": found.id, "device": device_words(found.device, found.channel), "here": found.id == here,
            "end": "电脑端" if found.channel == "pc" else "手机端", "address": found.address or "没有记下",
            "seen": moment_words(found.seen_at), "since": moment_words(found.created_at)}


def record_rows(found: Iterable[LoginSession]) -> list[dict[str, Any]]:
    """The last log-ins with what was odd about each, for its owner and for the administrator."""
    return [{"when": moment_words(each.created_at), "device": device_words(each.device, each.channel),
             "address": each.address, "tags": [
                 *([{"text": "没用过的设备", "tone": "warn"}] if each.new_device else []),
                 *([{"text": f"之前输错 {each.failed_before} 次", "tone": "warn"}] if each.failed_before else [])]}
            for each in found]


@blueprint.get("/devices")
@signed_in()
def mine() -> str:
    """Every device on which this account is logged in."""
    principal = me()
    here = principal.session.id if principal.session is not None else ""
    found = [_row(each, here) for each in devices.mine(principal)]
    look = look_of(principal.channel, principal.account.kind)
    return page("auth/logins.html", layout=f"layout/{look}.html", look=look, others=len(found) - 1,
                lately=record_rows(devices.lately(principal)), odd=bool(devices.odd(principal)),
                devices=sorted(found, key=lambda row: not row["here"]), back_href=url_for("mobile.myself"),
                home_url=home_of(principal.channel, principal.account.kind))


@blueprint.post("/devices/mine")
@signed_in()
def own_up() -> Response:
    """All of them were me."""
    devices.own_up(me())
    flash("好的，首页不再提示。", "success")
    return redirect(url_for("logins.mine"), 303)


@blueprint.post("/devices/end")
@signed_in()
def end() -> Response:
    """End one of my own; one that has ended meanwhile is no error."""
    devices.end(me(), request.form.get("session_id", ""))
    flash("那台设备已经退出。", "success")
    return redirect(url_for("logins.mine"), 303)


@blueprint.post("/devices/others")
@signed_in()
def end_others() -> Response:
    """End all but this one."""
    devices.end_others(me())
    flash("其他设备都已经退出，只有这一台还登录着。", "success")
    return redirect(url_for("logins.mine"), 303)
