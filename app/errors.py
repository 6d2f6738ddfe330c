"""From a refusal to an answer, once: problem JSON on the API, a Chinese page elsewhere."""

import logging
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, jsonify, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.storage import OutOfReach
from permissions.audit import request_id
from permissions.proof import FIELD as PROOF_FIELD
from tenants.errors import (
    Conflict,
    EnrolmentRequired,
    PasswordChangeRequired,
    PasswordWanted,
    Refusal,
    SecondFactorRequired,
    SignedOut,
    Stale,
    TooMany,
)

log = logging.getLogger("yinling")

HTTP_MESSAGES = {
    400: ("malformed", "请求的格式不对，请检查后重试。"),
    401: ("signed_out", "您还没有登录，或登录已失效，请重新登录。"),
    403: ("forbidden", "您没有办理这件事的权限；需要时请联系上级系统管理员。"),
    404: ("not_found", "没有找到，或不在您的管理范围内。"),
    405: ("method_not_allowed", "这个地址不支持这样的操作。"),
    408: ("timeout", "网络太慢，请重试。"),
    413: ("too_large", "提交的内容太大，请缩小后再试。"),
    414: ("too_long", "地址太长，请减少查询条件。"),
    415: ("unsupported_media_type", "内容的类型不对，请按要求的格式提交。"),
    429: ("slow_down", "尝试次数过多，请稍后再试。"),
    500: ("error", "系统出了问题，已记录在案；请稍后再试，仍不行请把编号告诉系统管理员。"),
    503: ("busy", "系统正忙，请稍后再试。"),
}

RETRY_AFTER = 5
READ_ONLY = "25006"

CANCELLED = "57014"  # by the time limit of a transaction (`tenants.row_security`)
TOO_SLOW = "要看的内容太多，没能按时查完。请缩小范围再试：选下一级单位、缩短日期，或加上别的条件。"
PHONE_WORDS = ("Mobile", "Android", "iPhone", "HarmonyOS")
LOOKS = ("desk", "mobile", "elder")
ADVICE = {"elder": "请回到首页；有事请打电话给您的联系人。"}
FOR_STAFF = "这一页是给工作人员用的。"


def wants_json() -> bool:
    """Whether the caller is on the API."""
    return request.path.startswith("/api/")


def answer(status: int, code: str, message: str, fields: dict[str, list[str]] | None = None,
           retry_after: int | None = None) -> Any:
    """One shape of error for each kind of caller."""
    if wants_json():
        response: Response = jsonify(code=code, message=message, fields=fields or {})
        response.status_code = status
        return response
    if code == "channel_closed" and _look() == "elder":
        message = FOR_STAFF
    return _page(status, message, retry_after), status


def looks_like_a_phone() -> bool:
    """A guess for choosing the log-in page; what an account may do on an end is never decided by it."""
    agent = request.headers.get("User-Agent", "")
    return any(word in agent for word in PHONE_WORDS)


def _end() -> str:
    """Which log-in page to send somebody to who has no live session."""
    if request.path == "/m" or request.path.startswith("/m/"):
        return "mobile"
    if request.path.startswith("/desk"):
        return "desk"
    look = session.get("look")
    return ("desk" if look == "desk" else "mobile") if look in LOOKS else "mobile" if looks_like_a_phone() else "desk"


def _look() -> str:
    """How the page looks: as the browser's session last looked, else by the address.

    Asks no database, which may be what is out of order; so it decides nothing but looks.
    """
    look = session.get("look")
    if look in LOOKS:
        return str(look)
    return "elder" if _end() == "mobile" else "door"


def _came_from() -> str | None:
    """The page of ours that led here, for the way back; never this page itself."""
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:
        return None
    elsewhere = came.netloc != request.host or came.path == request.path
    if elsewhere or not came.path.startswith("/") or came.path.startswith("//"):
        return None
    return f"{came.path}?{came.query}" if came.query else came.path


def _page(status: int, message: str, retry_after: int | None) -> str:
    return render_template(
        "error.html", status=status, message=message, layout=f"layout/{_look()}.html", back_href=_came_from(),
        request_id=request_id(), retry_after=retry_after, login_url=url_for("auth.login", end=_end()),
        advice=ADVICE.get(_look()), switch_next=_came_from() or "/m/",
        elder_size="30" if request.cookies.get("elder_size") == "30" else "18",
    )


def _password_wanted(wanted: PasswordWanted) -> Any:
    """Ask on the spot; the form that was sent is carried along and sent once more with the password."""
    if request.headers.get("HX-Request"):
        # A part of a page is no place to type a password: the same question on a page of its own.
        query = f"?field={quote(request.form['field'])}" if "field" in request.form else ""
        return "", 200, {"HX-Redirect": request.path + query}
    carried = [(name, value) for name, value in request.form.items(multi=True)
               if name not in ("csrf_token", PROOF_FIELD)]
    principal = g.get("principal")
    bound = principal is not None and principal.account.second_factor_at is not None
    return render_template("auth/prove.html", carried=carried, action=request.full_path.rstrip("?"), bound=bound,
                           files=bool(request.files), name=PROOF_FIELD, wrong=wanted.wrong,
                           back_href=_came_from() or "/"), wanted.status


def _refusal(refusal: Refusal) -> Any:
    if isinstance(refusal, PasswordWanted) and not wants_json():
        return _password_wanted(refusal)
    if isinstance(refusal, SignedOut) and not wants_json():
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("auth.login", next=target, end=_end()), 303)
    if isinstance(refusal, PasswordChangeRequired) and not wants_json():
        return redirect(url_for("auth.password"), 303)
    if isinstance(refusal, EnrolmentRequired) and not wants_json():
        return redirect(url_for("second_factor.show"), 303)
    wait = refusal.retry_after if isinstance(refusal, TooMany) else None
    if isinstance(refusal, SecondFactorRequired):
        return jsonify(code=refusal.code, message=refusal.message, fields={}, challenge=refusal.challenge), 401
    made = answer(refusal.status, refusal.code, refusal.message, refusal.fields, wait)
    if isinstance(refusal, TooMany):
        response = made if isinstance(made, Response) else Response(made[0], made[1])
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    return made


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    code, message = HTTP_MESSAGES.get(status, ("malformed", "请求不能受理，请检查后重试。"))
    made = answer(status, code, message)
    if status == 405 and getattr(error, "valid_methods", None):
        response = made if isinstance(made, Response) else Response(made[0], made[1])
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
        return response
    return made


def _csrf(_error: CSRFError) -> Any:
    return answer(400, "csrf", "页面停留太久或已在别处登录，请返回刷新页面后再提交一次。")


def _database(error: DBAPIError) -> Any:
    """A constraint has the last word on races; an unreachable or locked database is a 503, not a 500."""
    if isinstance(error, IntegrityError):
        return _refusal(Conflict())
    if getattr(error.orig, "sqlstate", None) == CANCELLED:
        log.warning("too slow in request %s: %s", request_id(), request.endpoint)
        return answer(503, "too_slow", TOO_SLOW)
    # Besides: a connection found closed, and a server that only reads (the host that stood by is not yet promoted).
    cut_off = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    if cut_off or getattr(error.orig, "sqlstate", None) == READ_ONLY:
        return _unavailable(error)
    return _unexpected(error)


def _unavailable(error: Exception) -> Any:
    """The database or the files are out of reach: nothing was done, and it is worth asking again."""
    # One line each: a gap of seconds brings hundreds of them.
    why = str(getattr(error, "orig", None) or error).partition("\n")[0]
    log.error("out of reach in request %s: %s: %s", request_id(), type(error).__name__, why)
    code, message = HTTP_MESSAGES[503]
    made = answer(503, code, message, retry_after=RETRY_AFTER)
    response = made if isinstance(made, Response) else Response(made[0], made[1])
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _unexpected(error: Exception) -> Any:
    log.exception("unexpected error in request %s", request_id(), exc_info=error)
    return answer(500, *HTTP_MESSAGES[500])


def init_app(app: Flask) -> None:
    """Register the one table of errors."""
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RequestEntityTooLarge, _http)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, lambda _error: _refusal(Stale()))
    app.register_error_handler(DBAPIError, _database)
    for out_of_reach in (PendingRollbackError, PoolTimeout, OutOfReach):
        app.register_error_handler(out_of_reach, _unavailable)
    app.register_error_handler(Exception, _unexpected)
