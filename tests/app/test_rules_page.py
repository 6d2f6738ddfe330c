"""Deadline rules on the console and the API: set, tightened, refused, ended, taken back; open records follow."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

import factories
import rows
from app.web.filing_rows import answer_by
from permissions import transaction
from permissions.grants import Filing
from tenants import tree
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test makes records")
SET = {"verb": "set", "since": "2026-06-01", "amount": "3", "measure": "working_days", "reminders": "-1, 0",
       "escalations": "1, 2", "basis": "苏老干〔2026〕5号"}


@pytest.fixture
def open_world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world, its forms without CSRF."""
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    return world


def record(world: World, place: str, ended_on: str, *, entered: bool = False) -> str:
    """A visit of a unit."""
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units[place], ALL)
        made = factories.record(unit=unit, cadre=factories.cadre(unit=unit), ended_on=date.fromisoformat(ended_on),
                                draft=not entered)
        transaction.audit.record("tests:record", "record", made.id, unit)
        return str(made.id)


def say(world: World, place: str, kind: str = "visits", **change: str) -> Any:
    """The word of a unit's administrator, confirmed."""
    path = f"/desk/units/{world.units[place]}/rules/{kind}"
    return world.browser(f"{place} administrator").post(path, data=SET | {"confirmed": "yes"} | change)


def due(world: World, record_id: str) -> str:
    """The due date stored."""
    (found,) = [day for known, day in rows.ask(world.app, "SELECT id, due_on FROM records") if known == record_id]
    return str(found)


def rule(world: World, place: str, on: str = "2026-06-10", kind: str = "visits") -> dict[str, Any]:
    """What the API tells of a unit."""
    answer = world.api("江苏 administrator").get(f"/rules?unit={world.units[place]}&on={on}")
    return next(each for each in answer.json["rules"] if each["kind"] == kind)


def test_without_a_word_it_is_the_regulation(world: World) -> None:
    told = rule(world, "射阳")
    assert (told["amount"], told["measure"], told["source"], told["since"]) == (5, "working_days", "管理办法", None)
    assert (told["reminders"], told["escalations"]) == ([-2, 0], [1, 3, 5])
    kinds = {each["kind"] for each in world.api("clerk").get("/rules").json["rules"]}
    assert {"visits", "hardship_aid", "filing_acknowledgement", "opinion_answer"} <= kinds


def test_a_county_tightens_for_itself_and_below(open_world: World) -> None:
    inside, below, beside = (record(open_world, each, "2026-06-08") for each in ("射阳", "合德镇", "东台"))
    before, done = record(open_world, "射阳", "2026-05-29"), record(open_world, "射阳", "2026-06-08", entered=True)
    first = due(open_world, before)
    assert say(open_world, "射阳").status_code == 303
    assert [due(open_world, each) for each in (inside, below, beside)] == ["2026-06-11", "2026-06-11", "2026-06-15"]
    assert (due(open_world, before), due(open_world, done)) == (first, "2026-06-15")
    told = rule(open_world, "合德镇")
    assert (told["amount"], told["unit_id"]) == (3, open_world.units["射阳"]) and told["escalations"] == [1, 2, 5]
    log = open_world.api("射阳 administrator").get("/audit?action=record:redate").json["items"]
    assert {each["object_id"] for each in log} == {inside, below}
    explained = open_world.api("town clerk").get("/deadlines/explain?ended_on=2026-06-08&module=visits").json
    assert explained["due_on"] == "2026-06-11" and "射阳规定（苏老干〔2026〕5号）" in explained["rule"]
    assert "射阳：走访慰问自 2026-06-01 起3 个工作日" in open_world.browser("town clerk").get("/desk/").text
    new = open_world.api("clerk").post("/records/visits", json={
        "unit_id": open_world.units["射阳"], "ended_on": "2026-06-09", "draft": True} | factories.FIELDS["visits"]
        | factories.people_value("visits", open_world.cadres["cadre"]))
    assert new.json["due_on"] == "2026-06-12", "a new record follows the rule at once"


def test_loosening_is_refused_with_the_superiors_value(open_world: World) -> None:
    before = rows.digests(open_world.app, but=("audit_entries", "audit_seals"))
    answer = say(open_world, "射阳", amount="6")
    assert answer.status_code == 422 and "管理办法规定为5 个工作日（第十八条），下级单位只能更严" in answer.text
    assert rows.digests(open_world.app, but=("audit_entries", "audit_seals")) == before
    assert say(open_world, "盐城", amount="4").status_code == 303
    answer = say(open_world, "射阳", amount="5")
    assert answer.status_code == 422 and "盐城自 2026-06-01 起规定为4 个工作日" in answer.text
    assert say(open_world, "射阳", amount="5", measure="calendar_days").status_code == 422
    assert say(open_world, "射阳", amount="4", measure="calendar_days").status_code == 303


def test_the_province_may_loosen_and_later_superiors_overtake(open_world: World) -> None:
    mine = record(open_world, "射阳", "2026-06-08")
    assert say(open_world, "射阳", amount="4").status_code == 303
    assert say(open_world, "江苏", amount="7").status_code == 303
    assert due(open_world, mine) == "2026-06-12", "the county's own, stricter word stays"
    assert say(open_world, "江苏", amount="2").status_code == 303
    assert due(open_world, mine) == "2026-06-10" and rule(open_world, "射阳")["source"] == "江苏省委老干部局"


def test_looking_first_keeps_nothing_and_counts(open_world: World) -> None:
    record(open_world, "射阳", "2026-06-08")
    but = {"login_sessions"}  # when it was last used
    before = rows.digests(open_world.app, but=but)
    answer = say(open_world, "射阳", confirmed="")
    assert answer.status_code == 200 and "1 件（共 1 件待录）" in answer.text and "射阳及所有下级" in answer.text
    assert rows.digests(open_world.app, but=but) == before


def test_ending_and_taking_back(open_world: World) -> None:
    mine = record(open_world, "射阳", "2026-06-08")
    say(open_world, "射阳")
    assert say(open_world, "射阳", verb="withdraw").status_code == 409, "it is in force"
    assert say(open_world, "射阳", amount="1", since="2026-07-01").status_code == 303
    assert rule(open_world, "射阳", "2026-07-01")["amount"] == 1
    assert say(open_world, "射阳", verb="withdraw", since="2026-07-01").status_code == 303
    assert rule(open_world, "射阳", "2026-07-01")["amount"] == 3
    assert say(open_world, "东台", verb="end").status_code == 409
    assert say(open_world, "射阳", verb="end", since="2026-06-05").status_code == 303
    assert due(open_world, mine) == "2026-06-15" and rule(open_world, "射阳", "2026-06-04")["amount"] == 3
    page = open_world.browser("射阳 administrator").get(f"/desk/units/{open_world.units['射阳']}/rules/visits").text
    assert page.count("苏老干〔2026〕5号") >= 4, "every word said stays to be read"


def test_each_cause_tells_each_person_once(open_world: World) -> None:
    for _each in range(3):
        record(open_world, "射阳", "2026-06-08")
    say(open_world, "射阳")
    assert rows.count(open_world.app, "tellings", f"account_id = '{open_world.accounts['clerk']}' AND records = 3") == 1
    say(open_world, "射阳", amount="2")
    assert rows.count(open_world.app, "tellings", f"account_id = '{open_world.accounts['clerk']}'") == 2


@pytest.mark.parametrize(("change", "said"), [
    ({"amount": "0"}, "1 到 250"), ({"amount": "三"}, "1 到 250"),
    ({"amount": "8", "measure": "working_hours"}, "1 到 7"),
    ({"measure": "weeks"}, "请选择计量"), ({"since": "明天"}, "请填写起始日期"), ({"since": "1999-01-01"}, "2000—2100"),
    ({"basis": " "}, "依据或文号"), ({"reminders": "0, x"}, "整数"), ({"escalations": "3, 1"}, "从小到大"),
    ({"escalations": "1,2,3,4"}, "最多 3 个"),
])
def test_a_word_that_makes_no_sense_comes_back(open_world: World, change: dict[str, str], said: str) -> None:
    answer = say(open_world, "射阳", **change)
    assert answer.status_code == 422 and said in answer.text
    assert rows.count(open_world.app, "deadline_rules") == 0


@pytest.mark.parametrize("principal", ["clerk", "chief", "reviewer", "county auditor", "合德镇 administrator"])
def test_others_read_and_do_not_say(open_world: World, principal: str) -> None:
    path = f"/desk/units/{open_world.units['射阳']}/rules/visits"
    browser = open_world.browser(principal)
    seen = 404 if principal.startswith("合德镇") else 200
    assert browser.get(path).status_code == seen
    assert browser.post(path, data=SET).status_code == (404 if seen == 404 else 403)
    assert browser.get("/desk/rules").status_code == 200
    assert rows.count(open_world.app, "deadline_rules") == 0


def test_a_filings_answer_follows_the_receivers_rule(open_world: World) -> None:
    assert say(open_world, "盐城", "filing_acknowledgement", amount="2").status_code == 303
    filing = Filing(filed_at=datetime(2026, 6, 10, 1, 0, tzinfo=UTC))
    with open_world.app.app_context():
        paths = {name: tree.unit_by_id(open_world.units[name], ALL).path for name in ("射阳", "海安", "江苏")}
        assert [answer_by(filing, paths[name]).isoformat() for name in ("射阳", "海安", "江苏")] == [
            "2026-06-12", "2026-06-17", "2026-06-17"]


def test_overdue_filings_are_found_by_the_rule_of_each_superior(open_world: World) -> None:
    """射阳 has said two working days for itself and below, elsewhere it is five: the filter follows."""
    assert say(open_world, "射阳", "filing_acknowledgement", amount="2").status_code == 303
    for who, place in (("盐城", "合德镇"), ("江苏", "东台")):
        with open_world.app.app_context(), transaction.act("tests"):
            person = factories.staff(unit=tree.unit_by_id(open_world.units[place], ALL)).id
            transaction.audit.record("tests:person", "account", person, tree.unit_by_id(open_world.units[place], ALL))
        path = f"/units/{open_world.units[place]}/administrators"
        assert open_world.api(f"{who} administrator").post(path, {"account_id": person}).status_code == 201
    late = {}
    for day in ("2026-06-12", "2026-06-13", "2026-06-17", "2026-06-18"):
        then = open_world.at(f"{day}T00:00:00+08:00").api("江苏 administrator")
        late[day] = {each["unit_id"] for each in then.get("/filings?overdue=true").json["items"]}
    town, county = open_world.units["合德镇"], open_world.units["东台"]
    assert late == {"2026-06-12": set(), "2026-06-13": {town}, "2026-06-17": {town}, "2026-06-18": {town, county}}


def test_a_kind_that_is_not_there(world: World) -> None:
    assert world.browser("clerk").get(f"/desk/units/{world.units['射阳']}/rules/nothing").status_code == 404
