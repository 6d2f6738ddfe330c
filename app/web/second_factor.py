"""The second step of a log-in, and one's own authenticator: bind a phone, recovery codes, do without."""

from typing import Any

import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for

from app.administration import second_factor
from app.administration.second_factor import State
from app.schemas.bodies import FactorCodeBody
from app.schemas.strict import load
from app.web.auth import Errors, came_from, home_of, let_in, local_path, look_of
from app.web.forms import fields_of
from app.web.render import elder_size, page
from permissions import transaction
from permissions.guard import me, public, signed_in
from permissions.roles import Channel
from tenants import clock
from tenants.errors import ChannelClosed, Conflict, Invalid, SecondFactorWrong, TooMany

blueprint = Blueprint("second_factor", __name__)


def _half() -> tuple[str, str, str] | None:
    """What the browser kept of a log-in half done: the challenge, the end, where it was going."""
    kept = session.get("challenge")
    if isinstance(kept, list) and len(kept) == 3 and all(isinstance(each, str) for each in kept):
        return kept[0], "desk" if kept[1] == "desk" else "mobile", kept[2]
    return None


def _code_field(errors: Errors, **more: Any) -> dict[str, Any]:
    field = fields_of(FactorCodeBody(), {}, errors)["code"]
    return field | {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 30} | more


def _step_page(end: str, errors: Errors, message: str) -> str:
    field = _code_field(errors, label="验证码", inputmode="text", help="手机验证器里“银龄”现在的 6 位数字")
    return render_template("auth/second_step.html", layout=f"layout/{'door' if end == 'desk' else 'elder'}.html",
                           end=end, field=field, general=[message] if message else [], elder_size=elder_size())


@blueprint.get("/login/second")
@public()
def step() -> Any:
    """The code that a right password still owes."""
    half = _half()
    return _step_page(half[1], {}, "") if half is not None else redirect(url_for("auth.login"), 303)


@blueprint.post("/login/second")
@public()
def redeem() -> Any:
    """Log in with it, or say how many tries are left."""
    half = _half()
    if half is None:
        return redirect(url_for("auth.login"), 303)
    token, end, target = half
    try:
        entered = second_factor.redeem(token, request.form.get("code", "")[:30], came_from())
    except SecondFactorWrong as wrong:
        if wrong.code == "wrong_code":
            return _step_page(end, {"code": [wrong.message]}, ""), wrong.status
        session.pop("challenge", None)
        flash(wrong.message, "warn")
        return redirect(url_for("auth.login", end=end), 303)
    except TooMany as slowed:
        return _step_page(end, {}, slowed.message), slowed.status, {"Retry-After": str(slowed.retry_after)}
    except ChannelClosed as closed:
        return _step_page(end, {}, closed.message), closed.status
    prefix = "/desk" if entered.principal.channel is Channel.pc else "/m"
    return let_in(entered, local_path(target, prefix))


def _layout() -> str:
    look = look_of(me().channel, me().account.kind)
    owed = second_factor.state(me()).owed
    return f"layout/{'door' if owed and look == 'desk' else look}.html"


def _picture(state: State) -> str | None:
    """The QR code as a picture in the page itself: the policy allows no other."""
    if state.address is None:
        return None
    return str(segno.make(state.address, error="m").svg_data_uri(scale=5, border=2))


def _own_page(errors: Errors, message: str = "") -> str:
    state = second_factor.state(me())
    secret = state.secret or ""
    return page("auth/second_factor.html", layout=_layout(), state=state, picture=_picture(state),
                spelt=" ".join(secret[at:at + 4] for at in range(0, len(secret), 4)), field=_code_field(errors),
                since=_day(me().account.second_factor_at), general=[message] if message else [],
                back_href=url_for("mobile.myself"), home_url=home_of(me().channel, me().account.kind))


def _day(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d}" if moment is not None else ""


@blueprint.get("/second-factor")
@signed_in(before_enrolment=True)
def show() -> str:
    """Whether a phone is bound, and what can be done about it."""
    return _own_page({})


@blueprint.post("/second-factor/begin")
@signed_in(before_enrolment=True, proved=True)
def begin() -> Any:
    """Make a secret and show it."""
    try:
        second_factor.begin(me())
    except Conflict as conflict:
        return _refused(conflict)
    return redirect(url_for("second_factor.show"), 303)


@blueprint.post("/second-factor/confirm")
@signed_in(before_enrolment=True, proved=True)
def confirm() -> Any:
    """Bind the phone, and show the recovery codes this once."""
    raw = {"code": request.form["code"]} if request.form.get("code") else {}
    try:
        return _codes_page(second_factor.confirm(me(), load(FactorCodeBody(), raw)["code"]), bound=True)
    except Invalid as invalid:
        transaction.undo()
        return _own_page(invalid.fields), invalid.status
    except Conflict as conflict:
        return _refused(conflict)


def _codes_page(found: list[str], *, bound: bool) -> str:
    look = look_of(me().channel, me().account.kind)
    return page("auth/recovery_codes.html", layout=f"layout/{'door' if look == 'desk' else look}.html", found=found,
                bound=bound, home_url=home_of(me().channel, me().account.kind),
                back_href=url_for("second_factor.show"))


def _refused(conflict: Conflict) -> tuple[str, int]:
    transaction.undo()
    return _own_page({}, conflict.message), conflict.status


@blueprint.post("/second-factor/recovery")
@signed_in(proved=True)
def renew() -> Any:
    """Ten new recovery codes."""
    try:
        return _codes_page(second_factor.renew_recovery(me()), bound=False)
    except Conflict as conflict:
        return _refused(conflict)


@blueprint.post("/second-factor/give-up")
@signed_in(proved=True)
def give_up() -> Any:
    """Do without from now on."""
    try:
        second_factor.give_up(me())
    except Conflict as conflict:
        return _refused(conflict)
    flash("手机验证器已经关闭，以后登录只要密码。", "success")
    return redirect(url_for("second_factor.show"), 303)
