"""Messages through a made-up gateway that answers well, badly, late or not at all; limits; a dry run; kills."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
import sms_file

import rows
from app import config, outbox
from app.sms import choosing
from app.sms.http import Gateway as Way
from app.sms.provider import Outgoing
from permissions import transaction
from permissions.accounts import Account
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.scope import Scope
from trials.sms_gateway import Gateway
from trials.sms_kills import kill_senders
from world import World

ALL = Scope.everything("a test looks at every account")
PHONE = "19912340001"
BEGAN = datetime.fromisoformat("2026-06-10T10:00:00+08:00")
NOWHERE = "http://127.0.0.1:9/sms"


@contextlib.contextmanager
def sending(world: World, *urls: str, **more: int) -> Iterator[None]:
    """The application with these providers."""
    kept = world.app.config["SETTINGS"]
    world.app.config["SETTINGS"] = replace(kept, sms_url=" ".join(urls), **more)
    try:
        yield
    finally:
        world.app.config["SETTINGS"] = kept


def wait(monkeypatch: pytest.MonkeyPatch, seconds: float = 120.0) -> None:
    """How long an answer is waited for: as long as a slow machine may need, unless there will be none."""
    monkeypatch.setattr(choosing, "Gateway", partial(Way, patience=seconds))


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    wait(monkeypatch)


def drain(world: World, after: timedelta = timedelta()) -> int:
    """What a worker sends, so long after the beginning."""
    clock.configure((BEGAN + after).isoformat())
    with world.app.app_context():
        return outbox.drain()


def digest(world: World, who: str = "clerk", words: str = "您有 1 项今天到期") -> None:
    """One message to somebody."""
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts[who])).scalar_one()
        outbox.queue(account, "daily_digest", {"words": words})


def kept(world: World) -> list[tuple[object, ...]]:
    """State, provider and what is left of the words."""
    return rows.ask(world.app, "SELECT state, provider, params FROM messages ORDER BY created_at, id")


def test_a_message_goes_out_once_and_its_end_is_known(world: World) -> None:
    with Gateway() as gateway, sending(world, gateway.url):
        sms_file.staff(world, PHONE)
        assert not gateway.asked, "whoever opens an account waits for no gateway"
        assert drain(world) == 1 and drain(world) == 0
        (body,) = gateway.delivered.values()
        assert body["to"] == PHONE and body["version"] == 1 and "初始密码" in body["text"] and "params" not in body
        assert kept(world) == [("sent", "127.0.0.1", None)]
        with world.app.app_context():
            assert (outbox.collect(), outbox.collect()) == (1, 0), "a receipt that comes twice is one"
    assert bool(rows.ask(world.app, "SELECT delivered FROM messages")[0][0]) is True
    assert gateway.credentials == {"Basic eWlubGluZzpzZWNyZXQ="}


@pytest.mark.parametrize("mode", ["503", "down"])
def test_a_gateway_that_took_nothing_is_left_for_the_next_at_once(world: World, mode: str) -> None:
    with Gateway("503") as first, Gateway() as second:
        with sending(world, NOWHERE if mode == "down" else first.url, second.url):
            digest(world)
            assert drain(world) == 1
        assert not first.delivered and len(second.delivered) == 1


@pytest.mark.parametrize("mode", ["500", "wrong key", "no answer", "garbage", "slow"])
def test_a_gateway_that_may_have_taken_it_is_asked_again_with_the_same_key(
        world: World, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wait(monkeypatch, 1.5 if mode == "slow" else 120.0)
    with Gateway(mode) as gateway, Gateway() as second, sending(world, gateway.url, second.url):
        digest(world)
        assert drain(world) == 0 and drain(world, timedelta(seconds=14)) == 0
        assert sum(gateway.asked.values()) == 1, "not before its time"
        gateway.mode = "well"
        wait(monkeypatch)
        assert drain(world, timedelta(seconds=16)) == 1
        assert list(gateway.asked.values()) == [2] and len(gateway.delivered) == 1 and not second.asked


def test_after_three_doubtful_answers_the_next_is_asked(world: World) -> None:
    with Gateway("500") as gateway, Gateway() as second, sending(world, gateway.url, second.url):
        digest(world)
        for seconds in (0, 16, 60):
            drain(world, timedelta(seconds=seconds))
        assert list(gateway.asked.values()) == [3] and list(second.asked.values()) == [1]
        assert kept(world)[0][0] == "sent"


def test_with_all_down_it_is_tried_ever_more_seldom_and_never_lost(world: World) -> None:
    with Gateway("503") as gateway, sending(world, gateway.url):
        digest(world)
        for minute in range(0, 600):
            drain(world, timedelta(minutes=minute))
        assert 8 < sum(gateway.asked.values()) < 25
        gateway.mode = "well"
        assert drain(world, timedelta(hours=12)) == 1


def test_a_number_the_gateway_refuses_is_given_up(world: World) -> None:
    with Gateway("422") as gateway, sending(world, gateway.url):
        digest(world)
        assert drain(world) == 0 == drain(world, timedelta(days=1))
        assert list(gateway.asked.values()) == [1] and kept(world) == [("failed", "127.0.0.1", None)]


def test_an_initial_password_that_has_run_out_is_not_sent(world: World) -> None:
    with Gateway() as gateway, sending(world, gateway.url):
        sms_file.staff(world, PHONE)
        drain(world, timedelta(hours=73))
        assert not gateway.asked and kept(world) == [("void", None, None)]


def test_so_many_a_day_to_one_number(world: World) -> None:
    with Gateway() as gateway, sending(world, gateway.url, sms_per_number=2):
        for number in range(3):
            digest(world, words=f"您有 {number} 项今天到期")
        digest(world, "town clerk")
        assert drain(world) == 3 and drain(world, timedelta(hours=1)) == 0
        assert drain(world, timedelta(hours=25)) == 1 and len(gateway.delivered) == 4


def test_so_many_a_day_in_all_but_passwords_go_out(world: World) -> None:
    with Gateway() as gateway, sending(world, gateway.url, sms_per_day=2):
        for who in ("clerk", "town clerk", "other clerk"):
            digest(world, who)
        sms_file.staff(world, PHONE)
        assert drain(world) == 3 and len(gateway.delivered) == 3
        assert rows.count(world.app, "messages", "state = 'waiting' AND template = 'daily_digest'") == 1
        assert drain(world, timedelta(hours=25)) == 1


def test_a_dry_run_sends_nothing(world: World) -> None:
    with sending(world, "dry:"):
        digest(world)
        assert drain(world) == 1 and kept(world) == [("sent", "dry", None)]
        with world.app.app_context():
            assert not outbox.sms_file().exists()


def test_a_redirect_is_not_followed() -> None:
    with Gateway("redirect") as gateway:
        asked = Outgoing(new_id(), "", PHONE, "daily_digest", 1, "", {})
        assert [each.value for each in Way(gateway.url).send([asked])] == ["unsure"]


@pytest.mark.parametrize(("url", "fine"), [
    ("file:", True), ("file:/a b/sms.jsonl", True), ("dry:", True), ("https://gateway.example/sms file:", True),
    ("http://127.0.0.1:80/x", True), ("http://gateway.example/sms", False), ("ftp://gateway.example", False),
    ("https:", False), ("", True),
])
def test_what_the_setting_may_say(url: str, fine: bool) -> None:
    secret = "0123456789abcdef" * 2
    said = {"YINLING_SMS_URL": url, "YINLING_SECRET_KEY": secret, "YINLING_FIELD_KEYS": "k1:x", "YINLING_INSTANCE": "x"}
    if fine:
        assert config.from_environment(said).sms_url == (url or "file:")
    else:
        with pytest.raises(config.BadSetting, match="YINLING_SMS_URL"):
            config.from_environment(said)


def test_killed_workers_deliver_each_message_once(world: World) -> None:
    clock.configure(None)
    told = kill_senders(world.app, messages=200, kills=3, pause=0.5, lease=timedelta(seconds=1))
    assert (told.delivered, told.lost, told.killed) == (200, 0, 3)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_key_of_its_own_for_each_try_would_deliver_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted."""
    real = Way._one
    monkeypatch.setattr(Way, "_one", lambda way, message: real(way, replace(message, key=new_id())))
    with Gateway("500") as gateway, sending(world, gateway.url):
        digest(world)
        for seconds in (0, 16):
            drain(world, timedelta(seconds=seconds))
        assert len(gateway.delivered) == 2
