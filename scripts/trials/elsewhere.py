"""Reads a county's pages in two provinces that differ in how many units lie elsewhere; the cost must not differ."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.demo.province import SHEYANG
from app.factory import create_app
from checkout import Refusal
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from trials.callers import Caller, account
from trials.verdicts import Line, middle, told

ALL = Scope.everything("a trial looks at everything")
PERIOD = "from=2025-12-01&to=2026-11-30"
PAGES = {
    "走访列表": "/api/v1/records/visits?unit={unit}",
    "走访查找": "/api/v1/records/visits?unit={unit}&q=射阳",
    "老同志列表": "/api/v1/cadres?unit={unit}",
    "老同志查找": "/api/v1/cadres?unit={unit}&q=wang",
    "及时性统计": "/api/v1/reports/timeliness?unit={unit}&" + PERIOD,
    "日志": "/api/v1/audit?unit={unit}",
    "下级单位": "/api/v1/units?parent={unit}",
    "电脑端首页": "/desk/",
    "电脑端走访": "/desk/records/visits",
    "电脑端老同志": "/desk/cadres",
    "电脑端日志": "/desk/log",
}
MOST = 1.3
WARM = 3


@dataclass(frozen=True)
class Cost:
    """What a page asks of the database: statements, and buffer pages touched (0 on SQLite)."""

    status: int
    statements: int
    touched: int


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[tuple[str, Any]]]:
    """Every statement sent meanwhile, with what was bound."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, bound: Any, _context: Any, _many: bool) -> None:
        sent.append((text, bound))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def cost(app: Flask, caller: Caller, path: str) -> Cost:
    """Read a page once and ask PostgreSQL what each of its statements touched, under the same scope and role."""
    with app.app_context(), statements(db.engine) as sent:
        status, _text = caller.get(path)
    reads = [each for each in sent if each[0].lstrip().upper().startswith(("SELECT", "WITH"))]
    touched = 0
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            for text, bound in reads:
                plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}", bound).scalar_one()
                top = plan[0]["Plan"]
                touched += top["Shared Hit Blocks"] + top["Shared Read Blocks"]
    return Cost(status, len(sent), touched)


def _serve(instance: str, url: str, asked: Connection) -> None:
    """One province in a process of its own (keys are a process's): told a page, it answers with seconds or a cost."""
    os.environ.update(YINLING_INSTANCE=instance, YINLING_DATABASE_URL=url, YINLING_DEMO="1")
    app = create_app()
    with app.app_context():
        county = db.session.execute(ALL.select(Unit).where(Unit.code == SHEYANG)).scalar_one().id
        units = db.session.execute(ALL.select(Unit, sa.func.count())).scalar_one()
        db.session.remove()
    caller = Caller(app, account(app, "administrator", county))
    asked.send(units)
    while (told_to := asked.recv()) is not None:
        path, what = told_to[0].replace("{unit}", county), told_to[1]
        if what == "cost":
            asked.send(cost(app, caller, path))
            continue
        began, spent = time.perf_counter(), time.process_time()
        caller.get(path)
        asked.send((time.perf_counter() - began, time.process_time() - spent))


class Province:
    """The far end of one such process."""

    def __init__(self, instance: Path, url: str) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._ours, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(str(instance), url, theirs), daemon=True)
        self._process.start()
        theirs.close()
        try:
            self.units: int = self._ours.recv()
        except EOFError as error:
            raise Refusal(f"{instance} 打不开。") from error

    def ask(self, path: str, what: str) -> Any:
        """The cost of a page, or (wall, processor) seconds of reading it once."""
        self._ours.send((path, what))
        return self._ours.recv()

    def close(self) -> None:
        """Let it end."""
        self._ours.send(None)
        self._process.join()


def run(small: tuple[Path, str], large: tuple[Path, str], rounds: int) -> bool:
    """Compare the two, page by page, in turn; whether every ratio is within bounds."""
    few, many = Province(*small), Province(*large)
    lines = [Line("单位数", f"{few.units:,} 与 {many.units:,}")]
    try:
        for name, path in PAGES.items():
            costs = few.ask(path, "cost"), many.ask(path, "cost")
            lines.append(_compared(name, *costs, *_timed(few, many, path, rounds)))
    finally:
        few.close()
        many.close()
    return told("其余单位多少与一个县的页面", lines)


def _timed(few: Province, many: Province, path: str, rounds: int) -> tuple[list[float], list[float]]:
    """Wall seconds of both, in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + WARM):
        for place, each in enumerate((few, many) if number % 2 else (many, few)):
            wall, _processor = each.ask(path, "time")
            if number >= WARM:
                times[place if number % 2 else 1 - place].append(wall)
    return times


def _compared(name: str, few: Cost, many: Cost, first: list[float], second: list[float]) -> Line:
    ratio = middle(second) / max(middle(first), 1e-9)
    same = few.statements == many.statements and few.status == many.status == 200
    seen = (f"{middle(first) * 1000:.1f} → {middle(second) * 1000:.1f} 毫秒,{ratio:.2f} 倍;"
            f"语句 {few.statements} → {many.statements};页 {few.touched} → {many.touched}"
            + ("" if same else f";状态 {few.status} → {many.status}"))
    return Line(name, seen, f"≤ {MOST},语句数相同", ratio <= MOST and same)


