"""The product with a planted fault: each process remembers whom a session belonged to when it first came."""

from datetime import date, datetime

from permissions import sessions
from permissions.identity import Principal
from wsgi import app

_real = sessions.find
_kept: dict[str, Principal | None] = {}


def _find(token: str, now: datetime, today: date) -> Principal | None:
    if token not in _kept:
        _kept[token] = _real(token, now, today)
    return _kept[token]


sessions.find = _find

__all__ = ["app"]
