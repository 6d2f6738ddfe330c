"""Units on the console: the tree, the tabs, and the four acts with their forms, previews and refusals."""

import pytest
from admin_desk import ALL, Desk, logged, rows

import factories
from permissions import transaction
from tenants.db import db
from tenants.models import Unit
from world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """The administrator of 射阳."""
    return Desk(world, "射阳 administrator")


def unit(world: World, name: str) -> Unit:
    """A unit as it is now."""
    return rows(world, Unit, Unit.id == world.units[name])[0]


def at(world: World, name: str, tail: str = "") -> str:
    """A unit's page."""
    return f"/desk/units/{world.units[name]}{tail}"


def test_the_list_and_the_tree_show_what_lies_below_and_nothing_else(world: World, desk: Desk) -> None:
    page = desk.text("/desk/units")
    for name in ("射阳", "合德镇", "黄沙港镇", "射阳教育局"):
        assert at(world, name) in page
    for foreign in ("东台", "安丰镇", "南通", "盐城"):
        assert world.units[foreign] not in page
    assert desk.text("/desk/units?q=合德").count(at(world, "合德敬老院")) == 1
    assert "没有找到这样的单位" in desk.text("/desk/units?q=东台")


def test_a_level_of_the_tree_is_read_when_asked_for_and_keeps_to_the_list_in_view(world: World, desk: Desk) -> None:
    asked = {"HX-Request": "1"}
    level = desk.get(f"/desk/units/tree?parent={world.units['合德镇']}&to=accounts", headers=asked).text
    assert f"/desk/accounts?unit={world.units['合德敬老院']}" in level
    assert "<html" not in level
    found = desk.get("/desk/units/tree?q=敬老院", headers=asked).text
    assert at(world, "合德敬老院") in found
    assert "没有找到" in desk.get("/desk/units/tree?q=东台", headers=asked).text
    assert desk.get(f"/desk/units/tree?parent={world.units['东台']}", headers=asked).status_code == 404
    plain = desk.get("/desk/units/tree?q=敬老院")
    assert plain.status_code == 302 and "/desk/units?q=" in plain.location


def test_the_tree_of_a_page_is_open_down_to_the_unit_in_view(world: World, desk: Desk) -> None:
    page = desk.text(at(world, "合德敬老院"))
    side = page[page.index('id="side"'):page.index("</aside>")]
    assert at(world, "合德敬老院") in side and 'aria-current="true"' in side
    lists = desk.text(f"/desk/accounts?unit={world.units['合德镇']}")
    assert f'href="/desk/accounts?unit={world.units["合德敬老院"]}"' in lists


def test_a_clerk_of_one_unit_gets_no_tree_and_no_buttons(world: World) -> None:
    page = Desk(world, "clerk").text(at(world, "射阳"))
    assert 'id="side"' not in page
    assert "新设下级单位" not in page and "管理员</a>" not in page


def test_the_superior_is_named_only_where_it_may_be_seen(world: World, desk: Desk) -> None:
    assert "不在您的查看范围内" in desk.text(at(world, "射阳"))
    assert "盐城" not in desk.text(at(world, "射阳"))
    assert f'<a href="{at(world, "射阳")}">射阳</a>' in desk.text(at(world, "合德镇"))
    assert "本单位为最高一级" in Desk(world, "江苏 administrator").text(at(world, "江苏"))


@pytest.mark.parametrize("tail", ["", "/below", "/administrators", "/people", "/filings", "/log"])
def test_every_tab_opens_below_and_is_not_there_elsewhere(world: World, desk: Desk, tail: str) -> None:
    assert desk.get(at(world, "合德镇", tail)).status_code == 200
    assert desk.get(at(world, "东台", tail)).status_code == 404
    assert desk.get(f"/desk/units/{'x' * 22}{tail}").status_code == 404


@pytest.mark.parametrize("tail", ["/open", "/edit", "/move", "/close", "/appoint"])
def test_acts_are_closed_to_an_auditor_and_most_to_oneself(world: World, desk: Desk, tail: str) -> None:
    assert Desk(world, "county auditor").get(at(world, "合德镇", tail)).status_code == 403
    assert desk.get(at(world, "射阳", tail)).status_code == (200 if tail == "/open" else 403)


def test_open_a_unit_below(world: World, desk: Desk) -> None:
    path = at(world, "射阳", "/open")
    page = desk.text(path)
    assert 'value="township"' in page and 'value="county_direct_unit"' in page and 'value="city_bureau"' not in page
    done = desk.send(path, {"kind": "township", "name": "新坍镇", "code": "320924199"})
    assert done.status_code == 303
    (made,) = rows(world, Unit, Unit.code == "320924199")
    assert (made.name, made.parent_id, done.location) == ("新坍镇", world.units["射阳"], f"/desk/units/{made.id}")
    assert "已新设“新坍镇”" in desk.text(done.location)
    assert [entry.object_id for entry in logged(world, "unit:open")][-1] == made.id


@pytest.mark.parametrize(("fields", "status", "said"), [
    ({"kind": "township", "name": "", "code": "C9"}, 422, "请填写这一项"),
    ({"kind": "city_bureau", "name": "南京", "code": "C9"}, 422, "下面只能设"),
    ({"kind": "nonsense", "name": "甲", "code": "C9"}, 422, "请从给出的选项里选择"),
    ({"kind": "township", "name": "甲", "code": "320981"}, 409, "单位代码已被使用"),
    ({"kind": "township", "name": "甲\x00乙", "code": "C9"}, 422, "看不见的字符"),
])
def test_a_bad_form_comes_back_with_what_was_typed(world: World, desk: Desk, fields: dict[str, str], status: int,
                                                   said: str) -> None:
    before = len(rows(world, Unit))
    answer = desk.send(at(world, "射阳", "/open"), fields)
    assert answer.status_code == status
    assert said in answer.text and 'id="error-summary"' in answer.text
    assert len(rows(world, Unit)) == before
    if fields["code"] == "320981":
        assert 'value="甲"' in answer.text
        assert [entry.reason for entry in logged(world, "unit:open") if entry.result == "refused"] == ["code_taken"]


def test_a_form_without_its_token_changes_nothing(world: World, desk: Desk) -> None:
    answer = desk.client.post(at(world, "射阳", "/open"), data={"kind": "township", "name": "甲", "code": "C9"})
    assert answer.status_code == 400
    assert not rows(world, Unit, Unit.code == "C9")


def test_rename_keeps_the_former_name_and_refuses_a_stale_form(world: World, desk: Desk) -> None:
    path = at(world, "合德镇", "/edit")
    version = str(unit(world, "合德镇").version)
    fields = {"name": "合德街道", "code": "320924100", "valid_from": "2023-01-01", "valid_to": "", "version": version}
    assert desk.send(path, fields).status_code == 303
    assert unit(world, "合德镇").name == "合德街道"
    assert "原名“合德镇”" in desk.text(at(world, "合德镇"))
    again = desk.send(path, fields | {"name": "别名"})
    assert again.status_code == 409 and "刚刚被别人改过" in again.text and 'value="别名"' in again.text
    wrong = desk.send(path, fields | {"version": str(unit(world, "合德镇").version), "valid_to": "2020-01-01"})
    assert wrong.status_code == 422 and "不能早于起始日期" in wrong.text


def test_move_shows_what_goes_along_and_then_moves(world: World) -> None:
    city = Desk(world, "盐城 administrator")
    path = at(world, "合德镇", "/move")
    offered = city.text(path)
    assert f"chosen={world.units['东台']}" in offered and f"chosen={world.units['盐城经开区']}" in offered
    assert f"chosen={world.units['海安']}" not in offered and f"chosen={world.units['射阳']}" not in offered
    preview = city.text(f"{path}?chosen={world.units['东台']}")
    for said in ("把“合德镇”移到“东台”之下", "会发生什么", "2 个（含本单位）", "离退休干部 1 人", "由“射阳”改为“东台”",
                 "射阳 射阳管理员（系统管理员）", "东台 东台管理员（系统管理员）", "我已看过上面的变化"):
        assert said in preview, said
    unread = city.send(path, {"parent_id": world.units["东台"], "version": str(unit(world, "合德镇").version)},
                       page=f"{path}?chosen={world.units['东台']}")
    assert unread.status_code == 422 and "请先核对，再勾选这一项" in unread.text
    assert unit(world, "合德镇").parent_id == world.units["射阳"]
    done = city.send(path, {"parent_id": world.units["东台"], "version": str(unit(world, "合德镇").version),
                            "sure": "true"}, page=f"{path}?chosen={world.units['东台']}")
    assert done.status_code == 303
    assert unit(world, "合德敬老院").path.startswith(unit(world, "东台").path)
    assert "由“射阳”移到“东台”之下" in city.text(at(world, "合德镇"))
    assert Desk(world, "射阳 administrator").get(at(world, "合德镇")).status_code == 404


def test_a_move_that_cannot_be_says_why(world: World) -> None:
    city = Desk(world, "盐城 administrator")
    path = at(world, "合德镇", "/move")
    version = str(unit(world, "合德镇").version)
    below = city.send(path, {"parent_id": world.units["合德敬老院"], "version": version, "sure": "true"})
    assert below.status_code == 422 and "不能移到本单位或它的下级单位下面" in below.text
    foreign = city.send(path, {"parent_id": world.units["海安"], "version": version})
    assert foreign.status_code == 404
    assert unit(world, "合德镇").parent_id == world.units["射阳"]


def test_close_asks_for_a_successor_when_not_empty(world: World, desk: Desk) -> None:
    path = at(world, "合德镇", "/close")
    offered = desk.text(path)
    assert "选择接收单位" in offered and f"chosen={world.units['黄沙港镇']}" in offered
    refused = desk.send(path, {}, page=at(world, "射阳", "/open"))
    assert refused.status_code == 409 and "请先选定接收单位" in refused.text
    assert unit(world, "合德镇").status == "open"
    confirm = f"{path}?chosen={world.units['黄沙港镇']}"
    assert "转给“黄沙港镇”" in desk.text(confirm)
    done = desk.send(path, {"successor_id": world.units["黄沙港镇"]}, page=confirm)
    assert done.status_code == 303 and done.location.endswith(world.units["射阳"])
    assert unit(world, "合德镇").status == "closed"
    assert unit(world, "合德敬老院").parent_id == world.units["黄沙港镇"]
    assert "已撤销" in desk.text(at(world, "合德镇"))
    assert "已撤销" in desk.text(at(world, "射阳", "/below"))
    assert desk.get(at(world, "合德镇", "/edit")).status_code == 409


def test_an_empty_unit_closes_at_once(world: World, desk: Desk) -> None:
    path = at(world, "黄沙港镇", "/close")
    assert "撤销“黄沙港镇”" in desk.text(path)
    assert desk.send(path).status_code == 303
    assert unit(world, "黄沙港镇").status == "closed"


def test_units_without_administrators_are_found(world: World, desk: Desk) -> None:
    page = desk.text("/desk/units?administrators=0")
    main = page[page.index("<main"):]
    assert at(world, "黄沙港镇") in main and at(world, "合德敬老院") in main
    assert at(world, "合德镇") not in main and at(world, "东台") not in page
    one = desk.text("/desk/units?administrators=1")
    assert at(world, "合德镇") in one[one.index("<main"):]
    assert desk.get("/desk/units?administrators=7").status_code == 400


def test_a_long_list_of_units_is_paged(world: World, desk: Desk) -> None:
    with world.app.app_context(), transaction.act("tests"):
        county = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        for serial in range(25):
            factories.unit(parent=county, kind="township", name=f"新镇{serial:02d}")
        transaction.audit.record("tests:more", "unit", None, county)
    first = desk.text("/desk/units?q=新镇")
    assert first.count("新镇") >= 20 and "下一页" in first
    found = first[first.index('rel="next" href="') + len('rel="next" href="'):]
    second = desk.text(found[:found.index('"')])
    assert "新镇24" in second and "新镇00" not in second[second.index("<main"):]
