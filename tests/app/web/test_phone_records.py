"""Staff on the phone: what is owed, a visit entered at the bedside, the other kinds, drafts, photos, lateness."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from phone_browser import ALL, account_of, photo, tab, text_of

import factories
from app import registry
from app.records.model import Attachment, Record
from app.web.mobile_records import MOST_FIELDS, asked_for
from permissions import transaction
from tenants import clock
from tenants.db import db
from world import World

ICONS = Path(__file__).parents[3] / "app/static/icons.svg"
MODULES = ("visits", "hardship_aid", "branch_activities", "volunteer_service")


def _form(world: World, module: str = "visits", **changes: Any) -> dict[str, Any]:
    """What the phone form of a kind sends."""
    who = world.cadres["cadre"]
    own: dict[str, dict[str, Any]] = {
        "visits": {"cadre_ids": who, "type": "hospital", "place": "县中医院", "cash_fen": "500.50",
                   "feedback": "精神很好"},
        "hardship_aid": {"cadre_id": who, "reason": "special", "amount_fen": "1000"},
        "branch_activities": {"branch": "第一支部", "type": "party_lecture", "mode": "onsite", "attendance": who,
                              f"attendance-{who}": "leave"},
        "volunteer_service": {"team": "银发宣讲团", "participants": who, f"participants-{who}": "90"},
    }
    return {"unit_id": world.units["射阳"], "ended_on": clock.today().isoformat()} | own[module] | changes


def _records(world: World) -> list[Record]:
    with world.app.app_context():
        return list(db.session.execute(ALL.select(Record).order_by(Record.created_at)).scalars())


def _photos(world: World) -> int:
    with world.app.app_context():
        return int(db.session.execute(ALL.mark(sa.select(sa.func.count()).select_from(Attachment))).scalar_one())


def test_the_bedside_form_asks_at_most_eight_things(world: World) -> None:
    assert asked_for(registry.module("visits")) == ["cadre_ids", "ended_on", "type", "place", "visitors", "goods",
                                                    "cash_fen", "feedback"]
    for key in MODULES:
        module = registry.module(key)
        required = {name for name, field in module.schema().own().items() if field.required}
        assert len(asked_for(module)) <= MOST_FIELDS and required <= set(asked_for(module))
    page = tab(world, "phone clerk").get("/m/records/visits/new").text
    assert f'value="{clock.today().isoformat()}"' in page and "应在" in page
    assert 'capture="environment"' in page and 'name="demand"' not in page


@pytest.mark.parametrize("module", MODULES)
def test_each_kind_is_entered_from_its_schema(world: World, module: str) -> None:
    browser = tab(world, "phone clerk")
    assert browser.get(f"/m/records/{module}/new").status_code == 200
    entered = browser.post(f"/m/records/{module}/new", _form(world, module))
    assert entered.status_code == 303, text_of(entered)
    assert "已录入，按时" in text_of(browser.get(entered.location))
    record = _records(world)[0]
    assert (record.module, record.state, record.entered_by) == (module, "entered", world.accounts["phone clerk"])
    listed = browser.get(f"/m/records/{module}")
    assert entered.location in listed.text and "按时" in text_of(listed)


def test_a_photo_goes_with_the_record_and_is_seen_by_the_unit_alone(world: World) -> None:
    browser = tab(world, "phone clerk")
    entered = browser.post("/m/records/visits/new", _form(world, file=photo()))
    href = re.search(r'src="(/m/photos/[^"]+)"', browser.get(entered.location).text)
    assert href is not None and _photos(world) == 1
    shown = browser.get(href.group(1))
    assert shown.status_code == 200 and shown.mimetype == "image/jpeg" and shown.data.startswith(b"\xff\xd8")
    assert tab(world, "cadre").get(href.group(1)).status_code == 403
    assert tab(world, "town cadre").get(entered.location).status_code == 403


def test_a_bad_photo_keeps_the_form_and_stores_nothing(world: World) -> None:
    bad = (photo()[0], "x.jpg")
    bad[0].truncate(10)
    answer = tab(world, "phone clerk").post("/m/records/visits/new", _form(world, place="第三病区", file=bad))
    assert answer.status_code == 422 and "请重新选择照片" in text_of(answer) and 'value="第三病区"' in answer.text
    assert _records(world) == [] and _photos(world) == 0


def test_what_is_wrong_is_said_and_what_was_typed_stays(world: World) -> None:
    sent = _form(world, cadre_ids="", type="", cash_fen="五百", place="第三病区")
    answer = tab(world, "phone clerk").post("/m/records/visits/new", sent)
    words = text_of(answer)
    assert answer.status_code == 422 and "看望对象：请填写这一项" in words and "走访类型：请填写这一项" in words
    assert 'value="五百"' in answer.text and 'value="第三病区"' in answer.text and _records(world) == []


def test_the_people_of_another_unit_are_not_taken(world: World) -> None:
    sent = _form(world, cadre_ids=world.cadres["other cadre"])
    answer = tab(world, "phone clerk").post("/m/records/visits/new", sent)
    assert answer.status_code == 422 and "不归本单位管理" in text_of(answer) and _records(world) == []


def test_another_unit_is_not_there(world: World) -> None:
    browser = tab(world, "phone clerk")
    answer = browser.post("/m/records/visits/new", _form(world, unit_id=world.units["东台"]))
    assert answer.status_code == 404 and _records(world) == []
    assert browser.get(f"/m/records/visits/new?unit={world.units['东台']}").status_code == 404
    assert browser.get("/m/records/nothing").status_code == 404


def test_a_draft_is_owed_and_can_be_entered(world: World) -> None:
    browser = tab(world, "phone clerk")
    kept = browser.post("/m/records/visits/new", _form(world, type="", draft="true"))
    assert kept.status_code == 303 and "已存为草稿" in text_of(browser.get(kept.location))
    home = text_of(browser.get("/m/"))
    assert "等您录入（1 条）" in home and "应在" in home
    missing = browser.post(f"{kept.location}/submit", page=kept.location)
    assert missing.status_code == 422 and "走访类型：请填写这一项" in text_of(missing)
    done = browser.post(f"{kept.location}/edit", _form(world, version=str(_records(world)[0].version)))
    assert done.status_code == 303 and _records(world)[0].state == "entered"
    assert "没有欠录的工作" in text_of(browser.get("/m/"))


def test_a_late_visit_is_labelled_and_its_reason_asked(world: World) -> None:
    browser = tab(world, "phone clerk")
    long_ago = (clock.today() - timedelta(days=60)).isoformat()
    told = browser.get(f"/m/records/visits/due?ended_on={long_ago}").text
    assert "已经逾期" in told and 'name="late_reason"' in told
    entered = browser.post("/m/records/visits/new", _form(world, ended_on=long_ago))
    words = text_of(browser.get(entered.location))
    assert "记为逾期补录" in words and "为什么录晚了" in words
    assert "逾期原因没有填（1 条）" in text_of(browser.get("/m/"))
    empty = browser.post(f"{entered.location}/reason", {"late_reason": " "}, page=entered.location)
    assert "请填写逾期原因" in text_of(browser.get(empty.location))
    browser.post(f"{entered.location}/reason", {"late_reason": "出差"}, page=entered.location)
    after = text_of(browser.get(entered.location))
    assert "逾期原因：出差" in after and "为什么录晚了" not in after


@pytest.mark.parametrize(("day", "says"), [("", ""), ("2026-02-30", ""), ("x" * 60, ""), ("2100-01-01", "还没有到")])
def test_any_day_is_answered(world: World, day: str, says: str) -> None:
    told = tab(world, "phone clerk").get("/m/records/visits/due", query_string={"ended_on": day})
    assert told.status_code == 200 and says in told.text


def test_changing_on_the_phone_leaves_alone_what_it_does_not_show(world: World) -> None:
    browser = tab(world, "phone clerk")
    entered = browser.post("/m/records/visits/new", _form(world))
    record_id = entered.location.rpartition("/")[2]
    api = world.api("clerk")
    assert api.patch(f"/records/visits/{record_id}", {"demand": "希望有人陪诊"}).status_code == 200
    version = str(api.get(f"/records/visits/{record_id}").json["version"])
    who = [world.cadres["cadre"], world.cadres["second cadre"]]
    changed = browser.post(f"{entered.location}/edit", _form(world, place="第五病区", cadre_ids=who, version=version))
    assert changed.status_code == 303
    now = api.get(f"/records/visits/{record_id}").json
    assert (now["demand"], now["place"], now["cadre_ids"]) == ("希望有人陪诊", "第五病区", who)
    stale = browser.post(f"{entered.location}/edit", _form(world, place="别处", version=version))
    assert stale.status_code == 409 and "刚刚被别人改过" in text_of(stale)


def test_a_record_is_deleted_after_a_question(world: World) -> None:
    browser = tab(world, "phone clerk")
    entered = browser.post("/m/records/visits/new", _form(world))
    asked = browser.get(f"{entered.location}/delete")
    assert "删除这条走访慰问？" in text_of(asked)
    gone = browser.post(f"{entered.location}/delete", {"version": "1"}, page=f"{entered.location}/delete")
    assert gone.location == "/m/records/visits" and browser.get(entered.location).status_code == 404


def test_people_are_found_by_pinyin_and_shown_masked(world: World) -> None:
    browser = tab(world, "phone clerk")
    unit = world.units["射阳"]
    found = browser.get(f"/m/records/visits/find?unit={unit}&q=sylc")
    assert world.cadres["cadre"] in found.text and 'type="checkbox"' in found.text
    assert "没有找到" in browser.get(f"/m/records/visits/find?unit={unit}&q=zzz").text
    assert browser.get(f"/m/records/visits/find?unit={world.units['东台']}&q=l").status_code == 404
    assert f"/m/cadres/{world.cadres['cadre']}" in browser.get("/m/cadres?q=sylc").text
    card = browser.get(f"/m/cadres/{world.cadres['cadre']}")
    assert re.search(r"320999\*{8}\d{3}[\dX]", card.text) and re.search(r"199\*{4}\d{4}", card.text)
    assert "射阳路1号" not in card.text and "tel:" not in card.text
    assert browser.get(f"/m/cadres/{world.cadres['other cadre']}").status_code == 404


def test_a_person_comes_along_from_the_card(world: World) -> None:
    browser = tab(world, "phone clerk")
    link = re.search(r'href="(/m/records/visits/new[^"]+)"', browser.get(f"/m/cadres/{world.cadres['cadre']}").text)
    assert link is not None
    page = browser.get(link.group(1).replace("&amp;", "&")).text
    assert re.search(rf'value="{world.cadres["cadre"]}" checked', page)
    other = f"/m/records/visits/new?unit={world.units['射阳']}&cadre={world.cadres['other cadre']}"
    assert browser.get(other).status_code == 404


def test_looking_for_people_needs_no_script(world: World) -> None:
    looked = tab(world, "phone clerk").post("/m/records/visits/new",
                                            _form(world, cadre_ids="", look="1", look_for="sylc", place="第三病区"))
    assert looked.status_code == 200 and world.cadres["cadre"] in looked.text and 'value="第三病区"' in looked.text
    assert _records(world) == []


def test_whoever_may_only_read_gets_no_buttons(world: World) -> None:
    entered = tab(world, "phone clerk").post("/m/records/visits/new", _form(world, feedback="头晕"))
    browser = tab(_on_the_phone(world, "chief"), "chief")
    page = browser.get(entered.location)
    assert page.status_code == 200 and "修改" not in text_of(page) and "头晕" not in text_of(page)
    assert browser.get(f"{entered.location}/edit").status_code == 403
    assert browser.get("/m/records/visits/new").status_code == 403
    assert "记走访慰问" not in text_of(browser.get("/m/")) and "您可以查看这些记录" in text_of(browser.get("/m/"))


def _on_the_phone(world: World, principal: str) -> World:
    """The same world, in which the principal holds a session of the phone."""
    with world.app.app_context(), transaction.act("tests"):
        token = factories.token(account_of(world, principal), "mobile")
    return replace(world, tokens={**world.tokens, principal: token})


@pytest.mark.parametrize("path", ["/m/records/visits?q=%25&timeliness=late", "/m/records/visits?timeliness=never",
                                  "/m/records/visits?cursor=zzz", "/m/records/visits?q=a&q=b", "/m/cadres?unit=1"])
def test_odd_filters_are_never_a_fault_of_ours(world: World, path: str) -> None:
    assert tab(world, "phone clerk").get(path).status_code in (200, 400)


def test_every_icon_a_kind_names_is_there() -> None:
    registry.load()
    drawn = ICONS.read_text(encoding="utf-8")
    assert all(f'id="{module.icon}"' in drawn for module in registry.modules().values())
