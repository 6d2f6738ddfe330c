"""承诺书未签名单: who owes it, on list, API, sheet and among the defects alike; and auditors who do more than audit."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

import factories
from app.administration import staff_file, unsigned
from permissions import transaction
from permissions.accounts import Account
from rows import ask, count, run
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")
COUNTY, ABOVE, BESIDE = "射阳 administrator", "盐城 administrator", "东台 administrator"


def listed(world: World, who: str, **asked: Any) -> list[str]:
    """Ids in the order of the list, page by page."""
    found, cursor = [], None
    while True:
        page = world.api(who).get("/commitments/unsigned", query_string={
            **asked, "limit": 3, **({"cursor": cursor} if cursor else {})})
        assert page.status_code == 200, page.text
        found += [each["id"] for each in page.json["items"]]
        cursor = page.json["next"]
        if cursor is None:
            assert len(found) == len(set(found)) == page.json["total"]
            return found


def owing(world: World, unit: str) -> set[str]:
    """The same, told from the rows alone: staff in use of a unit and below."""
    paths = dict(ask(world.app, "SELECT id, path FROM units"))
    rows = ask(world.app, "SELECT id, unit_id FROM accounts WHERE kind = 'staff' AND state IN ('opened', 'active')")
    return {account for account, at in rows if world.units[unit] in str(paths[at])}


def test_the_list_is_who_owes_it_in_my_reach_and_no_more_once_it_is_signed(world: World) -> None:
    everybody = owing(world, "射阳")
    assert set(listed(world, COUNTY)) == everybody and len(everybody) > 5
    assert set(listed(world, ABOVE, unit=world.units["合德镇"])) == owing(world, "合德镇")
    assert set(listed(world, COUNTY, state="active")) | set(listed(world, COUNTY, state="opened")) == everybody
    clerk = world.accounts["clerk"]
    assert world.api("clerk").post("/me/commitment").status_code == 201
    assert set(listed(world, COUNTY)) == everybody - {clerk}
    assert world.api(COUNTY).post(f"/accounts/{world.accounts['chief']}/suspend").status_code == 200
    assert set(listed(world, COUNTY)) == everybody - {clerk, world.accounts["chief"]}
    for who in ("clerk", "chief", "county auditor", "cadre"):
        assert world.api(who).get("/commitments/unsigned").status_code in (401, 403)
    assert world.api(COUNTY).get(f"/commitments/unsigned?unit={world.units['东台']}").status_code == 404


def test_a_new_text_is_owed_by_all_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.api("clerk").post("/me/commitment").status_code == 201
    for module in (staff_file, unsigned):
        monkeypatch.setattr(module, "VERSION", "2027-1")
    rows = world.api(COUNTY).get("/commitments/unsigned?limit=200").json["items"]
    assert {each["id"]: each["signed_version"] for each in rows}[world.accounts["clerk"]] == "2026-1"
    assert world.api("clerk").get("/me/commitment").json["owed"]


def test_what_was_signed_elsewhere_counts_after_a_transfer(world: World) -> None:
    """The line that was signed stays with the unit of then; the account says it everywhere."""
    assert world.api("clerk").post("/me/commitment").status_code == 201
    run(world.app, f"UPDATE accounts SET unit_id = '{world.units['东台']}', "  # noqa: S608
                   f"unit_number = {world.numbers['东台']} WHERE id = '{world.accounts['clerk']}'")
    assert world.accounts["clerk"] not in listed(world, BESIDE)
    shown = world.browser(BESIDE).get("/desk/defects?kind=unsigned").text
    assert "没有签署承诺书" in shown and world.accounts["clerk"] not in shown


def test_the_page_narrows_pages_and_exports(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    page = world.browser(COUNTY)
    first = page.get("/desk/commitments").text
    assert "从未签署" in first and "导出名单" in first
    none = page.get(f"/desk/commitments?state=opened&unit={world.units['黄沙港镇']}").text
    assert "都已签署" in none and "导出名单" not in none
    answer = page.post("/desk/commitments/export", data={"unit": world.units["合德镇"], "state": ""})
    assert answer.status_code == 200 and answer.mimetype.endswith("sheet")
    ids = ", ".join(repr(each) for each in owing(world, "合德镇"))
    names = {row[0] for row in ask(world.app, f"SELECT name FROM accounts WHERE id IN ({ids})")}  # noqa: S608
    assert in_sheet(answer.data) == names | {"姓名"}
    assert count(world.app, "audit_entries", "action = 'commitment:export' AND result = 'ok'") == 1
    monkeypatch.setattr(unsigned, "MOST", 1)
    much = page.post("/desk/commitments/export", data={})
    assert much.status_code == 303 and "先选一个单位" in page.get(much.location).text
    assert page.post("/desk/commitments/export", data={"unit": world.units["东台"]}).status_code == 404
    monkeypatch.setattr("permissions.sessions.proved", lambda *_told: False)
    assert "请再输一次密码" in page.post("/desk/commitments/export", data={}).text


def in_sheet(content: bytes) -> set[str]:
    """The names in a sheet."""
    book = load_workbook(BytesIO(content))
    return {str(row[1]) for row in book.worksheets[0].iter_rows(values_only=True) if row[1]}


def auditor(world: World, also: str, at: str) -> str:
    """Somebody of 合德镇 who audits there and does something else, as from before that was refused."""
    with world.app.app_context(), transaction.act("tests"):
        units = {name: db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units[name])).scalar_one()
                 for name in ("合德镇", at)}
        account: Account = factories.staff(unit=units["合德镇"], name="兼审")
        factories.grant(account=account, unit=units["合德镇"], role="auditor")
        if also:
            factories.grant(account=account, unit=units[at], role=also)
        transaction.audit.record("tests:auditor", "account", account.id, units["合德镇"])
        return str(account.id)


def test_an_auditor_who_does_something_else_is_a_defect_and_loses_nothing(world: World) -> None:
    alone, both = auditor(world, "", "合德镇"), auditor(world, "chief", "合德镇")
    before = count(world.app, "grants")
    shown = world.browser(COUNTY).get("/desk/defects?kind=apart").text
    assert "又持有其他角色" in shown and both in shown and alone not in shown
    rights = world.browser(COUNTY).get(f"/desk/accounts/{both}/rights").text
    assert "职责没有分开" in rights
    assert "职责没有分开" not in world.browser(COUNTY).get(f"/desk/accounts/{alone}/rights").text
    assert count(world.app, "grants") == before, "nothing is taken silently"
    given = ask(world.app, f"SELECT id FROM grants WHERE account_id = '{both}' AND role = 'chief'")[0][0]  # noqa: S608
    assert world.api(COUNTY).delete(f"/accounts/{both}/grants/{given}").status_code == 204
    assert both not in world.browser(COUNTY).get("/desk/defects?kind=apart").text


def test_it_is_told_where_both_are_in_reach_and_nowhere_else(world: World) -> None:
    """What somebody holds outside of one's reach is not told by the back door, on either engine."""
    both = auditor(world, "clerk", "东台")
    assert both in world.browser(ABOVE).get("/desk/defects?kind=apart").text
    assert both not in world.browser(COUNTY).get("/desk/defects?kind=apart").text
    assert both not in world.browser(BESIDE).get("/desk/defects?kind=apart").text
