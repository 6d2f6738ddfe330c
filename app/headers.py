"""Headers of every answer: a strict policy without inline code, no sniffing or framing, no caching of personal data."""

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

    def set_headers(response: Response) -> Response:
        for name, value in FIXED.items():
            response.headers[name] = value
        response.headers["X-Request-Id"] = request_id()
        if settings.secure:
            response.headers["Strict-Transport-Security"] = HSTS
        response.headers["Cache-Control"] = STATIC_CACHE if request.endpoint == "static" else "no-store"
        return response

    app.after_request(set_headers)
