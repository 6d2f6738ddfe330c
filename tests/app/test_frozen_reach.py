"""A frozen report names no unit to who neither holds it today nor held it then, however the tree has changed since."""

import pytest
from test_frozen import freeze
from test_report_as_of import move
from test_reports import scatter

from app.reports import frozen
from world import World


def statuses(world: World, principal: str, report_id: str) -> set[int]:
    """What every way to a frozen report answers; the list must say the same."""
    api, page = world.api(principal), world.browser(principal)
    found = api.get("/reports/frozen").json
    listed = report_id in {each["id"] for each in found["items"]}
    assert found["total"] == len(found["items"])
    assert (report_id in page.get("/desk/reports/frozen").text) is listed
    said = {api.get(f"/reports/frozen/{report_id}{tail}").status_code for tail in ("", "/file")}
    said |= {page.get(f"/desk/reports/frozen/{report_id}{tail}").status_code for tail in ("", "/file")}
    assert said == ({200} if listed else {404}), (principal, said, listed)
    return said


def who_came_late(world: World) -> None:
    """合德镇 leaves 射阳, then 射阳 goes to 南通: who is new to it reads its report of June only without 合德镇."""
    scatter(world, 30, 3)
    june, small = (freeze(world, "盐城 administrator", unit).json["id"] for unit in ("射阳", "黄沙港镇"))
    assert statuses(world, "南通 administrator", june) == {404}
    move(world, "合德镇", "东台", "2026-07-06")
    august = move(world, "射阳", "南通", "2026-08-03")
    assert statuses(august, "南通 administrator", june) == {404}
    for principal, status in (("射阳 administrator", 200), ("江苏 administrator", 200), ("盐城 administrator", 404),
                              ("东台 administrator", 404)):
        assert statuses(august, principal, june) == {status}, principal
    assert statuses(august, "南通 administrator", small) == {200}
    new = freeze(august, "南通 administrator", "射阳", as_of="2026-06-30").json["id"]
    assert statuses(august, "南通 administrator", new) == {200}
    assert world.units["合德镇"] not in august.api("南通 administrator").get(f"/reports/frozen/{new}").text


def test_a_superior_that_came_later_is_shown_nothing_it_never_held(world: World) -> None:
    who_came_late(world)


def test_a_right_for_one_unit_reads_what_names_that_alone(world: World) -> None:
    county, town = (freeze(world, "盐城 administrator", unit).json["id"] for unit in ("射阳", "黄沙港镇"))
    path = f"/accounts/{world.accounts['nobody']}/grants"
    given = world.api("射阳 administrator").post(path, {"role": "clerk", "unit_id": world.units["黄沙港镇"]})
    assert given.status_code == 201, given.text
    assert statuses(world, "nobody", town) == {200} and statuses(world, "nobody", county) == {404}
    assert statuses(world, "clerk", county) == {404} and statuses(world, "chief", county) == {200}


def test_reading_by_the_unit_alone_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: who may read the report of the unit today reads every one that was ever frozen of it."""
    monkeypatch.setattr(frozen, "withheld", lambda *_args: [])
    with pytest.raises(AssertionError):
        who_came_late(world)
