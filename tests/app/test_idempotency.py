"""`Idempotency-Key`: one act however often it is sent, its first answer every time, and nobody else's."""

import io

import pytest

import rows
from world import World

KEY = {"Idempotency-Key": "3f1c-retry"}


def body(world: World, **more: object) -> dict[str, object]:
    """A visit."""
    return {"unit_id": world.units["射阳"], "ended_on": "2026-06-08", "type": "routine",
            "cadre_ids": [world.cadres["cadre"]]} | more


def test_the_same_key_and_body_is_the_same_answer_and_one_record(world: World) -> None:
    clerk = world.api("clerk")
    first, second, third = (clerk.post("/records/visits", body(world), headers=KEY) for _each in range(3))
    assert first.status_code == second.status_code == third.status_code == 201
    assert first.json == second.json == third.json
    assert "Idempotent-Replay" not in first.headers and second.headers["Idempotent-Replay"] == "true"
    assert rows.count(world.app, "records") == 1
    assert rows.count(world.app, "audit_entries", "action = 'record:create'") == 1


def test_another_body_or_another_place_under_the_key_is_refused(world: World) -> None:
    clerk = world.api("clerk")
    clerk.post("/records/visits", body(world), headers=KEY)
    for answer in (clerk.post("/records/visits", body(world, goods="牛奶"), headers=KEY),
                   clerk.post("/records/hardship_aid", body(world), headers=KEY),
                   clerk.post("/records/visits?x=1", body(world), headers=KEY)):
        assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")
    assert rows.count(world.app, "records") == 1


def test_a_key_is_its_owners(world: World) -> None:
    first = world.api("clerk").post("/records/visits", body(world), headers=KEY).json
    second = world.api("phone clerk").post("/records/visits", body(world), headers=KEY).json
    assert first["id"] != second["id"] and rows.count(world.app, "records") == 2


def test_a_refused_act_keeps_no_answer(world: World) -> None:
    clerk = world.api("clerk")
    assert clerk.post("/records/visits", body(world, type="x"), headers=KEY).status_code == 422
    assert clerk.post("/records/visits", body(world), headers=KEY).status_code == 201


def test_the_right_is_asked_again_before_an_answer_is_given_again(world: World) -> None:
    clerk = world.api("clerk")
    assert clerk.post("/records/visits", body(world), headers=KEY).status_code == 201
    administrator = world.api("射阳 administrator")
    account = world.accounts["clerk"]
    grant = administrator.get(f"/accounts/{account}/grants").json["items"][0]["id"]
    assert administrator.delete(f"/accounts/{account}/grants/{grant}").status_code == 204
    again = clerk.post("/records/visits", body(world), headers=KEY)
    assert again.status_code in (403, 404), "a right taken back still answered"


@pytest.mark.parametrize(("path", "sent"), [
    ("/units", {"kind": "township", "name": "新镇", "code": "K-1"}),
    ("/accounts", {"kind": "staff", "name": "新人", "phone": "19912340001"}),
    ("/cadres", {"name": "新老", "id_number": "320999193801150017", "retirement_type": "tuixiu"}),
])
def test_every_kind_of_opening_honours_the_key(world: World, path: str, sent: dict[str, object]) -> None:
    place = {"parent_id" if path == "/units" else "unit_id": world.units["射阳"]}
    administrator = world.api("射阳 administrator")
    first, second = (administrator.post(path, sent | place, headers=KEY) for _each in range(2))
    assert (first.status_code, second.status_code) == (201, 201) and first.json == second.json
    assert administrator.post(path, sent | place).status_code in (409, 422)


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_key_that_is_none_is_refused(world: World, key: str) -> None:
    answer = world.api("clerk").post("/records/visits", body(world), headers={"Idempotency-Key": key})
    assert answer.status_code == 400 and rows.count(world.app, "records") == 0


def test_the_kept_answer_is_encrypted_and_the_key_hashed(world: World) -> None:
    world.api("clerk").post("/records/visits", body(world, place="密址CANARY", demand="密需CANARY"), headers=KEY)
    kept = str(rows.ask(world.app, "SELECT * FROM idempotency_keys"))
    assert "CANARY" not in kept and KEY["Idempotency-Key"] not in kept and world.units["射阳"] not in kept


def test_a_torn_upload_and_its_repetition_are_one(world: World) -> None:
    clerk = world.api("clerk")
    record = clerk.post("/records/visits", body(world)).json["id"]
    path = f"/records/visits/{record}/attachments"
    torn = clerk.post(path, data={"file": (io.BytesIO(b"\xff\xd8torn"), "a.jpg")}, content_type="multipart/form-data",
                      headers=KEY)
    assert torn.status_code == 422 and rows.count(world.app, "attachments") == 0
