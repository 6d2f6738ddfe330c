"""Logging in: the single-use password, its life, the slow-down, the same answer to everybody, the right end."""

from typing import Any

import pytest
import sms_file

import rows
from world import Api, World

PHONE = "19912340001"


def enter(world: World, phone: str, password: str, channel: str = "pc", **more: Any) -> Any:
    """Try to log in."""
    return world.api(None).post("/sessions", {"phone": phone, "password": password, "channel": channel}, **more)


def opened(world: World, phone: str = PHONE, **more: Any) -> str:
    """A new staff account; its single-use password."""
    sms_file.staff(world, phone, **more)
    return sms_file.password_for(world, phone)


def settled(world: World, phone: str = PHONE, own: str = "haihe-zhen-72", **more: Any) -> tuple[Api, str]:
    """A staff member with a password of their own, logged in."""
    word = opened(world, phone, **more)
    api = Api(world.app.test_client(), enter(world, phone, word).json["token"])
    assert api("PUT", "/me/password", {"old": word, "new": own}).status_code == 204
    return api, own


def test_the_initial_password_opens_one_session(world: World) -> None:
    word = opened(world)
    first = enter(world, PHONE, word)
    assert first.status_code == 201 and first.json["must_change_password"] is True
    again = enter(world, PHONE, word)
    assert (again.status_code, again.json["code"]) == (401, "wrong_credentials")
    assert len(word) >= 16 and word.isdigit()


@pytest.mark.parametrize("spelling", ["{0} {1} {2} {3}", "{0}-{1}-{2}-{3}", " {0}{1}{2}{3} ", "{0}　{1}{2}{3}"])
def test_an_initial_password_may_be_typed_as_it_is_read(world: World, spelling: str) -> None:
    word = opened(world)
    typed = spelling.format(*(word[start:start + 4] for start in range(0, 16, 4)))
    assert enter(world, PHONE, typed).status_code == 201


@pytest.mark.parametrize("spelling", ["199 1234 0001", "+86 19912340001", "0086-199-1234-0001",
                                      "１９９１２３４０００１"])
def test_the_number_may_be_typed_in_many_ways(world: World, spelling: str) -> None:
    assert enter(world, spelling, opened(world)).status_code == 201


def test_an_initial_password_dies_after_72_hours(world: World) -> None:
    word = opened(world)
    later = world.at("2026-06-13T10:00:01+08:00")
    assert enter(later, PHONE, word).json["code"] == "wrong_credentials"
    in_time = world.at("2026-06-13T10:00:00+08:00")
    assert enter(in_time, PHONE, word).status_code == 201


def test_before_the_change_only_the_change_is_open(world: World) -> None:
    word = opened(world)
    api = Api(world.app.test_client(), enter(world, PHONE, word).json["token"])
    for path in ("/units", "/records/visits", "/cadres", "/accounts", "/deadlines/explain", "/audit", "/me/cadre"):
        refused = api.get(path)
        assert (refused.status_code, refused.json["code"]) == (403, "password_change_required"), path
    assert api.get("/me").json["must_change_password"] is True
    assert api("PUT", "/me/password", {"old": word, "new": "haihe-zhen-72"}).status_code == 204
    assert api.get("/me").json["must_change_password"] is False
    assert api.get("/units").status_code == 403  # no right of any kind yet
    assert enter(world, PHONE, "haihe-zhen-72").json["must_change_password"] is False


@pytest.mark.parametrize(("new", "fine"), [
    ("haihe-zhen-72", True), ("枫桥夜泊abc1234", True), ("short1", False), ("a" * 129, False), ("1234567890", False),
    ("abcdefghij", False), ("abcdefghijk1", True), ("x19912340001", False), ("zhou周洁2026ab", False),
    ("aaaaaaaaa1", False), ("abcabcabcabc", False), ("password-\x00-12", False), ("", False), (None, False),
    (12345678901, False),
])
def test_what_makes_a_password(world: World, new: Any, fine: bool) -> None:
    word = opened(world)
    api = Api(world.app.test_client(), enter(world, PHONE, word).json["token"])
    answer = api("PUT", "/me/password", {"old": word, "new": new})
    if fine:
        assert answer.status_code == 204, answer.text
    else:
        assert answer.status_code in (400, 422), answer.text
        assert api.get("/me").json["must_change_password"] is True


def test_the_old_password_must_be_right_and_the_new_one_new(world: World) -> None:
    api, own = settled(world)
    wrong = api("PUT", "/me/password", {"old": "nothing-like-it-1", "new": "another-one-73"})
    assert wrong.status_code == 422 and list(wrong.json["fields"]) == ["old"]
    same = api("PUT", "/me/password", {"old": own, "new": own})
    assert same.status_code == 422 and list(same.json["fields"]) == ["new"]
    assert enter(world, PHONE, own).status_code == 201


def test_a_password_of_ones_own_is_kept_dearly(world: World, dear_hashing: None) -> None:
    settled(world)
    kept = [str(row[0]) for row in rows.ask(world.app, "SELECT password_hash FROM accounts")]
    (own,) = [each for each in kept if each.startswith("$argon2")]
    _empty, kind, _version, costs, _salt, _digest = own.split("$")
    said = dict(part.split("=") for part in costs.split(","))
    assert kind == "argon2id" and int(said["m"]) >= 47_104 and int(said["t"]) >= 1


def test_unknown_numbers_and_wrong_passwords_get_the_same_answer(world: World) -> None:
    opened(world)
    answers = [enter(world, phone, "1234 5678 1234 5678") for phone in
               (PHONE, "19999999999", "not a number", "0", "+1 650 253 0000", "１３８")]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}
    assert "Retry-After" not in answers[0].headers
    headers = [{name for name, _value in answer.headers} for answer in answers]
    assert all(each == headers[0] for each in headers)


def test_five_failures_slow_a_number_down_known_or_not(world: World) -> None:
    word = opened(world)
    for phone in (PHONE, "19999999999"):
        assert [enter(world, phone, "1234").status_code for _each in range(5)] == [401] * 5
        slowed = enter(world, phone, word)
        assert (slowed.status_code, slowed.json["code"]) == (429, "slow_down")
        assert 1 <= int(slowed.headers["Retry-After"]) <= 61
    assert enter(world, "19912349999", "1234").status_code == 401  # others are not slowed
    later = world.at("2026-06-10T10:01:01+08:00")
    assert enter(later, PHONE, word).status_code == 201


def test_the_wait_grows_and_ends_and_successes_do_not_count(world: World) -> None:
    _api, own = settled(world)
    for _each in range(8):
        assert enter(world, PHONE, own).status_code == 201
    for _each in range(5):
        enter(world, PHONE, "wrong")
    waits, moment = [], 0
    for _each in range(4):
        waits.append(int(enter(world, PHONE, "wrong").headers["Retry-After"]))
        moment += waits[-1] + 1
        world = world.at(f"2026-06-10T{10 + moment // 3600:02d}:{moment // 60 % 60:02d}:{moment % 60:02d}+08:00")
        assert enter(world, PHONE, "wrong").status_code == 401
    assert waits == sorted(waits) and waits[-1] > 4 * waits[0] and max(waits) <= 3601


def test_a_new_password_from_the_administrator_ends_the_wait(world: World) -> None:
    opened(world)
    for _each in range(6):
        enter(world, PHONE, "wrong")
    found = world.api("射阳 administrator").get("/accounts", query_string={"q": PHONE}).json["items"]
    assert world.api("射阳 administrator").post(f"/accounts/{found[0]['id']}/resend").status_code == 200
    assert enter(world, PHONE, sms_file.password_for(world, PHONE)).status_code == 201


def test_one_address_is_slowed_only_by_very_many_failures(world: World) -> None:
    for number in range(20):
        assert enter(world, f"199{number:08d}", "wrong").status_code == 401
    (failures,) = rows.ask(world.app, "SELECT max(failures) FROM login_throttles")
    assert failures[0] == 20  # the address has them all, and is not slowed by them


@pytest.mark.parametrize(("pc_grant", "mobile_access", "pc", "mobile"), [
    (True, True, 201, 201), (False, True, 403, 201), (True, False, 201, 403), (False, False, 403, 403)])
def test_staff_enter_where_they_may(world: World, pc_grant: bool, mobile_access: bool, pc: int, mobile: int) -> None:
    for channel, status in (("pc", pc), ("mobile", mobile)):
        phone = f"1991234001{'01'[channel == 'pc']}"
        word = opened(world, phone, pc_grant=pc_grant, mobile_access=mobile_access)
        answer = enter(world, phone, word, channel, headers={"User-Agent": "Mozilla/5.0 (iPhone) Mobile Windows"})
        assert answer.status_code == status, channel
        if status == 403:
            assert answer.json["code"] == "channel_closed"
            administrator = world.api("射阳 administrator")
            found = administrator.get("/accounts", query_string={"q": phone}).json["items"][0]
            administrator.patch(f"/accounts/{found['id']}", {"pc_grant": True, "mobile_access": True})
            assert enter(world, phone, word, channel).status_code == 201  # the password was not spent


def test_a_cadre_is_turned_away_at_the_pc_door_only(world: World) -> None:
    cadre = world.api("射阳 administrator").post("/cadres", {
        "unit_id": world.units["射阳"], "name": "钱老", "id_number": "320999193801150017", "retirement_type": "lixiu"})
    sms_file.cadre_account(world, "19912340099", cadre.json["id"])
    word = sms_file.password_for(world, "19912340099")
    refused = enter(world, "19912340099", word, "pc")
    assert (refused.status_code, refused.json["code"]) == (403, "channel_closed")
    assert enter(world, "19912340099", word, "mobile").status_code == 201


@pytest.mark.parametrize(("body", "status"), [
    ({}, 422), ({"phone": PHONE, "password": "x"}, 422), ({"phone": PHONE, "password": "x", "channel": "tv"}, 422),
    ({"phone": 1, "password": "x", "channel": "pc"}, 422), ({"phone": PHONE, "password": ["x"], "channel": "pc"}, 422),
    ({"phone": PHONE, "password": "x" * 201, "channel": "pc"}, 422),
    ({"phone": PHONE, "password": "x", "channel": "pc", "as": "administrator"}, 422),
    ({"phone": "x" * 65, "password": "x", "channel": "pc"}, 422), ([], 400),
])
def test_bad_bodies_are_refused_and_count_for_nothing(world: World, body: Any, status: int) -> None:
    before = rows.digests(world.app)
    assert world.api(None).post("/sessions", body).status_code == status
    assert rows.digests(world.app) == before


def test_the_log_tells_of_entering_and_of_failing(world: World) -> None:
    _api, own = settled(world)
    enter(world, PHONE, "wrong-one")
    enter(world, "19999999999", own)
    log = world.api("射阳 administrator").get("/audit?action=session:open&limit=200").json["items"]
    told = [(each["result"], each["reason"]) for each in log]
    assert told.count(("refused", "wrong_credentials")) == 1 and ("ok", None) in told
    above = world.api("江苏 administrator").get("/audit?action=session:open&limit=200").json["items"]
    assert len([each for each in above if each["object_id"] is None]) == 1  # the unknown number, told to the province
    stored = str(rows.ask(world.app, "SELECT * FROM audit_entries"))
    assert own not in stored and "19999999999" not in stored and PHONE not in stored and "wrong-one" not in stored
