"""Splitting on the console: choose, read, confirm; what was typed comes back, and what changed is read again."""

from typing import Any

import pytest
from admin_desk import Desk, rows
from test_desk_admin_units import at, unit

from app.people.model import Cadre
from tenants.models import Unit
from world import World


@pytest.fixture
def city(world: World) -> Desk:
    """The administrator of 盐城."""
    return Desk(world, "盐城 administrator")


def test_a_unit_is_split_after_reading_what_will_happen(world: World, city: Desk) -> None:
    path = at(world, "射阳", "/split")
    form = city.text(path)
    for name in ("合德镇", "黄沙港镇", "射阳教育局"):
        assert f'value="{world.units[name]}"' in form
    assert f'value="{world.cadres["cadre"]}"' in form and f'value="{world.accounts["clerk"]}"' in form
    assert world.accounts["射阳 administrator"] not in form.split("<main")[1]
    sent: dict[str, Any] = {"name": "射阳二局", "code": "SY-2", "unit_ids": [world.units["合德镇"]],
                            "records": "theirs", "cadre_ids": [world.cadres["cadre"]],
                            "account_ids": [world.accounts["clerk"]]}
    empty = city.send(path, {"step": "look", "name": "射阳二局"})
    assert empty.status_code == 422 and 'value="射阳二局"' in empty.text and "请填写这一项" in empty.text
    shown = city.send(path, sent | {"step": "look"})
    assert shown.status_code == 200
    for said in ("从“射阳”分出“射阳二局”", "2 个（含它们的下级）", "合德镇 合德镇管理员",
                 "射阳clerk在“射阳”的经办人权限",
                 "不再看得到的人", "确定拆分"):
        assert said in shown.text, said
    assert not rows(world, Unit, Unit.code == "SY-2")
    told = shown.text.split('name="told" value="')[1].split('"')[0]
    unread = city.send(path, sent | {"told": told})
    assert unread.status_code == 422 and "请先核对，再勾选这一项" in unread.text
    stale = city.send(path, sent | {"told": told, "sure": "true", "cadre_ids": []})
    assert stale.status_code == 409 and "和刚才看到的不一样了" in stale.text
    done = city.send(path, sent | {"told": told, "sure": "true"})
    assert done.status_code == 303
    (made,) = rows(world, Unit, Unit.code == "SY-2")
    assert unit(world, "合德镇").parent_id == made.id and made.parent_id == world.units["盐城"]
    assert rows(world, Cadre, Cadre.id == world.cadres["cadre"])[0].unit_id == made.id
    assert "已分出“射阳二局”" in city.text(done.location)


def test_only_a_common_superior_is_offered_it(world: World, city: Desk) -> None:
    assert "拆分" in city.text(at(world, "射阳"))
    county = Desk(world, "射阳 administrator")
    assert county.get(at(world, "射阳", "/split")).status_code == 403
    assert Desk(world, "clerk").get(at(world, "射阳", "/split")).status_code == 403
    assert Desk(world, "南通 administrator").get(at(world, "射阳", "/split")).status_code == 404


def test_a_split_is_put_down_for_a_day(world: World, city: Desk) -> None:
    path = at(world, "射阳", "/split")
    sent: dict[str, Any] = {"name": "射阳二局", "code": "SY-2", "unit_ids": [world.units["合德镇"]], "records": "none"}
    shown = city.send(path, sent | {"step": "look"})
    told = shown.text.split('name="told" value="')[1].split('"')[0]
    sent |= {"told": told, "sure": "true"}
    late = city.send(path, sent | {"effective_on": "2026-06-01"})
    assert late.status_code == 422 and "生效日期要在明天到两年之内" in late.text and 'value="2026-06-01"' in late.text
    done = city.send(path, sent | {"effective_on": "2026-07-01"})
    assert done.status_code == 303 and not rows(world, Unit, Unit.code == "SY-2"), done.text
    page = city.text(done.location)
    for said in ("已下达：2026-07-01 0 时从“射阳”分出“射阳二局”", "照现在的情况，到那天会发生什么", "取消这项调整"):
        assert said in page, said
    assert "从“射阳”分出“射阳二局”" in city.text(at(world, "射阳", "/history"))


@pytest.mark.parametrize(("kind", "unit", "more", "said"), [
    ("move", "合德镇", {"parent_id": "东台"}, "由“射阳”改为“东台”"),
    ("rename", "合德镇", {"name": "合德街道"}, "由“合德镇”改为“合德街道”"),
    ("close", "合德镇", {"successor_id": "安丰镇"}, "转给“安丰镇”"),
    ("merge", "安丰镇", {"unit_ids": ["合德镇"]}, "改由“安丰镇”管理"),
])
def test_what_waits_says_what_it_would_do(world: World, city: Desk, kind: str, unit: str, more: dict[str, Any],
                                          said: str) -> None:
    ids = {name: world.units[value] if name.endswith("_id") else [world.units[each] for each in value]
           if name.endswith("_ids") else value for name, value in more.items()}
    made = world.api("盐城 administrator").post("/unit-changes", {
        "kind": kind, "unit_id": world.units[unit], "effective_on": "2026-07-01", **ids})
    assert made.status_code == 201, made.text
    path = f"/desk/unit-changes/{made.json['id']}"
    assert said in city.text(path)
    assert said not in Desk(world, "合德镇 administrator").text(path)
    if kind != "rename":
        for closed, successor in (("东台", "海安"), ("安丰镇", "黄沙港镇")):
            world.api("江苏 administrator").post(f"/units/{world.units[closed]}/close",
                                               {"successor_id": world.units[successor]})
        assert "到那天不会办理" in city.text(path)
