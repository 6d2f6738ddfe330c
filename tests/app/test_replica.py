"""Reports from the streaming replica: marked, within the bound, never older than the asker's own acts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from pair import province_on_a_pair
from permissions import reading
from python_walk import callers
from streaming_pair import Pair
from tenants.db import db
from world import World

pytestmark = pytest.mark.xdist_group("streaming pair")
PERIOD = "from=2026-04-01&to=2026-06-30"


@dataclass
class Served:
    """A report as somebody got it."""

    total: int
    as_of: str | None


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Pair]]:
    with province_on_a_pair(tmp_path_factory.mktemp("pair")) as made:
        yield made


@pytest.fixture
def pair(province: tuple[World, Pair]) -> Iterator[Pair]:
    """Replaying, caught up and not passed over, whatever the test before did."""
    world, pair = province
    replica = world.app.extensions["replica"]
    replica.rests_until, replica.bound = 0.0, timedelta(hours=1)
    yield pair
    pair.hold_replay(held=False)
    pair.caught_up()


@pytest.fixture
def world(province: tuple[World, Pair], pair: Pair) -> World:
    return province[0]


def report(world: World, who: str, unit: str = "射阳") -> Served:
    answer = world.api(who).get(f"/reports/timeliness?unit={world.units[unit]}&{PERIOD}")
    assert answer.status_code == 200, answer.text
    return Served(answer.json["total_row"]["total"], answer.json["as_of"])


def visit(world: World) -> None:
    """The chief's county enters one more visit."""
    answer = world.api("clerk").post("/records/visits", {
        "unit_id": world.units["射阳"], "cadre_ids": [world.cadres["cadre"]], "type": "routine",
        "ended_on": "2026-06-08", "place": "家中", "visitors": "李主任"})
    assert answer.status_code == 201, answer.text


def test_a_report_is_read_from_the_replica_and_says_so(world: World, pair: Pair) -> None:
    before = report(world, "chief")
    visit(world)
    pair.caught_up()
    after = report(world, "chief")
    assert before.as_of is not None and after.as_of is not None
    assert after.total == before.total + 1
    page = world.browser("射阳 administrator").get("/desk/reports/timeliness").get_data(as_text=True)
    assert "数据截至" in page


def test_an_asker_never_misses_his_own_act(world: World, pair: Pair) -> None:
    """The replica stands still: others get the old figures with their time, the writer the primary's."""
    before = report(world, "chief")
    pair.hold_replay(held=True)
    visit(world)
    assert report(world, "clerk") == Served(before.total + 1, None)
    other = report(world, "chief")
    assert other.total == before.total and other.as_of is not None


def test_without_that_check_he_would(world: World, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_has_acts", lambda _session, _acts: True)
    before = report(world, "clerk")
    pair.hold_replay(held=True)
    visit(world)
    assert report(world, "clerk").total == before.total


def test_one_that_lags_more_than_the_bound_is_passed_over(world: World, pair: Pair) -> None:
    before = report(world, "chief")
    pair.hold_replay(held=True)
    visit(world)
    world.app.extensions["replica"].bound = timedelta(0)
    assert report(world, "chief") == Served(before.total + 1, None)


def test_rights_are_asked_on_the_primary(world: World, pair: Pair) -> None:
    """A right taken away does not live on in the replica; what lies outside stays unseen there as here."""
    far = f"/reports/timeliness?unit={world.units['东台']}&{PERIOD}"
    assert world.api("chief").get(far).status_code == 404
    asked: list[str] = []
    engine = world.app.extensions["replica"].engine

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    report(world, "chief")
    seen = list(asked)
    world.api("chief").get(f"/records/visits?unit={world.units['射阳']}")
    world.api("chief").get("/me")
    event.remove(engine, "before_cursor_execute", note)
    assert asked == seen and any("FROM counters" in each for each in seen)
    assert not any("login_sessions" in each or "grants" in each for each in seen)


def test_only_reports_are_marked() -> None:
    assert callers("from_replica", "app", "permissions", "tenants") == {"app/reports/asking.py"}


def test_the_work_s_session_is_the_primary_s_again(world: World) -> None:
    with world.app.app_context():
        before = db.session()
        engine = world.app.extensions["replica"].engine
        with reading._instead_of_the_primary(engine) as other:
            assert db.session() is other and other is not before
        assert db.session() is before and engine.pool.checkedout() == 0
        db.session.remove()


def test_z_a_replica_that_is_gone_is_no_error(world: World, pair: Pair) -> None:
    """Last of this file: it does not come back. The second asker does not even try."""
    before = report(world, "chief")
    pair.ask(pair.primary, "ALTER SYSTEM RESET synchronous_standby_names", database="postgres")
    pair.ask(pair.primary, "SELECT pg_reload_conf()", database="postgres")
    pair.standby.kill()
    assert report(world, "chief") == Served(before.total, None)
    assert world.app.extensions["replica"].rests
    pair.standby.start()
