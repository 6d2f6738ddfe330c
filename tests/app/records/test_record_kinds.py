"""The four kinds of records over one set of routes: entered, shown, changed, refused, deleted."""

from typing import Any

import pytest
from record_bodies import DUE, ENDED, body, entered

import factories
import rows
from world import World

KINDS = tuple(factories.FIELDS)
LABELS = {"visits": ("type_label", "日常走访"), "hardship_aid": ("reason_label", "重大疾病"),
          "branch_activities": ("type_label", "主题党日"), "volunteer_service": ("direction", "红色传承")}
SERVER_OWNED = ("id", "unit_number", "entered_at", "entered_by", "entered_on", "due_on", "first_due_on", "created_by",
                "created_at", "state", "timeliness", "version", "module", "deleted_at", "summary", "due_provisional")


@pytest.mark.parametrize("module", KINDS)
def test_a_record_is_entered_shown_changed_and_deleted(world: World, module: str) -> None:
    clerk = world.api("clerk")
    made = entered(world, module)
    assert (made["state"], made["draft"], made["due_on"], made["first_due_on"]) == ("entered", False, DUE, DUE)
    assert (made["timeliness"], made["due_provisional"], made["version"]) == ("on_time", False, 1)
    assert made["entered_at"] == "2026-06-10T10:00:00+08:00" and made["entered_by"] == world.accounts["clerk"]
    shown = clerk.get(f"/records/{module}/{made['id']}").json
    assert shown == made | {"attachments": []}
    name, label = LABELS[module]
    assert shown[name] == label
    for key, value in factories.people_value(module, world.cadres["cadre"]).items():
        assert shown[key] == value
    assert [each["id"] for each in clerk.get(f"/records/{module}").json["items"]] == [made["id"]]
    assert clerk.delete(f"/records/{module}/{made['id']}").status_code == 204
    assert clerk.get(f"/records/{module}/{made['id']}").status_code == 404


def test_each_kind_is_found_under_its_own_name_only(world: World) -> None:
    made = entered(world, "visits")
    clerk = world.api("clerk")
    for other in KINDS[1:]:
        assert clerk.get(f"/records/{other}/{made['id']}").status_code == 404
        assert clerk.get(f"/records/{other}").json["total"] == 0
    for unknown in ("records", "visit", "Visits", "%20visits", "app"):
        assert clerk.get(f"/records/{unknown}").status_code == 404
        assert clerk.post(f"/records/{unknown}", body(world)).status_code == 404


@pytest.mark.parametrize(("module", "change", "field"), [
    ("visits", {"type": "party"}, "type"),
    ("visits", {"type": None}, "type"),
    ("visits", {"cadre_ids": []}, "cadre_ids"),
    ("visits", {"cadre_ids": "cadre"}, "cadre_ids"),
    ("visits", {"cash_fen": -1}, "cash_fen"),
    ("visits", {"cash_fen": 100_000_001}, "cash_fen"),
    ("visits", {"cash_fen": 12.5}, "cash_fen"),
    ("visits", {"cash_fen": "500"}, "cash_fen"),
    ("visits", {"cash_fen": True}, "cash_fen"),
    ("visits", {"place": "x" * 101}, "place"),
    ("visits", {"place": 7}, "place"),
    ("visits", {"ended_on": "2026-02-30"}, "ended_on"),
    ("visits", {"ended_on": "2026-6-8"}, "ended_on"),
    ("visits", {"ended_on": "2026-06-08T00:00:00"}, "ended_on"),
    ("visits", {"ended_on": "２０２６-06-08"}, "ended_on"),
    ("visits", {"ended_on": 20260608}, "ended_on"),
    ("visits", {"ended_on": "1899-12-31"}, "ended_on"),
    ("visits", {"draft": "true"}, "draft"),
    ("visits", {"late_reason": "迟" * 201}, "late_reason"),
    ("hardship_aid", {"amount_fen": None}, "amount_fen"),
    ("hardship_aid", {"reason": "poor"}, "reason"),
    ("hardship_aid", {"cadre_id": None}, "cadre_id"),
    ("hardship_aid", {"cadre_id": ["x"]}, "cadre_id"),
    ("branch_activities", {"branch": ""}, "branch"),
    ("branch_activities", {"mode": None}, "mode"),
    ("branch_activities", {"attendance": [{"status": "present"}]}, "attendance.0.cadre_id"),
    ("volunteer_service", {"team": None}, "team"),
    ("volunteer_service", {"started_on": "2026-06-09"}, "started_on"),
    ("volunteer_service", {"participants": []}, "participants"),
])
def test_what_cannot_be_accepted_is_named_and_changes_nothing(world: World, module: str, change: dict[str, Any],
                                                             field: str) -> None:
    before = rows.digests(world.app)
    answer = world.api("clerk").post(f"/records/{module}", body(world, module, **change))
    assert (answer.status_code, answer.json["code"]) == (422, "invalid"), answer.text
    assert list(answer.json["fields"]) == [field]
    assert all(text and not text.isascii() for texts in answer.json["fields"].values() for text in texts)
    assert rows.digests(world.app) == before


def test_all_faults_are_named_at_once(world: World) -> None:
    answer = world.api("clerk").post("/records/visits", body(world, type="x", cash_fen=-5, place=1, ended_on="no"))
    assert set(answer.json["fields"]) == {"type", "cash_fen", "place", "ended_on"}


@pytest.mark.parametrize("name", SERVER_OWNED)
def test_what_the_server_owns_is_refused(world: World, name: str) -> None:
    clerk = world.api("clerk")
    made = entered(world)
    refused = clerk.post("/records/visits", body(world) | {name: made.get(name, "2026-01-01")})
    assert refused.status_code == 422 and name in refused.json["fields"]
    refused = clerk.patch(f"/records/visits/{made['id']}", {name: made.get(name, "2026-01-01")})
    assert refused.status_code == 422 and name in refused.json["fields"]


def test_a_record_never_changes_its_unit(world: World) -> None:
    made = entered(world)
    refused = world.api("clerk").patch(f"/records/visits/{made['id']}", {"unit_id": world.units["合德镇"]})
    assert refused.status_code == 422 and "unit_id" in refused.json["fields"]


def test_a_change_is_kept_and_an_entry_stays_whole(world: World) -> None:
    clerk = world.api("clerk")
    made = entered(world, goods="牛奶", feedback="很好")
    path = f"/records/visits/{made['id']}"
    changed = clerk.patch(path, {"goods": "鸡蛋", "feedback": None, "cash_fen": 50_000})
    assert changed.status_code == 200 and changed.json["version"] == 2
    assert (changed.json["goods"], changed.json["feedback"], changed.json["cash_fen"]) == ("鸡蛋", None, 50_000)
    assert changed.json["ended_on"] == ENDED and changed.json["entered_at"] == made["entered_at"]
    for gap in ({"type": None}, {"cadre_ids": []}, {"ended_on": None}):
        assert clerk.patch(path, gap).status_code == 422
    assert clerk.get(path).json["version"] == 2


def test_lists_show_neither_reason_nor_demand(world: World) -> None:
    aid = entered(world, "hardship_aid", note="家里困难")
    visit = entered(world, demand="需要陪护", feedback="病重")
    assert "重大疾病" not in aid["summary"] and "困难帮扶" in aid["summary"]
    clerk = world.api("clerk")
    for hidden in ("陪护", "病重", "家里困难", "重大疾病"):
        assert clerk.get("/records/visits", query_string={"q": hidden}).json["total"] == 0
        assert clerk.get("/records/hardship_aid", query_string={"q": hidden}).json["total"] == 0
    assert visit["demand"] == "需要陪护"


def test_sensitive_fields_are_encrypted_in_the_database(world: World) -> None:
    entered(world, demand="需要陪护甲", feedback="病重乙")
    entered(world, "hardship_aid", note="家里困难丙")
    stored = [*rows.ask(world.app, "SELECT feedback, demand FROM visits"),
              *rows.ask(world.app, "SELECT reason, note FROM hardship_aid")]
    assert len(stored) == 2 and all(value.startswith("k1") for row in stored for value in map(str, row))
    told = " ".join(str(row) for row in rows.ask(world.app, "SELECT * FROM audit_entries"))
    told += " ".join(str(row) for row in rows.ask(world.app, "SELECT * FROM records"))
    for canary in ("陪护甲", "病重乙", "困难丙", "serious_illness"):
        assert canary not in told
