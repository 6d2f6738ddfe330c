"""The log on the console: words for every action and change, the reader's scope, the reading itself logged."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest
from admin_desk import Desk, logged

from app import registry
from app.web import words
from app.web.log_rows import changes_of
from permissions.actions import Action
from world import World

ROOT = Path(__file__).parents[3]


def actions_written(sources: Iterable[str]) -> set[str]:
    """Actions named by text in calls that write the log."""
    found: set[str] = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            called = node.func if isinstance(node, ast.Call) else None
            name = getattr(called, "attr", getattr(called, "id", ""))
            if name in ("record", "entry", "refuse") and isinstance(node, ast.Call) and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and ":" in first.value:
                    found.add(first.value)
    return found


def test_every_action_has_a_chinese_word() -> None:
    files = [path.read_text() for part in ("app", "permissions", "tenants") for path in (ROOT / part).rglob("*.py")]
    written = actions_written(files)
    assert len(written) > 8
    assert {action.value for action in Action} | written <= set(words.ACTIONS)
    assert actions_written(['audit.record("cadre:bury", "cadre", None, unit)']) == {"cadre:bury"}


def test_every_kind_of_thing_has_a_word(world: World) -> None:
    assert {module.title for module in registry.modules().values()} == {
        words.thing(key) for key in registry.modules()}
    assert words.thing("api_units") == "单位" and words.thing("desk_accounts") == "账号"
    assert words.thing("something new") == "页面"


@pytest.mark.parametrize(("before", "after", "said"), [
    ({"pc_grant": False, "name": "张"}, {"pc_grant": True, "name": "张"}, [("可用电脑端", "否", "是")]),
    ({"state": "active"}, {"state": "suspended"}, [("状态", "使用中", "已停用")]),
    (None, {"role": "clerk", "columns": None, "channel": "pc"}, [("角色", None, "经办人"), ("使用端", None, "电脑端")]),
    (None, {"columns": ["party_garden"]}, [("栏目", None, "党建园地")]),
    ({"seat": 2}, None, [("席位", None, "二号席位")]),
    (None, {"changed": ["former_post", "ended_on"]}, [("改动的栏目", None, "原职务、结束日期")]),
    ({"parent_id": "a" * 22}, {"parent_id": "b" * 22}, [("上级单位", "（不在您的管理范围内）", "合德镇")]),
    ({"valid_to": None}, {"valid_to": "2026-01-01"}, [("终止日期", "空", "2026-01-01")]),
    (None, {"kind": "township", "mystery": 3}, [("类别", None, "乡镇（街道）"), ("mystery", None, "3")]),
    (None, {"field": "id_number", "purpose": "医保核对"},
     [("查看的内容", None, "身份证号"), ("用途", None, "医保核对")]),
])
def test_changes_are_said_in_words(world: World, before: dict[str, object] | None, after: dict[str, object] | None,
                                   said: list[tuple[str, str | None, str]]) -> None:
    found = changes_of(before, after, {"b" * 22: "合德镇"})
    assert [(change["field"], change["was"], change["now"]) for change in found] == said


def test_reading_is_logged_with_its_filters(world: World) -> None:
    desk = Desk(world, "射阳 administrator")
    before = len(logged(world, "audit:read"))
    desk.text("/desk/log?action=unit:update&from=2026-06-01")
    desk.text(f"/desk/units/{world.units['合德镇']}/log")
    desk.text(f"/desk/accounts/{world.accounts['clerk']}/log")
    entries = logged(world, "audit:read")[before:]
    assert len(entries) == 3
    said = [entry.after for entry in entries]  # the clock stands still, so they come in no order
    assert {"action": "unit:update", "from": "2026-06-01"} in said and {"unit": world.units["合德镇"]} in said
    assert {entry.actor for entry in entries} == {world.accounts["射阳 administrator"]}


def test_the_log_ends_where_the_scope_ends(world: World) -> None:
    for principal, where in (("东台 administrator", "安丰镇"), ("射阳 administrator", "合德镇")):
        desk = Desk(world, principal)
        path = f"/desk/units/{world.units[where]}/edit"
        assert desk.send(path, {"name": f"{where}新名", "code": f"K-{where}", "valid_from": "2023-01-01",
                                "valid_to": "", "version": "1"}).status_code == 303
    page = Desk(world, "射阳 administrator").text("/desk/log")
    assert "合德镇新名" in page and "安丰" not in page and "东台" not in page
    province = Desk(world, "province auditor").text("/desk/log?action=unit:update")
    assert "合德镇新名" in province and "安丰镇新名" in province
    assert Desk(world, "clerk").get("/desk/log").status_code == 403
    assert Desk(world, "射阳 administrator").get(f"/desk/log?unit={world.units['东台']}").status_code == 404


def test_an_actor_from_above_is_not_named(world: World) -> None:
    city = Desk(world, "盐城 administrator")
    path = f"/desk/units/{world.units['合德镇']}/edit"
    city.send(path, {"name": "合德街道", "code": "320924100", "valid_from": "2023-01-01", "valid_to": "",
                     "version": "1"})
    page = Desk(world, "射阳 administrator").text("/desk/log?action=unit:update")
    assert "上级管理单位" in page and "合德街道" in page
    assert "盐城管理员" not in page and world.accounts["盐城 administrator"] not in page
    probing = Desk(world, "射阳 administrator").text(f"/desk/log?actor={world.accounts['盐城 administrator']}")
    assert "没有符合条件的日志" in probing and "盐城" not in probing.replace("盐城经开区", "")


def test_a_refusal_says_so(world: World) -> None:
    assert Desk(world, "clerk").get("/desk/accounts").status_code == 403
    page = Desk(world, "射阳 administrator").text(f"/desk/log?actor={world.accounts['clerk']}")
    assert "已拒绝" in page and "没有权限" in page and "操作人：射阳clerk" in page


@pytest.mark.parametrize("query", ["action=nonsense", "from=2026-13-01", "actor=x", "unit=1", "cursor=%00"])
def test_a_malformed_filter_is_refused(world: World, query: str) -> None:
    assert Desk(world, "射阳 administrator").get(f"/desk/log?{query}").status_code == 400
