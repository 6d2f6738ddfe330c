"""Merging on the console: tick, read, confirm; dates ahead for merging, closing and renaming, and calling them off."""

import pytest
from admin_desk import Desk, logged, rows
from test_desk_admin_units import at, unit

import factories
from app.plans import effect
from app.plans.model import PlannedChange
from tenants import clock
from world import World


@pytest.fixture
def city(world: World) -> Desk:
    """The administrator of 盐城."""
    return Desk(world, "盐城 administrator")


def look(world: World, into: str, *others: str) -> str:
    """The page that says what will happen."""
    return at(world, into, "/merge?step=look" + "".join(f"&unit_ids={world.units[name]}" for name in others))


def form(city: Desk, page: str, **more: str) -> dict[str, object]:
    """The hidden fields of that page."""
    shown = city.text(page)
    told = shown[shown.index('name="told" value="') + len('name="told" value="'):]
    return {"unit_ids": [part.split('"')[0] for part in shown.split('name="unit_ids" value="')[1:]],
            "told": told[:told.index('"')], **more}


def test_units_are_ticked_read_about_and_merged(world: World, city: Desk) -> None:
    offered = city.text(at(world, "安丰镇", "/merge"))
    for name, shown in (("合德镇", True), ("黄沙港镇", True), ("安丰镇", False), ("射阳教育局", False)):
        assert (f'value="{world.units[name]}"' in offered) is shown, name
    none = city.get(at(world, "安丰镇", "/merge?step=look"))
    assert none.status_code == 422 and "请至少勾选一个单位" in none.text
    searched = city.text(at(world, "安丰镇", f"/merge?q=黄沙&unit_ids={world.units['合德镇']}"))
    assert "黄沙港镇" in searched and f'value="{world.units["合德镇"]}" checked' in searched.replace("  ", " ")
    page = look(world, "安丰镇", "合德镇", "黄沙港镇")
    shown = city.text(page)
    for said in ("把 2 个单位并入“安丰镇”", "合德镇：下级单位 1 个", "合德镇 合德镇管理员", "随单位撤销失效",
                 "我已看过上面的变化", "射阳 射阳管理员（系统管理员）"):
        assert said in shown, said
    unread = city.send(at(world, "安丰镇", "/merge"), form(city, page), page=page)
    assert unread.status_code == 422 and "请先核对，再勾选这一项" in unread.text
    assert unit(world, "合德镇").status == "open"
    done = city.send(at(world, "安丰镇", "/merge"), form(city, page, sure="true", name="安丰新镇"), page=page)
    assert done.status_code == 303 and unit(world, "安丰镇").name == "安丰新镇"
    assert {unit(world, name).successor_id for name in ("合德镇", "黄沙港镇")} == {world.units["安丰镇"]}
    assert len([each for each in logged(world, "unit:close") if each.result == "ok"]) == 2
    assert city.get(at(world, "合德镇", "/merge")).status_code == 409


def test_what_has_changed_since_it_was_read_is_read_again(world: World, city: Desk) -> None:
    page = look(world, "安丰镇", "合德镇")
    sent = form(city, page, sure="true")
    world.api("射阳 administrator").post("/cadres", {
        "unit_id": world.units["合德镇"], "name": "新来的", "id_number": factories.id_number(serial=999_998),
        "retirement_type": "tuixiu"})
    refused = city.send(at(world, "安丰镇", "/merge"), sent, page=page)
    assert refused.status_code == 409 and "和刚才看到的不一样了" in refused.text
    assert unit(world, "合德镇").status == "open" and "新来的" not in refused.text


@pytest.mark.parametrize(("into", "other", "status", "said"), [
    ("安丰镇", "射阳教育局", 422, "类别不同"), ("安丰镇", "安丰镇", 422, "不能有接收单位自己"),
    ("安丰镇", "海安", 404, ""), ("合德镇", "射阳", 422, "类别不同"),
])
def test_what_cannot_be_merged_says_why(world: World, city: Desk, into: str, other: str, status: int,
                                        said: str) -> None:
    answer = city.get(look(world, into, other))
    assert answer.status_code == status and said in answer.text
    sent = city.send(at(world, into, "/merge"), {"unit_ids": [world.units[other]], "sure": "true", "told": "x"},
                     page=at(world, into, "/merge"))
    assert sent.status_code == status and said in sent.text


@pytest.mark.parametrize("who", ["county auditor", "clerk", "合德镇 administrator"])
def test_only_who_administers_both_may_merge(world: World, who: str) -> None:
    desk = Desk(world, who)
    assert desk.get(at(world, "黄沙港镇", "/merge")).status_code in (403, 404)
    assert "合并" not in desk.get(at(world, "合德镇")).text


def test_a_merge_a_closing_and_a_new_name_are_put_down_for_a_day_and_called_off(world: World, city: Desk) -> None:
    page = look(world, "安丰镇", "合德镇")
    sent = form(city, page, sure="true", effective_on="2026-07-01")
    merge = city.send(at(world, "安丰镇", "/merge"), sent, page=page)
    close = city.send(at(world, "黄沙港镇", "/close"), {"effective_on": "2026-07-02"})
    edit = {"name": "射中", "code": "320924-Z01-X01", "valid_from": str(unit(world, "射阳中学").valid_from),
            "valid_to": "", "version": str(unit(world, "射阳中学").version), "effective_on": "2026-07-03"}
    rename = city.send(at(world, "射阳中学", "/edit"), edit)
    assert [each.status_code for each in (merge, close, rename)] == [303, 303, 303], merge.text
    assert [unit(world, name).status for name in ("合德镇", "黄沙港镇")] == ["open", "open"]
    assert "“合德镇”并入“安丰镇”" in city.text(merge.location)
    assert "将要生效的调整" in city.text(at(world, "合德镇", "/history"))
    assert "撤销“黄沙港镇”" in city.text("/desk/unit-changes")
    assert city.send(f"{close.location}/cancel", page=close.location).status_code == 303
    clock.configure("2026-07-04T09:00:00+08:00")
    with world.app.app_context():
        assert effect.take_effect() == 2
    assert {each.kind: each.state for each in rows(world, PlannedChange)} == {
        "merge": "done", "close": "cancelled", "rename": "done"}
    assert unit(world, "合德镇").status == "closed" and unit(world, "射阳中学").name == "射中"
    assert unit(world, "黄沙港镇").status == "open"


@pytest.mark.parametrize(("tail", "sent", "said"), [
    ("/close", {"effective_on": "2026-06-10"}, "生效日期要在明天到两年之内"),
    ("/close", {"effective_on": "2029-06-10"}, "生效日期要在明天到两年之内"),
    ("/close", {"effective_on": "明天"}, "日期请写成"),
    ("/edit", {"name": "黄沙港镇", "effective_on": "2026-07-01"}, "名称没有改"),
    ("/edit", {"name": "新名", "code": "X-9", "effective_on": "2026-07-01"}, "只有名称可以定在以后改"),
])
def test_a_day_that_cannot_be_comes_back_with_the_form(world: World, city: Desk, tail: str, sent: dict[str, str],
                                                       said: str) -> None:
    now = unit(world, "黄沙港镇")
    form_of = {"name": now.name, "code": now.code, "valid_from": str(now.valid_from), "version": str(now.version)}
    answer = city.send(at(world, "黄沙港镇", tail), {**(form_of if tail == "/edit" else {}), **sent})
    assert answer.status_code == 422 and said in answer.text and f'value="{sent["effective_on"]}"' in answer.text
    assert not rows(world, PlannedChange)


def test_what_waits_already_comes_back_with_the_form(world: World, city: Desk) -> None:
    path, sent = at(world, "黄沙港镇", "/close"), {"effective_on": "2026-07-02"}
    assert city.send(path, sent).status_code == 303
    again = city.send(path, sent)
    assert again.status_code == 409 and "已经有一项同样的调整" in again.text and 'value="2026-07-02"' in again.text
    assert len(rows(world, PlannedChange)) == 1
