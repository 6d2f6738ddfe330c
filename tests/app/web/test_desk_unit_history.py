"""沿革 and 历史机构: what happened to a unit, by whom as far as one may know, and the tree as it stood on any day."""

from admin_desk import Desk
from test_desk_admin_units import at

from world import World

JULY, AUGUST = "2026-07-06T09:00:00+08:00", "2026-08-03T09:00:00+08:00"


def happened(world: World) -> World:
    """In July 合德镇 gets another name and goes to 东台, in August 黄沙港镇 is merged into it."""
    july, path = world.at(JULY), f"/units/{world.units['合德镇']}"
    assert july.api("射阳 administrator").patch(path, {"name": "合德街道"}).status_code == 200
    moved = july.api("盐城 administrator").post(f"{path}/move", {"parent_id": world.units["东台"]})
    assert moved.status_code == 200
    august = world.at(AUGUST)
    merged = august.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/merge",
                                                 {"unit_ids": [world.units["黄沙港镇"]]})
    assert merged.status_code == 200
    return august


def test_what_happened_to_a_unit_is_told_with_days_links_and_who(world: World) -> None:
    august = happened(world)
    shown = Desk(august, "盐城 administrator").text(at(world, "合德镇", "/history"))
    main = shown[shown.index("<main"):]
    for said in ("新设，名称为“合德镇”", "更名：由“合德镇”改为“合德街道”", "射阳管理员（系统管理员），2026-07-06 09:00",
                 "盐城管理员（系统管理员），2026-07-06 09:00", "盐城管理员（系统管理员），2026-08-03 09:00"):
        assert said in main, said
    assert main.index("接收并入的") < main.index("之下移到") < main.index("更名") < main.index("新设，名称为")
    for name in ("射阳", "东台", "黄沙港镇"):
        assert f'href="{at(world, name)}"' in main
    gone = Desk(august, "盐城 administrator").text(at(world, "黄沙港镇", "/history"))
    assert "撤销，并入" in gone and "“合德街道”" in gone
    assert "全部沿革" in Desk(august, "盐城 administrator").text(at(world, "合德镇"))


def test_names_from_above_and_of_others_are_not_given_away(world: World) -> None:
    august = happened(world)
    east = Desk(august, "东台 administrator").text(at(world, "合德镇", "/history"))
    assert "盐城管理员" not in east and "射阳管理员" not in east and "（范围外的单位）" in east
    assert "射阳" not in east[east.index("<main"):]
    clerk = Desk(august, "town clerk").text(at(world, "合德镇", "/history"))
    assert "管理员（系统管理员）" not in clerk and "更名" in clerk
    assert Desk(august, "射阳 administrator").get(at(world, "合德镇", "/history")).status_code == 404


def page(desk: Desk, query: str) -> str:
    """The list of the page, without the tree at the left."""
    shown = desk.text(f"/desk/units/past?{query}")
    return shown[shown.index("<main"):]


def test_the_tree_of_a_day_shows_where_each_unit_stood(world: World) -> None:
    city = Desk(happened(world), "盐城 administrator")
    june = page(city, f"on=2026-06-30&unit={world.units['射阳']}")
    assert "合德镇" in june and "黄沙港镇" in june and "现名“合德街道”" in june and "现属“东台”" in june
    assert "2026-08-03 撤销，并入“合德街道”" in june
    july = page(city, f"on=2026-07-31&unit={world.units['射阳']}")
    assert "合德镇" not in july and "黄沙港镇" in july
    now = page(city, f"unit={world.units['东台']}")
    assert "合德街道" in now and "合德镇" not in now
    assert "尚未" not in page(city, "on=2020-01-01").split("</form>")[1]
    assert "以后的隶属关系还没有定论" in page(city, "on=2027-01-01")


def test_units_are_found_by_any_name_and_by_their_state(world: World) -> None:
    city = Desk(happened(world), "盐城 administrator")
    found = page(city, "on=2026-08-31&q=合德镇")
    assert "合德街道" in found and "东台" in found
    closed = page(city, "state=closed")
    assert "黄沙港镇" in closed and "南通" not in closed and "安丰镇" not in closed
    assert "黄沙港镇" not in page(city, "state=closed&on=2026-08-02")
    assert "尚未设立" in page(city, "on=2020-01-01&q=合德镇")
    assert "这一天这里没有这样的单位" in page(city, "q=南通")


def test_only_what_i_see_today_is_shown_of_the_past(world: World) -> None:
    august = happened(world)
    county = page(Desk(august, "射阳 administrator"), "on=2026-06-30")
    assert "合德" not in county and "并入“（范围外的单位）”" in county and "射阳教育局" in county
    east = page(Desk(august, "东台 administrator"), f"on=2026-06-30&unit={world.units['合德镇']}")
    assert "射阳" not in east
    assert Desk(august, "东台 administrator").get(f"/desk/units/past?unit={world.units['射阳']}").status_code == 404
    assert Desk(august, "东台 administrator").get("/desk/units/past?on=昨天").status_code == 400
