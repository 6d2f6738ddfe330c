"""From a refusal to an answer, once: problem JSON on the API, a Chinese page elsewhere."""

import logging
from typing import Any

from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from tenants.errors import Conflict, PasswordChangeRequired, Refusal, SignedOut, Stale, TooMany

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


def wants_json() -> bool:
    """Whether the caller is on the API."""
    return request.path.startswith("/api/")


def answer(status: int, code: str, message: str, fields: dict[str, list[str]] | None = None) -> Any:
    """One shape of error for each kind of caller."""
    if wants_json():
        response: Response = jsonify(code=code, message=message, fields=fields or {})
        response.status_code = status
        return response
    page = render_template("error.html", status=status, code=code, message=message, fields=fields or {},
                           end=_end(), request_id=g.get("request_id"))
    return page, status


def _end() -> str:
    return "mobile" if request.path.startswith("/m") else "desk"


def _refusal(refusal: Refusal) -> Any:
    if isinstance(refusal, SignedOut) and not wants_json():
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("auth.login", next=target, end=_end()))
    if isinstance(refusal, PasswordChangeRequired) and not wants_json():
        return redirect(url_for("auth.password"))
    made = answer(refusal.status, refusal.code, refusal.message, refusal.fields)
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
    if isinstance(error, OperationalError):
        log.exception("database unavailable")
        made = answer(503, *HTTP_MESSAGES[503])
        response = made if isinstance(made, Response) else Response(made[0], made[1])
        response.headers["Retry-After"] = "5"
        return response
    return _unexpected(error)


def _unexpected(error: Exception) -> Any:
    log.exception("unexpected error in request %s", g.get("request_id"), exc_info=error)
    return answer(500, *HTTP_MESSAGES[500])


def init_app(app: Flask) -> None:
    """Register the one table of errors."""
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RequestEntityTooLarge, _http)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, lambda _error: _refusal(Stale()))
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _unexpected)
