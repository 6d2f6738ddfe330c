"""The way in: `/` chooses by account and device, `/login` for each end, the password, the way out."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.administration import login as entering
from app.errors import looks_like_a_phone
from app.extensions import forget, read_browser_token, remember
from app.schemas.bodies import LoginBody, PasswordBody
from app.schemas.strict import load
from app.web.forms import fields_of
from app.web.render import elder_size, page
from permissions import rotation, sessions
from permissions.guard import me, public, signed_in
from permissions.passwords import CADRE_SHORTEST, STAFF_SHORTEST
from permissions.roles import Channel
from tenants import clock
from tenants.errors import ChannelClosed, Invalid, Refusal, SecondFactorRequired

blueprint = Blueprint("auth", __name__)
YEAR = 365 * 24 * 3600
Errors = Mapping[str, Sequence[str]]


def home_of(channel: Channel, kind: str) -> str:
    """Where a session begins."""
    if channel is Channel.pc:
        return url_for("desk.home")
    return url_for("elder.home") if kind == "cadre" else url_for("mobile.home")


def look_of(channel: Channel, kind: str) -> str:
    """Which of the three ends the pages of a session look like: desk, mobile or elder."""
    return "desk" if channel is Channel.pc else "elder" if kind == "cadre" else "mobile"


@blueprint.get("/")
@public()
def index() -> Response:
    """To one's own home, or to the log-in of this device."""
    token = read_browser_token()
    found = sessions.find(token, clock.now(), clock.today()) if token else None
    if found is not None:
        return redirect(home_of(found.channel, found.account.kind))
    return redirect(url_for("auth.login", end="mobile" if looks_like_a_phone() else "desk"))


def _end() -> str:
    sent = request.form if request.method == "POST" else request.args
    wanted = sent.get("end", "")
    return wanted if wanted in ("desk", "mobile") else "mobile" if looks_like_a_phone() else "desk"


def local_path(target: str | None, *prefixes: str) -> str | None:
    """A path of ours at or below one of these; anything else is dropped (no open redirect)."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target or len(target) > 500:
        return None
    parts = urlsplit(target)
    inside = any(parts.path == prefix or parts.path.startswith(f"{prefix}/") for prefix in prefixes)
    return target if inside and not parts.netloc and not parts.scheme and target.isprintable() else None


def _next_of(target: str | None, channel: Channel) -> str | None:
    return local_path(target, "/desk" if channel is Channel.pc else "/m")


@blueprint.get("/login")
@public()
def login() -> str:
    """The form of this end."""
    return _form({}, {})


def _form(raw: dict[str, Any], errors: Errors, message: str = "", turned_away: str = "") -> str:
    end = _end()
    found = fields_of(LoginBody(only=("phone", "password")), raw, errors)
    found["phone"] |= {"autocomplete": "username", "label": "手机号码", "maxlength": 30}
    found["password"] |= {"autocomplete": "current-password", "help": "第一次登录，请输入短信里的密码，空格可以不输。"}
    sent = request.form if request.method == "POST" else request.args
    return render_template(
        f"auth/login_{end}.html", fields=list(found.values()), general=[message] if message else [], end=end,
        next=sent.get("next", "")[:500], turned_away=turned_away, elder_size=elder_size(),
        phone_href=url_for("auth.login", end="mobile"), phone_address=current_app.config["SETTINGS"].public_url)


@blueprint.post("/login")
@public(late=True)
def enter() -> Any:
    """Log in; on failure the number typed stays, the password does not."""
    channel = Channel.pc if _end() == "desk" else Channel.mobile
    raw: dict[str, Any] = {"channel": channel.value}
    raw |= {name: typed for name in ("phone", "password") if (typed := request.form.get(name, ""))}
    try:
        found = load(LoginBody(), raw)
        entered = entering.log_in(found["phone"], found["password"], channel, came_from())
    except SecondFactorRequired as half:
        session["challenge"] = [half.challenge, _end(), _next_of(request.form.get("next"), channel) or ""]
        return redirect(url_for("second_factor.step"), 303)
    except ChannelClosed as closed:
        return _form({}, {}, turned_away=closed.message), closed.status
    except Refusal as refusal:
        raw.pop("password", None)
        response = _form(raw, refusal.fields, "" if refusal.fields else refusal.message), refusal.status
        headers = {"Retry-After": str(refusal.retry_after)} if hasattr(refusal, "retry_after") else {}
        return (*response, headers)
    return let_in(entered, _next_of(request.form.get("next"), channel))


def came_from() -> entering.Came:
    """Where this request comes from, and what its browser keeps of earlier log-ins."""
    return entering.Came(request.remote_addr or "", request.headers.get("User-Agent", ""),
                         request.cookies.get(device_cookie(), ""))


def device_cookie() -> str:
    """The name under which a browser keeps the accounts opened on it."""
    return "__Host-yinling_device" if current_app.config["SETTINGS"].secure else "yinling_device"


def let_in(entered: entering.Entered, target: str | None = None) -> Response:
    """Put a new session into the browser and go where it begins."""
    principal = entered.principal
    account, channel = principal.account, principal.channel
    remember(entered.token, lasting=channel is Channel.mobile)
    session["look"] = look_of(channel, account.kind)
    forced = account.must_change_password or rotation.due(account)
    where = url_for("auth.password") if forced else target or home_of(channel, account.kind)
    response = redirect(where, 303)
    response.set_cookie(device_cookie(), entered.kept, max_age=YEAR, httponly=True, samesite="Lax", path="/",
                        secure=current_app.config["SETTINGS"].secure)
    return response


@blueprint.get("/password")
@signed_in(before_change=True)
def password() -> str:
    """The form for one's own password."""
    return _password_form({}, "")


def _rules(kind: str) -> list[str]:
    """What is asked of a password, said before it is typed."""
    if kind == "staff":
        return [f"至少 {STAFF_SHORTEST} 位，同时有字母和数字", "不要用连续或重复的数字、字母",
                "不要用自己的手机号码、姓名拼音，也不要只用单位地名"]
    return [f"至少 {CADRE_SHORTEST} 位，全用数字也可以", "不要太简单，像 12345678、88888888 都不行",
            "不要用自己的手机号码、姓名或出生年份"]


def _password_fields(kind: str, first: bool, errors: Errors) -> list[dict[str, Any]]:
    found = fields_of(PasswordBody(), {}, errors)
    again = found["new"] | {"name": "again", "label": "再输一遍新密码", "errors": list(errors.get("again", ()))}
    found["old"] |= {"autocomplete": "current-password", "label": "现在用的密码"}
    shortest = STAFF_SHORTEST if kind == "staff" else CADRE_SHORTEST
    found["new"] |= {"help": f"至少 {shortest} 位"}
    chosen = ([] if first else [found["old"]]) + [found["new"], again]
    return [field if field["name"] == "old" else field | {"autocomplete": "new-password"} for field in chosen]


def _password_form(errors: Errors, message: str) -> str:
    account = me().account
    first, due, look = account.must_change_password, rotation.due(account), look_of(me().channel, account.kind)
    layout = "door" if (first or due) and look == "desk" else look
    fields = _password_fields(account.kind, first, errors)
    beside = [text for name, texts in errors.items() if name not in {each["name"] for each in fields} for text in texts]
    return page("auth/password.html", layout=f"layout/{layout}.html", first=first, due=due, rules=_rules(account.kind),
                fields=fields, general=beside or ([message] if message and not errors else []),
                back_href=None if first or due else url_for("mobile.myself"),
                home_url=home_of(me().channel, account.kind))


@blueprint.post("/password")
@signed_in(before_change=True)
def change() -> Any:
    """Change the password; every other session ends."""
    first = me().account.must_change_password
    raw = {name: typed for name in ("old", "new") if (typed := request.form.get(name, ""))}
    again = request.form.get("again", "")
    try:
        found = load(PasswordBody(), raw, partial=("old",) if first else False)
        if found["new"] != again:
            raise Invalid(fields={"again": ["两遍输入的不一样，请再输一次。"]})
        entering.change_password(me(), found.get("old"), found["new"])
    except Invalid as invalid:
        return _password_form(invalid.fields, invalid.message), 422
    flash("新密码已经设好，下次登录请用新密码。", "success")
    return redirect(home_of(me().channel, me().account.kind), 303)


@blueprint.post("/logout")
@signed_in(before_change=True)
def leave() -> Response:
    """End the session and clear the browser."""
    end = "mobile" if me().channel is Channel.mobile else "desk"
    entering.log_out(me())
    forget()
    response = redirect(url_for("auth.login", end=end), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
