"""Records on the console: entered, kept as drafts, changed, submitted and deleted through the forms themselves."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from desk_page import Desk, counted_statements, links, said, total_of
from PIL import Image

import factories
from app.people.model import Cadre
from app.records.model import Record, RecordPerson
from permissions import transaction
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

NOW = "2026-06-10T10:00:00+08:00"
ALL = Scope.everything("the test looks at what was written")
VISITS = "/desk/records/visits"


@pytest.fixture(autouse=True)
def _now(world: World) -> None:
    clock.configure(NOW)


def visit(world: World, **more: Any) -> dict[str, Any]:
    """What a clerk of 射阳 types about a visit."""
    return {"unit_id": world.units["射阳"], "ended_on": "2026-06-09", "cadre_ids": [world.cadres["cadre"]],
            "type": "routine", "place": "合德镇", "cash_fen": "500.50", "feedback": "想去活动室"} | more


def photo() -> tuple[io.BytesIO, str]:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, "JPEG")
    return io.BytesIO(made.getvalue()), "照片.jpg"


def stored(world: World) -> list[Record]:
    with world.app.app_context():
        return list(db.session.execute(ALL.select(Record).order_by(Record.created_at)).scalars())


def make(world: World, count: int, *, unit: str = "射阳", cadre: str = "cadre", module: str = "visits",
         ended_on: date = date(2026, 6, 1), draft: bool = False, **more: Any) -> list[str]:
    """Records in the database, beside the pages."""
    with world.app.app_context(), transaction.act("tests"):
        where = db.session.execute(ALL.select(Unit).where(Unit.id == world.units[unit])).scalar_one()
        who = db.session.execute(ALL.select(Cadre).where(Cadre.id == world.cadres[cadre])).scalar_one()
        made = [factories.record(module=module, unit=where, cadre=who, ended_on=ended_on, draft=draft, **more).id
                for _ in range(count)]
        transaction.audit.record("tests:records", "unit", None, where)
    return made


def test_a_visit_is_entered_seen_and_logged(world: World) -> None:
    clerk = Desk(world, "clerk")
    form = clerk.get(f"{VISITS}/new")
    assert "截止日" in form and "2026-06-17" in form and world.cadres["cadre"] in form
    answer = clerk.post(f"{VISITS}/new", visit(world, file=[photo(), photo()]), seen_at=f"{VISITS}/new")
    page = clerk.get(answer.location)
    words = said(page)
    assert "已录入，按时。" in words and "500.50" in words and "想去活动室" in words and "射阳老c" in words
    assert "2026-06-16" in words and "第 5 天" in words and "周末" in words
    pictures = links(page, "/desk/photos/")
    assert len(pictures) == 2
    shown = clerk.client.get(pictures[0])
    assert shown.mimetype == "image/jpeg" and shown.headers["Content-Disposition"].startswith("attachment")
    Desk(world, "other clerk").get(pictures[0], 404)
    Desk(world, "reviewer").get(pictures[0], 404)
    listed = clerk.get(VISITS)
    assert total_of(listed) == 1 and "射阳老c" in said(listed) and "按时" in said(listed)
    history = said(Desk(world, "射阳 administrator").get(f"{answer.location}/history"))
    assert "新增记录" in history and "射阳clerk" in history


def test_what_is_wrong_is_said_and_what_was_typed_stays(world: World) -> None:
    clerk = Desk(world, "clerk")
    answer = clerk.post(f"{VISITS}/new", visit(world, type="", cash_fen="五百", ended_on="2026-06-11"), 422)
    words = said(answer.text)
    assert "走访类型：请填写这一项。" in words and "慰问金（元）：请填写金额，例如 300 或 300.50。" in words
    assert 'value="五百"' in answer.text and 'value="合德镇"' in answer.text
    assert f'value="{world.cadres["cadre"]}" checked' in answer.text
    early = clerk.post(f"{VISITS}/new", visit(world, ended_on="2026-06-11"), 422)
    assert "工作还没有结束" in said(early.text)
    assert "照片" in said(clerk.post(f"{VISITS}/new", visit(world, file=[(io.BytesIO(b"<svg/>"), "a.jpg")]), 422).text)
    assert stored(world) == []


@pytest.mark.parametrize(("name", "value"), [
    ("ended_on", "2026-02-30"), ("ended_on", "\x00"), ("ended_on", "9999-12-31"), ("type", "no-such"),
    ("place", "地" * 101), ("place", "a\x00b"), ("cash_fen", "-1"), ("cash_fen", "99999999999"),
    ("cadre_ids", "x" * 22), ("cadre_ids", "'; --"), ("late_reason", "因" * 201), ("feedback", "话" * 1001),
])
def test_hostile_values_are_refused_and_change_nothing(world: World, name: str, value: str) -> None:
    Desk(world, "clerk").post(f"{VISITS}/new", visit(world) | {name: value}, 422)
    assert stored(world) == []


def test_a_draft_may_be_empty_is_emptied_again_and_says_what_it_lacks(world: World) -> None:
    clerk = Desk(world, "clerk")
    kept = clerk.post(f"{VISITS}/new", visit(world, type="", draft="true")).location
    assert "已存为草稿，请在 2026-06-16 24 时前提交录入。" in said(clerk.get(kept))
    clerk.post(f"{kept}/edit", visit(world, cadre_ids=[], type="routine", draft="true"))
    with world.app.app_context():
        assert not db.session.execute(ALL.select(RecordPerson)).scalars().all()
    lacking = clerk.post(f"{kept}/submit", {}, 422)
    assert "看望对象：请填写这一项。" in said(lacking.text)
    clerk.post(f"{kept}/edit", visit(world))
    assert "按时" in said(clerk.get(kept)) and stored(world)[0].state == "entered"
    again = clerk.post(f"{kept}/submit", {}, 409)
    assert "已经提交过" in said(again.text)


def test_late_entry_is_taken_and_its_reason_asked_for(world: World) -> None:
    clerk = Desk(world, "clerk")
    line = clerk.get("/desk/deadline", module="visits", ended_on="2026-05-06")
    assert "已经超过" in line and 'name="late_reason"' in line
    assert "选好工作结束日期" in clerk.get("/desk/deadline", module="visits", ended_on="不是日期")
    assert "暂定" in clerk.get("/desk/deadline", module="visits", ended_on="2027-01-04")
    kept = clerk.post(f"{VISITS}/new", visit(world, ended_on="2026-05-06")).location
    words = said(clerk.get(kept))
    assert "逾期原因还没有填写" in words and "请补填逾期原因" in words
    clerk.post(f"{kept}/reason", {"late_reason": " "})
    assert "请填写逾期原因。" in said(clerk.get(kept))
    clerk.post(f"{kept}/reason", {"late_reason": "住院陪护"})
    assert "住院陪护" in said(clerk.get(kept)) and stored(world)[0].late_reason == "住院陪护"


def test_people_take_part_in_their_own_way(world: World) -> None:
    clerk = Desk(world, "clerk")
    first, second = world.cadres["cadre"], world.cadres["second cadre"]
    meeting = {"unit_id": world.units["射阳"], "ended_on": "2026-06-09", "branch": "一支部", "type": "party_lecture",
               "mode": "onsite", "attendance": [first, second], f"attendance-{first}": "leave",
               f"attendance-{second}": "present", "attendance-other": "present"}
    words = said(clerk.get(clerk.post("/desk/records/branch_activities/new", meeting).location))
    assert "射阳老c 请假" in words and "射阳老s 参加" in words
    service = {"unit_id": world.units["射阳"], "ended_on": "2026-06-09", "team": "宣讲团",
               "participants": [first, second], f"participants-{first}": "90", f"participants-{second}": "很久"}
    wrong = clerk.post("/desk/records/volunteer_service/new", service, 422)
    assert "请填写整数。" in said(wrong.text) and 'value="很久"' in wrong.text
    kept = clerk.post("/desk/records/volunteer_service/new", service | {f"participants-{second}": "45"}).location
    assert "射阳老c 90 分钟" in said(clerk.get(kept)) and "射阳老s 45 分钟" in said(clerk.get(kept))


def test_people_are_looked_for_in_the_unit_alone(world: World) -> None:
    clerk = Desk(world, "clerk")
    asked = {"module": "visits", "unit": world.units["射阳"]}
    found = clerk.get("/desk/pick/cadres", **asked, q="syl")
    assert world.cadres["cadre"] in found and world.cadres["second cadre"] in found
    for principal in ("clerk", "chief"):
        found = Desk(world, principal).get("/desk/pick/cadres", **asked, q="老")
        assert world.cadres["cadre"] in found and world.cadres["town cadre"] not in found
    clerk.get("/desk/pick/cadres", 404, **(asked | {"unit": world.units["东台"]}), q="老")
    clerk.get("/desk/pick/cadres", 404, **(asked | {"module": "nothing"}), q="老")
    without_scripts = clerk.post(f"{VISITS}/new", visit(world, look="1", look_for="second"), 200)
    assert "合德镇" in without_scripts.text and stored(world) == []
    clerk.post(f"{VISITS}/new", visit(world, cadre_ids=[world.cadres["town cadre"]]), 422)


def test_a_record_is_deleted_after_asking_and_only_as_it_was_seen(world: World) -> None:
    clerk = Desk(world, "clerk")
    record = f"{VISITS}/{make(world, 1)[0]}"
    assert "上级和日志里仍保留痕迹" in said(clerk.get(f"{record}/delete"))
    clerk.post(f"{record}/delete", {"version": "99"}, 409)
    stale = clerk.post(f"{record}/edit", visit(world, version="99"), 409)
    assert "刚刚被别人改过" in said(stale.text) and 'value="合德镇"' in stale.text
    clerk.post(f"{record}/delete", {"version": "1"})
    clerk.get(record, 404)
    assert total_of(clerk.get(VISITS)) == 0 and stored(world)[0].deleted_at is not None


def test_superiors_read_masked_and_write_nothing(world: World) -> None:
    record = f"{VISITS}/{make(world, 1, feedback='家里漏水')[0]}"
    auditor = Desk(world, "province auditor")
    words = said(auditor.get(record))
    assert "***" in words and "家里漏水" not in words and "修改" not in words and "删除" not in words
    for act in ("edit", "submit", "reason", "photos", "delete"):
        auditor.post(f"{record}/{act}", visit(world), 403)
    auditor.post(f"{VISITS}/new", visit(world), 403)
    stranger = Desk(world, "other clerk")
    stranger.get(record, 404)
    stranger.get(VISITS, 404, unit=world.units["射阳"])
    stranger.post(f"{VISITS}/new", visit(world), 404)
    Desk(world, "column clerk").get("/desk/records/branch_activities", 403)


def test_a_list_is_filtered_and_refuses_what_it_does_not_know(world: World) -> None:
    make(world, 2)
    make(world, 1, ended_on=date(2026, 6, 20), draft=True)
    make(world, 1, unit="合德镇", cadre="town cadre", ended_on=date(2026, 6, 9), draft=True)
    chief = Desk(world, "chief")
    assert [total_of(chief.get(VISITS, **query)) for query in (
        {}, {"show": "plans"}, {"show": "all"}, {"timeliness": "pending"}, {"timeliness": "on_time"},
        {"q": "合德"}, {"unit": world.units["合德镇"]}, {"unit": world.units["射阳"], "own": "1"},
        {"from": "2026-06-02", "q": ""}, {"due_to": "2026-06-08", "show": "all"},
    )] == [3, 1, 4, 2, 0, 3, 1, 2, 1, 2]
    assert "合德镇" in said(chief.get(VISITS)) and "单位（含下级）" in said(chief.get(VISITS))
    for query in ("nothing=1", "from=2026-02-30", "timeliness=x", "q=a&q=b", "cursor=x", "unit=y", "limit=0"):
        assert chief.client.get(f"{VISITS}?{query}").status_code == 400, query
    chief.get("/desk/records/nothing", 404)


def test_the_list_turns_pages_to_the_end(world: World) -> None:
    made = set(make(world, 45))
    clerk, seen, path = Desk(world, "clerk"), set[str](), VISITS
    while path:
        page = clerk.get(path)
        seen |= {each.rpartition("/")[2] for each in links(page, f"{VISITS}/")} & made
        path = next(iter(links(page, "cursor=")), "")
    assert seen == made


def test_statements_do_not_grow_with_rows(world: World, record_property: Callable[[str, object], None]) -> None:
    chief = Desk(world, "chief")
    numbers = []
    for more in (1, 15):
        ids = make(world, more) + make(world, more, unit="合德镇", cadre="town cadre")
        chief.get(VISITS)
        found = []
        for path in (VISITS, f"{VISITS}/{ids[0]}", f"/desk/cadres/{world.cadres['cadre']}"):
            with counted_statements(world) as sent:
                chief.get(path)
            found.append(len(sent))
        numbers.append(found)
    assert numbers[0] == numbers[1], numbers
    record_property("statements", numbers[1])
