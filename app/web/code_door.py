"""Logging in with a code by SMS, for cadres on the phone: ask, type six digits, take more time, have it sent again."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for

from app.administration import codes
from app.administration.codes import Asked
from app.schemas.bodies import CodeAskBody, CodeBody
from app.schemas.strict import load
from app.web.auth import Errors, came_from, let_in
from app.web.forms import fields_of
from app.web.render import elder_size
from permissions import transaction
from permissions.codes import AGAIN, LoginCode
from permissions.guard import public
from permissions.phone import mask_phone
from tenants import clock
from tenants.errors import Invalid, TooMany

blueprint = Blueprint("code_door", __name__, url_prefix="/m/login")


def _asked() -> Asked | None:
    kept = session.get("code")
    return Asked(*kept) if isinstance(kept, list) and len(kept) == 2 and all(isinstance(each, str) for each in kept) \
        else None


@blueprint.get("")
@public()
def ask() -> str:
    """Which number is the code to go to?"""
    return _ask_page({}, {}, "")


def _ask_page(raw: dict[str, Any], errors: Errors, message: str) -> str:
    field = fields_of(CodeAskBody(), raw, errors)["phone"]
    field |= {"autocomplete": "tel", "inputmode": "tel", "maxlength": 30, "help": "您登记在单位的本人手机号码"}
    return render_template("auth/code_ask.html", field=field, general=[message] if message else [],
                           elder_size=elder_size())


@blueprint.post("")
@public()
def send() -> Any:
    """Have a code sent; the same answer for every number."""
    raw = {"phone": request.form["phone"]} if request.form.get("phone") else {}
    try:
        _keep(codes.ask(load(CodeAskBody(), raw)["phone"], came_from()))
    except Invalid as invalid:
        transaction.undo()
        return _ask_page(raw, invalid.fields, "" if invalid.fields else invalid.message), invalid.status
    except TooMany as slowed:
        transaction.undo()
        code = codes.found(_asked())
        if code is not None and code.open_at(clock.now()):
            return _too_soon(slowed)  # asked twice: the one before is good still
        return _ask_page(raw, {}, slowed.message), slowed.status, {"Retry-After": str(slowed.retry_after)}
    return redirect(url_for("code_door.enter"), 303)


def _keep(asked: Asked) -> None:
    session["code"] = [asked.id, asked.nonce]


@blueprint.get("/code")
@public()
def enter() -> Any:
    """Six digits to type, how long they last, and the ways on when they do not come."""
    code = codes.found(_asked())
    return _code_page(code, {}, "") if code is not None else redirect(url_for("code_door.ask"), 303)


def _code_page(code: LoginCode, errors: Errors, message: str) -> str:
    now = clock.now()
    field = fields_of(CodeBody(), {}, errors)["code"]
    field |= {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 20,
              "attrs": {"pattern": "[0-9 ]*"}}
    return render_template(
        "auth/code_enter.html", field=field, general=[message] if message else [], elder_size=elder_size(),
        phone=mask_phone(code.phone), open=code.open_at(now), may_extend=code.may_be_extended(now),
        extended=code.extended, until=clock.local(code.expires_at).strftime("%H:%M"),
        wait=max(0, int((code.created_at + AGAIN - now).total_seconds())))


@blueprint.post("/code")
@public()
def redeem() -> Any:
    """Log in, or say how many tries are left."""
    asked = _asked()
    raw = {"code": request.form["code"]} if request.form.get("code") else {}
    try:
        return let_in(codes.redeem(asked, load(CodeBody(), raw)["code"], came_from()))
    except Invalid as invalid:
        return _again(asked, invalid)


def _again(asked: Asked | None, invalid: Invalid) -> Any:
    transaction.undo()
    code = codes.found(asked)
    if code is None:
        return redirect(url_for("code_door.ask"), 303)
    return _code_page(code, invalid.fields, "" if invalid.fields else invalid.message), invalid.status


@blueprint.post("/longer")
@public()
def longer() -> Any:
    """Five minutes more, once."""
    asked = _asked()
    try:
        codes.extend(asked)
    except Invalid as invalid:
        return _again(asked, invalid)
    flash("好的，不着急，验证码又多了 5 分钟。", "success")
    return redirect(url_for("code_door.enter"), 303)


@blueprint.post("/again")
@public()
def again() -> Any:
    """Another code to the same number; the one before ends."""
    code = codes.found(_asked())
    if code is None:
        return redirect(url_for("code_door.ask"), 303)
    try:
        _keep(codes.ask(code.phone, came_from()))
    except TooMany as slowed:
        return _too_soon(slowed)
    flash("验证码重新发了，请看新的短信，旧的不能用了。", "success")
    return redirect(url_for("code_door.enter"), 303)


def _too_soon(slowed: TooMany) -> Any:
    transaction.undo()
    code = codes.found(_asked())
    if code is None:
        return redirect(url_for("code_door.ask"), 303)
    return _code_page(code, {}, slowed.message), slowed.status, {"Retry-After": str(slowed.retry_after)}


