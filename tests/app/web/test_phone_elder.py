"""The pages of a cadre: his own data and nobody else's, in plain words, numbers masked, at both type sizes."""

import re
from datetime import date

import pytest
import sqlalchemy as sa
from phone_browser import ALL, account_of, count, tab, text_of

import factories
from app.opinions.model import Opinion
from app.people.model import Cadre
from permissions import transaction
from permissions.audit import AuditEntry
from permissions.roles import Role
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from world import World

PAGES = ("/m/home", "/m/own/file", "/m/own/contact", "/m/own/services", "/m/own/opinions", "/password", "/m/elder")


def _records(world: World, *cases: tuple[str, str, dict[str, object]]) -> None:
    """Entered records of 射阳: (module, cadre, more)."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        clerk = account_of(world, "clerk")
        for module, name, more in cases:
            cadre = db.session.execute(ALL.select(Cadre).where(Cadre.id == world.cadres[name])).scalar_one()
            factories.record(module=module, unit=unit, cadre=cadre, author=clerk,
                             **({"ended_on": clock.today()} | more))  # type: ignore[arg-type]
        transaction.audit.record("tests:records", "unit", None, unit)


def test_every_page_answers_and_keeps_the_policy(world: World) -> None:
    browser = tab(world, "cadre")
    for path in PAGES:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert 'class="elder size-18"' in answer.text and "viewport" in answer.text
        assert "user-scalable" not in answer.text and "maximum-scale" not in answer.text
        assert "<style" not in answer.text and " style=" not in answer.text and " onclick" not in answer.text


def test_the_type_size_is_kept_and_only_two_are_known(world: World) -> None:
    browser = tab(world, "cadre")
    chosen = browser.post("/m/elder", {"size": "30", "next": "/m/own/file"}, page="/m/own/file")
    assert chosen.status_code == 303 and chosen.location == "/m/own/file"
    assert 'class="elder size-30"' in browser.get("/m/own/file").text
    browser.post("/m/elder", {"size": "12", "next": "/m/home"}, page="/m/home")
    assert 'class="elder size-18"' in browser.get("/m/home").text
    assert "关怀版" in text_of(tab(world, None).get("/m/elder"))


def test_my_record_is_masked(world: World) -> None:
    with world.app.app_context():
        cadre = db.session.execute(ALL.select(Cadre).where(Cadre.id == world.cadres["cadre"])).scalar_one()
        id_number, mobile, address = cadre.id_number, cadre.mobile, cadre.address
    page = tab(world, "cadre").get("/m/own/file")
    words = text_of(page)
    assert "1958年7月" in words and "退休" in words and f"320999********{id_number[-4:]}" in words
    assert "已登记，为保密不显示" in words and "是否在世" not in words
    for secret in (id_number, mobile, address):
        assert secret is not None and secret not in page.text


def test_my_contact_is_one_tap_away(world: World) -> None:
    with world.app.app_context():
        clerks = {account_of(world, name).phone for name in ("clerk", "phone clerk", "column clerk")}
    for path in ("/m/home", "/m/own/contact"):
        offered = re.findall(r'href="tel:(\d+)"', tab(world, "cadre").get(path).text)
        assert len(offered) == 1 and offered[0] in clerks


def test_a_unit_without_staff_says_what_to_do(world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["黄沙港镇"])).scalar_one()
        cadre = factories.cadre(unit=unit, name="沈老")
        token = factories.token(factories.cadre_account(cadre=cadre, unit=unit), "mobile")
        transaction.audit.record("tests:cadre", "cadre", cadre.id, unit)
    browser = tab(world, None)
    with browser.client.session_transaction() as session:
        session["_user_id"] = token
    page = browser.get("/m/own/contact")
    assert "还没有给您安排联系人" in text_of(page) and "tel:" not in page.text
    assert browser.get("/m/home").status_code == 200
    assert "这里还没有内容" in text_of(browser.get("/m/own/services"))


def test_what_was_done_is_told_in_plain_words(world: World) -> None:
    _records(world, ("visits", "cadre", {"type": "festival", "place": "家中", "ended_on": date(2025, 10, 3)}),
             ("volunteer_service", "cadre", {"ended_on": date(2025, 9, 1)}),
             ("visits", "second cadre", {"place": "别人家"}), ("visits", "cadre", {"place": "草稿地点", "draft": True}))
    words = text_of(tab(world, "cadre").get("/m/own/services"))
    assert "2025年10月3日" in words and "射阳看望了您" in words and "节日慰问 · 家中" in words
    assert "您参加了志愿服务" in words and "服务 90 分钟" in words
    assert "别人家" not in words and "草稿地点" not in words


def test_whoever_was_absent_is_not_told_that_he_took_part(world: World) -> None:
    for status, shown in (("absent", False), ("leave", False), ("present", True)):
        attendance = [{"cadre_id": world.cadres["cadre"], "status": status}]
        _records(world, ("branch_activities", "cadre", {"attendance": attendance, "topic": f"主题{status}"}))
        assert (f"主题{status}" in text_of(tab(world, "cadre").get("/m/own/services"))) is shown


def test_only_the_newest_are_shown_first(world: World) -> None:
    _records(world, *(("visits", "cadre", {"place": f"第{day:02d}处", "ended_on": date(2025, 3, day)})
                      for day in range(1, 13)))
    first = text_of(tab(world, "cadre").get("/m/own/services"))
    assert "第12处" in first and "第02处" not in first and "看更早的（共 12 件）" in first
    assert "第01处" in text_of(tab(world, "cadre").get("/m/own/services?all=1"))


def test_an_opinion_is_left_confirmed_and_listed(world: World) -> None:
    browser = tab(world, "cadre")
    said = browser.post("/m/own/opinions", {"text": "活动室周末能开门吗？\n谢谢"})
    assert said.status_code == 303
    words = text_of(browser.get(said.location))
    assert "您的意见已经送到射阳" in words and "活动室周末能开门吗？ 谢谢" in words
    assert "活动室" not in text_of(tab(world, "second cadre").get("/m/own/opinions"))
    with world.app.app_context():
        entry = db.session.execute(ALL.select(AuditEntry).where(AuditEntry.action == "opinion:leave")).scalar_one()
        assert entry.actor_role == Role.cadre.value and entry.actor == world.accounts["cadre"]


@pytest.mark.parametrize("typed", ["", "   \n ", "长" * 1001, "有\x00字"])
def test_a_bad_opinion_keeps_the_page_and_changes_nothing(world: World, typed: str) -> None:
    answer = tab(world, "cadre").post("/m/own/opinions", {"text": typed})
    assert answer.status_code == 422 and "还没有送出" in text_of(answer)
    assert count(world.app, Opinion) == 0
    with world.app.app_context():
        assert not db.session.execute(sa.select(Opinion.id).execution_options(scope=ALL)).all()


def test_staff_do_not_get_into_the_pages_of_a_cadre(world: World) -> None:
    for path in PAGES[1:5]:
        assert tab(world, "phone clerk").get(path).status_code == 403
        assert tab(world, None).get(path).location.startswith("/login?next=/m/own/")
