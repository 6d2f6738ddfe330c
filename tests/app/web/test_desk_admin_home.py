"""待办: what each principal owes or should look at; the menu; and no more statements for more rows."""

from datetime import date

import pytest
from admin_desk import ALL, Desk, statements

import factories
from app.own.owed import counted, owed
from app.people.model import Cadre
from permissions import transaction
from permissions.accounts import Account
from permissions.identity import principal_of
from permissions.roles import Channel
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from world import World

CONSOLE = ["江苏 administrator", "射阳 administrator", "province auditor", "county auditor", "clerk", "column clerk",
           "chief", "reviewer", "nobody"]


def work(world: World, *, drafts: int = 0, ended_on: date = date(2026, 6, 8), module: str = "visits",
         entered: bool = False) -> None:
    """Records of 射阳 about its cadre."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        cadre = db.session.execute(ALL.select(Cadre).where(Cadre.id == world.cadres["cadre"])).scalar_one()
        for _each in range(drafts):
            factories.record(module=module, unit=unit, cadre=cadre, ended_on=ended_on, draft=not entered)
        transaction.audit.record("tests:more", "record", None, unit)


def test_a_clerk_sees_what_is_overdue_due_and_unexplained(world: World) -> None:
    work(world, drafts=2, ended_on=date(2026, 5, 20))
    work(world, drafts=1, ended_on=date(2026, 6, 8))
    work(world, drafts=1, ended_on=date(2026, 5, 11), entered=True)
    page = Desk(world, "clerk").text("/desk/")
    main = page[page.index("<main"):]
    for title in ("逾期未录", "等待录入", "缺逾期原因"):
        assert f"<h2>{title}</h2>" in main
    assert main.count("/desk/records/visits/") == 4
    assert "待确认报备" not in main
    assert 'class="count">4<' in page[:page.index("<main")]


def test_the_counts_are_the_lengths_of_the_lists(world: World) -> None:
    work(world, drafts=3, ended_on=date(2026, 5, 20))
    work(world, drafts=2, ended_on=date(2026, 6, 8), module="branch_activities")
    work(world, drafts=1, ended_on=date(2026, 5, 11), entered=True)
    for principal, expected in (("clerk", (3, 2, 1)), ("column clerk", (3, 0, 1)), ("other clerk", (0, 0, 0))):
        with world.app.app_context():
            account = db.session.execute(ALL.select(Account).where(
                Account.id == world.accounts[principal])).scalar_one()
            who = principal_of(account, Channel.pc, clock.today())
            lists, counts = owed(who, clock.today()), counted(who, clock.today())
        assert (counts.overdue, counts.due, counts.reasons) == expected
        assert (len(lists.overdue), len(lists.due), len(lists.reasons)) == expected


def test_a_draft_dated_ahead_is_not_owed_yet(world: World) -> None:
    work(world, drafts=1, ended_on=date(2026, 6, 20))
    assert "/desk/records/visits/" not in Desk(world, "clerk").text("/desk/").split("<main")[1]


def test_an_administrator_sees_defects_below_and_the_quarter(world: World) -> None:
    work(world, drafts=1, ended_on=date(2026, 5, 20))
    page = Desk(world, "射阳 administrator").text("/desk/")
    main = page[page.index("<main"):]
    assert "没有管理员的单位" in main and "黄沙港镇" in main and "射阳 本季录入及时性" in main
    address = next(part.split('"')[0] for part in main.split('href="') if "from=2026-04-01" in part)
    assert f"unit={world.units['射阳']}" in address and "to=2026-06-30" in address
    assert "逾期未录 <b>1</b>" in main
    assert "东台" not in page


def test_an_auditor_gets_the_summary_and_no_acts(world: World) -> None:
    main = Desk(world, "province auditor").text("/desk/").split("<main")[1]
    assert "江苏省委老干部局 本季录入及时性" in main
    assert "没有管理员的单位" not in main and "确认收到" not in main


def test_somebody_without_rights_is_told_whom_to_ask(world: World) -> None:
    page = Desk(world, "nobody").text("/desk/")
    assert "您还没有任何权限" in page and "联系本单位的系统管理员" in page


@pytest.mark.parametrize("principal", CONSOLE)
def test_every_link_of_the_menu_opens(world: World, principal: str) -> None:
    desk = Desk(world, principal)
    page = desk.text("/desk/")
    menu = page[page.index('id="main-nav"'):page.index("</nav>", page.index('id="main-nav"'))]
    links = [part[:part.index('"')] for part in menu.split('class="nav-link" href="')[1:]]
    assert "/desk/" in links
    for link in links:
        assert desk.get(link).status_code == 200, (principal, link)
    assert ("/desk/accounts" in links) is principal.endswith("administrator")


@pytest.mark.parametrize("principal", ["cadre", "phone clerk"])
def test_the_phone_end_is_kept_off_the_console(world: World, principal: str) -> None:
    for path in ("/desk/", "/desk/units", "/desk/accounts", "/desk/filings", "/desk/log"):
        assert Desk(world, principal).get(path).status_code == 403


def test_nobody_logged_in_is_sent_to_the_door(world: World) -> None:
    answer = world.app.test_client().get("/desk/accounts?kind=staff")
    assert answer.status_code in (302, 303)
    assert "/login" in answer.location and "desk/accounts" in answer.location


def grow(world: World) -> None:
    """Many more rows of everything a management page lists."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        for serial in range(12):
            below = factories.unit(parent=unit, kind="township", name=f"新镇{serial}")
            factories.administrator(unit=below, name=f"新镇{serial}管理员")
            account = factories.staff(unit=unit, name=f"新人{serial}")
            factories.grant(account=account, unit=unit, role="clerk")
            transaction.audit.record("account:open", "account", account.id, unit, after={"name": account.name})
    work(world, drafts=6, ended_on=date(2026, 5, 20))


@pytest.mark.parametrize(("principal", "path"), [
    ("射阳 administrator", "/desk/"), ("clerk", "/desk/"), ("射阳 administrator", "/desk/units"),
    ("射阳 administrator", "/desk/units?administrators=1"), ("射阳 administrator", "/desk/units/{射阳}"),
    ("射阳 administrator", "/desk/units/{射阳}/below"), ("射阳 administrator", "/desk/units/{射阳}/people"),
    ("射阳 administrator", "/desk/units/{合德镇}/move"), ("射阳 administrator", "/desk/units/{合德镇}/close"),
    ("射阳 administrator", "/desk/accounts"), ("射阳 administrator", "/desk/filings"),
    ("射阳 administrator", "/desk/log"), ("射阳 administrator", "/desk/units/tree?parent={射阳}"),
])
def test_statements_do_not_grow_with_rows(world: World, principal: str, path: str) -> None:
    desk = Desk(world, principal)
    address = path.replace("{射阳}", world.units["射阳"]).replace("{合德镇}", world.units["合德镇"])
    asked = {"HX-Request": "1"} if "tree?" in path else {}

    def cost() -> int:
        desk.get(address, headers=asked)  # fills what is kept between requests
        with statements(world) as sent:
            assert desk.get(address, headers=asked).status_code == 200
        return len(sent)

    work(world, drafts=1, ended_on=date(2026, 5, 20))  # a first row, so that its list is drawn at all
    few = cost()
    grow(world)
    many = cost()
    assert many <= few + 1, (few, many)
    assert many <= 50
