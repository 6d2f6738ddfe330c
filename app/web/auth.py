"""The way in: `/` chooses by account and device, `/login` for each end, the password, the way out."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.administration import login as entering
from app.extensions import forget, read_browser_token, remember
from app.schemas.bodies import LoginBody, PasswordBody
from app.schemas.strict import load
from app.web.forms import fields_of
from app.web.render import page
from permissions import sessions
from permissions.guard import me, public, signed_in
from permissions.roles import Channel
from tenants import clock
from tenants.errors import Invalid, Refusal

blueprint = Blueprint("auth", __name__)
PHONE_WORDS = ("Mobile", "Android", "iPhone", "HarmonyOS")


def looks_like_a_phone() -> bool:
    """A guess for choosing the log-in page; what an account may do on an end is never decided by it."""
    agent = request.headers.get("User-Agent", "")
    return any(word in agent for word in PHONE_WORDS)


def home_of(channel: Channel, kind: str) -> str:
    """Where a session begins."""
    if channel is Channel.pc:
        return url_for("desk.home")
    return url_for("elder.home") if kind == "cadre" else url_for("mobile.home")


@blueprint.get("/")
@public()
def index() -> Response:
    """To one's own home, or to the log-in of this device."""
    token = read_browser_token()
    found = sessions.find(token, clock.now()) if token else None
    if found is not None:
        session, account = found
        return redirect(home_of(Channel(session.channel), account.kind))
    return redirect(url_for("auth.login", end="mobile" if looks_like_a_phone() else "desk"))


def _end() -> str:
    wanted = request.values.get("end", "")
    return wanted if wanted in ("desk", "mobile") else "mobile" if looks_like_a_phone() else "desk"


def _safe_next(target: str | None, channel: Channel) -> str | None:
    """A path of ours on the same end; anything else is dropped (no open redirect)."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target or len(target) > 500:
        return None
    parts = urlsplit(target)
    prefix = "/desk" if channel is Channel.pc else "/m"
    inside = parts.path == prefix or parts.path.startswith(f"{prefix}/")
    return target if inside and not parts.netloc and not parts.scheme and target.isprintable() else None


@blueprint.get("/login")
@public()
def login() -> str:
    """The form of this end."""
    return _form({}, {})


def _form(raw: dict[str, Any], errors: dict[str, list[str]], message: str = "") -> str:
    end = _end()
    return render_template(f"auth/login_{end}.html", fields=fields_of(LoginBody(), raw, errors), errors=errors,
                           message=message, end=end, next=request.values.get("next", ""))


@blueprint.post("/login")
@public(late=True)
def enter() -> Any:
    """Log in; on failure the number typed stays, the password does not."""
    channel = Channel.pc if _end() == "desk" else Channel.mobile
    raw = {"phone": request.form.get("phone", ""), "password": request.form.get("password", ""),
           "channel": channel.value}
    try:
        found = load(LoginBody(), raw)
        token, principal = entering.log_in(found["phone"], found["password"], channel,
                                           address=request.remote_addr or "",
                                           device=request.headers.get("User-Agent", ""))
    except Refusal as refusal:
        raw.pop("password")
        response = _form(raw, refusal.fields, refusal.message), refusal.status
        headers = {"Retry-After": str(refusal.retry_after)} if hasattr(refusal, "retry_after") else {}
        return (*response, headers)
    remember(token, lasting=channel is Channel.mobile)
    if principal.account.must_change_password:
        return redirect(url_for("auth.password"))
    return redirect(_safe_next(request.form.get("next"), channel) or home_of(channel, principal.account.kind))


@blueprint.get("/password")
@signed_in(before_change=True)
def password() -> str:
    """The form for one's own password."""
    return _password_form({}, "")


def _password_form(errors: dict[str, list[str]], message: str) -> str:
    return page("auth/password.html", fields=fields_of(PasswordBody(), {}, errors), errors=errors, message=message,
                first=me().account.must_change_password)


@blueprint.post("/password")
@signed_in(before_change=True)
def change() -> Any:
    """Change the password; every other session ends."""
    new, again = request.form.get("new", ""), request.form.get("again", "")
    try:
        if new != again:
            raise Invalid(fields={"again": ["两次输入的新密码不一致。"]})
        found = load(PasswordBody(), {"old": request.form.get("old", ""), "new": new})
        entering.change_password(me(), found["old"], found["new"])
    except Invalid as invalid:
        return _password_form(invalid.fields, invalid.message), 422
    return redirect(home_of(me().channel, me().account.kind))


@blueprint.post("/logout")
@signed_in(before_change=True)
def leave() -> Response:
    """End the session and clear the browser."""
    end = "mobile" if me().channel is Channel.mobile else "desk"
    entering.log_out(me())
    forget()
    response = redirect(url_for("auth.login", end=end))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
