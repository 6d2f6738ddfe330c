"""Wrong, oversized and hostile requests: a 4xx in the contract's shape, never a 500, never a row changed (D5-D7)."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from sweep_hostile import JSON, METHODS, QUERIES, RAW, VALUES, bad_times, headers_of, queries, raw_of, scramble
from sweep_manners import faults_of
from sweep_run import Caller, finish_and_undo
from sweep_state import content_of
from sweep_world import SweepWorld
from sweep_writes import replaced, writes_of

from permissions import transaction

FULL = os.environ.get("YINLING_TEST_FULL") == "1"
LISTS = ("/units", "/accounts", "/cadres", "/filings", "/opinions", "/records/visits", "/records/hardship_aid",
         "/records/branch_activities", "/records/volunteer_service", "/audit")
Property = Callable[[str, object], None]


@pytest.fixture
def undone(sweep_world: SweepWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens to be acceptable is undone."""
    monkeypatch.setattr(transaction, "finish_act", finish_and_undo)


def _refused(response: Any, statuses: tuple[int, ...], said: str) -> None:
    assert response.status_code in statuses, f"{said}: {response.status_code} {response.text[:300]}"
    assert faults_of(response) == [], said


@pytest.mark.usefixtures("undone")
def test_bodies_that_are_none(sweep_world: SweepWorld, engine_name: str, record_property: Property) -> None:
    before, sent = content_of(sweep_world.app), 0
    for write in writes_of(sweep_world):
        caller = Caller(sweep_world, sweep_world.people[write.by])
        for name, raw, content_type, statuses in RAW:
            optional = write.route.endswith(("/submit", "/close")) and not raw
            response = caller.send(write.method, f"/api/v1{write.url}", page=False, data=raw,
                                   headers={"Content-Type": content_type} if content_type else {})
            sent += 1
            _refused(response, (200, 409) if optional else statuses, f"{write.route}, {name}")
    assert content_of(sweep_world.app) == before
    record_property(f"sweep:hostile bodies on {engine_name}", sent)


@pytest.mark.usefixtures("undone")
def test_every_field_takes_every_value_or_refuses_it(sweep_world: SweepWorld, engine_name: str,
                                                     record_property: Property) -> None:
    before, sent = content_of(sweep_world.app), 0
    for write in writes_of(sweep_world):
        caller = Caller(sweep_world, sweep_world.people[write.by])
        for path in [*write.body, *write.ids]:
            for value in VALUES:
                response = caller.send(write.method, f"/api/v1{write.url}", page=False,
                                       json=replaced(write.body, path, value))
                sent += 1
                _refused(response, (200, 201, 400, 404, 409, 422), f"{write.route} {path}={value!r:.60}")
    assert content_of(sweep_world.app) == before
    record_property(f"sweep:hostile values on {engine_name}", sent)


def test_queries_that_are_wrong(sweep_world: SweepWorld, engine_name: str, record_property: Property) -> None:
    caller = Caller(sweep_world, sweep_world.people["county administrator"])
    sent = 0
    for path in LISTS:
        wrong = [*QUERIES, *(bad_times() if path == "/audit" or path.startswith("/records/") else ()),
                 *(f"{'parent' if path == '/units' else 'unit'}={value}" for value in ("x", "%00", "１" * 22, "'"))]
        for query in wrong:
            sent += 1
            _refused(caller.send("GET", f"/api/v1{path}?{query}", page=False), (400,), f"{path}?{query}")
        long = f"q={'x' * 4100}"
        _refused(caller.send("GET", f"/api/v1{path}?{long}", page=False), (414,), f"{path}, a long query")
    record_property(f"sweep:hostile queries on {engine_name}", sent)


SEARCHED = ("%", "_", "\\", "%%", "'", '"', "' OR '1'='1", "a%' ESCAPE '!", "%25", "犇_坎", "[a-z]", "*", "😀",
            "CASE WHEN 1=1 THEN 1 ELSE 1/0 END", "${7*7}", "1 LIKE 0x31")


@pytest.mark.parametrize("path", ["/units", "/accounts", "/cadres", "/records/visits"])
def test_what_is_typed_into_a_search_is_text(sweep_world: SweepWorld, path: str) -> None:
    caller = Caller(sweep_world, sweep_world.people["county administrator"])
    everything = caller.send("GET", f"/api/v1{path}?limit=200", page=False).json["total"]
    assert everything
    for text in SEARCHED:
        response = caller.send("GET", f"/api/v1{path}", page=False, query_string={"q": text})
        assert response.status_code == 200 and response.json["total"] == 0, f"{text}: {response.text[:200]}"
    for text in ("\x00", "\u202e", "x" * 51):
        response = caller.send("GET", f"/api/v1{path}", page=False, query_string={"q": text})
        assert response.status_code == 400, f"{text[:5]!r}: {response.text[:200]}"


FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
FIELD = b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n'
END = b"\r\n--x--\r\n"


def test_what_is_too_big(sweep_world: SweepWorld) -> None:
    world, home = sweep_world, sweep_world.places["射阳"]
    clerk, before = Caller(world, world.people["clerk"]), content_of(world.app)
    body, plain = b'{"place": "' + b"x" * 1_100_000 + b'"}', {"Content-Type": JSON}
    _refused(clerk.send("POST", "/api/v1/records/visits", page=False, data=body, headers=plain), (413,), "much JSON")
    where = f"/api/v1/records/visits/{home['visits entered']}/attachments"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    tries = [("a photo of 26 MB", FILE + b"x" * 26_500_000 + END, (413,)),
             ("a field of a megabyte", FIELD + b"x" * 1_100_000 + END, (413,)),
             ("a thousand parts", (FIELD + b"1\r\n") * 1001 + END, (413,)),
             ("cut short", b"--x\r\nContent-Disp", (400, 422)), ("no photo", FILE + b"plain" + END, (422,)),
             ("an empty one", FILE + END, (422,)), ("a page", FILE + b"<html><script>" + END, (422,)),
             ("a cut photo", FILE + b"\x89PNG\r\n" + END, (422,))]
    for name, sent, statuses in tries:
        _refused(clerk.send("POST", where, page=False, data=sent, headers=kind), statuses, name)
    assert content_of(world.app) == before


@pytest.mark.parametrize("seed", range(4))
def test_a_grammar_of_nonsense(sweep_world: SweepWorld, engine_name: str, seed: int, record_property: Property) -> None:
    """Seeded: the same requests each time. `--full` sends a hundred thousand."""
    chance, before = random.Random(seed), content_of(sweep_world.app)
    writes = writes_of(sweep_world)
    callers = {name: Caller(sweep_world, sweep_world.people[name]) for name in {write.by for write in writes}}
    amount = 25_000 if FULL else 600
    real = transaction.finish_act
    transaction.finish_act = finish_and_undo
    try:
        for turn in range(amount):
            write = chance.choice(writes)
            method = write.method if chance.random() < 0.8 else chance.choice(METHODS)
            url = f"/api/v1{write.url}?{queries(chance)}".rstrip("?")
            headers = {"Content-Type": JSON if chance.random() < 0.95 else "text/plain"} | headers_of(chance)
            raw = raw_of(chance, scramble(chance, write.body))
            response = callers[write.by].send(method, url, page=False, data=raw, headers=headers)
            said = f"seed {seed}, turn {turn}: {method} {url} {raw[:300]!r} {headers}"
            assert response.status_code < 500, f"{said}: {response.status_code}"
            assert faults_of(response) == [], said
    finally:
        transaction.finish_act = real
    record_property(f"sweep:requests of nonsense on {engine_name}", amount)
    assert content_of(sweep_world.app) == before
