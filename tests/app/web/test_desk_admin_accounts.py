"""Accounts on the console: opened with one message each, switched, stopped, given rights; no password on any page."""

import json
import re

import pytest
from admin_desk import ALL, Desk, logged, rows

import factories
from app.outbox import Message
from app.people.model import Cadre
from permissions import transaction
from permissions.accounts import Account, LoginSession
from permissions.grants import Grant
from tenants.db import db
from tenants.models import Unit
from world import World

NEW = {"name": "新来的人", "phone": "199 6000 0001", "employment": "full_time", "in_service": "true",
       "mobile_access": "true", "on_establishment": "true", "trained_on": "2026-03-02"}


@pytest.fixture
def desk(world: World) -> Desk:
    """The administrator of 射阳."""
    return Desk(world, "射阳 administrator")


def account(world: World, principal: str) -> Account:
    """An account as it is now."""
    return rows(world, Account, Account.id == world.accounts[principal])[0]


def page_of(world: World, principal: str, tail: str = "") -> str:
    """An account's page."""
    return f"/desk/accounts/{world.accounts[principal]}{tail}"


def test_the_list_holds_my_people_with_masked_numbers(world: World, desk: Desk) -> None:
    page = desk.text("/desk/accounts?kind=staff")
    assert page_of(world, "clerk") in page and page_of(world, "town clerk") in page
    assert page_of(world, "other clerk") not in page and page_of(world, "江苏 administrator") not in page
    assert account(world, "clerk").phone not in page
    assert re.search(r"199\*{4}\d{4}", page)
    own = desk.text(f"/desk/accounts?unit={world.units['合德镇']}")
    assert page_of(world, "town clerk") in own and page_of(world, "clerk") not in own[own.index("<main"):]
    assert page_of(world, "clerk") in desk.text(f"/desk/accounts?q={account(world, 'clerk').phone}")
    assert "没有找到符合条件的账号" in desk.text("/desk/accounts?q=不存在的人")


@pytest.mark.parametrize("query", ["kind=robot", "state=x", "unit=short", "cursor=!!", "kind=staff&kind=cadre", "x=1"])
def test_a_malformed_filter_is_refused(desk: Desk, query: str) -> None:
    assert desk.get(f"/desk/accounts?{query}").status_code == 400


def test_open_a_staff_account_queues_one_message_and_shows_no_password(world: World, desk: Desk) -> None:
    done = desk.send("/desk/accounts/open-staff", NEW)
    assert done.status_code == 303
    (made,) = rows(world, Account, Account.name == "新来的人")
    assert (made.phone, made.kind, made.pc_grant, made.on_establishment) == ("19960000001", "staff", False, True)
    (message,) = rows(world, Message, Message.account_id == made.id)
    page = desk.text(done.location)
    assert "短信" in page and "19960000001" not in page
    assert (message.phone, message.template, message.state) == ("19960000001", "account_opened", "waiting")
    password = str(json.loads(message.params or "{}").get("password", ""))
    assert len(password) >= 10 and password not in page and password not in desk.text("/desk/log")


@pytest.mark.parametrize(("change", "status", "said"), [
    ({"phone": "12345"}, 422, "手机号码"),
    ({"name": ""}, 422, "姓名"),
    ({"trained_on": "2026-02-30"}, 422, "确认当月有这一天"),
    ({"employment": "x"}, 422, "请从给出的选项里选择"),
])
def test_a_bad_form_comes_back(world: World, desk: Desk, change: dict[str, str], status: int, said: str) -> None:
    before = len(rows(world, Account))
    answer = desk.send("/desk/accounts/open-staff", NEW | change)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert len(rows(world, Account)) == before
    assert ('value="新来的人"' in answer.text) is ("name" not in change)


def test_a_taken_number_names_nobody(world: World, desk: Desk) -> None:
    answer = desk.send("/desk/accounts/open-staff", NEW | {"phone": account(world, "other clerk").phone})
    assert answer.status_code == 409 and "一人一号" in answer.text and "东台" not in answer.text
    assert [entry.reason for entry in logged(world, "account:open") if entry.result == "refused"] == ["phone_taken"]


def test_an_account_opens_only_where_i_may(world: World, desk: Desk) -> None:
    assert desk.get(f"/desk/accounts/open-staff?unit={world.units['东台']}").status_code == 404
    assert "合德镇" in desk.text(f"/desk/accounts/open-staff?unit={world.units['合德镇']}")
    assert Desk(world, "clerk").get("/desk/accounts/open-staff").status_code == 403


def test_open_a_cadre_account_with_the_number_in_the_file(world: World, desk: Desk) -> None:
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        made = factories.cadre(unit=unit, name="田园", mobile="19970009999")
        transaction.audit.record("tests:more", "cadre", made.id, unit)
        cadre_id = made.id
    listed = desk.text("/desk/accounts/open-cadre")
    assert f"cadre={cadre_id}" in listed and world.cadres["cadre"] not in listed and "19970009999" not in listed
    path = f"/desk/accounts/open-cadre?unit={world.units['射阳']}&cadre={cadre_id}"
    assert "199****9999" in desk.text(path)
    assert desk.send(path, {"phone": "", "mobile_access": "true"}).status_code == 303
    (opened,) = rows(world, Account, Account.cadre_id == cadre_id)
    assert (opened.phone, opened.kind, opened.pc_grant, opened.name) == ("19970009999", "cadre", False, "田园")
    again = desk.send(path, {"phone": "19970008888", "mobile_access": "true"})
    assert again.status_code == 409 and "已经有账号" in again.text
    foreign = f"/desk/accounts/open-cadre?unit={world.units['射阳']}&cadre={world.cadres['town cadre']}"
    assert desk.get(foreign).status_code == 404


def test_the_switches_hold_at_once(world: World, desk: Desk) -> None:
    path = page_of(world, "clerk")
    assert Desk(world, "clerk").get("/desk/").status_code == 200
    assert desk.send(f"{path}/switch", {"name": "pc_grant", "on": "false"}, page=path).status_code == 303
    assert account(world, "clerk").pc_grant is False
    assert Desk(world, "clerk").get("/desk/").status_code == 403
    assert "不可用" in desk.text(path)
    assert desk.send(f"{path}/switch", {"name": "state", "on": "true"}, page=path).status_code == 422


def test_suspend_restore_and_resend_each_ask_first(world: World, desk: Desk) -> None:
    path = page_of(world, "clerk")
    assert "停用 射阳clerk 的账号" in desk.text(f"{path}/suspend")
    assert account(world, "clerk").state == "active"
    assert desk.send(f"{path}/suspend").status_code == 303
    assert account(world, "clerk").state == "suspended"
    held = rows(world, LoginSession, LoginSession.account_id == world.accounts["clerk"])
    assert held and all(session.revoked_at is not None for session in held)
    refused = desk.send(f"{path}/resend")
    assert refused.status_code == 409 and "请先恢复" in refused.text
    assert desk.send(f"{path}/reactivate").status_code == 303
    assert desk.send(f"{path}/resend").status_code == 303
    assert "短信" in desk.text(path)
    assert len(rows(world, Message, Message.account_id == world.accounts["clerk"])) == 1


def test_an_administrator_is_removed_before_being_suspended(world: World, desk: Desk) -> None:
    path = page_of(world, "合德镇 administrator", "/suspend")
    led = desk.get(path)
    assert led.status_code == 302 and "/administrators/" in led.headers["Location"] and "suspend=true" in led.location
    answer = desk.send(path, page=page_of(world, "clerk", "/suspend"))
    assert answer.status_code == 409 and "请先免去其管理员职务" in answer.text


@pytest.mark.parametrize("tail", ["/edit", "/suspend", "/grants/give"])
def test_nobody_changes_themselves(world: World, desk: Desk, tail: str) -> None:
    page = desk.text(page_of(world, "射阳 administrator"))
    assert "这是您自己的账号" in page and "/suspend" not in page and "/switch" not in page
    assert desk.get(page_of(world, "射阳 administrator", tail)).status_code == 403
    assert desk.get(page_of(world, "other clerk", tail)).status_code == 404


def test_edit_keeps_the_switches(world: World, desk: Desk) -> None:
    path = page_of(world, "clerk", "/edit")
    version = str(account(world, "clerk").version)
    done = desk.send(path, {"name": "改名", "employment": "part_time", "trained_on": "", "version": version})
    assert done.status_code == 303
    now = account(world, "clerk")
    assert (now.name, now.employment, now.on_establishment, now.pc_grant, now.trained_on) == (
        "改名", "part_time", False, True, None)
    assert desk.send(path, {"name": "再改", "employment": "part_time", "version": version}).status_code == 409


def test_give_a_right_for_some_columns_and_take_it_back(world: World, desk: Desk) -> None:
    path = page_of(world, "nobody")
    give = f"{path}/grants/give"
    none = desk.send(give, {"role": "", "unit_id": "", "channel": "both"})
    assert none.status_code == 422 and "请选择单位" in none.text
    past = desk.send(give, {"role": "clerk", "unit_id": world.units["射阳"], "channel": "both", "until": "2020-01-01"})
    assert past.status_code == 422 and "不能早于今天" in past.text
    foreign = desk.send(give, {"role": "clerk", "unit_id": world.units["东台"], "channel": "both"})
    assert foreign.status_code == 404
    done = desk.send(give, {"role": "clerk", "unit_id": world.units["合德镇"], "channel": "pc",
                            "columns": ["precision_service", "party_garden"]})
    assert done.status_code == 303
    (grant,) = rows(world, Grant, Grant.account_id == world.accounts["nobody"])
    assert (grant.unit_id, sorted(grant.columns), grant.channel) == (
        world.units["合德镇"], ["party_garden", "precision_service"], "pc")
    page = desk.text(path)
    assert "经办人" in page and "合德镇" in page and "精准服务" in page
    take = f"{path}/grants/{grant.id}/take"
    assert "收回 射阳无 的“经办人”权限" in desk.text(take)
    assert desk.send(take).status_code == 303
    assert not rows(world, Grant, Grant.account_id == world.accounts["nobody"])
    assert desk.get(take).status_code == 404


def test_units_for_a_right_are_searched_inside_my_reach(world: World, desk: Desk) -> None:
    assert world.units["合德镇"] in desk.text("/desk/accounts/units?q=合德")
    assert world.units["东台"] not in desk.text("/desk/accounts/units?q=东台")


def test_a_cadre_gets_no_role(world: World, desk: Desk) -> None:
    assert desk.get(page_of(world, "cadre", "/grants/give")).status_code == 409
    assert desk.get(page_of(world, "cadre", "/edit")).status_code == 404
    page = desk.text(page_of(world, "cadre"))
    assert "授予权限" not in page and "电脑端" not in page[page.index("<main"):].replace("老同志只使用手机端", "")


def test_a_password_sent_anew_is_on_no_page(world: World, desk: Desk) -> None:
    path = page_of(world, "clerk")
    desk.send(f"{path}/resend")
    (message,) = rows(world, Message, Message.account_id == world.accounts["clerk"])
    password = str(json.loads(message.params or "{}")["password"])
    spaced = " ".join(password[at:at + 4] for at in range(0, len(password), 4))
    for shown in (path, f"{path}/log", "/desk/log", "/desk/accounts"):
        page = desk.text(shown)
        assert password not in page and spaced not in page and account(world, "clerk").password_hash not in page


def test_cadres_without_an_account_are_alive_and_of_the_unit(world: World, desk: Desk) -> None:
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        factories.cadre(unit=unit, name="已故人", life_status="deceased")
        transaction.audit.record("tests:more", "cadre", None, unit)
    assert "已故人" not in desk.text("/desk/accounts/open-cadre")
    assert len(rows(world, Cadre, Cadre.name == "已故人")) == 1
