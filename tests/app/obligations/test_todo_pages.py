"""What I owe and what I was told, on the console and the phone; the wish for no SMS; the log's word on each step."""

from datetime import date

import pytest

import factories
import rows
from app import outbox
from app.obligations import scheduler
from permissions import transaction
from tenants import clock, tree
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test looks at everything")
DUE_DAY = "2026-06-16T09:00:00+08:00"  # five working days after the 9th


@pytest.fixture
def owing(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A visit that ended on 9 June and is not entered, on the morning of its due day; forms without CSRF."""
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units["射阳"], ALL)
        factories.record(unit=unit, cadre=factories.cadre(unit=unit), ended_on=date(2026, 6, 9), draft=True)
        transaction.audit.record("tests:record", "unit", None, unit)
    return world.at(DUE_DAY)


def look(world: World, at: str | None = None) -> None:
    """One look of the scheduler."""
    if at is not None:
        clock.configure(at)
    with world.app.app_context():
        scheduler.look()


def test_a_clerk_finds_the_message_reads_it_and_it_stays(owing: World) -> None:
    browser = owing.browser("clerk")
    assert "还没有消息" in browser.get("/desk/todo").get_data(as_text=True)
    look(owing)
    text = browser.get("/desk/todo").get_data(as_text=True)
    assert "到期当天提醒" in text and "今天到期" in text and "走访慰问（录入），截止日 2026-06-16" in text
    assert "未读消息" in browser.get("/desk/").get_data(as_text=True)
    assert "今天到期 1 件" in browser.get("/desk/").get_data(as_text=True)
    assert browser.post("/desk/todo/read").status_code == 303
    assert "未读" not in browser.get("/desk/todo").get_data(as_text=True)
    assert "到期当天提醒" in browser.get("/desk/todo").get_data(as_text=True)


def test_the_phone_shows_the_same(owing: World) -> None:
    look(owing)
    browser = owing.browser("phone clerk")
    assert "1 条未读消息" in browser.get("/m/").get_data(as_text=True)
    text = browser.get("/m/todo").get_data(as_text=True)
    assert "到期当天提醒" in text and "今天到期" in text
    browser.post("/m/todo/read")
    assert "未读消息" not in browser.get("/m/").get_data(as_text=True)
    assert owing.browser("cadre").get("/m/todo").status_code == 302


def test_only_those_concerned_are_told(owing: World) -> None:
    look(owing)
    told = {row[0] for row in rows.ask(owing.app, "SELECT account_id FROM notices")}
    assert told == {owing.accounts[name] for name in ("clerk", "phone clerk", "column clerk")}
    assert "到期当天提醒" not in owing.browser("other clerk").get("/desk/todo").get_data(as_text=True)


def test_without_reminders_by_sms_the_messages_are_shown_all_the_same(owing: World) -> None:
    browser = owing.browser("clerk")
    assert browser.post("/desk/todo/sms", data={"sms": "off"}).status_code == 303
    assert "打开短信提醒" in browser.get("/desk/todo").get_data(as_text=True)
    look(owing)
    assert rows.count(owing.app, "digests") == 2 == rows.count(owing.app, "messages")
    assert "到期当天提醒" in browser.get("/desk/todo").get_data(as_text=True)
    browser.post("/desk/todo/sms", data={"sms": "on"})
    assert rows.count(owing.app, "quieted_accounts") == 0


def test_those_above_are_told_in_turn_and_the_log_says_whom(owing: World) -> None:
    for day in ("16", "17", "18", "22", "23", "24", "25"):  # 19 to 21 June is the Dragon Boat Festival
        look(owing, f"2026-06-{day}T09:00:00+08:00")
    late = owing.at("2026-06-25T10:00:00+08:00")
    for name in ("射阳", "盐城", "江苏"):
        text = late.browser(f"{name} administrator").get("/desk/todo").get_data(as_text=True)
        assert "逾期告知" in text and text.count("截止日 2026-06-16") == 1, name
    days = rows.ask(owing.app, "SELECT step, day FROM obligation_steps WHERE outcome = 'sent' ORDER BY day")
    assert [(step, str(day)[:10]) for step, day in days] == [
        ("remind+0", "2026-06-16"), ("tell0", "2026-06-17"), ("tell1", "2026-06-22"), ("tell2", "2026-06-24")]
    log = late.browser("county auditor").get("/desk/log?action=obligation:tell").get_data(as_text=True)
    assert "射阳管理员" in log and "告知本单位管理员" in log and "到期当天提醒" in log


def test_one_sms_a_day_in_numbers_only(owing: World) -> None:
    look(owing)
    look(owing, "2026-06-16T15:00:00+08:00")
    with owing.app.app_context():
        assert outbox.drain(office=False) == 0 and outbox.drain(office=True) == 3 and outbox.drain() == 0
        text = outbox.sms_file().read_text(encoding="utf-8")
    assert text.count("您有 1 项今天到期") == 6, "once in the words and once in the text of each line"
    assert "射阳" not in text and "赵老" not in text and "http" not in text


def test_the_command_tells_how_things_stand(owing: World) -> None:
    look(owing)
    said = owing.app.test_cli_runner().invoke(args=["jobs", "status"]).output.splitlines()
    for line in ("no jobs", "message daily_digest\twaiting\t3", "obligation\topen\t1", "obligation\tto be told\t0",
                 "obligation\tsteps missed\t1", "obligation\tsteps sent\t1", "obligation\tdigests today\t3"):
        assert line in said, said
