"""Rights and moves, merges, suspensions: nothing lives on that nobody could hand out or take back now (B2, B5, B8)."""

import factories
from permissions import audit, transaction
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("tests")


def _units(world: World, *names: str) -> list[Unit]:
    return [transaction.db.session.execute(ALL.select(Unit).where(Unit.id == world.units[name])).scalar_one()
            for name in names]


def _staff(world: World, home: str, held_at: str, role: str) -> tuple[str, str]:
    """A staff member of one unit with a right at another: (account id, token)."""
    with world.app.app_context(), transaction.act("tests"):
        own, other = _units(world, home, held_at)
        account = factories.staff(unit=own, name="跨界人")
        factories.grant(account=account, unit=other, role=role)
        audit.record("tests:staff", "account", account.id, own)
        return account.id, factories.token(account, "pc")


def test_a_move_takes_back_rights_left_in_the_moved_unit(world: World) -> None:
    _account, token = _staff(world, "射阳", "合德镇", "clerk")
    api = world.api(None)
    api.token = token
    assert api.get(f"/units/{world.units['合德镇']}").status_code == 200
    moved = world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/move",
                                               {"parent_id": world.units["东台"]})
    assert moved.status_code == 200, moved.text
    assert api.get(f"/units/{world.units['合德镇']}").status_code == 404
    assert api.get("/me").json["roles"] == []
    log = world.api("盐城 administrator").get("/audit?action=grant:delete").json
    assert log["total"] >= 1


def test_a_move_takes_back_rights_the_moved_people_held_behind(world: World) -> None:
    _account, token = _staff(world, "合德镇", "射阳", "auditor")
    api = world.api(None)
    api.token = token
    assert api.get("/cadres").json["total"] > 0
    world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/move", {"parent_id": world.units["东台"]})
    assert api.get("/cadres").status_code == 403


def test_a_merge_takes_back_rights_the_merged_people_held_behind(world: World) -> None:
    _account, token = _staff(world, "黄沙港镇", "射阳", "auditor")
    closed = world.api("盐城 administrator").post(f"/units/{world.units['黄沙港镇']}/close",
                                                {"successor_id": world.units["安丰镇"]})
    assert closed.status_code == 200, closed.text
    api = world.api(None)
    api.token = token
    assert api.get("/cadres").status_code == 403


def test_a_right_of_the_common_superior_survives_a_move(world: World) -> None:
    _account, token = _staff(world, "合德镇", "盐城", "auditor")
    world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/move", {"parent_id": world.units["东台"]})
    api = world.api(None)
    api.token = token
    assert api.get("/cadres").status_code == 200


def test_who_holds_a_superiors_right_is_restored_by_the_superior_alone(world: World) -> None:
    account, _token = _staff(world, "合德镇", "射阳", "auditor")
    superior, own = world.api("射阳 administrator"), world.api("合德镇 administrator")
    assert superior.post(f"/accounts/{account}/suspend").status_code == 200
    assert own.post(f"/accounts/{account}/reactivate").json["code"] == "forbidden"
    assert superior.post(f"/accounts/{account}/reactivate").status_code == 200
    assert superior.patch(f"/accounts/{account}", {"pc_grant": False}).status_code == 200
    assert own.patch(f"/accounts/{account}", {"pc_grant": True}).json["code"] == "forbidden"
    assert own.patch(f"/accounts/{account}", {"name": "改名"}).status_code == 200


def test_a_seated_administrator_stays_eligible_or_is_removed_first(world: World) -> None:
    superior = world.api("射阳 administrator")
    seated = world.accounts["合德镇 administrator"]
    for change in ({"in_service": False}, {"on_establishment": False}, {"trained_on": None}):
        assert superior.patch(f"/accounts/{seated}", change).json["code"] == "still_seated"
    assert superior.patch(f"/accounts/{seated}", {"trained_on": "2026-12-01"}).status_code == 422


def test_a_closed_unit_neither_moves_nor_changes(world: World) -> None:
    county = world.api("射阳 administrator")
    made = county.post("/units", {"parent_id": world.units["射阳"], "kind": "township", "name": "新镇", "code": "X9"})
    unit = made.json["id"]
    assert county.post(f"/units/{unit}/close").status_code == 200
    assert county.patch(f"/units/{unit}", {"valid_to": None}).json["code"] == "closed"
    city = world.api("盐城 administrator")
    assert city.post(f"/units/{unit}/move", {"parent_id": world.units["东台"]}).json["code"] == "closed"


def test_the_dead_log_in_no_more_and_the_log_hides_the_number(world: World) -> None:
    county = world.api("射阳 administrator")
    cadre = world.api("cadre")
    assert cadre.get("/me").status_code == 200
    assert county.patch(f"/cadres/{world.cadres['cadre']}", {"life_status": "deceased"}).status_code == 200
    assert cadre.get("/me").status_code == 401
    entry = county.get("/audit?action=cadre:update").json["items"][0]
    assert (entry["after"]["id_number"], entry["after"]["birth_date"]) == ("***", "1940")


def test_a_body_where_none_is_taken_is_a_field_error(world: World) -> None:
    answer = world.api("射阳 administrator").post(f"/accounts/{world.accounts['clerk']}/suspend", {"x": 1})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["x"])
    for path in ("/me/services", "/me/opinions"):
        assert world.api("cadre").get(f"{path}?foo=1").status_code == 400
