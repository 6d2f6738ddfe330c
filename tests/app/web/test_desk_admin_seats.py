"""Seats and filings on the console (第七条): who may be appointed and why not, the superior's word."""

import pytest
from admin_desk import ALL, Desk, logged, rows

import factories
from permissions import transaction
from permissions.accounts import Account
from permissions.grants import Filing, Seat
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """The administrator of 射阳."""
    return Desk(world, "射阳 administrator")


def staff_at(world: World, name: str, *, eligible: bool = True, called: str = "候选人") -> str:
    """A new staff account in a unit; its id."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units[name])).scalar_one()
        made = factories.staff(unit=unit, name=called, eligible=eligible)
        transaction.audit.record("tests:more", "account", made.id, unit)
        return made.id


def seats(world: World, name: str) -> list[str]:
    """Who sits in a unit."""
    return [seat.account_id for seat in rows(world, Seat, Seat.unit_id == world.units[name])]


def test_appoint_after_a_question_and_file_it(world: World, desk: Desk) -> None:
    who = staff_at(world, "黄沙港镇")
    page = f"/desk/units/{world.units['黄沙港镇']}"
    assert f"{page}/appoint/{who}" in desk.text(f"{page}/appoint")
    assert "任命 候选人 为“黄沙港镇”的系统管理员" in desk.text(f"{page}/appoint/{who}")
    assert seats(world, "黄沙港镇") == []
    done = desk.send(f"{page}/appoint/{who}")
    assert (done.status_code, done.location) == (303, f"{page}/administrators")
    assert seats(world, "黄沙港镇") == [who]
    (filing,) = rows(world, Filing, Filing.account_id == who)
    assert (filing.act, filing.receiver_unit_id) == ("appoint", world.units["射阳"])
    assert filing.acknowledged_by == world.accounts["射阳 administrator"]
    shown = desk.text(f"{page}/administrators")
    assert "候选人" in shown and "1 号" in shown and "免去" in shown
    assert "任命 候选人" in desk.text(f"{page}/filings")


def test_what_speaks_against_a_person_is_said_with_the_article(world: World, desk: Desk) -> None:
    who = staff_at(world, "黄沙港镇", eligible=False, called="外聘人员")
    page = f"/desk/units/{world.units['黄沙港镇']}/appoint"
    listed = desk.text(page)
    assert "第七条：系统管理员应为编制内在职工作人员" in listed and f"{page}/{who}" not in listed
    refused = desk.send(f"{page}/{who}")
    assert refused.status_code == 422 and "第七条" in refused.text
    elsewhere = desk.send(f"{page}/{world.accounts['town clerk']}")
    assert elsewhere.status_code == 422 and "只能任命该单位的老干部工作人员" in elsewhere.text
    assert desk.get(f"{page}/{world.accounts['other clerk']}").status_code == 404
    assert seats(world, "黄沙港镇") == []


def test_the_third_is_refused_and_logged(world: World, desk: Desk) -> None:
    page = f"/desk/units/{world.units['合德镇']}/appoint"
    second, third = staff_at(world, "合德镇", called="第二人"), staff_at(world, "合德镇", called="第三人")
    assert desk.send(f"{page}/{second}").status_code == 303
    answer = desk.send(f"{page}/{third}")
    assert answer.status_code == 409 and "已有两名系统管理员" in answer.text
    assert len(seats(world, "合德镇")) == 2
    assert "已有两名系统管理员" in desk.text(page)
    assert [entry.reason for entry in logged(world, "administrator:appoint") if entry.result == "refused"] == [
        "seats_full"]


def test_remove_after_a_question(world: World, desk: Desk) -> None:
    page = f"/desk/units/{world.units['合德镇']}/administrators"
    who = world.accounts["合德镇 administrator"]
    assert "免去 合德镇管理员 的系统管理员" in desk.text(f"{page}/{who}/remove")
    assert desk.send(f"{page}/{who}/remove").status_code == 303
    assert seats(world, "合德镇") == []
    assert desk.get(f"{page}/{who}/remove").status_code == 404
    assert "还没有系统管理员" in desk.text(page)


def test_seats_of_the_own_unit_are_read_and_not_touched(world: World, desk: Desk) -> None:
    page = f"/desk/units/{world.units['射阳']}"
    shown = desk.text(f"{page}/administrators")
    assert "射阳管理员" in shown and "/remove" not in shown and "任命系统管理员" not in shown
    who = world.accounts["射阳 administrator"]
    assert desk.get(f"{page}/administrators/{who}/remove").status_code == 403
    assert Desk(world, "clerk").get(f"{page}/administrators").status_code == 403


@pytest.fixture
def waiting(world: World) -> str:
    """A filing 射阳 has not answered: the city's administrator appointed in 黄沙港镇."""
    who = staff_at(world, "黄沙港镇", called="被任命人")
    city = Desk(world, "盐城 administrator")
    assert city.send(f"/desk/units/{world.units['黄沙港镇']}/appoint/{who}").status_code == 303
    (filing,) = rows(world, Filing, Filing.account_id == who)
    assert filing.acknowledged_at is None
    return str(filing.id)


def test_a_waiting_filing_is_seen_and_acknowledged_once(world: World, desk: Desk, waiting: str) -> None:
    home = desk.text("/desk/")
    assert "等待确认的报备" in home and f"/desk/filings/{waiting}/acknowledge" in home
    listed = desk.text("/desk/filings?acknowledged=no")
    assert "任命 被任命人" in listed and "待确认" in listed and "2026-06-17" in listed
    ask = desk.text(f"/desk/filings/{waiting}/acknowledge")
    assert "确认之后不能撤回" in ask and "上级管理单位" in ask and "盐城管理员" not in ask
    assert desk.send(f"/desk/filings/{waiting}/acknowledge").status_code == 303
    (filing,) = rows(world, Filing, Filing.id == waiting)
    assert filing.acknowledged_by == world.accounts["射阳 administrator"]
    assert "没有待确认的报备" in desk.text("/desk/filings?acknowledged=no")
    again = desk.send(f"/desk/filings/{waiting}/acknowledge")
    assert again.status_code == 409 and "已经确认过" in again.text


def test_a_filing_unanswered_for_more_than_five_working_days_is_marked(world: World, waiting: str) -> None:
    on_time = Desk(world.at("2026-06-17T23:59:59+08:00"), "射阳 administrator").text("/desk/filings")
    assert on_time.count("逾期未确认") == 1  # the filter
    desk = Desk(world.at("2026-06-18T00:00:00+08:00"), "射阳 administrator")
    assert "被任命人" in desk.text("/desk/filings?acknowledged=late")
    assert "其中 1 条逾期未确认" in desk.text("/desk/")
    assert clock.today().isoformat() == "2026-06-18"


def test_filings_are_answered_from_above_only(world: World, waiting: str) -> None:
    path = f"/desk/filings/{waiting}/acknowledge"
    assert Desk(world, "东台 administrator").get(path).status_code == 404
    assert Desk(world, "合德镇 administrator").get(path).status_code == 404
    assert Desk(world, "county auditor").get(path).status_code == 403
    page = Desk(world, "county auditor").text("/desk/filings")
    assert "被任命人" in page and "确认收到" not in page


def test_names_from_above_are_not_given_away(world: World, desk: Desk) -> None:
    page = desk.text("/desk/filings")
    (own,) = rows(world, Account, Account.id == world.accounts["盐城 administrator"])
    assert own.name not in page and "盐城" not in page.replace("盐城经开区", "")


def names(world: World) -> dict[str, str]:
    """Principal -> the name of the account."""
    by_id = {account.id: account.name for account in rows(world, Account)}
    return {who: by_id[account_id] for who, account_id in world.accounts.items()}


def test_the_tab_tells_by_whose_word_each_sits_and_who_sat_before(world: World) -> None:
    city, called = Desk(world, "盐城 administrator"), names(world)
    base = f"/desk/units/{world.units['射阳']}/administrators"
    who, old = staff_at(world, "射阳", called="接任者"), world.accounts["射阳 administrator"]
    assert "历任系统管理员" not in city.text(base)
    done = city.send(f"{base}/{old}/replace", {"successor_id": who, "rights": "rehome", "work": "1"})
    assert done.status_code == 303
    shown = city.text(base)
    now, before = shown[shown.index("<main"):].split("历任系统管理员", 1)
    assert "接任者" in now and "1 号" in now and called["盐城 administrator"] in now and "已确认" in now
    assert "接任者的“系统管理员”（射阳）" in now and "任命依据" in now, "the chain up to the founding"
    assert called["射阳 administrator"] in before and "免去" in before
    below = Desk(world, "chief").text(base)
    assert called["盐城 administrator"] not in below and "上级" in below, "who is below does not see above by name"
    again = staff_at(world, "射阳", called="再来的人")
    for leaving, successor in ((who, again), (again, who)):
        assert city.send(f"{base}/{leaving}/replace", {"successor_id": successor}).status_code == 303
    twice = city.text(base).split("历任系统管理员", 1)[1]
    assert twice.count("接任者") == 1 and twice.count("再来的人") == 1, "each time in a seat stands by itself"


def test_the_tab_says_whose_filing_waits(world: World) -> None:
    """The province seats in 射阳: 盐城 has its own administrators, who have not said so yet."""
    who, base = staff_at(world, "射阳"), f"/desk/units/{world.units['射阳']}/administrators"
    seated = world.api("江苏 administrator").post(f"/units/{world.units['射阳']}/administrators", {"account_id": who})
    assert seated.status_code == 201
    shown = Desk(world, "盐城 administrator").text(base)
    assert "待确认" in shown and "应于" in shown


def test_the_first_tab_shows_seats_and_what_the_unit_lacks(world: World, desk: Desk) -> None:
    called = names(world)
    own = desk.text(f"/desk/units/{world.units['射阳']}").split("<main")[1]
    assert called["射阳 administrator"] in own and "空缺" in own and "只有一名管理员" in own
    bare = Desk(world, "盐城 administrator").text(f"/desk/units/{world.units['黄沙港镇']}").split("<main")[1]
    assert "没有管理员" in bare and "射阳（代管）" in bare
    listed = f"/desk/defects?unit={world.units['黄沙港镇']}&here=true&kind=none"
    assert listed in bare and "只看这个单位本身" in Desk(world, "盐城 administrator").text(listed)
    clerk = Desk(world, "clerk").text(f"/desk/units/{world.units['射阳']}").split("<main")[1]
    assert "缺项" not in clerk and "空缺" not in clerk


def test_a_unit_s_own_lacks_are_a_card_on_its_administrator_s_first_page(world: World) -> None:
    home = Desk(world, "合德镇 administrator").text("/desk/")
    assert "本单位缺项" in home
    alone = Desk(world, "合德镇 administrator").text(f"/desk/defects?unit={world.units['合德镇']}&here=true")
    assert "只有" in alone and "合德敬老院" not in alone.split("<tbody")[1].split("</tbody")[0]
    assert "本单位缺项" not in Desk(world, "clerk").text("/desk/")


def test_an_account_that_may_be_seated_leads_there(world: World, desk: Desk) -> None:
    fit, unfit = staff_at(world, "黄沙港镇"), staff_at(world, "黄沙港镇", eligible=False)
    assert f"/appoint/{fit}" in desk.text(f"/desk/accounts/{fit}")
    assert "/appoint/" not in desk.text(f"/desk/accounts/{unfit}")
    assert "/appoint/" not in desk.text(f"/desk/accounts/{staff_at(world, '射阳')}"), "nobody seats in his own unit"
