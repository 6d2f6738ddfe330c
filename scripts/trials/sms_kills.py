"""Workers killed with SIGKILL while they send: every message reaches its phone once, none is lost."""

import json
import multiprocessing
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask

from app import outbox
from app.outbox import Message
from permissions import transaction
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from trials.sms_gateway import Gateway

ALL = Scope.everything("a trial sends messages of one unit")
_FORK = multiprocessing.get_context("fork")


@dataclass
class Told:
    """What a trial did, and what the gateway saw of it."""

    messages: int = 0
    killed: int = 0
    delivered: int = 0
    asked_again: int = 0
    lost: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        return (f"{self.messages:,} messages, {self.killed} workers killed, {self.delivered:,} delivered, "
                f"{self.asked_again} handed over again with their key, {self.lost} lost; {self.seconds:.1f} s")


def put_down(many: int) -> None:
    """Messages to nobody's account, each with words of its own."""
    with transaction.act("trial"):
        root = db.session.execute(ALL.select(Unit).where(Unit.parent_id.is_(None))).scalar_one()
        db.session.add_all(
            Message(account_id=None, unit_id=root.id, unit_number=root.number, phone=f"199{number:08d}",
                    template="daily_digest", template_version=1, created_at=clock.now(),
                    params=json.dumps({"words": f"您有 {number} 项今天到期"})) for number in range(many))


def _send(app: Flask) -> None:
    """A worker's sender: until killed, or until nothing waits."""
    with app.app_context():
        db.engine.dispose(close=False)
        while True:
            outbox.drain()
            time.sleep(0.01)


def kill_senders(app: Flask, *, messages: int, kills: int, workers: int = 2, seed: int = 1, pause: float = 0.25,
                 lease: Any = None, say: Callable[[str], None] = lambda _line: None) -> Told:
    """Send `messages` through a gateway with so many kills spread over it, then let the leases run out and finish."""
    told, walk, began = Told(messages), random.Random(seed), time.monotonic()
    with Gateway() as gateway:
        settings = app.config["SETTINGS"]
        app.config["SETTINGS"] = type(settings)(**{**vars(settings), "sms_url": gateway.url, "sms_per_number": 0})
        kept, outbox.LEASE = outbox.LEASE, lease or outbox.LEASE
        try:
            with app.app_context():
                put_down(messages)
                db.session.remove()
                db.engine.dispose()
            running = [_start(app) for _each in range(workers)]
            while told.killed < kills:
                before = len(gateway.delivered)
                time.sleep(walk.uniform(pause / 5, pause))
                victim = running.pop(walk.randrange(len(running)))
                victim.kill()
                victim.join()
                told.killed += 1
                say(f"{time.monotonic() - began:6.1f} s  {before:,} delivered, {told.killed} killed")
                running.append(_start(app))
            for child in running:
                child.kill()
                child.join()
            _finish(app)
        finally:
            app.config["SETTINGS"], outbox.LEASE = settings, kept
        told.delivered, told.lost = len(gateway.delivered), messages - len(gateway.delivered)
        told.asked_again = sum(gateway.asked.values()) - len(gateway.asked)
    told.seconds = time.monotonic() - began
    return told


def _start(app: Flask) -> Any:
    child = _FORK.Process(target=_send, args=(app,), daemon=True)
    child.start()
    return child


def _finish(app: Flask) -> None:
    """What killed workers had claimed is sent when their leases have run out."""
    waiting = ALL.select(Message, Message.id).where(Message.state == "waiting").limit(1)
    with app.app_context():
        db.engine.dispose()
        while True:
            outbox.drain()
            left = db.session.execute(waiting).scalar_one_or_none()
            db.session.rollback()
            if left is None:
                return
            time.sleep(0.1)
