"""The JSON API under `/api/v1`: thin views over the same functions the pages call."""

import importlib
import pkgutil
from typing import Any

from flask import Flask
from flask.globals import request_ctx
from flask_smorest import Api, Blueprint
from werkzeug.exceptions import HTTPException

from app import registry
from app.extensions import csrf


class ApiOnly(Api):
    """flask-smorest turns every error of the application into JSON; ours has one table of errors for all."""

    def _register_error_handlers(self) -> None:
        """Leave errors to `app.errors`."""

    def handle_http_exception(self, error: HTTPException) -> Any:
        return error


def init_app(app: Flask) -> None:
    """Register every blueprint found in this package; a module without one is skipped."""
    app.config.update(
        API_TITLE="银龄 Yinling",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={"info": {"description": "离退休干部服务管理系统。名称以 contract 为准，错误信息为中文。"}},
    )
    api = ApiOnly(app)
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        loaded = importlib.import_module(f"{__name__}.{info.name}")
        blueprint = getattr(loaded, "blueprint", None)
        if isinstance(blueprint, Blueprint):
            csrf.exempt(blueprint)  # the API takes bearer tokens only, never the browser's cookie
            api.register_blueprint(blueprint)
        elif blueprint is not None:
            app.register_blueprint(blueprint)
    for module in registry.modules().values():
        api.spec.components.schema(module.record.__name__, schema=module.schema)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    app.extensions["api"] = api
    app.before_request(_bound_the_request)


def _bound_the_request() -> None:
    """A query no honest client sends is refused; JSON may be a megabyte, only uploads may be more."""
    asked = request_ctx.request
    if len(asked.query_string) > 4096:
        raise HTTPExceptionTooLong
    if not asked.mimetype.startswith("multipart/"):
        asked.max_content_length = 1024 * 1024


class HTTPExceptionTooLong(HTTPException):
    """A query string no honest client sends."""

    code = 414
