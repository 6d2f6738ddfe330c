"""Several workers on several hosts: a message goes out once, a job is done once, one chain, files cleared once."""

import json
from collections import Counter
from typing import Any

import pytest
from servers import Servers

from app import outbox
from app.sms.local import ToFile
from engines import Store
from permissions import sealing, transaction
from permissions.accounts import Account
from roster_files import counted, roster, send
from rows import ask, count
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

pytestmark = pytest.mark.xdist_group("races of changes")
ALL = Scope.everything("a test looks at every account")
WHO = "射阳 administrator"
MESSAGES, LATER = 120, "2026-06-18T10:00:00+08:00"


@pytest.fixture
def uncalled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is called when a job is put down; the test sends the workers."""
    monkeypatch.setitem(world.app.extensions, "wake", lambda _job_id: None)


def fill_outbox(world: World) -> None:
    """One message an account would void the one before, so they are put down side by side."""
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts["clerk"])).scalar_one()
        for number in range(MESSAGES):
            db.session.add(outbox.Message(
                account_id=None, unit_id=account.unit_id, unit_number=account.unit_number, phone=account.phone,
                template="account_opened", params=json.dumps({"password": f"{number:012}"}), created_at=clock.now()))


def sent(world: World) -> Counter[str]:
    """How often each password went out; every line is whole."""
    path = world.app.config["SETTINGS"].instance / "sms.jsonl"
    return Counter(json.loads(line)["params"]["password"] for line in path.read_text(encoding="utf-8").splitlines())


def test_four_workers_send_each_message_once(servers: Servers, world: World) -> None:
    fill_outbox(world)
    answers = servers.race([{"act": "drain"}] * 4)
    assert set(sent(world).values()) == {1} and len(sent(world)) == MESSAGES == sum(answers)
    assert count(world.app, "messages", "state = 'waiting'") == 0


def _drained_by_two(world: World, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What goes out when a second worker looks while the first one speaks to its provider."""
    real, nested = ToFile.send, []

    def send(provider: ToFile, messages: Any) -> Any:
        if not nested:
            nested.append(True)
            with world.app.app_context():
                outbox.drain()
        return real(provider, messages)

    monkeypatch.setattr(ToFile, "send", send)
    fill_outbox(world)
    with world.app.app_context():
        outbox.drain()
    assert nested
    return sent(world)


def test_a_worker_leaves_alone_what_another_hands_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(_drained_by_two(world, monkeypatch).values()) == {1}


def test_without_the_lease_messages_would_go_out_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted. Nothing is locked while a provider is spoken to, on either engine: the lease alone keeps others away."""
    def claim(_now: Any, **_more: Any) -> list[str]:
        return list(db.session.execute(outbox._EVERY_MESSAGE.select(outbox.Message, outbox.Message.id).where(
            outbox.Message.state == "waiting").limit(outbox.BATCH)).scalars())

    monkeypatch.setattr(outbox, "_claim", claim)
    assert max(_drained_by_two(world, monkeypatch).values()) > 1


def ask_for_import(world: World, seed: int) -> str:
    answer = send(world.api(WHO), roster(201, seed=seed, phones=False))
    assert answer.status_code == 202, answer.text
    return str(answer.json["job"]["id"])


@pytest.mark.usefixtures("uncalled")
def test_a_job_called_four_times_is_done_once(servers: Servers, world: World) -> None:
    before, ids = counted(world)[0], [ask_for_import(world, seed) for seed in (3, 4)]
    answers = servers.race([{"act": "work", "ids": ids}, {"act": "work", "ids": ids[::-1]}] * 2)
    assert answers == [2] * 4
    assert ask(world.app, "SELECT DISTINCT state, attempts FROM jobs") == [("done", 1)]
    assert counted(world)[0] == before + 402


def test_four_sealers_make_one_chain(servers: Servers, world: World, tmp_path: Any) -> None:
    """Each host keeps the head it last saw in a file of its own; every one of them fits the one chain."""
    anchors = [tmp_path / f"host{number}.head" for number in range(4)]
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        for number in range(1200):
            transaction.audit.record("tests:entry", "unit", str(number), unit)
    servers.race([{"act": "seal", "anchor": str(anchor)} for anchor in anchors])
    with world.app.app_context():
        for anchor in anchors:
            verdict = sealing.verify(anchor)
            assert verdict.whole and verdict.unsealed == 0, verdict
    assert any(anchor.exists() for anchor in anchors)


@pytest.mark.usefixtures("uncalled")
def test_four_workers_clear_away_the_same(servers: Servers, store: Store, world: World) -> None:
    ids = [ask_for_import(world, seed) for seed in (3, 4)]
    servers.race([{"act": "work", "ids": ids}])
    clock.configure(LATER)
    servers.open(store)
    answers = servers.race([{"act": "clear"}] * 4)
    assert all(isinstance(each, int) for each in answers), answers
    assert count(world.app, "jobs") == 0
    assert not list((world.app.config["SETTINGS"].instance / "imports").glob("*"))
