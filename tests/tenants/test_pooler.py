"""Behind a pooler in transaction mode two connections serve everybody, and nobody finds another's scope (A16)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import factories
from app import registry
from app.factory import create_app
from engines import NOW, settings
from permissions import transaction
from pooler_for_tests import pooled
from tenants import clock, row_security, tree
from tenants.db import db
from tenants.row_security import ROLE
from tenants.scope import Scope
from world import World

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
ALL = Scope.everything("a test looks at every unit")
PRINCIPALS = ("clerk", "other clerk", "town clerk", "chief", "province auditor", "county auditor")
CALLS = 240


@pytest.fixture(scope="module")
def pooler_url(postgres_url: str) -> Iterator[str]:
    """The server of the tests, through a pooler."""
    with pooled(postgres_url) as url:
        yield url


@pytest.fixture
def behind(world: World, pooler_url: str, tmp_path: Path) -> Iterator[World]:
    """The world again, its application speaking to the pooler; records in two counties."""
    with world.app.app_context(), transaction.act("tests"):
        for name in ("射阳", "合德镇", "东台"):
            unit = tree.unit_by_id(world.units[name], ALL)
            for module in registry.modules():
                factories.record(module=module, unit=unit, cadre=factories.cadre(unit=unit), ended_on=date(2026, 6, 1))
        transaction.audit.record("tests:fill", "unit", None, unit)
        name = db.engine.url.database
    app = create_app(settings(tmp_path, f"{pooler_url.rsplit('/', 1)[0]}/{name}", pooler=True))
    app.config["TESTING"] = True
    clock.configure(NOW)
    yield replace(world, app=app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _seen(world: World, principal: str, module: str) -> Any:
    answer = world.api(principal).get(f"/records/{module}").get_json()
    return answer["total"], [each["id"] for each in answer["items"]]


def _traffic(behind: World, direct: World) -> list[tuple[str, str]]:
    """Who was answered otherwise than past the pooler, of many calls at once."""
    asked = [(who, module) for who in PRINCIPALS for module in registry.modules()]
    wanted = {each: _seen(direct, *each) for each in asked}
    assert len({str(each) for each in wanted.values()}) > len(PRINCIPALS), "the principals see different things"
    calls = [asked[number * 7 % len(asked)] for number in range(CALLS)]
    with ThreadPoolExecutor(8) as threads:
        return [each for each, got in zip(calls, threads.map(lambda each: _seen(behind, *each), calls), strict=True)
                if got != wanted[each]]


def _left_behind(behind: World) -> tuple[int, int]:
    """Rows that transactions with no scope told see through the pooler; how many server connections they ran on."""
    rows, backends = 0, set()
    with behind.app.app_context():
        url = db.engine.url
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"prepare_threshold": None})
    held = [engine.connect() for _ in range(2)]
    for connection in held:
        connection.exec_driver_sql(f"SET LOCAL ROLE {ROLE}")
        rows += connection.exec_driver_sql("SELECT (SELECT count(*) FROM units) + (SELECT count(*) FROM visits)"
                                           ).scalar_one()
        backends.add(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    for connection in held:
        connection.close()
    return rows, len(backends)


def test_everybody_sees_his_own_through_two_connections(world: World, behind: World) -> None:
    assert _traffic(behind, world) == []
    assert _left_behind(behind) == (0, 2)


def _enter(behind: World) -> list[int]:
    """Two counties enter twenty visits each, all at once; the status of each answer."""
    def enter(principal: str, place: str, cadre: str) -> int:
        return behind.api(principal).post("/records/visits", {
            "unit_id": behind.units[place], "cadre_ids": [behind.cadres[cadre]], "type": "routine",
            "ended_on": "2026-06-08", "place": "家中", "visitors": "李主任"}).status_code

    both = [("clerk", "射阳", "cadre"), ("other clerk", "东台", "other cadre")]
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda each: enter(*each), both * 20))


def test_what_is_written_through_the_pooler_is_there(world: World, behind: World) -> None:
    before = {who: _seen(world, who, "visits")[0] for who in ("clerk", "other clerk")}
    assert _enter(behind) == [201] * 40
    assert {who: _seen(world, who, "visits")[0] - before[who] for who in before} == {"clerk": 20, "other clerk": 20}
    assert _left_behind(behind) == (0, 2)


def test_a_setting_that_outlives_its_transaction_is_seen(behind: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the scope told for the session (M4)."""
    forever = row_security._WITH_ROLE.replace("%(wanted)s, true", "%(wanted)s, false")
    monkeypatch.setattr(row_security, "_WITH_ROLE", forever)
    _enter(behind)  # reads are rolled back, and their settings with them; only a commit would keep one
    assert _left_behind(behind)[0] > 0
