"""The staff file: trainings decide 第七条, commitments are signed by their owner alone and once."""

from typing import Any

from account_forms import send

from rows import ask, count
from world import World

ADMIN, ABOVE = "射阳 administrator", "盐城 administrator"
TRAINING = {"name": "网络安全培训", "held_on": "2026-05-20", "hours": 8, "organiser": "省委老干部局"}


def add(world: World, who: str = "town clerk", by: str = ADMIN, **more: Any) -> Any:
    return world.api(by).post(f"/accounts/{world.accounts[who]}/trainings", TRAINING | more)


def appoint(world: World) -> Any:
    return world.api(ADMIN).post(f"/units/{world.units['合德镇']}/administrators",
                                 {"account_id": world.accounts["town clerk"]})


def untrain(world: World) -> None:
    answer = world.api(ADMIN).patch(f"/accounts/{world.accounts['town clerk']}", {"trained_on": None})
    assert answer.status_code == 200, answer.text


def test_without_a_training_nobody_is_appointed_and_with_one_he_is(world):
    untrain(world)
    refused = appoint(world)
    assert refused.status_code == 422 and "第七条" in str(refused.json["fields"])
    assert add(world).status_code == 201
    assert add(world, held_on="2025-01-01", name="上岗培训").status_code == 201
    shown = world.api(ADMIN).get(f"/accounts/{world.accounts['town clerk']}").json
    assert shown["trained_on"] == "2026-05-20", "the latest counts"
    assert appoint(world).status_code == 201


def test_a_training_is_of_the_past_and_struck_only_where_nothing_hangs_on_it(world):
    untrain(world)
    assert add(world, held_on="2026-06-11").status_code == 422
    assert add(world, who="cadre").json["code"] == "not_staff"
    made = add(world)
    assert appoint(world).status_code == 201
    path = f"/accounts/{world.accounts['town clerk']}/trainings"
    struck = world.api(ADMIN).delete(f"{path}/{made.json['id']}")
    assert (struck.status_code, struck.json["code"]) == (409, "still_seated")
    assert world.api(ADMIN).get(path).json["items"] == [{"id": made.json["id"], **TRAINING, "proof": None}]
    assert add(world, name="早先的", held_on="2020-01-01").status_code == 201
    other = add(world, name="复训").json["id"]
    assert world.api(ADMIN).delete(f"{path}/{made.json['id']}").status_code == 204
    assert world.api(ADMIN).delete(f"{path}/{made.json['id']}").status_code == 404
    assert world.api("东台 administrator").delete(f"{path}/{other}").status_code == 404
    assert world.api(ADMIN).delete(f"/accounts/{world.accounts['clerk']}/trainings/{other}").status_code == 404


def test_a_commitment_is_signed_once_by_its_owner(world):
    before = world.api("clerk").get("/me/commitment").json
    assert before["owed"] and before["signed"] == [] and len(before["text"]) > 3
    signed = world.api("clerk").post("/me/commitment")
    assert signed.status_code == 201 and signed.json["version"] == before["version"]
    assert world.api("clerk").post("/me/commitment").json["code"] == "already_signed"
    assert not world.api("clerk").get("/me/commitment").json["owed"]
    assert world.api("cadre").post("/me/commitment").json["code"] == "not_staff"
    assert ask(world.app, "SELECT account_id, version FROM staff_commitments") == [
        (world.accounts["clerk"], before["version"])]


def test_the_pages_of_both(world):
    account = world.accounts["clerk"]
    path = f"/desk/accounts/{account}"
    assert "还没有签署" in world.browser(ADMIN).get(f"{path}/file").text
    assert "我已读完" in world.browser("clerk").get("/commitment").text
    assert send(world, "clerk", "/commitment").status_code == 303
    assert "我已读完" not in world.browser("clerk").get("/commitment").text
    assert send(world, ADMIN, f"{path}/trainings", {"name": "培训"}).status_code == 422
    assert send(world, ADMIN, f"{path}/trainings", {"name": "应急演练", "held_on": "2026-06-01"}).status_code == 303
    shown = world.browser(ADMIN).get(f"{path}/file").text
    assert "应急演练" in shown and "还没有签署" not in shown and "人员档案" in world.browser(ADMIN).get(path).text
    training = str(ask(world.app, "SELECT id FROM staff_trainings")[0][0])
    assert send(world, ADMIN, f"{path}/trainings/{training}").status_code == 303
    assert count(world.app, "staff_trainings") == 0
    assert world.browser("phone clerk").get("/commitment").status_code == 200
    assert world.browser("cadre").get("/commitment").status_code == 303
