"""The same thing changed by several at once: one wins, the others are told; a repeated key is one act (I4, I5)."""

import os
import random
from collections import Counter
from datetime import date
from typing import Any

import pytest
from flask import Flask
from servers import Servers, call

import factories
from permissions import transaction
from permissions.grants import Filing
from rows import ask, count, run
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

pytestmark = pytest.mark.xdist_group("races of changes")
WHOLE = Scope.everything("a race looks at the whole tree")
AT_ONCE = 12
PAIRS = 500 if os.environ.get("YINLING_TEST_FULL") == "1" else 15


def named(world: World, name: str) -> Unit:
    """A unit of the named province."""
    return db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units[name])).scalar_one()


def draft(world: World) -> str:
    """A draft of a visit of 射阳."""
    with world.app.app_context(), transaction.act("tests"):
        unit = named(world, "射阳")
        record = factories.record(unit=unit, cadre=factories.cadre(unit=unit), ended_on=date(2026, 6, 1), draft=True)
        transaction.audit.record("tests:draft", "record", record.id, unit)
        return str(record.id)


def statuses(answers: list[dict[str, Any]]) -> Counter[Any]:
    """How often each status and code came."""
    return Counter((each["status"], each["code"]) for each in answers)


CHANGES = {
    "unit": ("射阳 administrator", lambda world: f"/units/{world.units['合德镇']}", "name"),
    "account": ("射阳 administrator", lambda world: f"/accounts/{world.accounts['clerk']}", "name"),
    "cadre": ("射阳 administrator", lambda world: f"/cadres/{world.cadres['cadre']}", "name"),
    "record": ("clerk", lambda world: f"/records/visits/{draft(world)}", "place"),
}
NAMES = "甲乙丙丁戊己庚辛壬癸子丑"


@pytest.mark.parametrize("what", CHANGES)
def test_of_twelve_who_saw_the_same_version_one_wins(servers, world, what):
    who, path_of, field = CHANGES[what]
    path, token = path_of(world), world.tokens[who]
    version = world.api(who).get(path).json["version"]
    answers = servers.race([call("PATCH", path, token, {field: f"王{NAMES[place]}"}, if_match=f'"{version}"')
                            for place in range(AT_ONCE)])
    assert statuses(answers) == {(200, None): 1, (409, "stale"): AT_ONCE - 1}, answers
    winner = next(place for place, each in enumerate(answers) if each["status"] == 200)
    now = world.api(who).get(path).json
    assert now[field] == f"王{NAMES[winner]}"
    assert now["version"] == answers[winner]["json"]["version"] > version


@pytest.mark.parametrize("what", CHANGES)
def test_without_a_version_nothing_is_lost_silently(servers, world, what):
    """Each 200 left a version and a log entry of its own; who came too late is told so, and no answer is a 5xx."""
    who, path_of, field = CHANGES[what]
    path = path_of(world)
    answers = servers.race([call("PATCH", path, world.tokens[who], {field: f"李{each}"}) for each in NAMES])
    assert set(statuses(answers)) <= {(200, None), (409, "stale")}, answers
    won = [each["json"]["version"] for each in answers if each["status"] == 200]
    assert len(set(won)) == len(won) >= 1
    assert count(world.app, "audit_entries", f"action = '{what}:update' AND result = 'ok'") == len(won)
    assert world.api(who).get(path).json["version"] == max(won)


def opening(world: World, place: int = 0) -> dict[str, Any]:
    """The body of an account."""
    return {"unit_id": world.units["射阳"], "kind": "staff", "name": "郑洁", "phone": f"199666600{place:02d}",
            "employment": "full_time"}


@pytest.mark.parametrize("what", ["account", "unit", "record"])
def test_the_same_key_at_once_is_one_act_and_one_answer(servers, world, what):
    path, body, who, table = {
        "account": ("/accounts", opening(world), "射阳 administrator", "accounts"),
        "unit": ("/units", {"parent_id": world.units["射阳"], "kind": "township", "name": "新镇", "code": "N1"},
                 "射阳 administrator", "units"),
        "record": ("/records/visits", {"unit_id": world.units["射阳"], "ended_on": "2026-06-01", "draft": True,
                                       "cadre_ids": [world.cadres["cadre"]]}, "clerk", "records"),
    }[what]
    before = count(world.app, table)
    again = call("POST", path, world.tokens[who], body, idempotency_key=f"key-{what}")
    answers = servers.race([dict(again) for _ in range(AT_ONCE)])
    assert count(world.app, table) == before + 1
    assert set(statuses(answers)) <= {(201, None), (409, "in_progress")}, answers
    made = [each["json"] for each in answers if each["status"] == 201]
    replay = world.api(who).post(path, body, headers={"Idempotency-Key": f"key-{what}"})
    assert replay.status_code == 201 and replay.headers["Idempotent-Replay"] == "true"
    assert all(each == replay.json for each in made)
    other = world.api(who).post(path, body | {"name": "别的"}, headers={"Idempotency-Key": f"key-{what}"})
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")
    assert count(world.app, table) == before + 1


def test_a_filing_acknowledged_by_many_is_acknowledged_once(servers, world):
    with world.app.app_context(), transaction.act("tests"):
        town = named(world, "合德镇")
        filing = Filing(unit_id=town.id, unit_number=town.number, act="appoint", receiver_unit_id=world.units["射阳"],
                        account_id=world.accounts["town clerk"], seat=1, filed_at=transaction.audit.clock.now())
        db.session.add(filing)
        transaction.audit.record("tests:file", "filing", None, town)
        db.session.flush()
        filing_id = filing.id
    answers = servers.race([call("POST", f"/filings/{filing_id}/acknowledge", world.tokens["射阳 administrator"])
                            for _ in range(AT_ONCE)])
    assert statuses(answers) == {(200, None): 1, (409, "already_acknowledged"): AT_ONCE - 1}


def test_a_grant_taken_back_by_many_is_taken_back_once(servers, world):
    api = world.api("射阳 administrator")
    path = f"/accounts/{world.accounts['nobody']}/grants"
    grant = api.post(path, {"role": "clerk", "unit_id": world.units["射阳"]}).json["id"]
    answers = servers.race([call("DELETE", f"{path}/{grant}", world.tokens["射阳 administrator"])
                            for _ in range(AT_ONCE)])
    assert statuses(answers) == {(204, None): 1, (404, "not_found"): AT_ONCE - 1}
    entries = count(world.app, "audit_entries", f"action = 'grant:delete' AND object_id = '{grant}' AND result = 'ok'")
    assert entries == 1


def shape(app: Flask) -> tuple[int, int]:
    """How many units are on a cycle, and how many have a path their parents do not give."""
    rows = {unit: (parent, path) for unit, parent, path in ask(app, "SELECT id, parent_id, path FROM units")}
    cycles = wrong = 0
    for unit, (_parent, path) in rows.items():
        chain: list[Any] = [unit]
        while chain[-1] is not None and len(chain) <= len(rows):
            chain.append(rows[chain[-1]][0])
        if chain[-1] is not None:
            cycles += 1
        elif path != "/" + "/".join(str(each) for each in reversed(chain[:-1])) + "/":
            wrong += 1
    return cycles, wrong


def subordinates(world: World) -> list[str]:
    """Eight units that may each go under any other."""
    with world.app.app_context(), transaction.act("tests"):
        town = named(world, "合德镇")
        return [factories.unit(parent=town, kind="subordinate_unit", name=f"所{place}").id for place in range(8)]


def race_moves(servers: Servers, units: list[str], drawn: random.Random) -> Counter[Any]:
    """Everybody under everybody else at once."""
    pairs = [drawn.sample(units, 2) for _ in range(AT_ONCE)]
    return Counter(str(each) for each in servers.race(
        [{"act": "move", "unit": unit, "parent": parent} for unit, parent in pairs]))


def test_moves_at_once_never_form_a_cycle(servers, world):
    units, drawn = subordinates(world), random.Random(5)
    answers: Counter[Any] = Counter()
    for _ in range(20):
        answers += race_moves(servers, units, drawn)
        assert shape(world.app) == (0, 0)
    assert set(answers) == {"moved", "invalid"}, answers


def test_of_two_moves_that_exclude_each_other_one_wins(servers, world):
    """One under the other and the other under the one: a thousand moves in the long profile."""
    units, drawn = subordinates(world), random.Random(6)
    for _ in range(PAIRS):
        one, other = drawn.sample(units, 2)
        answers = servers.race([{"act": "move", "unit": one, "parent": other},
                                {"act": "move", "unit": other, "parent": one}])
        assert sorted(answers) == ["invalid", "moved"], answers
        assert shape(world.app) == (0, 0)
    print(f"{2 * PAIRS:,} moves, {PAIRS:,} done, no cycle, every path as its parents give it")  # noqa: T201  a figure


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_without_the_lock_and_the_triggers_moves_at_once_break_the_tree(servers, world):
    """Planted: nobody queues for the tree, and the database does not look."""
    run(world.app, "DROP TRIGGER units_path ON units", "DROP TRIGGER units_tree_lock ON units")
    servers.plant("no_tree_lock")
    units, drawn = subordinates(world), random.Random(5)
    broken = 0
    for _ in range(40):
        race_moves(servers, units, drawn)
        broken = sum(shape(world.app))
        if broken:
            break
    assert broken


def test_a_right_is_asked_about_the_tree_as_it_is_when_the_move_happens(servers, world):
    """The city takes a unit out of the county while the county moves it about: the city's word is the last (B5)."""
    home = world.units["合德敬老院"]
    for _ in range(10):
        answers = servers.race([
            call("POST", f"/units/{home}/move", world.tokens["射阳 administrator"],
                 {"parent_id": world.units["射阳教育局"]}),
            call("POST", f"/units/{home}/move", world.tokens["盐城 administrator"],
                 {"parent_id": world.units["安丰镇"]}),
        ])
        assert answers[1]["status"] == 200 and answers[0]["status"] in (200, 403, 404), answers
        assert ask(world.app, f"SELECT parent_id FROM units WHERE id = '{home}'") == [  # noqa: S608
            (world.units["安丰镇"],)]
        back = world.api("盐城 administrator").post(f"/units/{home}/move", {"parent_id": world.units["合德镇"]})
        assert back.status_code == 200


def seen_by_all(servers: Servers, world: World) -> tuple[set[int], set[int]]:
    """What every process answers the town and the bureau when they ask for the school."""
    path = f"/units/{world.units['射阳中学']}"
    town = [call("GET", path, world.tokens["合德镇 administrator"]) for _ in range(8)]
    bureau = [call("GET", path, world.tokens["射阳教育局 administrator"]) for _ in range(8)]
    answers = [each["status"] for each in servers.race(town + bureau)]
    return set(answers[:8]), set(answers[8:])


def move_there_and_back(servers: Servers, world: World) -> list[tuple[set[int], set[int]]]:
    """The school goes to the town and back; what all processes, their caches warm, say after each move."""
    api, said = world.api("射阳 administrator"), [seen_by_all(servers, world)]
    for parent in ("合德镇", "射阳教育局"):
        moved = api.post(f"/units/{world.units['射阳中学']}/move", {"parent_id": world.units[parent]})
        assert moved.status_code == 200
        said.append(seen_by_all(servers, world))
    return said


def test_every_process_sees_the_new_tree_at_its_next_request(servers, world):
    home, away = ({404}, {200}), ({200}, {404})
    for _ in range(3):
        assert move_there_and_back(servers, world) == [home, away, home]


def test_a_process_that_keeps_its_old_ranges_is_caught(servers, world):
    """Planted: the caches do not look at the tree's version (A12)."""
    servers.plant("forget_versions")
    assert move_there_and_back(servers, world)[1] != ({200}, {404})
