"""Flask-Login and CSRF: the browser's cookie carries a session token, looked up in the database at each request."""

from typing import Any

from flask import Flask, Request, Response, session
from flask.sessions import NullSession, SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_wtf import CSRFProtect


class Manager(LoginManager):
    """Flask-Login without its cookie that outlives the session: none is ever made, none has to be kept fresh."""

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


login_manager = Manager()
login_manager.session_protection = None  # "strong" logs phones out when the carrier changes their address
csrf = CSRFProtect()


class PagesOnly(SecureCookieSessionInterface):
    """The browser's cookie is for pages: the API takes bearer tokens only and does not even open it."""

    def open_session(self, app: Flask, request: Request) -> Any:
        return _NONE if request.path.startswith("/api/v1/") else super().open_session(app, request)


_NONE = NullSession()


class BrowserUser(UserMixin):
    """What Flask-Login keeps in the cookie: the token, as the user's alternative id. The guard looks it up."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get_id(self) -> str:
        return self.token


@login_manager.user_loader
def _load(token: str) -> BrowserUser:
    """Flask-Login's part ends here: whether the session lives is the guard's question, asked inside its transaction."""
    return BrowserUser(token)


def read_browser_token() -> str | None:
    """The token in the browser's signed cookie."""
    token = session.get("_user_id")
    return token if isinstance(token, str) else None


def remember(token: str, *, lasting: bool) -> None:
    """Put a new session into the browser: anything kept before is dropped (no fixation)."""
    session.clear()
    session.permanent = lasting
    login_user(BrowserUser(token))


def forget() -> None:
    """Take the session out of the browser."""
    logout_user()
    session.clear()
