"""The primary killed, the replica promoted: 503 meanwhile, nothing acknowledged lost, no restart, never a 500."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import config, errors, outbox
from app.worker import Sender, Ticker
from pair import province_on_a_pair
from permissions import sealing, sessions
from rows import ask
from world import World

pytestmark = pytest.mark.xdist_group("streaming pair")


def visit(world: World, place: str, key: str | None = None) -> Any:
    body = {"unit_id": world.units["射阳"], "cadre_ids": [world.cadres["cadre"]], "type": "routine",
            "ended_on": "2026-06-08", "place": place, "visitors": "李主任"}
    return world.api("clerk").post("/records/visits", body, headers={"Idempotency-Key": key} if key else {})


def check_the_gap(world: World, browser: FlaskClient) -> None:
    """While nobody can write: every kind of request says “later”, on the API and as a page; the worker goes on."""
    for answer in (visit(world, "gap", "gap"), world.api("clerk").get("/records/visits"), world.api("clerk").get("/me"),
                   world.api("clerk").get(f"/reports/timeliness?unit={world.units['射阳']}&from=2026-04-01&to=2026-06-30")):
        assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "busy", "5")
    for path in ("/desk/", "/desk/records/visits", "/"):
        page = browser.get(path)
        assert page.status_code == 503 and page.headers["Retry-After"] == "5"
        assert "约 5 秒后可以再试" in page.get_data(as_text=True)
    assert browser.get("/readyz").status_code == 503 and browser.get("/healthz").status_code == 200
    ticker = Ticker(world.app)
    for work in (Sender(world.app)._drain, ticker._seal, ticker._call_again):
        with world.app.app_context(), pytest.raises(OperationalError):
            work()


def test_the_application_recovers_without_restart(tmp_path: Path) -> None:
    with province_on_a_pair(tmp_path) as (world, pair):
        browser = world.browser("射阳 administrator")
        written = [visit(world, f"W{number}").json["id"] for number in range(12)]
        pair.primary.kill()
        check_the_gap(world, browser)
        pair.promote()
        assert visit(world, "gap", "gap").status_code == 201
        assert browser.get("/desk/").status_code == 200
        found = {str(row[0]) for row in ask(world.app, "SELECT id FROM visits WHERE place > 'W' AND place < 'X'")}
        assert found == set(written)
        with world.app.app_context():
            outbox.drain()
            sealing.seal(tmp_path / "audit.head")
            assert sealing.verify(tmp_path / "audit.head").whole
        # What was the replica is the primary now: reports are read there as anything else.
        report = world.api("chief").get(
            f"/reports/timeliness?unit={world.units['射阳']}&from=2026-04-01&to=2026-06-30")
        assert report.status_code == 200 and report.json["as_of"] is None


class Orig(Exception):
    """An error as the driver raises it."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("x")
        self.sqlstate = sqlstate


CUT_OFF = {
    "the line is cut": lambda: OperationalError("x", {}, Orig(None)),
    "the server shuts down": lambda: OperationalError("x", {}, Orig("57P01")),
    "a server that only reads": lambda: InternalError("x", {}, Orig("25006")),
    "a connection found closed": lambda: sa.exc.InterfaceError("x", {}, Orig(None)),
    "a transaction that cannot go on": lambda: sa.exc.PendingRollbackError("x"),
    "no connection is free": lambda: PoolTimeout("x"),
}


@pytest.mark.parametrize("why", CUT_OFF)
def test_whatever_says_out_of_reach_is_a_503(world: World, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    def broken(*_: Any) -> None:
        raise CUT_OFF[why]()

    monkeypatch.setattr(sessions, "find", broken)
    monkeypatch.setitem(world.app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = world.api("clerk").get("/me")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(errors.RETRY_AFTER))


def test_another_error_of_the_database_is_a_500(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is out of order stays so: only what waiting mends is a 503."""
    def broken(*_: Any) -> None:
        raise sa.exc.ProgrammingError("x", {}, Orig("42P01"))

    monkeypatch.setattr(sessions, "find", broken)
    monkeypatch.setitem(world.app.config, "PROPAGATE_EXCEPTIONS", False)
    assert world.api("clerk").get("/me").status_code == 500


@pytest.mark.parametrize(("given", "hosts", "mode"), [
    ("postgresql://u:p%40@a:1,b/d", ["a:1", "b:5432"], "read-write"),
    ("postgresql://u@a:1,b:2/d?target_session_attrs=primary", ["a:1", "b:2"], "primary"),
    ("postgresql+psycopg://u@/d?host=a:1&host=b:2", ["a:1", "b:2"], "read-write"),
])
def test_an_address_of_several_hosts(given: str, hosts: list[str], mode: str) -> None:
    url = sa.make_url(config._database(given))
    assert url.query["host"] == tuple(hosts) and url.query["target_session_attrs"] == mode
    assert url.query["connect_timeout"] == "3" and url.username == "u" and url.database == "d"


def test_an_address_of_one_host() -> None:
    url = sa.make_url(config._database("postgresql://u:p%40x@a:1/d?connect_timeout=9"))
    assert (url.host, url.port, url.password) == ("a", 1, "p@x")
    assert url.query["connect_timeout"] == "9" and "target_session_attrs" not in url.query
    assert config._database("sqlite:////x/y.db") == "sqlite:////x/y.db"
