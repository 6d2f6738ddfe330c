"""The main job over the API, end to end on both engines: unit, seat, account, visit, due date, report, log."""

import json

from app import outbox
from tenants import clock
from world import World

NOW = "2026-06-10T10:00:00+08:00"


def initial_password(world: World, phone: str) -> str:
    """What the SMS says."""
    with world.app.app_context():
        outbox.drain()
        lines = [json.loads(line) for line in outbox.sms_file().read_text(encoding="utf-8").splitlines()]
    return str([line for line in lines if line["to"] == phone][-1]["params"]["password"])


def test_from_an_opened_unit_to_the_log(world: World) -> None:
    clock.configure(NOW)
    county = world.api("射阳 administrator")
    opened = county.post("/units", {"parent_id": world.units["射阳"], "kind": "township", "name": "海河镇",
                                    "code": "320924110"})
    assert opened.status_code == 201, opened.text
    town = opened.json["id"]

    staff = county.post("/accounts", {"unit_id": town, "kind": "staff", "name": "周洁", "phone": "199 1234 5678",
                                      "employment": "full_time", "on_establishment": True, "in_service": True,
                                      "trained_on": "2026-01-05", "pc_grant": True, "mobile_access": True})
    assert staff.status_code == 201, staff.text
    seat = county.post(f"/units/{town}/administrators", {"account_id": staff.json["id"]})
    assert (seat.status_code, seat.json["seat"]) == (201, 1), seat.text
    filing = county.get("/filings").json["items"][0]
    assert filing["receiver_unit_id"] == world.units["射阳"] and filing["acknowledged_at"]

    password = initial_password(world, "19912345678")
    nobody = world.api(None)
    entered = nobody.post("/sessions", {"phone": "19912345678", "password": password, "channel": "pc"})
    assert entered.status_code == 201 and entered.json["must_change_password"]
    nobody.token = entered.json["token"]
    assert nobody.get("/units").json["code"] == "password_change_required"
    changed = nobody("PUT", "/me/password", {"old": password, "new": "denghuo-lou-72"})
    assert changed.status_code == 204, changed.text
    cadre = nobody.post("/cadres", {"unit_id": town, "name": "孙 老", "id_number": "320999193801150017",
                                    "retirement_type": "tuixiu", "birth_date": "1938-01"})
    assert cadre.status_code == 201, cadre.text
    assert cadre.json["id_number"] == "320999********0017" and cadre.json["birth_date"] == "1938-01"

    clerk = county.post("/accounts", {"unit_id": town, "kind": "staff", "name": "吴经办", "phone": "19912345679",
                                      "employment": "part_time", "pc_grant": False, "mobile_access": True})
    given = nobody.post(f"/accounts/{clerk.json['id']}/grants",
                        {"role": "clerk", "unit_id": town, "columns": ["precision_service"]})
    assert given.status_code == 201, given.text
    phone = world.api(None)
    word = initial_password(world, "19912345679")
    phone.token = phone.post("/sessions", {"phone": "19912345679", "password": word,
                                           "channel": "mobile"}).json["token"]
    assert phone("PUT", "/me/password", {"old": word, "new": "jingban-2026x"}).status_code == 204

    draft = phone.post("/records/visits", {"unit_id": town, "cadre_ids": [cadre.json["id"]], "type": "routine",
                                           "ended_on": "2026-06-08", "draft": True, "place": "海河镇"})
    assert draft.status_code == 201, draft.text
    assert (draft.json["timeliness"], draft.json["due_on"]) == ("pending", "2026-06-15")
    why = phone.get("/deadlines/explain?ended_on=2026-06-08&module=visits").json
    assert why["due_on"] == "2026-06-15" and len(why["counted"]) == 5
    assert phone.post(f"/records/visits/{draft.json['id']}/submit").json["timeliness"] == "on_time"
    assert phone.post("/records/branch_activities", {"unit_id": town, "branch": "一支部", "type": "other",
                                                     "ended_on": "2026-06-08"}).json["code"] == "forbidden"

    province = world.api("province auditor")
    for name in ("江苏", "盐城", "射阳"):
        report = province.get(f"/reports/timeliness?unit={world.units[name]}&from=2026-04-01&to=2026-06-30").json
        assert report["total_row"] == {"total": 1, "on_time": 1, "late": 0, "overdue": 0, "pending": 0}
        assert sum(row["total"] for row in report["rows"]) == 1
    assert province.get(f"/records/visits/{draft.json['id']}").json["timeliness"] == "on_time"
    log = county.get(f"/audit?unit={town}").json
    assert {"unit:open", "account:open", "administrator:appoint", "record:create", "record:submit", "grant:create",
            "cadre:create"} <= {entry["action"] for entry in log["items"]}
