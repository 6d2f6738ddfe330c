"""Nobody is locked out for good: a stranger's failures slow strangers, and the known device goes on; equal work."""

from datetime import datetime
from typing import Any

import pytest
from phone_browser import PHONE_AGENT, tab
from statements import counting
from test_login import PHONE, enter, opened, settled

import rows
from permissions import devices, passwords, slowing, transaction
from world import World

UNKNOWN = "19999999999"


def enter_from(world: World, address: str, phone: str, password: str, **more: Any) -> Any:
    """Try to log in from an address."""
    body = {"phone": phone, "password": password, "channel": "pc"} | more
    return world.api(None).post("/sessions", body, environ_overrides={"REMOTE_ADDR": address})


def test_a_stranger_cannot_keep_the_owner_out(world: World) -> None:
    """A day of failures from one address: the owner enters from elsewhere, and from there with a known device."""
    _api, own = settled(world)
    kept = enter(world, PHONE, own).json["device"]
    for hour in range(10, 24):
        there = world.at(f"2026-06-10T{hour}:00:00+08:00")
        for _each in range(7):
            enter_from(there, "203.0.113.9", PHONE, "wrong")
        assert enter_from(there, "203.0.113.9", PHONE, own).status_code == 429
        assert enter_from(there, "203.0.113.9", PHONE, own, device=kept).status_code == 201
        assert enter_from(there, "198.51.100.7", PHONE, own).status_code == 201


def test_many_addresses_at_one_number_are_slowed_but_not_the_known_device(world: World) -> None:
    _api, own = settled(world)
    kept = enter(world, PHONE, own).json["device"]
    said = [enter_from(world, f"203.0.113.{part}", PHONE, "wrong").status_code for part in range(30)]
    assert said == [401] * 20 + [429] * 10
    assert enter_from(world, "198.51.100.7", PHONE, own).status_code == 429
    assert enter_from(world, "198.51.100.7", PHONE, own, device=kept).status_code == 201


def test_a_known_device_is_slowed_by_its_own_failures(world: World) -> None:
    """The exemption is no way to guess: five tries, then the wait grows to a quarter of an hour and no further."""
    _api, own = settled(world)
    kept = enter(world, PHONE, own).json["device"]
    assert [enter(world, PHONE, "wrong").status_code for _each in range(5)] == [401] * 5
    assert [enter_from(world, "203.0.113.9", PHONE, "wrong", device=kept).status_code for _each in range(6)] == [
        *[401] * 5, 429]
    waits, moment = [], 0
    for _each in range(7):
        waits.append(int(enter_from(world, "203.0.113.9", PHONE, own, device=kept).headers["Retry-After"]))
        moment += waits[-1] + 1
        at = f"2026-06-10T{10 + moment // 3600}:{moment // 60 % 60:02d}:{moment % 60:02d}+08:00"
        assert enter_from(world.at(at), "203.0.113.9", PHONE, "wrong", device=kept).status_code == 401
    assert [round(each / 60) for each in waits] == [1, 2, 4, 8, 15, 15, 15]


@pytest.mark.parametrize("spoil", [
    lambda kept: kept[:-1] + ("0" if kept[-1] != "0" else "1"), lambda kept: "A" * 22 + kept[22:],
    lambda kept: kept.split(".")[0], lambda kept: f"{kept}.{kept}", lambda _kept: "x" * 400, lambda _kept: "",
])
def test_a_mark_that_was_not_given_counts_for_nothing(world: World, spoil: Any) -> None:
    _api, own = settled(world)
    kept = enter(world, PHONE, own).json["device"]
    for _each in range(5):
        enter(world, PHONE, "wrong")
    refused = world.api(None).post("/sessions", {"phone": PHONE, "password": own, "channel": "pc",
                                                 "device": spoil(kept)})
    assert refused.status_code == 429


def test_marks_name_the_account_and_five_are_kept(app: Any) -> None:
    kept = devices.remember("", "a" * 22)
    assert devices.known(kept, "a" * 22) and not devices.known(kept, "b" * 22) and not devices.known(kept, None)
    for letter in "bcdef":
        kept = devices.remember(kept, letter * 22)
    assert [letter for letter in "abcdef" if devices.known(kept, letter * 22)] == list("bcdef")
    assert len(kept) <= devices.LONGEST and devices.remember(kept, "f" * 22) == kept


def test_the_browser_keeps_the_mark_beyond_the_session(world: World) -> None:
    _api, own = settled(world)
    browser = tab(world, None)
    came_in = browser.log_in(PHONE, own, "desk")
    said = next(each for each in came_in.headers.getlist("Set-Cookie") if each.startswith("yinling_device="))
    assert "HttpOnly" in said and "SameSite=Lax" in said and "Max-Age=31536000" in said
    browser.post("/logout", page="/desk/")
    for _each in range(6):
        tab(world, None).log_in(PHONE, "wrong", "desk")
    assert tab(world, None).log_in(PHONE, own, "desk").status_code == 429
    assert browser.log_in(PHONE, own, "desk").status_code == 303


def test_failures_in_all_slow_strangers_for_a_minute_at_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _api, own = settled(world)
    kept = enter(world, PHONE, own).json["device"]
    monkeypatch.setattr(slowing, "FREE_IN_ALL", slowing.SHARES * 2)
    for part in range(200):
        enter_from(world, f"203.0.{part // 200}.{part % 200}", f"1980000{part:04d}", "wrong")
    slowed = enter_from(world, "198.51.100.7", PHONE, own)
    assert slowed.status_code == 429 and int(slowed.headers["Retry-After"]) <= 61
    assert enter_from(world, "198.51.100.7", PHONE, own, device=kept).status_code == 201
    assert enter_from(world.at("2026-06-10T10:10:01+08:00"), "198.51.100.7", PHONE, own).status_code == 201


def test_known_and_unknown_numbers_cost_the_same_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hashing and the same statements, in the first failure, in later ones and when slowed down."""
    _api, _own = settled(world)
    opened(world, "19912340002")
    hashed: list[str] = []
    argon = passwords._argon
    monkeypatch.setattr(passwords, "_argon", lambda stored, typed: hashed.append(stored) or argon(stored, typed))
    work: dict[str, list[tuple[int, int, list[str]]]] = {}
    for phone in (PHONE, "19912340002", UNKNOWN, "not a number"):
        for _try in range(6):
            hashed.clear()
            with counting(world) as seen:
                status = enter(world, phone, "1234 5678 1234 5678").status_code
            work.setdefault(phone, []).append((status, len(hashed), [" ".join(each.split()[:2]) for each in seen]))
    assert work[PHONE] == work["19912340002"] == work[UNKNOWN] == work["not a number"]
    assert [each[0] for each in work[PHONE]] == [401] * 5 + [429] and work[PHONE][0][1] == 1


def test_unequal_work_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a number nobody has is answered without hashing."""
    opened(world)
    hashed: list[str] = []
    argon = passwords._argon
    monkeypatch.setattr(passwords, "_argon", lambda stored, typed: hashed.append(stored) or argon(stored, typed))
    slack = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda account, typed: account is not None and slack(account, typed))
    counts = []
    for phone in (PHONE, UNKNOWN):
        hashed.clear()
        enter(world, phone, "wrong")
        counts.append(len(hashed))
    assert counts == [1, 0]


def test_counts_long_forgotten_are_cleared_away(world: World) -> None:
    enter(world, UNKNOWN, "wrong")
    with world.app.app_context(), transaction.act("tests"):
        slowing.clear_away(datetime.fromisoformat("2026-06-11T09:59:00+08:00"))
    assert rows.count(world.app, "login_throttles") == 4
    with world.app.app_context(), transaction.act("tests"):
        slowing.clear_away(datetime.fromisoformat("2026-06-11T10:00:01+08:00"))
    assert rows.count(world.app, "login_throttles") == 0


def test_nothing_of_a_number_or_an_address_is_stored(world: World) -> None:
    enter_from(world, "203.0.113.9", UNKNOWN, "wrong")
    stored = str(rows.ask(world.app, "SELECT * FROM login_throttles"))
    assert UNKNOWN not in stored and "203.0.113" not in stored


@pytest.mark.parametrize(("agent", "end"), [("", "desk"), (PHONE_AGENT, "mobile")])
def test_the_password_page_without_a_session_leads_to_the_door_of_this_device(world: World, agent: str,
                                                                              end: str) -> None:
    answer = tab(world, None).get("/password", headers={"User-Agent": agent})
    assert answer.status_code == 303 and f"end={end}" in answer.location
