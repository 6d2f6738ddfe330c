"""A split does exactly what its preview said; records keep their history, and the past stays where it was."""

import os
import random
from collections import Counter
from typing import Any

import pytest
from test_frozen import figures, file_of, freeze
from test_move_preview import furnish, measured
from test_reports import scatter
from test_rules_page import (
    open_world,  # noqa: F401 - a fixture among them
    record,
)

import rows
from app.splits import preview
from world import World

SEEDS = range(20) if os.environ.get("YINLING_TEST_FULL") else range(2)
CASES = [("射阳", ["合德镇", "射阳教育局"]), ("合德镇", ["合德敬老院"]), ("盐城", ["东台"]), ("射阳", [])]


def some(world: World, walk: random.Random, table: str, unit: str, where: str = "1 = 1") -> list[str]:
    """About half of what lies in a unit."""
    known = rows.ask(world.app, f"SELECT id, unit_id FROM {table} WHERE {where} ORDER BY id")  # noqa: S608
    found = [row[0] for row in known if row[1] == world.units[unit]]
    return [each for each in found if walk.random() < 0.5] or found[:1]


def body_of(world: World, walk: random.Random, unit: str, below: list[str], **more: Any) -> dict[str, Any]:
    """A split at random."""
    staff = some(world, walk, "accounts", unit,
                 "kind = 'staff' AND id NOT IN (SELECT account_id FROM administrators)")
    return {"name": "新分单位", "code": "SPLIT-1", "unit_ids": [world.units[name] for name in below],
            "cadre_ids": some(world, walk, "cadres", unit), "account_ids": staff, "records": "theirs", **more}


@pytest.mark.usefixtures("open_world")
@pytest.mark.parametrize("seed", SEEDS)
def test_after_the_split_exactly_what_the_preview_said(world: World, seed: int) -> None:
    walk = random.Random(seed)
    scatter(world, 60, seed)
    furnish(world, walk)
    unit, below = CASES[seed % len(CASES)]
    path, body = f"/units/{world.units[unit]}/split", body_of(world, walk, unit, below)
    province = world.api("江苏 administrator")
    before, digests = measured(world), rows.digests(world.app)
    answer = province.post(path, body | {"dry_run": True})
    assert answer.status_code == 200, answer.text
    told = answer.json
    assert rows.digests(world.app, but=("login_sessions",)) == {
        key: value for key, value in digests.items() if key != "login_sessions"}, "a preview changed rows"
    made = province.post(path, body)
    assert made.status_code == 201, made.text
    compare(world, told, body, before, made.json["id"])


def compare(world: World, told: dict[str, Any], body: dict[str, Any], before: dict[str, Any], new: str) -> None:
    """Each line of a preview against what was done."""
    after = measured(world)
    inside = {unit_id for unit_id, at in after["paths"].items() if f"/{new}/" in at}

    assert told["units"] == len(inside) - 1
    assert told["cadres"] == sum(unit_id in inside for _id, unit_id in after["cadres"])
    for kind, key in (("staff", "staff"), ("cadre", "cadre_accounts")):
        assert told[key] == sum(row[1] in inside and row[3] == kind for row in after["accounts"])
    assert {row[0] for row in after["accounts"] if row[1] == new} >= set(body["account_ids"])
    assert {row[0] for row in after["cadres"] if row[1] == new} == set(body["cadre_ids"])
    assert before["seats"] == after["seats"]
    assert len(told["administrators"]) == sum(row[1] in inside for row in after["seats"])
    withdrawn = {row[0] for row in rows.ask(world.app, "SELECT id FROM records WHERE deleted_at IS NOT NULL")}
    gone = {key: row for key, row in after["due"].items() if row[1] in inside and key not in withdrawn}
    assert sum(told["records"].values()) == len(gone) and told["open_records"] == sum(row[3] for row in gone.values())
    assert {(each["grant_id"],) for each in told["rights"]} == before["grants"] - after["grants"]
    assert Counter({(each["module"], each["before"], each["after"]): each["records"] for each in told["redated"]}
                   ) == Counter((row[0], row[2], after["due"][key][2]) for key, row in before["due"].items()
                                if after["due"][key][2] != row[2])
    assert told["filings"] == sum(after["filings"][key] != value for key, value in before["filings"].items())


@pytest.mark.usefixtures("open_world")
def test_a_planted_fault_in_the_preview_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "_rights", lambda *_args: ())
    with pytest.raises(AssertionError):
        test_after_the_split_exactly_what_the_preview_said(world, 0)


def test_only_records_about_those_who_go_go_and_keep_their_history(world: World) -> None:
    alone = record(world, "射阳", "2026-06-05", entered=True)
    (cadre,) = (row[1] for row in rows.ask(world.app, "SELECT record_id, cadre_id FROM record_people")
                if row[0] == alone)
    shared = world.api("clerk").post("/records/visits", {
        "unit_id": world.units["射阳"], "ended_on": "2026-06-05", "cadre_ids": [cadre, world.cadres["cadre"]],
        "type": "routine", "place": "家中", "visitors": "李主任"})
    assert shared.status_code == 201, shared.text
    kept = freeze(world, "盐城 administrator", "盐城").json["id"]
    sheet, june = file_of(world, "盐城 administrator", kept), figures(world, "盐城")
    july = world.at("2026-07-06T09:00:00+08:00")
    body = {"name": "射阳二局", "code": "SY-2", "cadre_ids": [cadre], "records": "theirs"}
    new = july.api("盐城 administrator").post(f"/units/{world.units['射阳']}/split", body).json["id"]
    lies = dict(rows.ask(world.app, "SELECT id, unit_id FROM records"))
    assert lies[alone] == new and lies[shared.json["id"]] == world.units["射阳"]
    assert rows.count(world.app, "record_people", f"record_id = '{alone}' AND unit_id <> '{new}'") == 0
    shown = july.browser("盐城 administrator").get(f"/desk/records/visits/{alone}/history").text
    assert shown.count("log-entry") >= 1
    assert file_of(july, "盐城 administrator", kept) == sheet
    assert figures(july, "盐城", as_of="2026-06-30") == june
    now = figures(july, "盐城")
    assert now[new] == 1 and now[world.units["射阳"]] == june[world.units["射阳"]] - 1
    told = july.browser("盐城 administrator").get(f"/desk/units/{new}/history").text
    assert "拆分设立" in told and "盐城管理员（系统管理员）" in told
    log = july.api("盐城 administrator").get("/audit?action=unit:split").json["items"]
    assert [(each["object_id"], each["after"]["split_into"], each["after"]["records"]) for each in log] == [
        (world.units["射阳"], new, 1)]
    _back_and_off_again(july, new, alone, cadre, june)


def _back_and_off_again(world: World, new: str, alone: str, cadre: str, june: dict[str, Any]) -> None:
    """Merged back and split off once more: the past still knows where the record lay."""
    city = world.at("2026-08-03T09:00:00+08:00").api("盐城 administrator")
    assert city.post(f"/units/{world.units['射阳']}/merge", {"unit_ids": [new]}).status_code == 200
    later = world.at("2026-09-03T09:00:00+08:00")
    body = {"name": "射阳三局", "code": "SY-3", "cadre_ids": [cadre], "records": "theirs"}
    third = later.api("盐城 administrator").post(f"/units/{world.units['射阳']}/split", body).json["id"]
    assert dict(rows.ask(world.app, "SELECT id, unit_id FROM records"))[alone] == third
    assert figures(later, "盐城", as_of="2026-06-30") == june
    assert figures(later, "盐城", as_of="2026-07-31")[new] == 1


@pytest.mark.parametrize(("who", "unit", "change", "status", "said"), [
    ("盐城 administrator", "射阳", {}, 422, "请至少选一个"),
    ("盐城 administrator", "射阳", {"unit_ids": ["东台"]}, 422, "不在本单位"),
    ("盐城 administrator", "射阳", {"unit_ids": ["合德敬老院"]}, 422, "不在本单位"),
    ("盐城 administrator", "射阳", {"unit_ids": ["合德镇"], "code": "320981"}, 409, "单位代码已被使用"),
    ("盐城 administrator", "射阳", {"unit_ids": ["合德镇"], "name": ""}, 422, "请填写这一项"),
    ("盐城 administrator", "射阳", {"account_ids": ["射阳 administrator"]}, 409, "系统管理员，请先免去"),
    ("盐城 administrator", "射阳", {"account_ids": ["cadre"]}, 422, "不在本单位"),
    ("盐城 administrator", "盐城", {"unit_ids": ["射阳"]}, 403, ""),
    ("射阳 administrator", "射阳", {"unit_ids": ["合德镇"]}, 403, ""),
    ("clerk", "射阳", {"unit_ids": ["合德镇"]}, 403, ""),
    ("南通 administrator", "射阳", {"unit_ids": ["合德镇"]}, 404, ""),
    ("county auditor", "合德镇", {"unit_ids": ["合德敬老院"]}, 403, ""),
])
def test_what_cannot_be_split_says_why(world: World, who: str, unit: str, change: dict[str, Any], status: int,
                                       said: str) -> None:
    ids = {"unit_ids": world.units, "account_ids": world.accounts}
    body = {"name": "新", "code": "SP-9"} | {name: [ids[name][each] for each in value] if name in ids else value
                                           for name, value in change.items()}
    before = rows.digests(world.app)["units"]
    answer = world.api(who).post(f"/units/{world.units[unit]}/split", body)
    assert answer.status_code == status and said in answer.text, answer.text
    assert rows.digests(world.app)["units"] == before


def test_a_closed_unit_is_not_split(world: World) -> None:
    assert world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/close",
                                              {"successor_id": world.units["安丰镇"]}).status_code == 200
    answer = world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/split", {
        "name": "新", "code": "SP-9", "unit_ids": [world.units["合德敬老院"]]})
    assert answer.status_code == 409 and "已经撤销，不能再拆分" in answer.text
