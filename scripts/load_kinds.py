"""What people ask for on a province's morning: kinds of requests, their shares, and one drawn at a time."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any

# 70 % read, 20 % list and search, 10 % write.
SHARES = {
    "me": 10, "record": 30, "cadre": 20, "unit": 10,
    "records": 8, "overdue": 3, "search": 4, "cadres": 3, "report": 2,
    "create": 10,
}
READS, LISTS, WRITES = ("me", "record", "cadre", "unit"), ("records", "overdue", "search", "cadres", "report"), (
    "create",)
NAMES = ("赵", "zhao", "z")


@dataclass(frozen=True)
class Asked:
    """One request."""

    kind: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None = None


@dataclass(frozen=True)
class Somebody:
    """A principal of the morning, with things they may look at."""

    token: str
    phone: str
    unit_id: str
    records: list[str]
    cadres: list[str]
    writes: bool


def _today() -> date:
    return datetime.now(UTC).date()


def drawn(draw: Random, people: list[Somebody]) -> Asked:
    """Somebody asks for something. What this costs is charged to the product's turns alone, so it is kept small."""
    kind = draw.choices(_KINDS, cum_weights=_CUMULATED)[0]
    who = draw.choice(people)
    while kind == "create" and not who.writes:
        who = draw.choice(people)
    headers = {"Authorization": f"Bearer {who.token}"}
    if kind == "create":
        return _created(draw, who, headers)
    return Asked(kind, "GET", f"/api/v1{_PATHS[kind](draw, who)}", headers)


def _report(_draw: Random, who: Somebody) -> str:
    today = _today()
    first = today.replace(day=1) - timedelta(days=365)
    return f"/reports/timeliness?unit={who.unit_id}&from={first}&to={today}"


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


_KINDS, _CUMULATED = list(SHARES), list(accumulate(SHARES.values()))
_PATHS: dict[str, Callable[[Random, Somebody], str]] = {
    "me": lambda _draw, _who: "/me",
    "record": lambda draw, who: f"/records/visits/{draw.choice(who.records)}",
    "cadre": lambda draw, who: f"/cadres/{draw.choice(who.cadres)}",
    "unit": lambda _draw, who: f"/units/{who.unit_id}",
    "records": lambda _draw, _who: "/records/visits?limit=20",
    "overdue": lambda _draw, _who: "/records/visits?timeliness=overdue&limit=20",
    "search": lambda draw, _who: f"/cadres?q={_quoted(draw.choice(NAMES))}",
    "cadres": lambda _draw, _who: "/cadres?limit=20",
    "report": _report,
}


def _created(draw: Random, who: Somebody, headers: dict[str, str]) -> Asked:
    values: dict[str, Any] = {
        "unit_id": who.unit_id, "ended_on": str(_today() - timedelta(days=1 + draw.randrange(3))),
        "type": "routine", "place": "合德镇", "visitors": "李主任", "cadre_ids": [draw.choice(who.cadres)],
    }
    headers = headers | {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)}
    return Asked("create", "POST", "/api/v1/records/visits", headers, json.dumps(values).encode())


def log_in(draw: Random, people: list[Somebody], password: str) -> Asked:
    """Somebody logs in."""
    body = {"phone": draw.choice(people).phone, "password": password, "channel": "pc"}
    return Asked("log-in", "POST", "/api/v1/sessions", {"Content-Type": "application/json"}, json.dumps(body).encode())


def floor() -> Asked:
    """The floor's one route."""
    return Asked("floor", "GET", "/visits?limit=20", {})
