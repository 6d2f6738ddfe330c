"""Lists of records: filters, totals, pages that stay whole while others write; tombstones and versions."""

import base64
import json
from datetime import date, timedelta
from typing import Any

import pytest
from record_bodies import body, entered

import factories
import rows
from permissions import transaction
from tenants import tree
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test makes records")


def _many(world: World, unit: str, days: list[date], *, draft: bool = False) -> list[str]:
    with world.app.app_context(), transaction.act("tests"):
        place = tree.unit_by_id(world.units[unit], ALL)
        cadre = factories.cadre(unit=place)
        made = [factories.record(unit=place, cadre=cadre, ended_on=day, draft=draft).id for day in days]
        transaction.audit.record("tests:records", "unit", None, place)
    return made


def _walk(api: Any, path: str, **filters: Any) -> list[dict[str, Any]]:
    found, cursor = [], None
    while True:
        page = api.get(path, query_string=filters | ({"cursor": cursor} if cursor else {})).json
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


def test_every_row_comes_once_newest_first(world: World) -> None:
    days = [date(2026, 6, 1) - timedelta(days=number // 3) for number in range(40)]
    made = _many(world, "射阳", days)
    clerk = world.api("clerk")
    for limit in (1, 7, 20, 200):
        found = _walk(clerk, "/records/visits", limit=limit)
        assert sorted(each["id"] for each in found) == sorted(made)
        assert [(each["ended_on"], each["id"]) for each in found] == sorted(
            ((each["ended_on"], each["id"]) for each in found), reverse=True)
    first = clerk.get("/records/visits").json
    assert (len(first["items"]), first["total"]) == (20, 40)
    assert clerk.get("/records/visits?limit=40").json["next"] is None


def test_pages_stay_whole_while_others_write_and_delete(world: World) -> None:
    made = _many(world, "射阳", [date(2026, 6, 1) - timedelta(days=number) for number in range(20)])
    clerk = world.api("clerk")
    first = clerk.get("/records/visits?limit=8").json
    newer = _many(world, "射阳", [date(2026, 6, 5)] * 5)
    gone = first["items"][-1]["id"]
    assert clerk.delete(f"/records/visits/{gone}").status_code == 204
    rest = _walk(clerk, "/records/visits", limit=8, cursor=first["next"])
    seen = [each["id"] for each in (*first["items"], *rest)]
    assert seen == made and not set(newer) & set(seen)


def test_the_total_is_what_the_filter_selects_in_my_scope(world: World) -> None:
    for unit, many in (("射阳", 5), ("合德镇", 4), ("东台", 3), ("盐城", 2)):
        _many(world, unit, [date(2026, 5, 20)] * many)
    for reader, wanted in (("clerk", 5), ("town clerk", 4), ("chief", 9), ("射阳 administrator", 9), ("other clerk", 3),
                           ("盐城 administrator", 14), ("province auditor", 14), ("南通 administrator", 0)):
        page = world.api(reader).get("/records/visits?limit=2").json
        assert page["total"] == wanted, reader
        assert len(_walk(world.api(reader), "/records/visits", limit=2)) == wanted
    auditor = world.api("province auditor")
    assert auditor.get(f"/records/visits?unit={world.units['射阳']}").json["total"] == 9
    assert auditor.get(f"/records/visits?unit={world.units['合德镇']}").json["total"] == 4
    assert world.api("clerk").get(f"/records/visits?unit={world.units['东台']}").status_code == 404
    assert world.api("clerk").get(f"/records/visits?unit={'A' * 22}").status_code == 404


def test_filters_narrow_by_end_timeliness_and_words(world: World) -> None:
    clerk = world.api("clerk")
    late = entered(world, ended_on="2026-05-06", place="黄沙港")
    on_time = entered(world, ended_on="2026-06-08", visitors="王局长 100%_真")
    overdue = entered(world, ended_on="2026-05-07", draft=True)
    pending = entered(world, ended_on="2026-06-09", draft=True)

    def ids(**filters: str) -> set[str]:
        return {each["id"] for each in clerk.get("/records/visits", query_string=filters).json["items"]}

    for state, record in (("late", late), ("on_time", on_time), ("overdue", overdue), ("pending", pending)):
        assert ids(timeliness=state) == {record["id"]}
    assert ids(**{"from": "2026-05-07", "to": "2026-06-08"}) == {overdue["id"], on_time["id"]}
    assert ids(**{"from": "2026-05-06", "to": "2026-05-06"}) == {late["id"]}
    assert ids(**{"from": "2026-06-10"}) == set()
    assert ids(q="黄沙") == {late["id"]} and ids(q="100%_") == {on_time["id"]}
    assert ids(q="%") == {on_time["id"]} and ids(q="_") == {on_time["id"]} and ids(q="\\") == set()
    assert ids(q="射阳老c") == {late["id"], on_time["id"], overdue["id"], pending["id"]}  # the cadre's name
    assert ids(q="黄沙", timeliness="on_time") == set()


@pytest.mark.parametrize("query", [
    "colour=red", "limit=0", "limit=201", "limit=x", "limit=-1", "limit=1.5", "limit=２", "limit=2&limit=3",
    "timeliness=soon", "from=yesterday", "from=2026-02-30", "unit=x", "cursor=x", "cursor=" + "A" * 401,
    "q=" + "x" * 51, "from=2026-01-01&from=2026-01-02", "q=%00",
    "Limit=2",
])
def test_an_unknown_repeated_or_malformed_filter_is_400(world: World, query: str) -> None:
    answer = world.api("clerk").get(f"/records/visits?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "malformed"), answer.text


def test_a_deleted_record_leaves_a_tombstone(world: World) -> None:
    made = entered(world)
    path = f"/records/visits/{made['id']}"
    clerk = world.api("clerk")
    assert clerk.delete(path).status_code == 204
    for reader in ("clerk", "chief", "province auditor", "射阳 administrator"):
        api = world.api(reader)
        assert api.get(path).status_code == 404 and api.get("/records/visits").json["total"] == 0
    for answer in (clerk.delete(path), clerk.patch(path, {"goods": "x"}), clerk.post(f"{path}/submit")):
        assert answer.status_code == 404
    assert rows.count(world.app, "records", f"id = '{made['id']}' AND deleted_at IS NOT NULL") == 1
    assert rows.count(world.app, "visits") == rows.count(world.app, "record_people") == 1
    log = world.api("射阳 administrator").get("/audit?action=record:delete").json["items"]
    assert [(each["object_id"], each["before"]["ended_on"]) for each in log if each["result"] == "ok"] == [
        (made["id"], made["ended_on"])]
    assert {each["reason"] for each in log if each["result"] == "refused"} == {"not_found"}
    period = f"unit={world.units['射阳']}&from=2026-06-01&to=2026-06-30"
    assert clerk.get(f"/reports/timeliness?{period}").json["total_row"]["total"] == 0
    assert world.api("cadre").get("/me/services").json["items"] == []


def test_the_second_editor_is_told(world: World) -> None:
    made = entered(world)
    path = f"/records/visits/{made['id']}"
    first, second = world.api("clerk"), world.api("phone clerk")
    assert first.get(path).headers["ETag"] == '"1"'
    kept = first.patch(path, {"goods": "牛奶两箱"}, headers={"If-Match": '"1"'})
    assert (kept.status_code, kept.json["version"], kept.headers["ETag"]) == (200, 2, '"2"')
    for answer in (second.patch(path, {"goods": "水果"}, headers={"If-Match": '"1"'}),
                   second.delete(path, headers={"If-Match": '"1"'}), second.delete(path, headers={"If-Match": "x"})):
        assert (answer.status_code, answer.json["code"]) == (409, "stale")
    assert second.get(path).json["goods"] == "牛奶两箱"
    assert second.delete(path, headers={"If-Match": '"2"'}).status_code == 204


def test_a_cursor_of_another_list_or_made_up_is_refused(world: World) -> None:
    clerk = world.api("clerk")
    made_up: list[Any] = [
        [], {}, "x", ["2026-06-08"], ["2026-06-08", 7], [7, "A"], ["2026-02-30", "A"], ["2026-06-08", "\x00"],
        ["2026-06-08", "A", "B"], None, ["2026-06-08", "A" * 201],
    ]
    for value in made_up:
        cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        answer = clerk.get("/records/visits", query_string={"cursor": cursor})
        assert answer.status_code == 400 and "cursor" in answer.json["fields"], value


def test_an_answer_names_no_unit_number(world: World) -> None:
    entered(world)
    said = world.api("province auditor").get("/records/visits").text
    assert str(world.numbers["射阳"]) not in said and "unit_number" not in said
    assert "search" not in json.loads(said)["items"][0] and "created_by" not in json.loads(said)["items"][0]


def test_a_body_may_not_say_what_is_no_json_object(world: World) -> None:
    clerk = world.api("clerk")
    for data, status in ((b"[]", 400), (b"null", 400), (b"{", 400), (b'{"a":1,"a":2}', 400), (b'{"a":NaN}', 400),
                         (b"\xff", 400), (b"[" * 100_000, 400), (b'{"a":"\\ud800"}', 400), (b'{"a":"\\u0000"}', 400),
                         (b'{"cash_fen":' + b"9" * 30 + b"}", 400)):
        answer = clerk.post("/records/visits", data=data, headers={"Content-Type": "application/json"})
        assert answer.status_code == status, data[:20]
    text = clerk.post("/records/visits", data=json.dumps(body(world)), headers={"Content-Type": "text/plain"})
    assert text.status_code == 415
