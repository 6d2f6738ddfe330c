"""The superior's forms keep what was typed: wrong in a field, each form by itself, on the console and on the phone."""

import re
from datetime import date
from typing import Any

import pytest

import factories
from permissions import transaction
from tenants import tree
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test makes records")
WORDS = "请写明为什么晚了三周"


def record(world: World, ended_on: str, **more: Any) -> str:
    """A record of 合德镇."""
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units["合德镇"], ALL)
        made = factories.record(unit=unit, cadre=factories.cadre(unit=unit), ended_on=date.fromisoformat(ended_on),
                                **more)
        transaction.audit.record("tests:record", "unit", None, unit)
        return made.id


@pytest.fixture(params=["desk", "m"])
def end(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Console or phone; forms without CSRF."""
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    return str(request.param)


def chief(world: World, end: str) -> Any:
    """Somebody above 合德镇 who is logged in at this end."""
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units["射阳"], ALL)
        account = factories.staff(unit=unit)
        factories.grant(account=account, unit=unit, role="chief")
        token = factories.token(account, "pc" if end == "desk" else "mobile")
        transaction.audit.record("tests:chief", "unit", None, unit)
    client = world.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    return client


def test_a_wrong_day_comes_back_with_the_reason_typed(world: World, end: str) -> None:
    made, client = record(world, "2026-06-08", draft=True), chief(world, end)
    path = f"/{end}/records/visits/{made}"
    answer = client.post(f"{path}/extension", data={"until": "2026-06-01", "reason": WORDS})
    assert answer.status_code == 422
    form = re.search(r'<details class="more" open>.*?</details>', answer.text, re.S)
    assert form and WORDS in form[0] and 'value="2026-06-01"' in form[0] and "应晚于现在的截止日" in form[0]
    assert client.post(f"{path}/extension", data={"until": "2026-06-25", "reason": WORDS}).status_code == 303
    assert "已批准延期" in client.get(path).text


def test_returning_without_words_asks_for_them_in_that_form(world: World, end: str) -> None:
    made = record(world, "2026-05-06", late_reason="忙")
    client, path = chief(world, end), f"/{end}/records/visits/{made}"
    answer = client.post(f"{path}/ruling", data={"matter": "late", "act": "return", "opinion": ""})
    assert answer.status_code == 422 and "退回时请写明意见" in answer.text
    long = "长" * 201
    answer = client.post(f"{path}/ruling", data={"matter": "late", "opinion": long})
    assert answer.status_code == 422 and long in answer.text
    assert client.post(f"{path}/ruling", data={"matter": "late"}).status_code == 303
    gone = client.post(f"{path}/ruling", data={"matter": "late"})
    assert gone.status_code == 409 and "没有需要确认的事项" in gone.text
