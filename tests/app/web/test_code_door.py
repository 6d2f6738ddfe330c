"""Logging in with a code by SMS: once, in time, in the browser that asked, for cadres; the same answer to all."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sms_file
from phone_browser import Tab, tab, text_of, with_password
from statements import counting
from test_login import PHONE, settled

import rows
from app.administration import codes
from permissions import codes as rules
from permissions import transaction
from tenants import clock
from world import World

UNKNOWN = "19999999999"
START = datetime.fromisoformat("2026-06-10T10:00:00+08:00")


def later(world: World, **more: int) -> World:
    """The same world some time after the start."""
    return world.at((START + timedelta(**more)).isoformat())


def code_for(world: World, phone: str) -> str:
    """The code of the last message to a number."""
    return str(sms_file.sent(world, phone)[-1]["params"]["code"])


def asked(world: World, phone: str) -> Tab:
    """A browser that has asked for a code."""
    browser = tab(world, None)
    assert browser.post("/m/login", {"phone": phone}).location == "/m/login/code"
    return browser


def enter(browser: Tab, code: str) -> Any:
    """Type a code."""
    return browser.post("/m/login/code", {"code": code})


def cadre(world: World) -> str:
    """The number of a cadre with an account."""
    return with_password(world, "cadre")[0]


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_cadre_enters_with_six_digits(world: World) -> None:
    phone = cadre(world)
    browser = asked(world, phone)
    (line,) = sms_file.sent(world, phone)
    code = line["params"]["code"]
    assert line["template"] == "login_code" and len(code) == 6 and code.isdigit()
    assert f"{code[:3]} {code[3:]}" in line["text"]
    page = browser.get("/m/login/code")
    assert 'autocomplete="one-time-code"' in page.text and 'inputmode="numeric"' in page.text
    assert f"{phone[:3]}****{phone[7:]}" in page.text and phone not in page.text and code not in page.text
    assert enter(browser, code).location == "/m/home"
    assert browser.get("/m/home").status_code == 200


def test_the_message_carries_no_link_and_nothing_personal(world: World) -> None:
    phone = cadre(world)
    asked(world, phone)
    text = sms_file.sent(world, phone)[-1]["text"]
    assert not any(each in text for each in ("http", "www", ".cn", ".com", "/", "【", "】", "射阳", "老c"))


@pytest.mark.parametrize("typed", ["{0} {1}", "{0}-{1}", " {0}{1} ", "验证码{0}{1}"])
def test_a_code_may_be_typed_as_it_is_read(world: World, typed: str) -> None:
    phone = cadre(world)
    browser = asked(world, phone)
    code = code_for(world, phone)
    assert enter(browser, typed.format(code[:3], code[3:])).location == "/m/home"
    browser = asked(later(world, minutes=2), phone)
    wide = code_for(world, phone).translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    assert enter(browser, wide).location == "/m/home"


def test_a_code_works_once_and_in_the_browser_that_asked(world: World) -> None:
    phone = cadre(world)
    browser, other = asked(world, phone), asked(world, UNKNOWN)
    code = code_for(world, phone)
    assert enter(other, code).status_code == 422
    assert tab(world, None).post("/m/login/code", {"code": code}, page="/m/login").location == "/m/login"
    assert enter(browser, code).location == "/m/home"
    spent = asked(later(world, minutes=2), UNKNOWN)
    with spent.client.session_transaction() as session:
        kept = session["code"]
    with browser.client.session_transaction() as session:
        session["code"] = kept
    assert enter(browser, code).status_code == 422


def test_a_code_of_another_purpose_opens_nothing(world: World) -> None:
    phone = cadre(world)
    browser = asked(world, phone)
    code = code_for(world, phone)
    rows.ask(world.app, "SELECT 1")
    with world.app.app_context(), transaction.act("tests") as session:
        session.execute(rules.LoginCode.__table__.update().values(purpose="phone"))
    assert browser.post("/m/login/code", {"code": code}, page="/m/login").location == "/m/login"


def test_five_tries_and_no_more(world: World) -> None:
    phone = cadre(world)
    browser = asked(world, phone)
    code = code_for(world, phone)
    for left in (4, 3, 2, 1):
        refused = enter(browser, wrong(code))
        assert refused.status_code == 422 and f"还可以试 {left} 次" in text_of(refused)
    assert "重新发" in text_of(enter(browser, wrong(code)))
    with browser.client.session_transaction() as session:
        kept = codes.Asked(*session["code"])
    with world.app.test_request_context(), transaction.act("tests"), pytest.raises(codes.Invalid):
        codes.redeem(kept, code, codes.Came())
    told = world.api("射阳 administrator").get("/audit?action=session:open&limit=50").json["items"]
    assert [each["reason"] for each in told].count("wrong_code") == 5


def test_five_minutes_and_once_five_more(world: World) -> None:
    phone = cadre(world)
    browser = asked(world, phone)
    code = code_for(world, phone)
    later(world, minutes=5)
    page = browser.get("/m/login/code")
    assert "已经不能用了" in text_of(page) and "再等等" in text_of(page)
    assert browser.post("/m/login/longer", page="/m/login/code").location == "/m/login/code"
    later(world, minutes=9, seconds=59)
    assert "再等等" not in text_of(browser.get("/m/login/code"))
    refused = browser.post("/m/login/longer", page="/m/login/code")
    assert refused.status_code == 422
    assert enter(browser, code).location == "/m/home"


def test_ten_minutes_are_the_end(world: World) -> None:
    phone = cadre(world)
    browser = asked(world, phone)
    code = code_for(world, phone)
    browser.post("/m/login/longer", page="/m/login/code")
    later(world, minutes=10)
    with browser.client.session_transaction() as session:
        kept = codes.Asked(*session["code"])
    with world.app.test_request_context(), transaction.act("tests"), pytest.raises(codes.Invalid):
        codes.redeem(kept, code, codes.Came())
    assert "再等等" not in text_of(browser.get("/m/login/code"))


def test_only_the_newest_counts(world: World) -> None:
    phone = cadre(world)
    browser = asked(world, phone)
    first = code_for(world, phone)
    with browser.client.session_transaction() as session:
        old = codes.Asked(*session["code"])
    later(world, seconds=60)
    assert browser.post("/m/login/again", page="/m/login/code").location == "/m/login/code"
    second = code_for(world, phone)
    with world.app.test_request_context(), transaction.act("tests"), pytest.raises(codes.Invalid):
        codes.redeem(old, first, codes.Came())
    assert enter(browser, second).location == "/m/home"


def test_a_minute_between_two_five_an_hour_ten_a_day(world: World) -> None:
    phone = cadre(world)
    browser = asked(world, phone)
    soon = browser.post("/m/login/again", page="/m/login/code")
    assert soon.status_code == 429 and soon.headers["Retry-After"] == "61" and "请等一分钟" in text_of(soon)
    assert tab(world, None).post("/m/login", {"phone": f"+86 {phone}"}).status_code == 429
    sent = 1
    for minute in range(1, 24 * 60, 5):
        later(world, minutes=minute)
        sent += tab(world, None).post("/m/login", {"phone": phone}).status_code == 303
        if minute < 60:
            assert sent <= rules.PER_HOUR
    assert sent == rules.PER_DAY and len(sms_file.sent(world, phone)) <= sent


def test_an_address_asks_twenty_times_an_hour_and_all_have_a_budget(
        world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [tab(world, None).post("/m/login", {"phone": f"1980000{place:04d}"}).status_code for place in range(22)]
    assert said == [303] * 20 + [429] * 2
    monkeypatch.setattr(codes, "PER_ADDRESS_AND_HOUR", 100)
    monkeypatch.setattr(codes, "IN_ALL_AND_HOUR", 21)
    said = [tab(world, None).post("/m/login", {"phone": f"1980001{place:04d}"}).status_code for place in range(3)]
    assert said == [303, 429, 429]


def test_known_and_unknown_numbers_get_the_same_answer_and_cost_the_same(world: World) -> None:
    staff = settled(world)[0] and PHONE
    known = cadre(world)
    answers, work, pages = [], [], []
    for phone in (known, staff, UNKNOWN):
        browser = tab(world, None)
        browser.get("/m/login")
        with counting(world) as seen:
            made = browser.post("/m/login", {"phone": phone})
        answers.append((made.status_code, made.location))
        work.append([" ".join(each.split()[:3]) for each in seen])
        pages.append(text_of(browser.get("/m/login/code")).replace(f"{phone[:3]}****{phone[7:]}", "-"))
    assert answers[0] == answers[1] == answers[2] and work[0] == work[1] == work[2]
    assert pages[0] == pages[1] == pages[2]
    assert not any("accounts" in each for statements in work for each in statements), "asking looks at no account"
    assert [len([each for each in sms_file.sent(world, phone) if each["template"] == "login_code"])
            for phone in (known, staff, UNKNOWN)] == [1, 0, 0]


@pytest.mark.parametrize("change", [{"mobile_access": False}, None])
def test_who_may_not_enter_gets_no_code_and_uses_none(world: World, change: dict[str, Any] | None) -> None:
    phone = cadre(world)
    browser = asked(world, phone)
    code = code_for(world, phone)
    administrator = world.api("射阳 administrator")
    account = world.accounts["cadre"]
    answer = administrator.patch(f"/accounts/{account}", change) if change else \
        administrator.post(f"/accounts/{account}/suspend")
    assert answer.status_code == 200
    assert enter(browser, code).status_code == 422
    later(world, minutes=2)
    before = len(sms_file.sent(world, phone))
    asked(world, phone)
    assert len(sms_file.sent(world, phone)) == before


def test_a_code_is_nowhere_in_clear_once_sent(world: World) -> None:
    phone = cadre(world)
    asked(world, phone)
    code = code_for(world, phone)
    for table in ("login_codes", "messages", "audit_entries", "login_throttles"):
        stored = str(rows.ask(world.app, f"SELECT * FROM {table}"))  # noqa: S608
        assert code not in stored and phone not in stored, table
    assert rows.count(world.app, "login_codes", "unsent IS NOT NULL") == 0


def test_a_code_that_ran_out_waiting_is_not_sent(world: World) -> None:
    phone = cadre(world)
    asked(world, phone)
    later(world, minutes=6)
    assert sms_file.sent(world, phone) == []
    assert rows.count(world.app, "login_codes", "unsent IS NOT NULL") == 0


def test_asking_for_a_code_leaves_a_password_on_its_way_alone(world: World) -> None:
    phone = cadre(world)
    world.api("射阳 administrator").post(f"/accounts/{world.accounts['cadre']}/resend")
    asked(world, phone)
    assert [each["template"] for each in sms_file.sent(world, phone)] == ["password_resent", "login_code"]


@pytest.mark.parametrize("typed", ["", "abc", "1".rjust(20, "0"), "١٢٣٤٥٦"])
def test_what_is_no_code_is_refused_kindly(world: World, typed: str) -> None:
    assert enter(asked(world, cadre(world)), typed).status_code == 422


@pytest.mark.parametrize("typed", ["", "123", "not a number", "0515-1234567"])
def test_what_is_no_number_is_said_before_anything_is_sent(world: World, typed: str) -> None:
    answer = tab(world, None).post("/m/login", {"phone": typed})
    assert answer.status_code == 422 and rows.count(world.app, "login_codes") == 0


def test_old_codes_are_cleared_away(world: World) -> None:
    asked(world, UNKNOWN)
    with world.app.app_context(), transaction.act("tests"):
        codes.clear_away(clock.now() + timedelta(days=2, seconds=1))
    assert rows.count(world.app, "login_codes") == 0


@pytest.mark.parametrize("fault", ["any browser", "no end to tries"])
def test_planted_faults_are_seen(world: World, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """The two guards a code stands on, each taken away: what the tests above rely on then gives way."""
    phone = cadre(world)
    browser, other = asked(world, phone), asked(world, UNKNOWN)
    code = code_for(world, phone)
    if fault == "any browser":
        monkeypatch.setattr(codes, "browser_key", lambda _nonce: rows.ask(
            world.app, "SELECT browser_key FROM login_codes ORDER BY created_at LIMIT 1")[0][0])
        with browser.client.session_transaction() as session:
            stolen = session["code"][0]
        with other.client.session_transaction() as session:
            session["code"] = [stolen, "whatever"]
        key = codes.browser_key("")
        monkeypatch.setattr(codes.hmac, "compare_digest", lambda mine, his: his == key or mine == his)
        assert enter(other, code).status_code == 303
    else:
        monkeypatch.setattr(rules.LoginCode, "open_at", lambda _code, _now: True)
        for _each in range(6):
            enter(browser, wrong(code))
        assert enter(browser, code).status_code == 303
