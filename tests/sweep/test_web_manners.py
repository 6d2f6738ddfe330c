"""What a browser relies on: tokens on every form, declared methods only, the same headers everywhere, hard cookies."""

import re
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sweep_manners import faults_of
from sweep_requests import cells_of
from sweep_routes import ROWS
from sweep_run import Caller
from sweep_state import content_of
from sweep_world import SweepWorld

from app.factory import create_app
from engines import settings
from tenants import clock
from tenants.db import db
from tenants.prepared import Prepared

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "BREW")
Property = Callable[[str, object], None]
FORMS = [row for row in ROWS if row.is_page and row.method != "GET"]


def _who_may(row: Any) -> str:
    """Somebody who is let in at the row's door."""
    if row.end == "mobile":
        return "cadre" if row.act.startswith("own") else "phone clerk"
    return "county administrator"


def test_no_form_is_taken_without_its_token(sweep_world: SweepWorld, engine_name: str,
                                            record_property: Property) -> None:
    before, sent = content_of(sweep_world.app), 0
    for row in FORMS:
        caller = Caller(sweep_world, sweep_world.people[_who_may(row)])
        other = Caller(sweep_world, sweep_world.people["clerk"])
        cell = next(iter(cells_of(sweep_world, row)))
        damaged = other.csrf[:-3] + ("AAA" if not other.csrf.endswith("AAA") else "BBB")
        for token in ("", "x", damaged):
            response = caller.send(row.method, cell.url, page=True, query_string=cell.query, data={"csrf_token": token},
                                   headers={"X-CSRFToken": token})
            sent += 1
            assert response.status_code == 400, f"{row.name} with {token!r}: {response.status_code}"
            assert faults_of(response) == [], row.name
    assert content_of(sweep_world.app) == before
    record_property(f"sweep:forms without a token on {engine_name}", sent)


def test_a_token_belongs_to_its_browser(sweep_world: SweepWorld) -> None:
    """A token signed by us, but for another browser's session."""
    client = sweep_world.app.test_client()
    page = client.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    sent = {"csrf_token": token[1], "phone": "19900000000", "password": "x" * 12}
    assert client.post("/login", data=sent).status_code == 401
    assert sweep_world.app.test_client().post("/login", data=sent).status_code == 400


def test_the_api_takes_no_cookie_and_a_bearer_is_judged_everywhere(sweep_world: SweepWorld) -> None:
    caller = Caller(sweep_world, sweep_world.people["county administrator"])
    client = sweep_world.app.test_client(use_cookies=False)
    cookie = client.get("/api/v1/me", headers={"Cookie": caller.cookie})
    assert cookie.status_code == 401
    assert client.get("/desk/", headers={"Authorization": f"Bearer {caller.token}"}).status_code == 200
    cadre = client.get("/desk/", headers={"Authorization": f"Bearer {sweep_world.tokens['cadre']}"})
    assert cadre.status_code == 403, "a cadre's token at the PC door"
    unsigned = client.post("/desk/accounts/open-staff", headers={"Authorization": f"Bearer {caller.token}"})
    assert unsigned.status_code == 400, "a bearer is no form's token"
    for header in ("Bearer", "Bearer ", f"bearer  {caller.token}x", f"Basic {caller.token}", f"Token {caller.token}",
                   f"Bearer {caller.token}, Bearer x", "Bearer " + "é" * 40, "Bearer " + "a" * 5000):
        assert client.get("/api/v1/me", headers={"Authorization": header}).status_code == 401, header[:40]
    in_the_address = client.get(f"/api/v1/me?token={caller.token}&access_token={caller.token}")
    assert in_the_address.status_code == 401


def _paths(world: SweepWorld) -> Iterator[tuple[str, set[str]]]:
    """A real address of every route with the methods declared for it."""
    declared: dict[str, set[str]] = {}
    for row in ROWS:
        url = next(iter(cells_of(world, row))).url
        declared.setdefault(url, set()).add(row.method)
    adapter = world.app.url_map.bind("localhost")
    for url in declared:
        yield url, set(adapter.allowed_methods(url))


def test_only_declared_methods_are_answered(sweep_world: SweepWorld, engine_name: str,
                                            record_property: Property) -> None:
    before, sent = content_of(sweep_world.app), 0
    caller = Caller(sweep_world, sweep_world.people["county administrator"])
    for url, allowed in _paths(sweep_world):
        for method in METHODS:
            if method in allowed:
                continue
            response = caller.send(method, url, page=not url.startswith("/api/"))
            sent += 1
            assert response.status_code == 405, f"{method} {url}: {response.status_code}"
            assert set(response.headers["Allow"].split(", ")) == allowed
            assert faults_of(response) == [], f"{method} {url}"
        for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
            if "DELETE" not in allowed and "POST" in allowed:
                response = caller.send("GET", f"{url}?_method=DELETE", page=not url.startswith("/api/"),
                                       headers={header: "DELETE"})
                assert response.status_code in (200, 302, 303, 400, 403, 404, 405), f"{header} {url}"
    assert content_of(sweep_world.app) == before
    record_property(f"sweep:undeclared methods on {engine_name}", sent)


def test_asking_for_methods_tells_methods_only(sweep_world: SweepWorld) -> None:
    client = sweep_world.app.test_client(use_cookies=False)
    for url, allowed in _paths(sweep_world):
        response = client.options(url, headers={"Origin": "https://elsewhere.example"})
        assert response.status_code == 200 and response.get_data() == b""
        assert set(response.headers["Allow"].split(", ")) == allowed
        assert faults_of(response, static=url.startswith("/static/")) == [], url
        if "GET" in allowed:
            with client.head(url) as short, client.get(url) as whole:
                assert short.status_code == whole.status_code and short.get_data() == b"", url


WRONG_ADDRESSES = (
    "/nowhere", "/api/v1/nowhere", "/api/v1", "/desk/nowhere", "/m/nowhere", "/static/nowhere.css", "/%00", "/DESK/",
    "/static/../app/config.py", "/static/%2e%2e/config.py", "/.env", "/.git/config", "/instance/yinling.db",
    "/uploads/x", "/desk//units", "/api/v1/units/", "/api/v1/records/secrets", "/api/v1/records/visits/../../units",
)


def test_addresses_that_lead_nowhere(sweep_world: SweepWorld) -> None:
    for name in ("anonymous", "county administrator"):
        caller = Caller(sweep_world, sweep_world.people[name])
        for url in WRONG_ADDRESSES:
            response = caller.send("GET", url, page=not url.startswith("/api/"))
            assert response.status_code in (404, 308, 401), f"{url}: {response.status_code}"
            assert faults_of(response, static=url.startswith("/static/")) == [], url


def test_a_defect_says_nothing_of_itself(sweep_world: SweepWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("SELECT password FROM accounts; /app/keys.py")

    monkeypatch.setattr(db.session, "execute", broken)
    monkeypatch.setattr(Prepared, "rows", broken)
    caller = Caller(sweep_world, sweep_world.people["clerk"])
    for url in ("/api/v1/me", "/desk/", "/m/", "/api/v1/units"):
        response = caller.send("GET", url, page=not url.startswith("/api/"))
        assert response.status_code == 500 and faults_of(response) == [], url


@pytest.fixture
def secure_app(tmp_path: Path) -> Flask:
    """The application as it stands behind https."""
    return create_app(settings(tmp_path / "secure", f"sqlite:///{tmp_path / 'none.db'}",
                               public_url="https://yinling.example"))


def test_cookies_behind_https_are_bound_to_the_host(secure_app: Flask) -> None:
    clock.configure(None)
    response = secure_app.test_client().get("/login", base_url="https://yinling.example")
    assert response.status_code == 200
    assert faults_of(response, secure=True) == []
    cookies = response.headers.getlist("Set-Cookie")
    assert cookies and all(_hard(cookie, secure=True) for cookie in cookies), cookies
    size = secure_app.test_client().post("/m/elder", base_url="https://yinling.example", data={"size": "30"})
    assert size.status_code == 400, "a form without its token"


def test_cookies_on_plain_http(sweep_world: SweepWorld) -> None:
    response = sweep_world.app.test_client().get("/login")
    cookies = response.headers.getlist("Set-Cookie")
    assert cookies and all(_hard(cookie, secure=False) for cookie in cookies), cookies


def _hard(header: str, *, secure: bool) -> bool:
    jar = SimpleCookie(header)
    (name, cookie), = jar.items()
    bound = name.startswith("__Host-") and bool(cookie["secure"]) and not cookie["domain"] and cookie["path"] == "/"
    return bool(cookie["httponly"]) and cookie["samesite"] in ("Lax", "Strict") and (bound or not secure)
