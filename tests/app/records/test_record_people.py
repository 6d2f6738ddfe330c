"""Who may stand in a record, and what superiors see of it."""

from typing import Any

import pytest
from record_bodies import body, entered

import factories
import rows
from permissions import transaction
from tenants import tree
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test makes people")


def _cadres(world: World, many: int) -> list[str]:
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units["射阳"], ALL)
        made = [factories.cadre(unit=unit, name=f"群众{chr(0x4e00 + place)}").id for place in range(many)]
        transaction.audit.record("tests:people", "unit", None, unit)
    return made


def _values(module: str, ids: list[str]) -> dict[str, Any]:
    if module == "hardship_aid":
        return {"cadre_id": ids[0]}
    if module == "visits":
        return {"cadre_ids": ids}
    name, part = {"branch_activities": ("attendance", {"status": "present"}),
                  "volunteer_service": ("participants", {"minutes": 30})}[module]
    return {name: [{"cadre_id": each} | part for each in ids]}


@pytest.mark.parametrize("module", tuple(factories.FIELDS))
@pytest.mark.parametrize("who", ["other cadre", "town cadre", "nobody"])
def test_only_the_units_own_cadres_stand_in_a_record(world: World, module: str, who: str) -> None:
    stranger = world.cadres.get(who, "A" * 22)
    field = next(iter(_values(module, [stranger])))
    before = rows.digests(world.app)
    answers = [world.api("clerk").post(f"/records/{module}", body(world, module) | _values(module, ids))
               for ids in ([stranger], [stranger, world.cadres["cadre"]])]
    for refused in answers:
        assert refused.status_code == 422 and list(refused.json["fields"]) == [field]
        assert stranger not in refused.text
    assert rows.digests(world.app) == before


def test_a_foreign_and_a_missing_cadre_are_refused_in_the_same_words(world: World) -> None:
    clerk = world.api("clerk")
    answers = [clerk.post("/records/visits", body(world, cadre_ids=[each])).json
               for each in (world.cadres["other cadre"], world.cadres["town cadre"], "A" * 22)]
    assert answers[0] == answers[1] == answers[2]


def test_people_are_kept_in_order_and_not_twice(world: World) -> None:
    ids = _cadres(world, 50)[::-1]
    clerk = world.api("clerk")
    made = clerk.post("/records/visits", body(world, cadre_ids=ids))
    assert made.status_code == 201 and made.json["cadre_ids"] == ids
    assert [each["cadre_id"] for each in made.json["people"]] == ids
    for wrong in ([*ids, world.cadres["cadre"]], [ids[0], ids[0]], [ids[0], 7], ["short"]):
        refused = clerk.post("/records/visits", body(world, cadre_ids=wrong))
        assert refused.status_code == 422 and "cadre_ids" in refused.json["fields"]
    fewer = clerk.patch(f"/records/visits/{made.json['id']}", {"cadre_ids": ids[3:5]})
    assert fewer.json["cadre_ids"] == ids[3:5]
    assert rows.count(world.app, "record_people") == 2


@pytest.mark.parametrize(("module", "field", "part", "good", "bad"), [
    ("branch_activities", "attendance", "status", "leave", ("asleep", None, 1)),
    ("volunteer_service", "participants", "minutes", 6000, (0, 6001, "30", None, 1.5)),
])
def test_each_persons_part_is_checked_and_kept(world: World, module: str, field: str, part: str, good: Any,
                                               bad: tuple[Any, ...]) -> None:
    ids = _cadres(world, 2)
    fine = [{"cadre_id": each, part: good} for each in ids]
    clerk = world.api("clerk")
    made = clerk.post(f"/records/{module}", body(world, module) | {field: fine})
    assert made.status_code == 201 and made.json[field] == fine
    for value in bad:
        refused = clerk.post(f"/records/{module}", body(world, module) | {
            field: [fine[0], {"cadre_id": ids[1], part: value}]})
        assert refused.status_code == 422 and list(refused.json["fields"]) == [f"{field}.1.{part}"], value
    for row in ({"cadre_id": ids[0], part: good, "more": 1}, "text", [], {"cadre_id": [], part: good}):
        refused = clerk.post(f"/records/{module}", body(world, module) | {field: [row]})
        assert refused.status_code == 422 and any(name.startswith(f"{field}.0") for name in refused.json["fields"])


def test_a_change_of_somebodys_part_is_a_new_version(world: World) -> None:
    made = entered(world, "branch_activities")
    changed = world.api("clerk").patch(f"/records/branch_activities/{made['id']}", {
        "attendance": [{"cadre_id": world.cadres["cadre"], "status": "leave"}]})
    assert changed.json["version"] == 2
    assert changed.json["attendance"][0]["status"] == "leave"


def test_superiors_see_masks_where_the_clerk_sees_words(world: World) -> None:
    aid = entered(world, "hardship_aid", note="家里困难")
    visit = entered(world, feedback="身体尚可", demand=None)
    clear = {"clerk", "phone clerk", "column clerk"}
    readers = (*clear, "chief", "county auditor", "province auditor", "射阳 administrator", "盐城 administrator",
               "江苏 administrator")
    for reader in readers:
        api = world.api(reader)
        for shown in (api.get(f"/records/hardship_aid/{aid['id']}").json,
                      *api.get("/records/hardship_aid").json["items"]):
            said = (shown["reason"], shown["reason_label"], shown["note"])
            assert said == (("serious_illness", "重大疾病", "家里困难") if reader in clear else ("***",) * 3), reader
            assert shown["amount_fen"] == 100_000
        shown = api.get(f"/records/visits/{visit['id']}").json
        assert (shown["feedback"], shown["demand"]) == ("身体尚可" if reader in clear else "***", None)


def test_those_without_the_column_or_the_unit_see_nothing(world: World) -> None:
    activity = entered(world, "branch_activities")
    visit = entered(world)
    assert world.api("column clerk").get(f"/records/branch_activities/{activity['id']}").status_code == 404
    assert world.api("column clerk").get("/records/branch_activities").status_code == 403
    assert world.api("column clerk").get(f"/records/visits/{visit['id']}").status_code == 200
    for stranger in ("other clerk", "town clerk", "东台 administrator", "南通 administrator"):
        assert world.api(stranger).get(f"/records/visits/{visit['id']}").status_code == 404
        assert world.api(stranger).get("/records/visits").json["total"] == 0
    assert world.api("nobody").get("/records/visits").status_code == 403
    assert world.api("cadre").get("/records/visits").json["code"] == "channel_closed"
    for reader in ("chief", "射阳 administrator", "province auditor"):
        for answer in (world.api(reader).patch(f"/records/visits/{visit['id']}", {"goods": "x"}),
                       world.api(reader).delete(f"/records/visits/{visit['id']}"),
                       world.api(reader).post(f"/records/visits/{visit['id']}/submit")):
            assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_a_unit_that_is_closed_takes_no_record(world: World) -> None:
    above = world.api("射阳 administrator")
    assert above.post(f"/units/{world.units['黄沙港镇']}/close", {}).status_code == 200
    refused = world.api("clerk").post("/records/visits", body(world, unit="黄沙港镇"))
    assert refused.status_code in (403, 404)
