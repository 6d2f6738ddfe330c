"""Builds the application: the only file that knows all parts."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from app import api, cli, errors, headers, jobs, registry, web
from app.calls import queue_of
from app.config import Settings, from_environment
from app.extensions import PagesOnly, csrf, login_manager, read_browser_token
from app.json_bytes import JsonBytes
from permissions import reading
from permissions.guard import check_all, public
from tenants import clock, keys, row_security, scope
from tenants.db import db, prepare

migrate = Migrate(render_as_batch=True, compare_type=True)


def create_app(settings: Settings | None = None) -> Flask:
    """An application ready to serve. Raises BadSetting or Unguarded rather than start unsafely."""
    settings = settings or from_environment()
    app = Flask(__name__, static_folder="static", template_folder="templates")
    _configure(app, settings)
    app.ensure_sync = _no_view_is_async  # type: ignore[method-assign, assignment]
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]
    app.json = JsonBytes(app)
    keys.use(keys.KeyRing.parse(settings.field_keys))
    clock.configure(settings.now)
    registry.load()
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent.parent / "migrations"))
    with app.app_context():
        prepare(db.engine)
    scope.install(Session)
    row_security.install(Session)
    reading.init_app(app, settings.replica_url, settings.replica_lag)
    app.session_interface = PagesOnly()
    login_manager.init_app(app)
    csrf.init_app(app)
    app.extensions["browser_token"] = read_browser_token
    jobs.register(app, queue_of(app))
    headers.init_app(app, settings)
    errors.init_app(app)
    api.init_app(app)
    web.init_app(app)
    cli.init_app(app)
    app.view_functions["static"] = public()(app.view_functions["static"])
    check_all(app)
    return app


def _no_view_is_async(view: Any) -> Any:
    """Flask asks of every hook and view at each request whether it is a coroutine; none of ours is."""
    return view


def _configure(app: Flask, settings: Settings) -> None:
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Behind a pooler the next transaction may run where a prepared statement is not known.
    unprepared = {"connect_args": {"prepare_threshold": None}} if settings.pooler else {}
    # As many kept connections as gunicorn.conf.py has threads: one beyond is opened anew at each request. The last one
    # given back is taken first: its statements are prepared and its pages warm.
    kept = {"pool_size": 8, "pool_use_lifo": True} if settings.database_url.startswith("postgresql") else {}
    prefix = "__Host-" if settings.secure else ""
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # Errors of the database must not carry the values of a row into a log.
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True, "hide_parameters": True, **unprepared, **kept},
        MAX_CONTENT_LENGTH=25 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=1000,
        SESSION_COOKIE_NAME=f"{prefix}yinling",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.secure,
    )
