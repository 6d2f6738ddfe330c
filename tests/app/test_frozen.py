"""A frozen report never changes: not by moves, merges, late entries, nor by hand; and only its readers read it."""

from datetime import date
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from test_reports import Fact, report, scatter, within

import rows
from tenants.db import db
from world import World

JUNE = {"from": "2026-01-01", "to": "2026-06-30"}


def freeze(world: World, principal: str, unit: str, **more: str) -> Any:
    """Frozen over the API."""
    return world.api(principal).post("/reports/frozen", {"unit_id": world.units[unit], **JUNE, **more})


def file_of(world: World, principal: str, report_id: str) -> bytes:
    """The sheet of a frozen report."""
    answer = world.api(principal).get(f"/reports/frozen/{report_id}/file")
    assert answer.status_code == 200, answer.text
    return bytes(answer.data)


def figures(world: World, unit: str, **more: str) -> dict[str, Any]:
    """The report of the first half of the year, by unit."""
    answer = world.api("province auditor").get("/reports/timeliness", query_string={
        "unit": world.units[unit], **JUNE, **more})
    assert answer.status_code == 200, answer.text
    return {row["unit_id"]: row["total"] for row in answer.json["rows"] if row["module"] == "visits"}


def test_must_show_8(world: World) -> None:
    """射阳 goes from 盐城 to 南通 as foretold; June as frozen stays to the byte, June as computed has it in 盐城."""
    facts: list[Fact] = scatter(world, 80, 8)
    end_of_june = world.at("2026-06-30T17:00:00+08:00")
    kept = freeze(end_of_june, "盐城 administrator", "盐城", title="上半年")
    assert kept.status_code == 201, kept.text
    june, frozen_id = figures(end_of_june, "盐城"), kept.json["id"]
    sheet = file_of(end_of_june, "盐城 administrator", frozen_id)
    assert sha256(sheet).hexdigest() == kept.json["sha256"]
    july = world.at("2026-07-06T09:00:00+08:00")
    province = july.api("江苏 administrator")
    told = province.get(f"/units/{world.units['射阳']}/move-preview?parent_id={world.units['南通']}").json
    county = [fact for fact in facts if within(fact.unit, "射阳")]
    assert sum(told["records"].values()) == len(county) and told["units"] == 6
    moved = province.post(f"/units/{world.units['射阳']}/move", {"parent_id": world.units["南通"]})
    assert moved.json["parent_id"] == world.units["南通"]
    assert file_of(july, "盐城 administrator", frozen_id) == sheet
    shown = july.api("province auditor").get(f"/reports/frozen/{frozen_id}").json
    assert shown["whole"] and {row["unit_id"]: row["total"] for row in shown["figures"]["rows"]
                               if row["module"] == "visits"} == june
    assert figures(july, "盐城", as_of="2026-06-30") == june and world.units["射阳"] in june
    now = figures(july, "盐城")
    assert world.units["射阳"] not in now and figures(july, "南通")[world.units["射阳"]] == june[world.units["射阳"]]
    assert july.api("南通 administrator").get(f"/reports/frozen/{frozen_id}").status_code == 404


def test_a_merge_leaves_the_past_where_it_was(world: World) -> None:
    scatter(world, 80, 9)
    before = figures(world, "射阳")
    kept = freeze(world, "射阳 administrator", "合德镇").json["id"]
    july = world.at("2026-07-06T09:00:00+08:00")
    closed = july.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/close",
                                               {"successor_id": world.units["安丰镇"]})
    assert closed.status_code == 200, closed.text
    assert figures(july, "射阳", as_of="2026-06-30") == before
    assert world.units["合德镇"] in before and before[world.units["合德镇"]] > 0
    assert figures(july, "射阳")[world.units["合德镇"]] == 0
    then, now = figures(july, "东台", as_of="2026-06-30"), figures(july, "东台")
    assert now[world.units["安丰镇"]] == then[world.units["安丰镇"]] + before[world.units["合德镇"]]
    assert july.api("射阳 administrator").get(f"/reports/frozen/{kept}").status_code == 200
    august = world.at("2026-08-03T09:00:00+08:00")
    made = august.api("东台 administrator").post("/units", {"parent_id": world.units["东台"], "kind": "township",
                                                         "name": "新镇", "code": "N-1"}).json["id"]
    august.api("东台 administrator").post(f"/units/{world.units['安丰镇']}/close", {"successor_id": made})
    assert figures(august, "射阳", as_of="2026-06-30") == before
    assert figures(august, "东台", as_of="2026-07-31") == now
    assert report(august, "province auditor", "江苏", *_year())["total_row"] == report(
        august, "province auditor", "江苏", *_year(), as_of="2026-06-30")["total_row"]


def _year() -> Any:
    return date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize(("principal", "unit", "status"), [
    ("盐城 administrator", "盐城", 201), ("chief", "射阳", 201), ("chief", "合德镇", 201), ("clerk", "射阳", 403),
    ("county auditor", "射阳", 403), ("province auditor", "盐城", 403), ("chief", "盐城", 404),
    ("cadre", "射阳", 403), ("reviewer", "射阳", 403), ("射阳 administrator", "东台", 404),
])
def test_who_may_freeze(world: World, principal: str, unit: str, status: int) -> None:
    assert freeze(world, principal, unit).status_code == status


def test_who_reads_what_was_frozen(world: World) -> None:
    whole, part = (freeze(world, "chief", "射阳", **more).json["id"] for more in ({}, {"module": "visits"}))
    above = freeze(world, "盐城 administrator", "盐城").json["id"]
    for principal, wanted in (("chief", {whole, part}), ("clerk", set()), ("column clerk", set()),
                              ("county auditor", {whole, part}), ("盐城 administrator", {whole, part, above}),
                              ("东台 administrator", set()), ("other clerk", set())):
        found = world.api(principal).get("/reports/frozen").json
        assert {each["id"] for each in found["items"]} == wanted and found["total"] == len(wanted), principal
        for report_id in (whole, part, above):
            for tail in ("", "/file"):
                status = world.api(principal).get(f"/reports/frozen/{report_id}{tail}").status_code
                assert status == (200 if report_id in wanted else 404), (principal, tail)
    narrowed = world.api("盐城 administrator").get(f"/reports/frozen?unit={world.units['射阳']}&limit=1").json
    assert narrowed["total"] == 2 and narrowed["next"]
    log = world.api("射阳 administrator").get("/audit?action=report:freeze").json["items"]
    assert {each["object_id"] for each in log} == {whole, part}


@pytest.mark.parametrize("change", ["UPDATE frozen_reports SET title = 'x'", "DELETE FROM frozen_reports"])
def test_nobody_changes_what_was_frozen(world: World, change: str) -> None:
    kept = freeze(world, "chief", "射阳").json["id"]
    with world.app.app_context(), pytest.raises(DBAPIError), db.engine.begin() as connection:
        connection.execute(sa.text(change))
    assert rows.count(world.app, "frozen_reports", f"id = '{kept}' AND title <> 'x'") == 1


def test_a_broken_seal_is_told(world: World) -> None:
    """Planted: somebody with the database's own rights lifts the trigger and changes the bytes."""
    kept = freeze(world, "chief", "射阳").json["id"]
    drop = "DROP TRIGGER frozen_reports_no_update" if world.app.config["SETTINGS"].database_url.startswith(
        "sqlite") else "ALTER TABLE frozen_reports DISABLE TRIGGER frozen_reports_frozen"
    rows.run(world.app, drop, "UPDATE frozen_reports SET sheet = CAST('other' AS BLOB)" if "no_update" in drop
             else "UPDATE frozen_reports SET sheet = 'other'::bytea")
    assert world.api("chief").get(f"/reports/frozen/{kept}").json["whole"] is False
    assert world.api("chief").get(f"/reports/frozen/{kept}/file").json["code"] == "broken_seal"
    page = world.browser("chief").get(f"/desk/reports/frozen/{kept}").text
    assert "指纹不符" in page and ">visits<" not in page and ">走访慰问<" in page.replace(" ", "").replace("\n", "")
