"""Headers of every answer: a strict policy without inline code, no sniffing or framing, no caching of personal data."""

from typing import Any

from flask import Flask, Response, request

from app.config import Settings
from permissions.audit import request_id

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
FIXED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
}
HSTS = "max-age=31536000; includeSubDomains"
STATIC_CACHE = "public, max-age=3600"


def init_app(app: Flask, settings: Settings) -> None:
    """Hang the headers on every answer, errors and files included."""
    fixed = [*FIXED.items(), *([("Strict-Transport-Security", HSTS)] if settings.secure else [])]
    inner = app.wsgi_app

    def with_fixed(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, headers + fixed, *error)

        return inner(environ, start)

    def set_headers(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        response.headers["Cache-Control"] = STATIC_CACHE if request.endpoint == "static" else "no-store"
        return response

    app.wsgi_app = with_fixed  # type: ignore[method-assign]
    app.after_request(set_headers)
