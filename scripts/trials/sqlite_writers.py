"""Lets many write into one SQLite file at once through the product's own routes, and counts what is there."""

import json
import multiprocessing
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask

from app.demo.province import SHEYANG
from app.people.model import Cadre
from app.records.model import Record
from checkout import Refusal, say
from permissions.audit import AuditEntry
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from trials.callers import Caller, accounts
from trials.verdicts import Line, high, middle, told

ALL = Scope.everything("a trial looks at everything")
MARK = "并发写入试验"
READ_EVERY = 5


@dataclass
class Wrote:
    """What one writer did: ids acknowledged, refusals by their words, seconds per act."""

    kept: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)


def write_on(app: Flask, about: Mapping[str, Any], cadre_id: str, seconds: float, number: int) -> Wrote:
    """Log in, then enter visits and read some, one after the other, for so many seconds."""
    caller, wrote, turn = Caller(app, about), Wrote(), 0
    day = (clock.today() - timedelta(days=1)).isoformat()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        turn += 1
        began = time.perf_counter()
        status, text = caller.post("/api/v1/records/visits", {
            "unit_id": about["unit_id"], "cadre_ids": [cadre_id], "type": "routine", "ended_on": day,
            "place": MARK, "feedback": f"第 {number} 人第 {turn} 次"})
        wrote.seconds.append(time.perf_counter() - began)
        if status == 201:
            wrote.kept.append(json.loads(text)["id"])
        else:
            wrote.refused[f"{status} {text[:80]}"] = wrote.refused.get(f"{status} {text[:80]}", 0) + 1
        if turn % READ_EVERY == 0:
            status, text = caller.get("/api/v1/records/visits?limit=20")
            if status != 200:
                wrote.refused[f"{status} {text[:80]}"] = wrote.refused.get(f"{status} {text[:80]}", 0) + 1
    return wrote


def _writer(app: Flask, about: Mapping[str, Any], cadre_id: str, seconds: float, number: int, answers: Any) -> None:
    answers.put(write_on(app, about, cadre_id, seconds, number))


def _prepared(app: Flask) -> tuple[dict[str, Any], str, int]:
    """A clerk of 射阳, a cadre there, and how many records of this trial there are already."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            raise Refusal("这个试验是给 SQLite 的。")
        county = db.session.execute(ALL.select(Unit).where(Unit.code == SHEYANG)).scalar_one_or_none()
        if county is None or not accounts(app):
            raise Refusal("这里没有装入规模数据。")
        cadre_id = db.session.execute(ALL.select(Cadre, Cadre.id).where(
            Cadre.unit_id == county.id, Cadre.life_status == "living").limit(1)).scalar_one()
        about = next(each for each in accounts(app) if each["role"] == "clerk" and each["unit_id"] == county.id
                     and each.get("columns") is None)
        before = len(_stored())
        db.session.remove()
        db.engine.dispose()
    return about, cadre_id, before


def _stored() -> set[str]:
    found = ALL.select(Record, Record.id).where(Record.module == "visits", Record.search.contains(MARK))
    return set(db.session.execute(found).scalars())


def run(app: Flask, writers: int, seconds: float) -> bool:
    """The whole trial; whether it held."""
    about, cadre_id, before = _prepared(app)
    fork = multiprocessing.get_context("fork")
    answers = fork.Queue()
    started = [fork.Process(target=_writer, args=(app, about, cadre_id, seconds, number, answers))
               for number in range(writers)]
    for each in started:
        each.start()
    say(f"{writers} 个进程写 {seconds:.0f} 秒")
    wrote = [answers.get() for _ in started]
    for each in started:
        each.join()
    lines = _judged(app, wrote, before, seconds)
    return told(f"SQLite,{writers} 人同时写 {seconds:.0f} 秒", lines)


def _judged(app: Flask, wrote: list[Wrote], before: int, seconds: float) -> list[Line]:
    kept = [record_id for each in wrote for record_id in each.kept]
    refused: dict[str, int] = {}
    for each in wrote:
        for words, count in each.refused.items():
            refused[words] = refused.get(words, 0) + count
    with app.app_context():
        stored = _stored()
        logged = set(db.session.execute(ALL.select(AuditEntry, AuditEntry.object_id).where(
            AuditEntry.action == "record:create", AuditEntry.object_id.in_(kept[-30_000:]))).scalars())
        whole = db.session.connection().exec_driver_sql("PRAGMA integrity_check").scalar_one()
        db.session.remove()
    times = [value for each in wrote for value in each.seconds]
    lost = len(set(kept) - stored)
    counts = [len(each.kept) for each in wrote]
    return [
        Line("写成的记录", f"{len(kept):,}(每秒 {len(kept) / seconds:.1f};每人 {min(counts)} 至 {max(counts)})"),
        Line("一次写入", f"中位 {middle(times) * 1000:.0f} 毫秒,p95 {high(times) * 1000:.0f} 毫秒,"
             f"最长 {max(times, default=0) * 1000:.0f} 毫秒"),
        Line("没有写成的", "、".join(f"{words} × {count}" for words, count in refused.items()) or "0", "0",
             not refused),
        Line("答应了却没有的", str(lost), "0", lost == 0),
        Line("没有答应却有的", str(len(stored) - before - len(kept)), "0", len(stored) - before == len(kept)),
        Line("没有日志的", str(len(set(kept[-30_000:]) - logged)), "0", set(kept[-30_000:]) <= logged),
        Line("数据库自查", str(whole), "ok", whole == "ok"),
        *counters_hold(app),
    ]


def counters_hold(app: Flask) -> list[Line]:
    """`flask counters verify`, where there is one."""
    if "counters" not in app.cli.commands:
        return []
    done = app.test_cli_runner().invoke(args=["counters", "verify"])
    return [Line("flask counters verify", done.output.strip().splitlines()[-1] if done.output.strip() else "",
                 "一致", done.exit_code == 0)]
