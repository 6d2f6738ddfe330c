#!/usr/bin/env python3
"""The measurement itself, in the project's environment: refusals timed in one process, in an order drawn by lot."""

import base64
import gc
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import SystemRandom

from checkout import ROOT, say, speak_plainly

sys.path.insert(0, str(ROOT))

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import delete

from app.config import from_environment
from app.factory import create_app
from app.people import store as people
from permissions import audit, passwords, transaction
from permissions.accounts import Account, phone_key
from permissions.codes import LoginCode
from postgres_for_tests import running
from tenants import clock, provision
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit
from trials.revocation_people import card

GOAL = 0.55
UNKNOWN = "没有账号"
NOBODYS = "none"
Ready = Callable[[str, str], Callable[[], None]]  # number and address; what is timed comes of it


@contextmanager
def application(engine: str) -> Iterator[Flask]:
    """The application on an empty database of its own."""
    with tempfile.TemporaryDirectory(prefix="yinling-timing-") as folder:
        said = {"YINLING_INSTANCE": folder, "YINLING_SECRET_KEY": secrets.token_hex(32),
                "YINLING_FIELD_KEYS": "k1:" + base64.b64encode(os.urandom(32)).decode()}
        if engine == "sqlite":
            yield create_app(from_environment(said))
        else:
            with running() as url:
                yield create_app(from_environment(said | {"YINLING_DATABASE_URL": url}))


def number(kind: int, place: int) -> str:
    """A synthetic mobile number."""
    return f"19{kind}{place:08d}"


def fill(each: int) -> None:
    """A province with `each` accounts that have a password of their own, and as many with a single-use one."""
    # One hash for all: what checking it costs is the same, and making 500 of them takes minutes.
    own = passwords.hashed(secrets.token_hex(16))
    with transaction.act("timing"):
        province = provision.found_province("试验省委老干部局", "000000")
        for place in range(each):
            for kind in (1, 2):
                account = staff(province, number(kind, place))
                if kind == 1:
                    account.password_hash, account.must_change_password = own, False
                else:
                    passwords.set_initial(account, clock.now())
                db.session.add(account)
            db.session.add(old(province, number(4, place)))
        audit.record("timing:fill", "unit", None, province)


def staff(unit: Unit, phone: str) -> Account:
    """A staff account that can enter on both ends."""
    return Account(id=new_id(), unit_id=unit.id, unit_number=unit.number, kind="staff", name="试验", phone=phone,
                   phone_key=phone_key(phone), state="active", pc_grant=True, mobile_access=True,
                   employment="full_time", opened_at=clock.now())


def old(unit: Unit, phone: str) -> Account:
    """A cadre's account, who may ask for a code."""
    cadre = people.create({"name": "试验", "id_number": card(int(phone[3:])), "retirement_type": "tuixiu",
                           "life_status": "living"}, unit, author=None)
    return Account(id=new_id(), unit_id=unit.id, unit_number=unit.number, kind="cadre", name="试验", phone=phone,
                   phone_key=phone_key(phone), state="active", mobile_access=True, opened_at=clock.now(),
                   cadre_id=cadre.id, password_hash=NOBODYS, must_change_password=False)


def auc(one: Sequence[float], other: Sequence[float]) -> float:
    """How often a time of the first group is longer than one of the second, ties counted half."""
    longer = sum((mine > his) + (mine == his) / 2 for mine in one for his in other)
    return longer / (len(one) * len(other))


def timed(ready: Ready, groups: dict[str, list[str]]) -> dict[str, list[float]]:
    """Seconds of each refusal by group, in an order drawn by lot; addresses differ so that nobody is slowed."""
    order = [(group, phone) for group, phones in groups.items() for phone in phones]
    SystemRandom().shuffle(order)
    found: dict[str, list[float]] = {group: [] for group in groups}
    for place, (group, phone) in enumerate(order):
        address = f"10.{place // 60000}.{place // 250 % 240}.{place % 250 + 1}"
        ask = ready(phone, address)
        began = time.perf_counter()
        ask()
        found[group].append(time.perf_counter() - began)
    return found


def told_apart(what: str, found: dict[str, list[float]], unknown: str) -> bool:
    """Print how far each group can be told from the unknown one; True when one can."""
    worst = 0.5
    for group, times in found.items():
        middle = sorted(times)[len(times) // 2] * 1000
        score = auc(times, found[unknown])
        worst = max(worst, score, 1 - score)
        said = "" if group == unknown else f"  AUC {score:.3f}"
        print(f"  {what} {group}: {len(times)} 次,中位 {middle:.2f} 毫秒{said}", flush=True)
    return worst > GOAL


def doors(app: Flask, each: int) -> Iterator[tuple[str, Ready, dict[str, list[str]]]]:
    """What is tried: its name, how, with which groups of numbers; the unknown group is the last one."""
    client = app.test_client()

    def log_in(phone: str, address: str) -> Callable[[], None]:
        body = {"phone": phone, "password": "wrong-password-1", "channel": "pc"}

        def ask() -> None:
            answer = client.post("/api/v1/sessions", json=body, environ_overrides={"REMOTE_ADDR": address})
            expect(answer.status_code, 401, answer.text)

        return ask

    def ask_for_code(phone: str, address: str) -> Callable[[], None]:
        browser = app.test_client()

        def ask() -> None:
            answer = browser.post("/m/login", data={"phone": phone}, environ_overrides={"REMOTE_ADDR": address})
            expect(answer.status_code, 303, answer.text)

        return ask

    def redeem_wrong(phone: str, address: str) -> Callable[[], None]:
        browser, where = app.test_client(), {"REMOTE_ADDR": address}
        expect(browser.post("/m/login", data={"phone": phone}, environ_overrides=where).status_code, 303, phone)

        def ask() -> None:
            answer = browser.post("/m/login/code", data={"code": "000000"}, environ_overrides=where)
            expect(answer.status_code, 422, answer.text)

        return ask

    def numbers(kind: int, begin: int = 0) -> list[str]:
        return [number(kind, begin + place) for place in range(each)]

    yield "密码登录", log_in, {"有账号、自设密码": numbers(1), "有账号、初始密码": numbers(2), UNKNOWN: numbers(3)}
    yield "要验证码", ask_for_code, {"有账号": numbers(4), UNKNOWN: numbers(5)}
    with app.app_context(), transaction.act("timing"):  # so that a code may be had again, and none is left over
        db.session.execute(delete(LoginCode).execution_options(synchronize_session=False))
    yield "输错验证码", redeem_wrong, {"有账号": numbers(4), UNKNOWN: numbers(5)}


def expect(got: int, wanted: int, said: str) -> None:
    """End the measurement when an answer is another one than what is measured."""
    if got != wanted:
        raise SystemExit(f"不是 {wanted}:{got} {said[:300]}")


def main() -> int:
    """0 when nothing can be told."""
    speak_plainly()
    engine, each = sys.argv[1], int(sys.argv[2])
    seen = False
    with application(engine) as app:
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            upgrade()
            fill(each)
        say(f"{engine}:每组 {each} 次")
        for what, ready, groups in doors(app, each):
            timed(ready, {"热身": [number(9, place + 10 * len(what)) for place in range(10)]})
            gc.collect()
            seen |= told_apart(what, timed(ready, groups), UNKNOWN)
        with app.app_context():
            db.engine.dispose()
    print("看得出来" if seen else f"看不出来(目标 {GOAL})", flush=True)
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
