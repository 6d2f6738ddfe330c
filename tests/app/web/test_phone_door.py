"""The way in on both ends: who is let in where, the first password, the way out, and what a closed door says."""

import pytest
from phone_browser import PHONE_AGENT, count, tab, text_of, with_password

from app.opinions.model import Opinion
from permissions.accounts import LoginSession
from world import World


@pytest.mark.parametrize(("agent", "end"), [("", "desk"), (PHONE_AGENT, "mobile")])
def test_the_front_door_chooses_by_device(world: World, agent: str, end: str) -> None:
    answer = tab(world, None).get("/", headers={"User-Agent": agent})
    assert answer.status_code == 302 and answer.location == f"/login?end={end}"


@pytest.mark.parametrize(("principal", "home"), [("cadre", "/m/home"), ("phone clerk", "/m/"), ("clerk", "/desk/")])
def test_the_front_door_chooses_by_session(world: World, principal: str, home: str) -> None:
    assert tab(world, principal).get("/").location == home


def test_a_cadre_and_a_clerk_are_led_to_their_own_home(world: World) -> None:
    assert tab(world, "cadre").get("/m/").location == "/m/home"
    assert tab(world, "phone clerk").get("/m/home").location == "/m/"


def test_logging_in_leads_home_or_to_the_page_asked_for(world: World) -> None:
    phone, password = with_password(world, "cadre")
    assert tab(world, None).log_in(phone, password, "mobile").location == "/m/home"
    wanted = tab(world, None).log_in(phone, password, "mobile", next="/m/own/services?all=1")
    assert wanted.location == "/m/own/services?all=1"


@pytest.mark.parametrize("target", ["//evil.example/m/", "https://evil.example/m/", "/desk/", "/m/../desk/\\", "/mm/",
                                    "/m/own\r\nSet-Cookie: a=b", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(world: World, target: str) -> None:
    phone, password = with_password(world, "cadre")
    assert tab(world, None).log_in(phone, password, "mobile", next=target).location == "/m/home"
    switched = tab(world, None).post("/m/elder", {"size": "30", "next": target}, page="/m/elder")
    assert switched.location == "/"


@pytest.mark.parametrize(("principal", "says"), [("cadre", "老同志请用手机登录"), ("phone clerk", "没有开通电脑端")])
def test_the_pc_door_turns_away_kindly_and_opens_no_session(world: World, principal: str, says: str) -> None:
    phone, password = with_password(world, principal)
    before = count(world.app, LoginSession)
    browser = tab(world, None)
    answer = browser.log_in(phone, password, "desk")
    assert answer.status_code == 403 and says in text_of(answer) and "手机端登录页" in text_of(answer)
    assert count(world.app, LoginSession) == before
    assert browser.get("/desk/").status_code in (302, 303)


def test_an_unknown_number_and_a_wrong_password_look_the_same(world: World) -> None:
    phone, _password = with_password(world, "cadre")
    wrong = tab(world, None).log_in(phone, "not-the-password", "mobile")
    unknown = tab(world, None).log_in("19912345678", "not-the-password", "mobile")
    assert wrong.status_code == unknown.status_code == 401
    assert text_of(wrong) == text_of(unknown) and "手机号码或密码不正确" in text_of(wrong)
    assert phone in wrong.text and "not-the-password" not in wrong.text


def test_too_many_failures_are_slowed_down(world: World) -> None:
    phone, password = with_password(world, "cadre")
    browser = tab(world, None)
    for _ in range(5):
        assert browser.log_in(phone, "wrong", "mobile").status_code == 401
    slowed = browser.log_in(phone, password, "mobile")
    assert slowed.status_code == 429 and int(slowed.headers["Retry-After"]) > 0 and "过一会儿再试" in text_of(slowed)


def test_empty_fields_are_named(world: World) -> None:
    answer = tab(world, None).log_in("", "", "mobile")
    assert answer.status_code == 422 and text_of(answer).count("请填写这一项") == 4  # in the summary and at the field


def test_a_cadre_sets_a_password_at_first_login(world: World) -> None:
    phone, initial = with_password(world, "cadre", initial=True)
    browser = tab(world, None)
    spaced = " ".join(initial[place:place + 4] for place in range(0, len(initial), 4))
    assert browser.log_in(f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}", spaced, "mobile").location == "/password"
    assert browser.get("/m/home").location == "/password"
    form = browser.get("/password")
    assert "至少 8 位" in text_of(form) and 'name="old"' not in form.text
    assert "退出登录" not in text_of(form)  # leaving now would use the single-use password up
    weak = browser.post("/password", {"new": "12345678", "again": "12345678"})
    assert weak.status_code == 422 and "密码太简单" in text_of(weak)
    unequal = browser.post("/password", {"new": "66778899ab", "again": "66778899"})
    assert unequal.status_code == 422 and "两遍输入的不一样" in text_of(unequal)
    assert browser.post("/password", {"new": "66778899ab", "again": "66778899ab"}).location == "/m/home"
    assert "新密码已经设好" in text_of(browser.get("/m/home"))
    assert tab(world, None).log_in(phone, initial, "mobile").status_code == 401
    assert tab(world, None).log_in(phone, "66778899ab", "mobile").location == "/m/home"


def test_staff_are_told_their_own_rules(world: World) -> None:
    phone, initial = with_password(world, "clerk", initial=True)
    browser = tab(world, None)
    assert browser.log_in(phone, initial, "desk").location == "/password"
    assert "至少 10 位，同时有字母和数字" in text_of(browser.get("/password"))
    digits = browser.post("/password", {"new": "7788669955", "again": "7788669955"})
    assert digits.status_code == 422 and "同时有字母和数字" in text_of(digits)
    assert browser.post("/password", {"new": "huakai7788x", "again": "huakai7788x"}).location == "/desk/"


def test_later_the_old_password_is_asked_for(world: World) -> None:
    phone, password = with_password(world, "cadre")
    browser, other = tab(world, None), tab(world, None)
    for each in (browser, other):
        each.log_in(phone, password, "mobile")
    assert 'name="old"' in browser.get("/password").text
    without = browser.post("/password", {"new": "66778899ab", "again": "66778899ab"})
    assert without.status_code == 422 and "现在用的密码" in text_of(without)
    wrong = browser.post("/password", {"old": "nonsense", "new": "66778899ab", "again": "66778899ab"})
    assert wrong.status_code == 422 and "原密码不正确" in text_of(wrong)
    right = browser.post("/password", {"old": password, "new": "66778899ab", "again": "66778899ab"})
    assert right.location == "/m/home"
    assert other.get("/m/home").location.startswith("/login")  # every other session has ended


def test_the_way_out_ends_the_session(world: World) -> None:
    browser = tab(world, "cadre")
    out = browser.post("/logout", page="/m/home")
    assert out.location == "/login?end=mobile" and "cache" in out.headers["Clear-Site-Data"]
    assert browser.get("/m/home").location == "/login?next=/m/home&end=mobile"


def test_a_form_without_its_token_is_refused(world: World) -> None:
    before = count(world.app, Opinion)
    answer = tab(world, "cadre").client.post("/m/own/opinions", data={"text": "没有凭证"})
    assert answer.status_code == 400 and "请返回刷新页面" in text_of(answer)
    assert count(world.app, Opinion) == before


@pytest.mark.parametrize(("principal", "path", "sheet"), [
    ("cadre", "/m/nowhere", "elder.css"), (None, "/m/nowhere", "elder.css"), (None, "/nowhere", "desk.css")])
def test_an_error_page_looks_like_its_end(world: World, principal: str | None, path: str, sheet: str) -> None:
    answer = tab(world, principal).get(path)
    assert answer.status_code == 404 and sheet in answer.text and "没有找到" in text_of(answer)
    assert "<style" not in answer.text and " style=" not in answer.text
    assert ("编号" in text_of(answer)) is (sheet == "desk.css")  # of no use to a cadre, and long at 30 px


def test_the_look_follows_the_session_in_the_browser(world: World) -> None:
    phone, password = with_password(world, "phone clerk")
    browser = tab(world, None)
    browser.log_in(phone, password, "mobile")
    lost = browser.get("/nowhere")
    assert "mobile.css" in lost.text and "elder.css" not in lost.text


def test_the_way_back_is_a_page_of_ours(world: World) -> None:
    browser = tab(world, None)
    for came, offered in (("http://localhost/m/elder?a=1", True), ("http://evil.example/m/home", False),
                          ("http://localhost//evil.example", False), ("http://[", False), ("javascript:x()", False)):
        shown = browser.get("/m/nowhere", headers={"Referer": came}).text
        assert ("返回上一页" in shown) is offered and ('href="/m/elder?a=1"' in shown) is offered


def test_a_cadre_finds_every_staff_page_closed(world: World) -> None:
    browser = tab(world, "cadre")
    own_file = f"/m/cadres/{world.cadres['cadre']}"
    for path in ("/desk/", "/m/cadres", own_file, "/m/records/visits", "/m/records/visits/new"):
        answer = browser.get(path)
        assert answer.status_code == 403, path
