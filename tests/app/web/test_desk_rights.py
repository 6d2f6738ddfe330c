"""栏目与渠道权限 on the console: what is effective and from where, changed in the same place; why somebody may not."""

import re
from datetime import timedelta

import pytest
from admin_desk import Desk, logged, rows

import factories
from app.web import desk_why
from permissions import audit, transaction
from permissions.accounts import Account
from permissions.grants import Grant, RightGiven
from rows import ask
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("tests")


@pytest.fixture
def desk(world: World) -> Desk:
    """The administrator of 射阳."""
    return Desk(world, "射阳 administrator")


def the_grant(world: World, principal: str) -> Grant:
    """The one grant of an account."""
    (found,) = rows(world, Grant, Grant.account_id == world.accounts[principal])
    held: Grant = found
    return held


def page_of(world: World, principal: str) -> str:
    """The page of somebody's rights."""
    return f"/desk/accounts/{world.accounts[principal]}/rights"


def cells(page: str) -> list[str]:
    """The text of the table's cells, row by row."""
    body = page[page.index("<tbody>"):page.index("</tbody>")]
    return [re.sub(r"<[^>]+>|\s+", "", each) for each in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", body, re.S)]


def test_the_matrix_shows_what_is_effective_and_from_where(world: World, desk: Desk) -> None:
    shown = cells(desk.text(page_of(world, "column clerk")))
    assert shown[0] == "精准服务" and shown[1].startswith("可用经办人（")
    assert shown[3:5] == ["党建园地", "没有权限"]
    page = desk.text(page_of(world, "clerk"))
    assert "授权来源" in page and "系统建立" in page and page.count("没有权限") == 0


def test_an_origin_above_me_is_told_without_names(world: World, desk: Desk) -> None:
    clerk, unit = world.accounts["clerk"], world.units["射阳"]
    above = Desk(world, "盐城 administrator")
    given = above.send(f"/desk/accounts/{clerk}/grants/give", {"role": "reviewer", "unit_id": unit, "channel": "both"})
    assert given.status_code == 303
    page = desk.text(page_of(world, "clerk"))
    main = page[page.index("<main"):]
    assert "由上级系统管理员授予" in main and "（上级单位）" in main and "盐城" not in main
    assert "盐城" in above.text(page_of(world, "clerk"))


def test_a_right_is_changed_here_and_holds_at_the_next_request(world: World, desk: Desk) -> None:
    held = the_grant(world, "clerk")
    path = f"/desk/accounts/{world.accounts['clerk']}/grants/{held.id}/change"
    assert "不用模板" in desk.text(path)
    done = desk.send(path, {"columns": "party_garden", "channel": "mobile"})
    assert done.status_code == 303 and done.location == page_of(world, "clerk")
    shown = cells(desk.text(page_of(world, "clerk")))
    assert shown[:6] == ["精准服务", "没有权限", "没有权限", "党建园地", "没有权限", shown[5]] and "可用" in shown[5]
    assert world.api("clerk").get("/records/visits").status_code == 403
    assert len(rows(world, RightGiven, RightGiven.right_id == held.id)) == 2
    assert logged(world, "grant:change")[-1].object_id == held.id


def test_days_out_of_order_come_back_with_what_was_typed(world: World, desk: Desk) -> None:
    held = the_grant(world, "clerk")
    path = f"/desk/accounts/{world.accounts['clerk']}/grants/{held.id}/change"
    with world.app.app_context():
        today = clock.today()
    done = desk.send(path, {"channel": "pc", "since": str(today + timedelta(9)), "until": str(today + timedelta(3))})
    assert done.status_code == 422 and "不能早于起始日期" in done.text and str(today + timedelta(9)) in done.text


def test_a_right_begins_on_its_day(world: World, desk: Desk) -> None:
    held = the_grant(world, "clerk")
    path = f"/desk/accounts/{world.accounts['clerk']}/grants/{held.id}/change"
    with world.app.app_context():
        later = clock.today() + timedelta(9)
    assert desk.send(path, {"channel": "both", "since": str(later)}).status_code == 303
    assert "未到起始日" in desk.text(page_of(world, "clerk"))
    assert world.api("clerk").get("/records/visits").status_code == 403


def test_frozen_and_thawed(world: World, desk: Desk) -> None:
    held = the_grant(world, "clerk")
    base = f"/desk/accounts/{world.accounts['clerk']}/grants/{held.id}"
    assert desk.send(f"{base}/freeze").status_code == 303
    assert world.api("clerk").get("/records/visits").status_code == 403
    page = desk.text(page_of(world, "clerk"))
    assert "已冻结" in page and "解冻" in page
    assert desk.send(f"{base}/freeze").status_code == 409
    assert desk.send(f"{base}/thaw").status_code == 303
    assert world.api("clerk").get("/records/visits").status_code == 200
    assert "解冻" in desk.text(page_of(world, "clerk"))


@pytest.mark.parametrize(("who", "whose"), [("射阳 administrator", "射阳 administrator"),
                                           ("合德镇 administrator", "clerk"), ("clerk", "town clerk")])
def test_ones_own_and_foreign_rights_are_not_to_be_changed(world: World, who: str, whose: str) -> None:
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts[whose])).scalar_one()
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == account.unit_id)).scalar_one()
        held = factories.grant(account=account, unit=unit, role="auditor").id
        audit.record("tests:grant", "grant", held, unit)
    for tail in ("change", "freeze"):
        answer = Desk(world, who).get(f"/desk/accounts/{world.accounts[whose]}/grants/{held}/{tail}")
        assert answer.status_code in (403, 404), (tail, answer.status_code)


def test_a_column_without_a_clerk_stands_out(world: World, desk: Desk) -> None:
    page = desk.text(f"/desk/units/{world.units['合德镇']}/columns")
    assert "栏目权限" in page
    lacking = desk.text(f"/desk/units/{world.units['黄沙港镇']}/columns")
    assert "没有人负责" in lacking and "第十九条" in lacking


def test_why_tells_the_verdict_each_right_and_the_rule(world: World, desk: Desk) -> None:
    clerk, unit = world.accounts["clerk"], world.units["射阳"]
    page = desk.text(f"/desk/why?account={clerk}&unit={unit}&action=record:create&column=party_garden")
    assert "可以在电脑端" in page and "授权来源" in page and "经办人：本单位" in page
    refused = desk.text(f"/desk/why?account={clerk}&unit={world.units['合德镇']}&action=record:create")
    assert "不能在电脑端" in refused and "管不到该单位" in refused
    assert "请先选人员和操作" in desk.text("/desk/why")
    held = the_grant(world, "clerk")
    desk.send(f"/desk/accounts/{clerk}/grants/{held.id}/freeze")
    assert "权限已冻结" in desk.text(f"/desk/why?account={clerk}&unit={unit}&action=record:create")


def test_why_answers_nothing_about_people_or_units_outside_my_reach(world: World, desk: Desk) -> None:
    above, clerk = world.accounts["江苏 administrator"], world.accounts["clerk"]
    assert desk.get(f"/desk/why?account={above}&action=unit:open").status_code == 404
    assert desk.get(f"/desk/why?account={clerk}&unit={world.units['南通']}&action=unit:read").status_code == 404
    assert Desk(world, "clerk").get("/desk/why").status_code == 403


def test_why_has_a_rule_for_every_act_and_finds_whom_one_asks_about(world: World, desk: Desk) -> None:
    clerk, unit = world.accounts["clerk"], world.units["射阳"]
    for action in desk_why.ACTION_WORDS:
        assert "规则：谁可以" in desk.text(f"/desk/why?account={clerk}&unit={unit}&action={action}"), action
    name = ask(world.app, f"SELECT name FROM accounts WHERE id = '{clerk}'")[0][0]  # noqa: S608
    found = desk.text(f"/desk/why?q={name}")
    assert f'value="{clerk}"' in found
    nobody = desk.text("/desk/why?q=查无此人")
    assert f'value="{clerk}"' not in nobody and "没有找到" in nobody
    kept = desk.text(f"/desk/why?q=查无此人&account={clerk}&action=unit:read")
    assert f'value="{clerk}" selected' in kept, "whom one asked about stays chosen"
