"""单位缺项: each kind of defect found where it is, nowhere else, counted as listed, and led to where it is mended."""

from typing import Any

import pytest

import factories
from app.defects import listing
from app.defects.kinds import KINDS
from permissions import guard, transaction
from permissions.accounts import Account
from permissions.identity import principal_of
from permissions.roles import Channel
from rows import run
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import ADMINISTRATORS, TREE, World

WHOLE = Scope.everything("a test looks at everybody")
ALL = ["江苏", *(name for name, *_rest in TREE)]


def found(world: World, who: str) -> dict[str, list[tuple[str, str]]]:
    """kind -> (unit, subject) of everything a principal is shown, and that as much is counted."""
    names = {unit_id: name for name, unit_id in world.units.items()}
    with world.app.test_request_context():
        account = db.session.execute(WHOLE.select(Account).where(Account.id == world.accounts[who])).scalar_one()
        guard.stand_in(principal_of(account, Channel.pc, clock.today()))
        number = listing.counts(None)
        shown = {}
        for key, many in number.items():
            cursor, rows = None, []
            while True:
                page = listing.listing(KINDS[key], None, cursor=cursor, limit=2, total=many)
                rows += page.items
                cursor = page.next
                if cursor is None:
                    break
            assert len(rows) == many == len({(row.number, row.subject) for row in rows}), key
            shown[key] = [(names[row.unit_id], row.subject) for row in rows]
        db.session.rollback()
    return shown


def at(world: World, name: str) -> Unit:
    """A unit of the named province."""
    return db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units[name])).scalar_one()


def test_units_without_and_with_one_administrator(world: World) -> None:
    shown = found(world, "江苏 administrator")
    assert {unit for unit, _who in shown["none"]} == set(ALL) - set(ADMINISTRATORS)
    assert shown["one"] == [(name, world.accounts[f"{name} administrator"]) for name in sorted(
        ADMINISTRATORS, key=lambda name: world.numbers[name])]
    below = found(world, "射阳 administrator")
    assert {unit for unit, _who in below["none"]} == {"黄沙港镇", "合德敬老院", "射阳中学"}
    assert {unit for unit, _who in below["one"]} == {"射阳", "合德镇", "射阳教育局"}


def test_an_administrator_who_meets_the_article_no_more(world: World) -> None:
    assert found(world, "江苏 administrator")["ineligible"] == []
    who = world.accounts["合德镇 administrator"]
    run(world.app, f"UPDATE accounts SET in_service = FALSE WHERE id = '{who}'")  # noqa: S608
    assert found(world, "射阳 administrator")["ineligible"] == [("合德镇", who)]
    assert found(world, "东台 administrator")["ineligible"] == []


def test_a_column_without_anybody_and_a_right_that_counts_no_more(world: World) -> None:
    """东台 and 合德镇 have a clerk for every column; 盐城 has a cadre and nobody."""
    with world.app.app_context(), transaction.act("tests"):
        for name in ("盐城", "黄沙港镇"):
            factories.cadre(unit=at(world, name))
        person = factories.staff(unit=at(world, "黄沙港镇"))
        factories.grant(account=person, unit=at(world, "黄沙港镇"), role="clerk", columns=["party_garden"])
        transaction.audit.record("tests:column", "unit", None, at(world, "盐城"))
    shown = found(world, "江苏 administrator")["column"]
    assert sorted(column for unit, column in shown if unit == "盐城") == [
        "party_garden", "precision_service", "silver_brilliance"]
    assert sorted(column for unit, column in shown if unit == "黄沙港镇") == ["precision_service", "silver_brilliance"]
    assert not [unit for unit, _column in shown if unit in ("射阳", "东台", "合德镇")]
    run(world.app, f"UPDATE grants SET until = '2026-06-09' WHERE account_id = '{world.accounts['other clerk']}'")  # noqa: S608
    assert len([unit for unit, _column in found(world, "江苏 administrator")["column"] if unit == "东台"]) == 3


def test_accounts_nobody_used_filings_overdue_and_leftovers(world: World) -> None:
    api = world.api("射阳 administrator")
    opened = api.post("/accounts", {"unit_id": world.units["合德镇"], "kind": "staff", "name": "新人",
                                    "phone": factories.next_phone(), "employment": "full_time"})
    with world.app.app_context(), transaction.act("tests"):
        person = factories.staff(unit=at(world, "黄沙港镇")).id
        transaction.audit.record("tests:person", "account", person, at(world, "黄沙港镇"))
    path = f"/units/{world.units['黄沙港镇']}/administrators"
    assert world.api("盐城 administrator").post(path, {"account_id": person}).status_code == 201
    run(world.app, f"UPDATE units SET valid_to = '2026-06-11' WHERE id = '{world.units['射阳中学']}'")  # noqa: S608
    before = found(world, "射阳 administrator")
    assert (before["never"], before["filing"], before["left"]) == ([("合德镇", opened.json["id"])], [], [])
    later = found(world.at("2026-06-18T08:00:00+08:00"), "射阳 administrator")
    assert [unit for unit, _filing in later["filing"]] == ["黄沙港镇"]
    assert later["left"] == [("射阳中学", "")]


@pytest.mark.parametrize(("who", "kinds"), [
    ("chief", {"none", "one", "ineligible", "filing", "left"}),
    ("county auditor", {"none", "one", "ineligible", "filing", "left"}), ("射阳 administrator", set(KINDS))])
def test_who_may_see_which_kind(world: World, who: str, kinds: set[str]) -> None:
    assert set(found(world, who)) == kinds


def text(world: World, who: str, **query: Any) -> str:
    """The page."""
    answer = world.browser(who).get("/desk/defects", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_page_says_who_stands_in_and_leads_to_the_act(world: World) -> None:
    shown = text(world, "盐城 administrator", kind="none")
    assert f"/desk/units/{world.units['黄沙港镇']}/appoint" in shown and "射阳（代管）" in shown
    assert "没有管理员" in shown and "只有一名管理员" in shown
    assert "上级管理单位（代管）" in text(world, "射阳 administrator", kind="none") or "射阳（代管）" in text(
        world, "射阳 administrator", kind="none")
    narrow = text(world, "盐城 administrator", kind="none", unit=world.units["东台"])
    assert "安丰镇" in narrow and "黄沙港镇" not in narrow
    assert world.browser("clerk").get("/desk/defects").status_code == 403
