"""The page of long work: one's own, and that of the units whose log one reads; what failed is done again where safe."""

from datetime import timedelta
from typing import Any

import pytest
from desk_page import said

import rows
from app.job_rows import Job
from app.records.redate_asking import KIND
from permissions import transaction
from tenants import clock, tree
from tenants.db import db
from tenants.fields import new_id
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test makes jobs")
PAGE = "/desk/jobs"


def job(world: World, principal: str, unit: str, **more: Any) -> str:
    """A job somebody asked for; one that failed unless said otherwise."""
    with world.app.app_context(), transaction.act("tests"):
        where = tree.unit_by_id(world.units[unit], ALL)
        told = {"kind": KIND, "state": "failed", "params": {"cause": new_id(), "words": "2027 年放假安排"},
                "result": {"code": "error", "message": "处理时出了问题，请稍后重新提交。"}, "attempts": 2} | more
        made = Job(id=new_id(), account_id=world.accounts[principal], channel="pc", unit_id=where.id,
                   unit_number=where.number, created_at=clock.now(), **told)
        db.session.add(made)
        transaction.audit.record("tests:job", "unit", None, where)
        return made.id


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world, its forms without CSRF, its worker asleep."""
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    return world


def test_everybody_sees_their_own_and_readers_of_the_log_those_below(desk: World) -> None:
    failed = job(desk, "射阳 administrator", "射阳")
    job(desk, "clerk", "射阳", kind="record:export", state="running", progress=0.4, result=None)
    own = said(desk.browser("射阳 administrator").get(PAGE).text)
    assert "处理时出了问题" in own and "重新处理" in own and "已完成 40%" in own and "共 2 条" in own
    clerk = desk.browser("clerk").get(PAGE).text
    assert "导出" in said(clerk) and "重算截止日期" not in said(clerk) and "共 1 条" in said(clerk)
    above = desk.browser("county auditor").get(PAGE).text
    assert "共 2 条" in said(above) and failed not in above and "重新处理" not in said(above)
    assert "还没有后台任务" in said(desk.browser("东台 administrator").get(PAGE).text)
    assert "还没有后台任务" in said(desk.browser("chief").get(PAGE).text)


def test_what_failed_is_done_again_once_by_its_asker(desk: World) -> None:
    failed = job(desk, "射阳 administrator", "射阳")
    path, browser = f"{PAGE}/{failed}/again", desk.browser("射阳 administrator")
    assert desk.browser("county auditor").post(path).status_code == 404
    assert rows.count(desk.app, "jobs") == 1
    assert browser.post(path).status_code == 303
    states = rows.ask(desk.app, "SELECT state FROM jobs ORDER BY state")
    assert len(states) == 2 and states[0] in (("done",), ("waiting",), ("failed",))
    entry = desk.api("射阳 administrator").get("/audit?action=job:again").json["items"]
    assert len(entry) == 1


@pytest.mark.parametrize("more", [{"state": "done"}, {"kind": "cadre:import"}, {"state": "waiting", "result": None}])
def test_what_is_not_safe_or_not_needed_is_refused(desk: World, more: dict[str, Any]) -> None:
    made = job(desk, "射阳 administrator", "射阳", **more)
    answer = desk.browser("射阳 administrator").post(f"{PAGE}/{made}/again")
    assert answer.status_code == 409 and "重新提交" in answer.text
    assert rows.count(desk.app, "jobs") == 1


def test_a_long_history_is_paged(desk: World) -> None:
    for hour in range(23):
        clock.configure((clock.now() + timedelta(minutes=hour)).isoformat())
        job(desk, "clerk", "射阳", state="done", result={})
    text = desk.browser("clerk").get(PAGE).text
    assert "共 23 条" in said(text) and "cursor=" in text
