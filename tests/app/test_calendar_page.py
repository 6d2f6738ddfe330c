"""The calendar on the console: looked at before it is kept, kept by the province only, told once."""

import html
import json
import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

import factories
import rows
from app import registry
from app.deadlines.calendar import YearNotice
from app.deadlines.notices import parse, shipped
from app.records import redating
from app.records.redating import recompute_open
from app.records.telling import Cause
from permissions import transaction
from tenants import clock, tree
from tenants.db import db
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test makes records")
TYPED = {"year": "2027", "notice": "国办发明电〔2026〕8号", "issued": "2026-11-04",
         "name": ["元旦", "春节"], "first": ["2027-01-01", "2027-02-06"], "last": ["2027-01-03", "2027-02-12"],
         "makeup": ["2027-02-20"]}


@pytest.fixture
def late(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world at the end of 2026, its forms without CSRF."""
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    return world.at("2026-12-28T09:00:00+08:00")


def drafts(world: World, place: str, ended_on: str, number: int = 1) -> list[str]:
    """Open records of a unit."""
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units[place], ALL)
        made = [factories.record(unit=unit, cadre=factories.cadre(unit=unit), ended_on=date.fromisoformat(ended_on),
                                 draft=True).id for _each in range(number)]
        transaction.audit.record("tests:record", "record", None, unit)
        return made


def looked(browser: FlaskClient, typed: dict[str, Any] | None = None) -> Any:
    """The answer to the form."""
    return browser.post("/desk/calendar/edit", data=typed or TYPED)


def content_of(page: str) -> str:
    """What the form of the preview would send."""
    found = re.search(r'name="content" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_the_province_looks_then_keeps_and_each_is_told_once(late: World) -> None:
    moved, firm = drafts(late, "射阳", "2027-02-05", 2), drafts(late, "射阳", "2026-06-08")
    before = rows.digests(late.app)
    browser = late.browser("江苏 administrator")
    page = looked(browser).text
    assert rows.digests(late.app) == before, "looking keeps nothing"
    assert "2027-02-10（周三）" in page and "春节放假" in page and "调休上班" in page
    assert re.search(r"截止日会变的待录记录.*?2", page, re.S) and "共 3 件待录" in page
    answer = browser.post("/desk/calendar/confirm", data={"content": content_of(page)})
    assert answer.status_code == 303
    told = html.unescape(browser.get(answer.headers["Location"]).text)
    assert "看过 3 件待录记录，2 件的截止日有变动" in told
    for each in (*moved, *firm):
        shown = late.api("clerk").get(f"/records/visits/{each}").json
        assert shown["due_provisional"] is False
        assert (shown["due_on"] != shown["first_due_on"]) == (each in moved)
    for principal in ("clerk", "column clerk"):
        text = late.browser(principal).get("/desk/").text
        assert text.count("国办发明电〔2026〕8号") == 1 and "2 件待录记录" in text
    assert "国办发明电" not in late.browser("other clerk").get("/desk/").text
    assert rows.count(late.app, "tellings", f"account_id = '{late.accounts['clerk']}'") == 1
    log = late.api("射阳 administrator").get("/audit?action=record:redate").json["items"]
    assert {each["object_id"] for each in log} == set(moved)
    assert all(each["before"]["due_on"] != each["after"]["due_on"] for each in log)
    assert "〔2026〕8号" in log[0]["after"]["cause"]


def test_what_was_told_is_put_away_by_its_reader_only(late: World) -> None:
    drafts(late, "射阳", "2027-02-05")
    province = late.browser("江苏 administrator")
    province.post("/desk/calendar/confirm", data={"content": content_of(looked(province).text)})
    browser = late.browser("clerk")
    (telling,) = set(re.findall(r'name="id" value="([\w-]{22})"', browser.get("/desk/").text))
    late.browser("other clerk").post("/desk/tellings", data={"id": telling})
    assert "知道了" in browser.get("/desk/").text
    assert browser.post("/desk/tellings", data={"id": telling}).status_code == 303
    assert "知道了" not in browser.get("/desk/").text


def test_a_unit_without_clerks_tells_its_administrators(late: World) -> None:
    drafts(late, "射阳教育局", "2027-02-05")
    province = late.browser("江苏 administrator")
    province.post("/desk/calendar/confirm", data={"content": content_of(looked(province).text)})
    assert rows.count(late.app, "tellings") == 1
    assert "国办发明电" in late.browser("射阳教育局 administrator").get("/desk/").text


@pytest.mark.parametrize("principal", ["盐城 administrator", "province auditor", "clerk", "chief"])
def test_nobody_else_changes_it_and_everybody_sees_it(late: World, principal: str) -> None:
    browser, before = late.browser(principal), rows.digests(late.app, but=("audit_entries", "audit_seals"))
    assert browser.get("/desk/calendar/edit").status_code == 403
    assert looked(browser).status_code == 403
    assert browser.post("/desk/calendar/confirm", data={"content": "{}"}).status_code == 403
    page = browser.get("/desk/calendar?year=2027")
    assert page.status_code == 200 and "暂定" in page.text and "录入通知" not in page.text
    assert rows.digests(late.app, but=("audit_entries", "audit_seals")) == before


@pytest.mark.parametrize(("change", "said"), [
    ({"notice": ""}, "请填写通知文号"), ({"year": "二零"}, "请填写四位数的年份"), ({"issued": "昨天"}, "发文日期"),
    ({"makeup": ["2027-02-22"]}, "不是周六或周日"), ({"makeup": ["x"]}, "不是有效日期"),
    ({"first": ["2027-01-01", ""]}, "第 2 行假期"), ({"last": ["2027-01-30", "2027-02-12"]}, "超过 20 天"),
    ({"year": "2031"}, "不属于这一年"),
])
def test_what_cannot_be_right_comes_back_with_the_reason(late: World, change: dict[str, Any], said: str) -> None:
    before = rows.digests(late.app)
    answer = looked(late.browser("江苏 administrator"), TYPED | change)
    assert answer.status_code == 422 and said in answer.text
    if "notice" not in change:
        assert "国办发明电〔2026〕8号" in answer.text, "what was typed is given back"
    assert rows.digests(late.app) == before


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps({"2027": {"off": [], "work": []}}), "x" * 300_000])
def test_a_confirmation_of_nothing_looked_at_is_refused(late: World, content: str) -> None:
    answer = late.browser("江苏 administrator").post("/desk/calendar/confirm", data={"content": content})
    assert answer.status_code == 422
    assert rows.count(late.app, "calendar_notices") == len(shipped())


def test_the_missing_year_is_seen_at_the_province_from_november(world: World) -> None:
    assert "缺少放假安排" not in world.at("2026-10-31T23:59:00+08:00").browser("江苏 administrator").get("/desk/").text
    november = world.at("2026-11-01T00:00:00+08:00")
    assert "缺少放假安排" in november.browser("江苏 administrator").get("/desk/").text
    assert "缺少放假安排" not in november.browser("射阳 administrator").get("/desk/").text
    assert "缺少 2027 年安排" in november.browser("clerk").get("/desk/calendar").text


def test_form_list_and_report_say_provisional(late: World) -> None:
    drafts(late, "射阳", "2026-12-25")
    browser = late.browser("clerk")
    line = browser.get(f"/desk/deadline?module=visits&ended_on=2026-12-25&unit={late.units['射阳']}").text
    assert "暂定" in line and "2027-01-04" in line
    assert "暂定" in browser.get("/desk/records/visits").text
    assert "暂定" in browser.get("/desk/reports/timeliness?from=2027-01-01&to=2027-03-31").text
    assert "暂定" not in browser.get("/desk/reports/timeliness?from=2026-10-01&to=2026-12-31").text


def notice_of_2027() -> YearNotice:
    """The notice typed above."""
    holidays = [{"name": name, "first": first, "last": last}
                for name, first, last in zip(TYPED["name"], TYPED["first"], TYPED["last"], strict=True)]
    (found,) = parse(json.dumps({"year": 2027, "notice": TYPED["notice"], "makeup": TYPED["makeup"],
                                 "holidays": holidays}))
    return found


def recomputed(world: World) -> tuple[int, int]:
    """(statements, records moved) when 2027 is published and everything is gone through."""
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with world.app.app_context(), transaction.act("tests"):
        redating.put_notices([notice_of_2027()])
        transaction.audit.record("tests:load", "calendar", None, tree.root())
        event.listen(db.engine, "before_cursor_execute", count)
        moved = recompute_open(registry.modules(), Cause("a" * 22, "试"))
        event.remove(db.engine, "before_cursor_execute", count)
    return len(seen), moved.changed


@pytest.mark.parametrize("number", [3, 30])
def test_statements_follow_the_days_not_the_records(late: World, number: int) -> None:
    drafts(late, "射阳", "2027-02-05", number)
    assert clock.today() == date(2026, 12, 28)
    statements, moved = recomputed(late)
    assert (moved, statements <= 16) == (number, True), statements


def test_slabs_miss_nothing_and_do_nothing_twice(late: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redating, "SLAB", 2)
    for place in ("射阳", "东台", "合德镇"):
        drafts(late, place, "2027-02-05", 3)
    _many, moved = recomputed(late)
    assert moved == 9
    with late.app.app_context(), transaction.act("tests"):
        assert recompute_open(registry.modules(), Cause("a" * 22, "试")).changed == 0
        transaction.audit.record("tests:again", "calendar", None, tree.root())
    assert rows.count(late.app, "tellings") == rows.count(late.app, "tellings", "records = 3") > 3
