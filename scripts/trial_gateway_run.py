#!/usr/bin/env python3
"""The trial itself, in the project's environment: a real web server and worker, a gateway that misbehaves."""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from app.config import from_environment
from app.factory import create_app
from checkout import Refusal, say, speak_plainly
from children import Children, Stop, listen
from tenants.db import db
from trial_calendar_run import host_of, start
from trial_counters_run import database
from trial_hosts import Host
from trials.open_records import PHONE, SECRET, load
from trials.slow_gateway import Times, lines, open_accounts, read_on
from trials.sms_gateway import Gateway
from trials.verdicts import Line, told

NOBODY = "http://127.0.0.1:9/sms"  # the first gateway is never reached, so every message begins with one that is down
MODES = {"slow": "不回答", "500": "回 500", "503": "回 503", "wrong key": "回执编号不对",
         "no answer": "中途断开", "garbage": "回的不是 JSON"}
PATIENCE = 180.0


def misbehave(host: Host, gateway: Gateway, token: str, unit_id: str, each: int) -> list[Line]:
    """Each manner for a while; what everybody else saw of it."""
    found: list[Line] = []
    for place, (mode, words) in enumerate(MODES.items()):
        gateway.mode = mode
        before, asked = len(gateway.delivered), sum(gateway.asked.values())
        times, stopping = Times(), threading.Event()
        reader = threading.Thread(target=read_on, args=(host, token, times, stopping), daemon=True)
        reader.start()
        open_accounts(host, token, unit_id, place * each, each, times)
        time.sleep(6)  # longer than a gateway is waited for
        stopping.set()
        reader.join()
        found += lines(words, times, len(gateway.delivered) - before, sum(gateway.asked.values()) - asked)
        gateway.let_go.set()
        gateway.let_go.clear()
    return found


def settle(gateway: Gateway, wanted: int) -> Line:
    """The gateway is well again: every message arrives, once by its key."""
    gateway.mode, until = "well", time.monotonic() + PATIENCE
    gateway.let_go.set()
    while len(gateway.delivered) < wanted and time.monotonic() < until:
        time.sleep(0.5)
    again = sum(gateway.asked.values()) - len(gateway.asked)
    return Line("网关恢复以后", f"送到 {len(gateway.delivered)} 条,同一编号再问过 {again} 次", f"{wanted} 条各一次",
                len(gateway.delivered) == wanted)


def trial(app: Flask, host: Host, children: Children, gateway: Gateway, each: int) -> bool:
    """Load, misbehave, recover."""
    with app.app_context():
        upgrade()
        load(1)
        db.engine.dispose()
    start(children, host)
    said = {"phone": PHONE, "password": SECRET, "channel": "pc"}
    answer = host.ask("POST", "/api/v1/sessions", said)
    if answer.status != 201:
        raise Refusal(f"登录不成:{answer.status} {answer.body[:200]!r}")
    token = answer.json["token"]
    unit_id = host.api("GET", "/me", token).json["unit"]["id"]
    say("网站、后台任务和假网关已就绪")
    found = misbehave(host, gateway, token, unit_id, each)
    return told("短信网关出错时的请求", [*found, settle(gateway, each * len(MODES))])


def main() -> int:
    """0 when nobody was held up and nothing was lost."""
    speak_plainly()
    listen()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--engine", choices=("postgresql", "sqlite"), default="sqlite")
    asked = parser.parse_args()
    children = Children()
    try:
        with tempfile.TemporaryDirectory(prefix="yinling-trial-") as name, \
                database(asked.engine, Path(name)) as url, Gateway() as gateway:
            host = host_of(Path(name), url)
            del host.settings["YINLING_NOW"]
            host.settings |= {"YINLING_SMS_URL": f"{NOBODY} {gateway.url}"}
            try:
                return 0 if trial(create_app(from_environment(host.settings)), host, children, gateway,
                                  asked.each) else 1
            finally:
                children.stop()
    except Refusal as refusal:
        print(refusal, flush=True)
        return 1
    except Stop:
        return 130


if __name__ == "__main__":
    sys.exit(main())
