"""The outbox: one SMS for one opening, a password that is gone once sent, words that nobody can bend."""

import json
from datetime import timedelta

import pytest
import sms_file

import factories
import rows
from app import outbox
from permissions import transaction
from permissions.accounts import Account
from tenants import clock, keys, tree
from tenants.db import db
from tenants.scope import Scope
from world import World

PHONE = "19912340001"
ALL = Scope.everything("a test looks at every message")
HOSTILE = ["http://evil.example.com", "【建设银行】", "{password}", "%(password)s", "{0.__class__}", "a\nb",
           "王\u202e五", "19999999999,19988888888", "</text>", "点击 t.cn/x", "退订回T", "{{7*7}}"]


def _waiting(world: World) -> int:
    return rows.count(world.app, "messages", "state = 'waiting'")


def test_one_opening_is_one_message(world: World) -> None:
    sms_file.staff(world, PHONE)
    assert _waiting(world) == 1
    (line,) = sms_file.sent(world, PHONE)
    assert set(line) == {"id", "at", "to", "template", "template_version", "params", "text"}
    assert line["template"] == "account_opened"
    assert line["at"] == "2026-06-10T10:00:00+08:00" and line["params"]["password"].isdigit()
    assert sms_file.sent(world, PHONE) == [line] and _waiting(world) == 0


def test_a_refused_opening_is_no_message(world: World) -> None:
    sms_file.staff(world, PHONE)
    administrator = world.api("射阳 administrator")
    body = {"unit_id": world.units["射阳"], "kind": "staff", "name": "吴", "phone": PHONE}
    assert administrator.post("/accounts", body).json["code"] == "phone_taken"
    assert administrator.post("/accounts", body | {"phone": "19912340002", "name": ""}).status_code == 422
    assert world.api("clerk").post("/accounts", body | {"phone": "19912340003"}).status_code == 403
    assert len(sms_file.sent(world)) == 1


def test_the_same_key_is_one_account_and_one_message(world: World) -> None:
    headers = {"Idempotency-Key": "open-1"}
    body = {"unit_id": world.units["射阳"], "kind": "staff", "name": "吴", "phone": PHONE}
    first, second = (world.api("射阳 administrator").post("/accounts", body, headers=headers) for _each in range(2))
    assert first.json == second.json and len(sms_file.sent(world, PHONE)) == 1


def test_a_newer_password_takes_the_place_of_an_unsent_one(world: World) -> None:
    account = sms_file.staff(world, PHONE)["id"]
    world.api("射阳 administrator").post(f"/accounts/{account}/resend")
    (line,) = sms_file.sent(world, PHONE)
    assert line["template"] == "password_resent"
    states = rows.ask(world.app, "SELECT state, params FROM messages ORDER BY state")
    assert states == [("sent", None), ("void", None)]
    entered = world.api(None).post("/sessions", {"phone": PHONE, "password": line["params"]["password"],
                                                 "channel": "pc"})
    assert entered.status_code == 201


def test_a_password_is_nowhere_in_clear_and_erased_once_sent(world: World) -> None:
    answer = sms_file.staff(world, PHONE)
    before = b"".join(path.read_bytes() for path in world.app.config["SETTINGS"].instance.glob("yinling.db*"))
    waiting = str(rows.ask(world.app, "SELECT * FROM messages"))
    password = sms_file.password_for(world, PHONE)
    spaced = " ".join(password[start:start + 4] for start in range(0, 16, 4))
    after = b"".join(path.read_bytes() for path in world.app.config["SETTINGS"].instance.glob("yinling.db*"))
    told = "".join(str(rows.ask(world.app, f"SELECT * FROM {table}")) for table in rows.tables())  # noqa: S608
    shown = str(answer) + world.api("射阳 administrator").get("/audit?limit=200").text
    shown += world.api("射阳 administrator").get(f"/accounts/{answer['id']}").text
    for secret in (password, spaced):
        assert secret not in waiting and secret not in told and secret not in shown
        assert secret.encode() not in before and secret.encode() not in after
    assert rows.ask(world.app, "SELECT params, phone FROM messages WHERE state = 'sent'")[0][0] is None
    assert PHONE not in told


def test_the_sms_file_is_the_owners_alone(world: World) -> None:
    sms_file.staff(world, PHONE)
    sms_file.sent(world)
    with world.app.app_context():
        assert outbox.sms_file().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("template", outbox.PASSWORDS)
def test_words_carry_no_link_no_signature_and_no_name(world: World, template: str) -> None:
    text = outbox.text_of(template, {"password": "1234567890123456"})
    assert "1234 5678 9012 3456" in text and "72 小时" in text
    for bad in ("http", "://", "www", ".cn", ".com", "【", "】", "健康", "困难", "疾病", "{", "}"):
        assert bad not in text
    assert len(text) <= 140 and text.isprintable()


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_alters_the_words_or_the_address(world: World, name: str) -> None:
    administrator = world.api("射阳 administrator")
    body = {"unit_id": world.units["射阳"], "kind": "staff", "name": name, "phone": PHONE}
    made = administrator.post("/accounts", body)
    assert made.status_code in (201, 422)
    for line in sms_file.sent(world):
        assert line["to"] == PHONE and set(line["params"]) == {"password"}
        assert line["text"] == outbox.text_of("account_opened", line["params"])
    assert len(sms_file.sent(world)) == (made.status_code == 201)


@pytest.mark.parametrize("phone", ["19912340001,19912340002", "19912340001;", "10086", "+1 650 253 0000",
                                   "0512-1234567", "19912340001\n19912340002", "", None, 19912340001, ["19912340001"]])
def test_only_a_mobile_number_is_an_address(world: World, phone: object) -> None:
    made = world.api("射阳 administrator").post("/accounts", {
        "unit_id": world.units["射阳"], "kind": "staff", "name": "吴", "phone": phone})
    assert made.status_code == 422 and list(made.json["fields"]) == ["phone"]
    assert sms_file.sent(world) == []


def test_a_hundred_and_twenty_messages_go_out_once_each_in_order(world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units["射阳"], ALL)
        for number in range(120):
            account = factories.staff(unit=unit, phone=f"1992222{number:04d}")
            outbox.queue(account, "account_opened", {"password": f"{number:016d}"})
        transaction.audit.record("tests:messages", "unit", None, unit)
    with world.app.app_context():
        assert outbox.drain() == 120 and outbox.drain() == 0
    assert sorted(line["to"] for line in sms_file.sent(world)) == [f"1992222{number:04d}" for number in range(120)]


def test_a_message_claimed_by_a_worker_that_died_is_sent_after_its_lease(world: World) -> None:
    sms_file.staff(world, PHONE)
    with world.app.app_context(), transaction.act("outbox"):
        assert len(outbox._claim(clock.now())) == 1
    assert sms_file.sent(world) == [], "another worker holds it"
    world.at(clock.iso(clock.now() + outbox.LEASE + timedelta(seconds=1)))
    assert len(sms_file.sent(world, PHONE)) == 1
    assert rows.ask(world.app, "SELECT attempts, state FROM messages") == [(2, "sent")]


def test_initial_passwords_do_not_repeat(world: World) -> None:
    with world.app.app_context():
        account = db.session.execute(ALL.select(Account).limit(1)).scalar_one()
        made = {outbox.text_of("account_opened", {"password": word}) for word in
                (transaction_free_password(account) for _each in range(2000))}
        db.session.rollback()
    assert len(made) == 2000


def transaction_free_password(account: Account) -> str:
    """A new single-use password that is never kept."""
    return factories.passwords.set_initial(account, clock.now())


def test_what_a_message_holds_is_sealed_to_its_column(world: World) -> None:
    sms_file.staff(world, PHONE)
    stored = str(rows.ask(world.app, "SELECT params FROM messages")[0][0])
    assert json.loads(keys.ring().decrypt(stored, "messages.params"))["password"].isdigit()
    with pytest.raises(keys.KeyRingError):
        keys.ring().decrypt(stored, "messages.phone")
