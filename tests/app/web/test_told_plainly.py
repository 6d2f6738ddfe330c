"""What people are told says what is so and what to do: at the wrong end, where nothing is, of what waits for them."""

import ast
import re
from collections.abc import Iterable
from html import unescape
from pathlib import Path

import pytest
from admin_desk import Desk, rows
from phone_browser import Tab, tab, with_password
from test_desk_admin_units import at

from app.web import words
from permissions import wrong_end
from permissions.accounts import Account
from permissions.grants import Grant
from tenants.errors import ChannelClosed
from world import World

ROOT = Path(__file__).parents[3]


def codes_of(sources: Iterable[str]) -> set[str]:
    """Every code a refusal may carry into the log: `code="…"` in a call, `code = "…"` in a class."""
    found = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            named = node if isinstance(node, ast.keyword) and node.arg == "code" else None
            if isinstance(node, ast.ClassDef):
                found |= {each.value.value for each in node.body if isinstance(each, ast.Assign)
                          and [getattr(name, "id", "") for name in each.targets] == ["code"]
                          and isinstance(each.value, ast.Constant)}
            elif named is not None and isinstance(named.value, ast.Constant):
                found.add(named.value.value)
    return {each for each in found if isinstance(each, str)}


def test_every_reason_of_a_refusal_has_a_chinese_word() -> None:
    files = [path.read_text(encoding="utf-8") for part in ("app", "permissions", "tenants")
             for path in (ROOT / part).rglob("*.py")]
    found = {each for each in codes_of(files) if each.isidentifier()}
    assert {"invalid", "seats_full", "already_seated"} <= found and len(found) > 60
    assert found - set(words.REASONS) == set()
    assert codes_of(['raise Conflict("x", code="odd")', 'class X(Refusal):\n    code = "other"\n']) == {"odd", "other"}


def test_a_form_filled_in_wrongly_stands_in_the_log_in_chinese(world: World) -> None:
    desk = Desk(world, "盐城 administrator")
    assert desk.send(at(world, "射阳", "/close"), {"successor_id": world.units["射阳"]}).status_code == 422
    shown = desk.text("/desk/log").partition("<main")[2]
    assert "填写的内容不符合规定" in shown and ">invalid" not in shown


@pytest.mark.parametrize(("who", "path", "said"), [
    ("phone clerk", "/desk/units", wrong_end.NO_PC), ("clerk", "/m/todo", wrong_end.ON_THE_PHONE),
    ("cadre", "/desk/units", "这一页是给工作人员用的")])
def test_a_page_of_the_other_end_says_where_it_is(world: World, who: str, path: str, said: str) -> None:
    browser = Desk(world, who)
    with browser.client.session_transaction() as session:
        session["look"] = {"cadre": "elder", "clerk": "desk"}.get(who, "mobile")
    answer = browser.get(path)
    assert answer.status_code == 403 and said in answer.text


def by_phone(world: World, who: str) -> Tab:
    """Somebody who logged in on a phone."""
    number, password = with_password(world, who)
    browser = tab(world, None)
    assert browser.log_in(number, password, "mobile").status_code == 303
    return browser


def test_an_administrator_at_the_phone_is_sent_to_the_computer(world: World) -> None:
    answer = by_phone(world, "射阳 administrator").get("/desk/units")
    assert answer.status_code == 403 and wrong_end.ON_THE_PC in answer.text
    assert ChannelClosed.message not in answer.text


def test_rights_that_count_on_the_other_end_are_not_called_none(world: World) -> None:
    phone = by_phone(world, "nobody")
    assert "还没有分配工作" in phone.get("/m/").text
    given = world.api("盐城 administrator").post(f"/accounts/{world.accounts['nobody']}/grants", {
        "role": "clerk", "unit_id": world.units["射阳"], "channel": "pc"})
    assert given.status_code == 201
    assert "您的工作在电脑端办理" in phone.get("/m/").text


def test_the_same_right_twice_from_two_tabs_is_said_and_not_given(world: World) -> None:
    desk = Desk(world, "射阳 administrator")
    give = f"/desk/accounts/{world.accounts['nobody']}/grants/give"
    wanted = {"role": "clerk", "unit_id": world.units["合德镇"], "channel": "pc", "columns": ["party_garden"]}
    assert desk.send(give, wanted).status_code == 303
    again = desk.send(give, wanted)
    assert again.status_code == 409 and "已有完全相同的权限" in again.text
    assert desk.send(give, wanted | {"channel": "both"}).status_code == 303
    assert len(rows(world, Grant, Grant.account_id == world.accounts["nobody"])) == 2


def test_whoever_is_closed_for_good_is_no_candidate(world: World) -> None:
    api, unit = world.api("盐城 administrator"), world.units["射阳"]
    assert api.post(f"/accounts/{world.accounts['nobody']}/close").status_code == 200
    desk = Desk(world, "盐城 administrator")
    assert "射阳无" not in desk.text(f"/desk/units/{unit}/appoint")
    assert "射阳无" not in desk.text(f"/desk/units/{unit}/appoint?q=射阳无")[len("射阳无"):].partition("<table")[2]


def test_nothing_to_merge_and_nobody_to_follow_are_said(world: World) -> None:
    desk = Desk(world, "江苏 administrator")
    assert "没有可以并入的单位" in desk.text(at(world, "省直片组", "/merge"))
    county = Desk(world, "射阳 administrator")
    page = at(world, "合德镇", f"/administrators/{world.accounts['合德镇 administrator']}/replace")
    fit = rows(world, Account, Account.unit_id == world.units["合德镇"], Account.kind == "staff",
               Account.id != world.accounts["合德镇 administrator"])
    for each in fit:
        world.api("射阳 administrator").patch(f"/accounts/{each.id}", {"in_service": False})
    assert "本单位还没有符合第七条条件的其他工作人员" in county.text(page)


def test_what_waits_for_my_word_is_told_with_the_way_there(world: World) -> None:
    county, other = Desk(world, "射阳 administrator"), Desk(world, "东台 administrator")
    asked = county.send(f"/desk/accounts/{world.accounts['clerk']}/transfer",
                        {"unit_code": "320981", "reason": "工作需要"})
    assert asked.status_code == 303
    for page in ("/desk/", "/desk/todo"):
        shown = other.text(page)
        assert "人员调动申请" in shown and 'href="/desk/transfers"' in shown.partition("<main")[2], page
        assert "人员调动申请" not in county.text(page)
    assert "请在电脑端办理" in by_phone(world, "东台 administrator").get("/m/todo").text


@pytest.mark.parametrize("path", ["/devices", "/phone", "/password", "/second-factor", "/m/own/file"])
def test_a_cadre_finds_whom_to_call_on_every_page(world: World, path: str) -> None:
    shown = Desk(world, "cadre").text(path)
    assert "有事请找您的联系人" in shown and 'href="tel:' in shown
    assert "联系人" not in Desk(world, "phone clerk").text("/devices")


EDITED = {
    "account": (lambda world: f"/desk/accounts/{world.accounts['clerk']}/edit", "name", "改名甲", "改名乙",
                {"employment": "full_time", "on_establishment": "true", "in_service": "true"}),
    "unit": (lambda world: at(world, "合德镇", "/edit"), "name", "合德新镇", "合德街道",
             {"code": "320924100", "valid_from": "2020-01-01"}),
    "cadre": (lambda world: f"/desk/cadres/{world.cadres['cadre']}/edit", "former_post", "科长", "副科长", {}),
}


@pytest.mark.parametrize("which", EDITED)
def test_of_two_who_edit_the_second_sees_both_and_decides(world: World, which: str) -> None:
    where, name, theirs, mine, rest = EDITED[which]
    desk, path = Desk(world, "射阳 administrator"), where(world)
    form = fields_in(desk.text(path)) | rest
    assert desk.send(path, form | {name: theirs}).status_code == 303
    told = desk.send(path, form | {name: mine})
    assert told.status_code == 409
    shown = unescape(told.text)
    assert f"现在是：{theirs}" in shown and f'value="{mine}"' in shown
    assert shown.count("现在是：") == 2, "above the form and beside the one field that differs"
    assert desk.send(path, fields_in(shown) | rest | {name: mine}).status_code == 303
    assert f'value="{mine}"' in desk.text(path)


def fields_in(shown: str) -> dict[str, str]:
    """What the form on a page would send: inputs with a value, ticks that are set, chosen options."""
    main = shown.partition("<main")[2]
    inputs = [dict(re.findall(r'([\w-]+)="([^"]*)"', each)) | {"checked": " checked" * (" checked" in each)}
              for each in re.findall(r"<input\b[^>]*>", main)]
    found = {each["name"]: each.get("value", "") for each in inputs
             if each.get("name") and each["name"] != "csrf_token"
             and (each.get("type") not in ("radio", "checkbox") or each["checked"])}
    for name, options in re.findall(r'<select\b[^>]*name="(\w+)"[^>]*>(.*?)</select>', main, flags=re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found
