"""Opinions: left by a cadre with his own unit, read by its staff and above, kept encrypted, told in the log."""

import pytest

import rows
from world import World


def leave(world: World, text: str = "希望多办讲座", principal: str = "cadre") -> str:
    """An opinion's id."""
    made = world.api(principal).post("/me/opinions", {"text": text})
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def test_an_opinion_is_seen_by_the_unit_and_above_and_by_its_writer(world: World) -> None:
    opinion = leave(world)
    for reader in ("clerk", "phone clerk", "column clerk", "chief", "射阳 administrator", "盐城 administrator",
                   "江苏 administrator"):
        (seen,) = world.api(reader).get("/opinions").json["items"]
        assert (seen["id"], seen["text"], seen["name"], seen["unit_id"]) == (
            opinion, "希望多办讲座", "射阳老c", world.units["射阳"]), reader
    for stranger in ("other clerk", "town clerk", "东台 administrator", "合德镇 administrator", "南通 administrator"):
        assert world.api(stranger).get("/opinions").json == {"items": [], "next": None, "total": 0}, stranger
    for outsider in ("province auditor", "reviewer", "nobody", "cadre"):
        assert world.api(outsider).get("/opinions").status_code == 403, outsider
    assert [each["id"] for each in world.api("cadre").get("/me/opinions").json["items"]] == [opinion]
    assert world.api("second cadre").get("/me/opinions").json["total"] == 0


def test_the_words_are_kept_exactly_and_encrypted(world: World) -> None:
    text = "第一行\n  第二行：𠮷、“引号”、<b>&amp;</b>、🙂 CANARY"
    leave(world, text)
    assert world.api("clerk").get("/opinions").json["items"][0]["text"] == text
    told = "".join(str(rows.ask(world.app, f"SELECT * FROM {table}")) for table in rows.tables())  # noqa: S608
    assert "CANARY" not in told


@pytest.mark.parametrize("sent", [
    {}, {"text": ""}, {"text": "  \n "}, {"text": None}, {"text": 7}, {"text": "x" * 1001},
    {"text": "好", "unit_id": "A" * 22}, {"text": "好", "cadre_id": "A" * 22},
])
def test_what_is_no_opinion_is_refused(world: World, sent: dict[str, object]) -> None:
    before = rows.digests(world.app)
    answer = world.api("cadre").post("/me/opinions", sent)
    assert answer.status_code == 422 and answer.json["fields"]
    assert rows.digests(world.app) == before


def test_only_cadres_leave_opinions(world: World) -> None:
    for principal in ("clerk", "phone clerk", "射阳 administrator"):
        assert world.api(principal).post("/me/opinions", {"text": "好"}).status_code == 403
    assert rows.count(world.app, "opinions") == 0


def test_the_same_key_leaves_it_once(world: World) -> None:
    for _each in range(2):
        made = world.api("cadre").post("/me/opinions", {"text": "好"}, headers={"Idempotency-Key": "o-1"})
        assert made.status_code == 201
    assert rows.count(world.app, "opinions") == 1


def test_the_log_tells_that_and_not_what(world: World) -> None:
    opinion = leave(world, "密CANARY")
    (entry,) = world.api("射阳 administrator").get("/audit?action=opinion:leave").json["items"]
    assert (entry["object_id"], entry["actor_role"], entry["before"], entry["after"]) == (opinion, "cadre", None, None)


def test_newest_first_narrowed_to_a_unit(world: World) -> None:
    first = leave(world)
    later = world.at("2026-06-10T11:00:00+08:00")
    second = leave(later, principal="town cadre")
    county = later.api("射阳 administrator")
    assert [each["id"] for each in county.get("/opinions").json["items"]] == [second, first]
    assert [each["id"] for each in county.get(f"/opinions?unit={world.units['合德镇']}").json["items"]] == [second]
    assert county.get(f"/opinions?unit={world.units['东台']}").status_code == 404
