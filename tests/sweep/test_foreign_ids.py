"""Ids of others in bodies and queries, and fields of the server: nothing accepted, no row changed (A7-A9)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sweep_requests import cells_of
from sweep_routes import ROWS
from sweep_run import Caller, finish_and_undo, plain
from sweep_state import content_of
from sweep_world import NOWHERE, SweepWorld
from sweep_writes import FOREIGN, Write, replaced, writes_of

from permissions import transaction

OWNED_BY_THE_SERVER = (
    "id", "unit_number", "version", "created_at", "created_by", "entered_at", "entered_by", "entered_on", "due_on",
    "first_due_on", "due_provisional", "timeliness", "state", "deleted_at", "path", "depth", "number", "status",
    "successor_id", "seat", "since", "appointed_by", "opened_by", "given_by", "password", "password_hash",
    "must_change_password", "phone_key", "id_number_key", "name_reading", "summary", "search", "account_id",
)


@pytest.fixture
def undone(sweep_world: SweepWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be accepted is undone, so that each request meets the same world (which is there before)."""
    monkeypatch.setattr(transaction, "finish_act", finish_and_undo)


def _send(world: SweepWorld, write: Write, body: Any) -> Any:
    caller = Caller(world, world.people[write.by])
    return caller.send(write.method, f"/api/v1{write.url}", page=False, json=body)


@pytest.mark.usefixtures("undone")
def test_each_act_is_accepted_as_it_stands(sweep_world: SweepWorld) -> None:
    for write in writes_of(sweep_world):
        response = _send(sweep_world, write, write.body)
        assert response.status_code < 300, f"{write.route}: {response.text}"


def test_no_foreign_id_is_accepted_in_a_body(sweep_world: SweepWorld, engine_name: str,
                                             record_property: Callable[[str, object], None]) -> None:
    before, sent = content_of(sweep_world.app), 0
    for write in writes_of(sweep_world):
        for path, kind in write.ids.items():
            answers = {}
            for place in FOREIGN:
                if (kind, place) == ("template", "盐城"):
                    continue  # pushed down by the superior: not foreign
                response = _send(sweep_world, write, replaced(write.body, path, sweep_world.places[place][kind]))
                sent += 1
                assert 400 <= response.status_code < 500, f"{write.route} {path} of {place}: {response.text}"
                answers[place] = plain(response)
            assert set(answers.values()) == {answers[NOWHERE]}, f"{write.route} {path}: foreign ≠ not there"
    assert content_of(sweep_world.app) == before
    record_property(f"sweep:foreign ids on {engine_name}", sent)


def test_no_id_of_another_kind_is_accepted(sweep_world: SweepWorld) -> None:
    before, home = content_of(sweep_world.app), sweep_world.places["射阳"]
    for write in writes_of(sweep_world):
        for path, kind in write.ids.items():
            for other in {"unit", "staff", "cadre", "filing", "visits entered"} - {kind, kind.split()[0]}:
                response = _send(sweep_world, write, replaced(write.body, path, home[other]))
                assert 400 <= response.status_code < 500, f"{write.route} {path}: {other} accepted"
    assert content_of(sweep_world.app) == before


@pytest.mark.usefixtures("undone")
def test_every_id_like_field_of_the_api_is_tried(sweep_world: SweepWorld) -> None:
    tried = {(write.route, path.split(".")[0]) for write in writes_of(sweep_world) for path in write.ids}
    assert set(_id_fields(sweep_world)) - tried == set()


def _id_fields(world: SweepWorld) -> Iterator[tuple[str, str]]:
    """(route, field) of every id in the OpenAPI document and in the schemas of the modules."""
    spec = world.app.extensions["api"].spec.to_dict()
    for path, item in spec["paths"].items():
        route = re.sub(r"{(\w+)}", r"<\1>", path.removeprefix("/api/v1"))
        for method, said in ((name, each) for name, each in item.items() if name != "parameters"):
            schema = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            properties = spec["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
            for name in properties.get("properties", {}):
                changes_nothing = (route, name) == ("/cadres/<cadre_id>", "unit_id")  # refused: see below
                if name.endswith(("_id", "_ids")) and not changes_nothing:
                    yield f"{method.upper()} {route}", name
    for path in ("POST /records/<module_key>", "PATCH /records/<module_key>/<record_id>"):
        yield from ((path, name) for name in ("cadre_ids", "cadre_id", "attendance", "participants"))


@pytest.mark.usefixtures("undone")
def test_fields_of_the_server_are_refused(sweep_world: SweepWorld, engine_name: str,
                                          record_property: Callable[[str, object], None]) -> None:
    before, sent = content_of(sweep_world.app), 0
    for write in writes_of(sweep_world):
        names = {*OWNED_BY_THE_SERVER, *(("unit_id", "module") if write.method == "PATCH" else ("module",))}
        for name in sorted(names - set(write.body)):
            response = _send(sweep_world, write, {**write.body, name: sweep_world.places["东台"]["unit"]})
            sent += 1
            assert response.status_code == 422, f"{write.route} {name}: {response.status_code} {response.text}"
            assert name in response.json["fields"], f"{write.route} {name}: {response.text}"
    assert content_of(sweep_world.app) == before
    record_property(f"sweep:fields of the server on {engine_name}", sent)


BAD_IDS = ("x", "1", "0", "-1", "a" * 21, "a" * 23, "３２０１", "a" * 21 + "é", "a" * 21 + "１", "a" * 21 + "%0A",
           "%00" * 22, "a" * 5000, "null", "..", "%2e%2e%2f", "'%20OR%201=1--", "a" * 21 + "*", "😀" * 22)


def test_malformed_ids_in_addresses_are_simply_not_there(sweep_world: SweepWorld) -> None:
    caller = Caller(sweep_world, sweep_world.people["county administrator"])
    for row in ROWS:
        if "_id>" in row.path and row.end != "mobile" and not row.second:
            cell = next(cells_of(sweep_world, row))
            for name in re.findall(r"<(\w+_id)>", row.path):
                for bad in BAD_IDS:
                    path = row.path.replace(f"<{name}>", bad)
                    url = re.sub(r"<(\w+)>", lambda match: "visits" if match[1] == "module_key" else
                                 sweep_world.places["射阳"]["unit"], path)
                    response = caller.send(row.method, url, page=row.is_page, json=cell.json)
                    assert response.status_code in (404, 405, 308), f"{row.method} {url}: {response.status_code}"


def test_the_log_cannot_be_searched_for_actors_outside(sweep_world: SweepWorld) -> None:
    caller = Caller(sweep_world, sweep_world.people["county auditor"])
    answers = {plain(caller.send("GET", "/api/v1/audit", page=False, query_string={"actor": account}))
               for account in (sweep_world.places["盐城"]["staff"], sweep_world.accounts["city administrator"],
                               sweep_world.places["南通"]["staff"], sweep_world.places[NOWHERE]["staff"])}
    assert len(answers) == 1 and '"total":0' in answers.pop().replace(" ", "")


def test_a_key_belongs_to_one_account_and_ends_with_the_right(sweep_world: SweepWorld) -> None:
    world, town = sweep_world, sweep_world.places["合德镇"]
    body = {"unit_id": town["unit"], "kind": "staff", "name": "新人", "phone": "19600000002"}
    county, city = (Caller(world, world.people[name]) for name in ("county administrator", "city administrator"))

    def opened(caller: Caller, phone: str) -> Any:
        return caller.send("POST", "/api/v1/accounts", page=False, json={**body, "phone": phone},
                           headers={"Idempotency-Key": "same key"})

    first = opened(county, "19600000002")
    again = opened(county, "19600000002")
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert first.json["id"] == again.json["id"]
    assert opened(county, "19600000003").status_code == 409
    other = opened(city, "19600000003")
    assert other.status_code == 201 and other.json["id"] != first.json["id"]
    removed = city.send("DELETE", f"/api/v1/units/{world.places['射阳']['unit']}/administrators/"
                                  f"{world.accounts['county administrator']}", page=False)
    assert removed.status_code == 204, removed.text
    late = opened(county, "19600000002")
    assert late.status_code in (403, 404), f"a kept answer outlived the right: {late.status_code} {late.text}"

