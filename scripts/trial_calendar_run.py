#!/usr/bin/env python3
"""The trial of the calendar itself, in the project's environment: real processes, a throw-away database."""

import argparse
import html
import http.client
import os
import re
import secrets
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from app.config import from_environment
from app.factory import create_app
from checkout import PYTHON, Refusal, say, speak_plainly
from children import Children, Stop, listen
from tenants.db import db
from trial_counters_run import KEY, database
from trial_hosts import FLASK, PATIENCE, Host
from trials.open_records import (
    HOLIDAYS,
    MAKEUP,
    NOW,
    PHONE,
    SECRET,
    Standing,
    at_the_time,
    clerks_concerned,
    load,
    standing,
)
from trials.verdicts import Line, high, middle, told

MOST_SECONDS = 60.0
FORM = "application/x-www-form-urlencoded"


@dataclass
class Browser:
    """A logged-in browser: keeps its cookie, sends the forms it is given."""

    host: Host
    cookie: str

    def get(self, path: str) -> str:
        """A page. Raises Refusal when it is not given."""
        answer = self.host.ask("GET", path, Cookie=self.cookie)
        self.cookie = answer.headers.get("Set-Cookie", self.cookie).split(";")[0]
        if answer.status != http.client.OK:
            raise Refusal(f"{path}:{answer.status} {answer.body[:200]!r}")
        return html.unescape(answer.body.decode())

    def post(self, path: str, form: list[tuple[str, str]], page: str) -> tuple[int, str, str]:
        """Send a form of a page; status, text and where it leads."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        sent = urllib.parse.urlencode([("csrf_token", found[1] if found else ""), *form]).encode()
        answer = self.host.ask("POST", path, sent, Cookie=self.cookie, Content_Type=FORM)
        return answer.status, html.unescape(answer.body.decode()), answer.headers.get("Location", "")


@dataclass
class Reader(threading.Thread):
    """Somebody who reads pages all the while; how long each took."""

    browser: Browser
    stopping: threading.Event = field(default_factory=threading.Event)
    times: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        while not self.stopping.wait(0.1):
            for path in ("/desk/", "/desk/calendar?year=2027", "/desk/records/visits"):
                began = time.monotonic()
                self.browser.get(path)
                self.times.append(time.monotonic() - began)

    __hash__ = threading.Thread.__hash__


def host_of(folder: Path, url: str) -> Host:
    """One web host with its settings; its clock stands in the last days of 2026."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    return Host("127.0.0.1", port, {
        "YINLING_INSTANCE": str(folder), "YINLING_DATABASE_URL": url, "YINLING_SECRET_KEY": secrets.token_hex(32),
        "YINLING_FIELD_KEYS": KEY, "YINLING_DEMO": "1", "YINLING_NOW": NOW, "YINLING_HOST": "127.0.0.1",
        "YINLING_PORT": str(port), "WEB_CONCURRENCY": "2"})


def start(children: Children, host: Host) -> None:
    """The web server and the worker; returns when both answer."""
    env = dict(os.environ) | host.settings
    children.start("网站", [PYTHON, "-m", "gunicorn", "-c", "gunicorn.conf.py"], env=env, ends_on=signal.SIGTERM)
    children.start("后台任务", [*FLASK, "worker"], env=env, ends_on=signal.SIGINT)
    deadline = time.monotonic() + PATIENCE
    # With a year missing /readyz says so on purpose; that the door opens is enough.
    while host.ask("GET", "/login?end=desk").status != http.client.OK:
        if time.monotonic() > deadline or children.dead():
            raise Refusal(f"没有就绪:{children.dead() or '超时'}")
        time.sleep(0.1)


def type_notice(browser: Browser) -> tuple[float, float, str]:
    """Type the notice, look, confirm; seconds of the two answers and where the progress is shown."""
    page = browser.get("/desk/calendar/edit?year=2027")
    typed = [("year", "2027"), ("notice", "试验〔2026〕1号"), ("issued", "2026-11-04")]
    typed += [(name, value) for each in HOLIDAYS for name, value in zip(("name", "first", "last"), each, strict=True)]
    typed += [("makeup", day) for day in MAKEUP]
    began = time.monotonic()
    status, page, _where = browser.post("/desk/calendar/edit", typed, page)
    looked = time.monotonic() - began
    content = re.search(r'name="content"[^>]*value="(.*?)"\s*/?>', page, re.S)
    if status != http.client.OK or content is None:
        raise Refusal(f"没有到核对页:{status} {page[:300]}")
    began = time.monotonic()
    status, page, where = browser.post("/desk/calendar/confirm", [("content", content[1])], page)
    if status != http.client.SEE_OTHER:
        raise Refusal(f"没有保存:{status} {page[:300]}")
    return looked, time.monotonic() - began, where


def wait_for(browser: Browser, where: str, children: Children) -> str:
    """The words of the page when the job is over."""
    while True:
        found = re.search(r"看过 [\d,]+ 件待录记录，[\d,]+ 件的截止日有变动，告知了 [\d,]+ 人。", browser.get(where))
        if found:
            return found[0]
        if dead := children.dead():
            raise Refusal(dead)
        time.sleep(0.2)


def verdict(before: Standing, after: Standing, concerned: int) -> list[Line]:
    """What must hold of the tables."""
    most = max(after.told.values(), default=0)
    return [
        Line("之前的截止日与新安排不同、或暂定", f"{before.open_wrong:,} 件、{before.provisional:,} 件", "都不为 0",
             before.open_wrong > 0 and before.provisional > 0),
        Line("之后截止日与逐日手算不同", f"{after.open_wrong:,} 件", "0", after.open_wrong == 0),
        Line("之后仍是暂定", f"{after.provisional:,} 件", "0", after.provisional == 0),
        Line("已录入的记录", f"{len(after.closed):,} 件,逐字段相同", "不动", before.closed == after.closed),
        Line("告知", f"{len(after.told):,} 人,每人最多 {most} 次,共说到 {after.counted:,} 件",
             f"{concerned:,} 人各 1 次,{after.moved:,} 件",
             len(after.told) == concerned and most == 1 and after.counted == after.moved),
        Line("日志", f"{after.logged:,} 条,前后日子都在的 {after.both_kept:,} 条", f"{after.moved:,}",
             after.logged == after.both_kept == after.moved)]


def trial(app: Flask, host: Host, children: Children, records: int) -> bool:
    """Load, type, wait, compare."""
    with app.app_context():
        upgrade()
        load(records)
        before = standing()
        db.engine.dispose()
    say(f"已装入 {records:,} 件待录、{len(before.closed):,} 件已录入的记录")
    start(children, host)
    browser = Browser(host, host.browser_login(PHONE, SECRET))
    reader = Reader(Browser(host, browser.cookie))
    reader.start()
    began = time.monotonic()
    looked, answered, where = type_notice(browser)
    words = wait_for(browser, urllib.parse.urlsplit(where)._replace(scheme="", netloc="").geturl(), children)
    seconds = time.monotonic() - began - looked
    reader.stopping.set()
    reader.join()
    with app.app_context():
        after, concerned = standing(), clerks_concerned()
        db.engine.dispose()
    lines = [Line("页面上说", words), Line("核对页", f"{looked:.2f} 秒"),
             Line("按下保存到页面回答", f"{answered:.2f} 秒"),
             Line("按下保存到全部算完", f"{seconds:.1f} 秒", f"≤ {MOST_SECONDS:.0f} 秒", seconds <= MOST_SECONDS),
             Line("这段时间里看的页", f"{len(reader.times)} 页,中位 {middle(reader.times) * 1000:.0f} 毫秒,"
                  f"九五分位 {high(reader.times) * 1000:.0f} 毫秒,最长 {max(reader.times):.2f} 秒")]
    return told(f"{db_name(host)}:录入一年的放假安排", lines + verdict(before, after, concerned))


def db_name(host: Host) -> str:
    """Which engine."""
    return host.settings["YINLING_DATABASE_URL"].split(":", 1)[0].split("+")[0]


def main() -> int:
    """0 when everything held."""
    speak_plainly()
    listen()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--engine", choices=("postgresql", "sqlite"), default="sqlite")
    asked = parser.parse_args()
    children = Children()
    try:
        with tempfile.TemporaryDirectory(prefix="yinling-trial-") as name, database(asked.engine, Path(name)) as url:
            host = host_of(Path(name), url)
            app = create_app(from_environment(host.settings))
            at_the_time()
            try:
                return 0 if trial(app, host, children, asked.records) else 1
            finally:
                children.stop()
    except Refusal as refusal:
        print(refusal, flush=True)
        return 1
    except Stop:
        return 130


if __name__ == "__main__":
    sys.exit(main())
