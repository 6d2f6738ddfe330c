"""Many writers at once: nothing lost, nobody told “database is locked”, one session from one password, one chain."""

import os
from collections import Counter
from typing import Any

import pytest
from servers import Servers, call

import factories
from permissions import passwords, sealing, transaction
from rows import ask, count
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

pytestmark = pytest.mark.xdist_group("races of changes")
WHOLE = Scope.everything("a race looks at the whole tree")
WRITERS, EACH = 20, 240 if os.environ.get("YINLING_TEST_FULL") else 24


def county(world: World) -> Unit:
    """射阳."""
    return db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()


def writer(world: World, number: int) -> dict[str, Any]:
    """One writer's work: drafts, entries, a read in between; every writer has words of their own."""
    calls = []
    for place in range(EACH):
        body = {"unit_id": world.units["射阳"], "cadre_ids": [world.cadres["cadre"]], "type": "routine",
                "ended_on": "2026-06-01", "place": f"W{number}-{place}", "draft": place % 2 == 0,
                "visitors": "李主任", "late_reason": "补录"}
        calls.append(call("POST", "/records/visits", world.tokens["clerk"], body))
        if place % 4 == 3:
            calls.append(call("GET", "/records/visits?limit=5", world.tokens["clerk"]))
            calls.append(call("GET", f"/audit?unit={world.units['射阳']}", world.tokens["射阳 administrator"]))
    return {"act": "requests", "calls": [{name: value for name, value in each.items() if name != "act"}
                                         for each in calls]}


def test_twenty_writers_lose_nothing(servers, world, tmp_path):
    """I17: SQLite with 20 writers in 4 processes, two sealers among them; the same on PostgreSQL."""
    before, anchor = count(world.app, "records"), tmp_path / "audit.head"
    jobs = [writer(world, number) for number in range(WRITERS)]
    sealers = [{"act": "seal", "anchor": str(anchor)} for _ in range(4)]
    answers = servers.race(jobs + sealers)
    said = Counter(each["status"] for work in answers[:WRITERS] for each in work)
    written = WRITERS * EACH
    assert said == {201: written, 200: WRITERS * (EACH // 4) * 2}, (said, answers[WRITERS:])
    assert count(world.app, "records") == before + written
    places = ask(world.app, "SELECT place FROM visits WHERE place > 'W' AND place < 'X'")
    assert len(places) == len(set(places)) == written
    with world.app.app_context():
        sealing.seal(anchor)
        verdict = sealing.verify(anchor)
    assert verdict.whole and verdict.unsealed == 0, verdict
    assert verdict.sealed == count(world.app, "audit_entries")
    assert count(world.app, "audit_entries", "action = 'record:create' AND result = 'ok'") == written


def test_sealers_at_once_make_one_chain(servers, world, tmp_path):
    """G5: eight sealers on the same entries never fork the chain, and the head outside is the last one."""
    for round_number in range(6):
        with world.app.app_context(), transaction.act("tests"):
            for place in range(40):
                transaction.audit.record("tests:entry", "unit", None, county(world),
                                         after={"n": place, "round": round_number})
        answers = servers.race([{"act": "seal", "anchor": str(tmp_path / "head")} for _ in range(8)])
        assert all(isinstance(each, int) for each in answers), answers
        with world.app.app_context():
            verdict = sealing.verify(tmp_path / "head")
            assert verdict.whole and verdict.unsealed == 0, verdict
            assert verdict.sealed == count(world.app, "audit_entries") == sealing.head().seq


def with_initial_password(world: World, phone: str) -> str:
    """A staff account with a fresh single-use password; the password."""
    with world.app.app_context(), transaction.act("tests"):
        unit = county(world)
        account = factories.staff(unit=unit, phone=phone)
        password = passwords.set_initial(account, clock.now())
        transaction.audit.record("tests:password", "account", account.id, unit)
    return password


def test_a_single_use_password_opens_one_session(servers, world):
    """C7: twelve redeem the same password at once; one session, and none later."""
    password = with_initial_password(world, "19955550001")
    body = {"phone": "19955550001", "password": password, "channel": "pc"}
    answers = servers.race([call("POST", "/sessions", None, body) for _ in range(12)])
    said = Counter(each["status"] for each in answers)
    assert said[201] == 1 and set(said) <= {201, 401, 429}, answers
    assert world.api(None).post("/sessions", body).status_code in (401, 429)
    sessions = ask(world.app, "SELECT count(*) FROM login_sessions s JOIN accounts a ON a.id = s.account_id "
                              "WHERE a.name = '工作人员'")
    assert sessions == [(1,)]


def test_failures_at_once_are_all_counted(servers, world):
    """C5: the counter is atomic; guesses at once do not share one count."""
    password = with_initial_password(world, "19955550002")
    guesses = [call("POST", "/sessions", None, {"phone": "19955550002", "password": f"{place:016d}", "channel": "pc"})
               for place in range(12)]
    said = Counter(each["status"] for each in servers.race(guesses))
    assert set(said) <= {401, 429} and sum(said.values()) == 12
    slowed = world.api(None).post("/sessions", {"phone": "19955550002", "password": password, "channel": "pc"})
    assert slowed.status_code == 429
    assert max(row[0] for row in ask(world.app, "SELECT failures FROM login_throttles")) == said[401]


def close_and_write(servers: Servers, world: World, number: int) -> list[dict[str, Any]]:
    """A unit is merged into another while people are put into it."""
    api = world.api("射阳 administrator")
    unit = api.post("/units", {"parent_id": world.units["射阳"], "kind": "township", "name": f"并{number}",
                               "code": f"M{number}"}).json["id"]
    closing = call("POST", f"/units/{unit}/close", world.tokens["射阳 administrator"],
                   {"successor_id": world.units["合德镇"]})
    writing = [call("POST", "/accounts", world.tokens["射阳 administrator"], {
        "unit_id": unit, "kind": "staff", "name": "钱程", "phone": f"1994444{number:02d}{place:02d}",
        "employment": "full_time"}) for place in range(11)]
    answers = servers.race([*writing[:6], closing, *writing[6:]])
    assert ask(world.app, f"SELECT count(*) FROM accounts WHERE unit_id = '{unit}'") == [(0,)]  # noqa: S608
    return answers


def test_nothing_is_left_behind_in_a_unit_merged_meanwhile(servers, world):
    for number in range(8):
        answers = close_and_write(servers, world, number)
        assert answers[6]["status"] == 200, answers[6]
        assert {each["status"] for each in answers} <= {200, 201, 409}, answers
