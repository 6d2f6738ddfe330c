"""Moves a county between two cities: what one move rewrites, and what readers see while it goes to and fro."""

import hashlib
import json
import multiprocessing
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app import registry
from app.demo.province import NANTONG, ROOT, SHEYANG, YANCHENG
from app.people.model import Cadre
from app.records.model import Record
from checkout import Refusal, say
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from tenants.tree import inside
from trials.callers import Caller, account
from trials.verdicts import Line, high, middle, told

ALL = Scope.everything("a trial looks at everything")
PERIOD = "from=2024-01-01&to=2026-12-31"
KEPT_FAULTS = 3


@dataclass(frozen=True)
class Where:
    """Ids of the county, its two superiors in turn, and the province."""

    county: str
    here: str
    there: str
    root: str


@dataclass
class Seen:
    """What one reader saw."""

    answers: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    mixed: list[str] = field(default_factory=list)
    mixed_count: int = 0
    seconds: list[float] = field(default_factory=list)


def where(app: Flask) -> Where:
    """The units the trial is about. Raises Refusal when they are not in the database."""
    with app.app_context():
        found = {unit.code: unit for unit in db.session.execute(
            ALL.select(Unit).where(Unit.code.in_((ROOT, SHEYANG, YANCHENG, NANTONG)))).scalars()}
        if len(found) != 4:
            raise Refusal("这里没有装入规模数据。")
        county = found[SHEYANG]
        here = found[YANCHENG] if county.parent_id == found[YANCHENG].id else found[NANTONG]
        there = found[NANTONG] if here is found[YANCHENG] else found[YANCHENG]
        return Where(county.id, here.id, there.id, found[ROOT].id)


def views(place: Where) -> list[str]:
    """What is read: the report at both cities and the province, lists and totals of both cities."""
    found = [f"/api/v1/reports/timeliness?unit={unit}&{PERIOD}" for unit in (place.here, place.there, place.root)]
    for unit in (place.here, place.there):
        found += [f"/api/v1/records/{key}?unit={unit}" for key in registry.modules()]
        found += [f"/api/v1/cadres?unit={unit}", f"/api/v1/units?parent={unit}"]
    return found


def summary(path: str, body: str) -> str:
    """What must be that of one tree: everything but a unit's version, which each move raises."""
    read = json.loads(body)
    for item in read["items"] if "/units?" in path else ():
        item.pop("version", None)
        item.pop("updated_at", None)
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()


def recomputed(app: Flask, unit_id: str) -> dict[str, int]:
    """Records by kind and cadres below a unit, counted over the tree itself, past scopes and counters."""
    with app.app_context():
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == unit_id)).scalar_one()
        below = sa.select(Unit.number).where(inside(unit.path))
        records = db.session.execute(ALL.mark(
            sa.select(Record.module, sa.func.count()).where(Record.deleted_at.is_(None), Record.unit_number.in_(below))
            .group_by(Record.module)))
        found = {str(module): int(count) for module, count in records}
        found["cadres"] = db.session.execute(ALL.mark(
            sa.select(sa.func.count()).select_from(Cadre).where(Cadre.unit_number.in_(below)))).scalar_one()
        return found


def totals_hold(app: Flask, caller: Caller, place: Where) -> list[str]:
    """Totals that the routes tell and that are not what is there."""
    faults = []
    for unit in (place.here, place.there):
        counts = recomputed(app, unit)
        for what in (*registry.modules(), "cadres"):
            path = f"/api/v1/cadres?unit={unit}" if what == "cadres" else f"/api/v1/records/{what}?unit={unit}"
            said = json.loads(caller.get(path)[1])["total"]
            if said != counts.get(what, 0):
                faults.append(f"{what}: {said} ≠ {counts.get(what, 0)}")
        report = json.loads(caller.get(f"/api/v1/reports/timeliness?unit={unit}&{PERIOD}")[1])
        if sum(row["total"] for row in report["rows"]) != report["total_row"]["total"]:
            faults.append("report: rows do not add up")
    return faults


def move(caller: Caller, place: Where, to: str) -> None:
    """Move the county through the API. Raises Refusal when it is not done."""
    status, text = caller.post(f"/api/v1/units/{place.county}/move", {"parent_id": to})
    if status != 200:
        raise Refusal(f"移动不成:{status} {text[:300]}")


def read_on(app: Flask, about: Mapping[str, Any], legal: Mapping[str, set[str]], stop: Any, seed: int) -> Seen:
    """Read views at random until told to stop; compare each answer with the two that may be."""
    caller, seen, rng = Caller(app, about), Seen(), random.Random(seed)  # noqa: S311  which page comes next
    paths = list(legal)
    while not stop.is_set():
        path = rng.choice(paths)
        began = time.perf_counter()
        status, text = caller.get(path)
        seen.seconds.append(time.perf_counter() - began)
        seen.answers += 1
        if status != 200:
            seen.refused[status] = seen.refused.get(status, 0) + 1
        elif summary(path, text) not in legal[path]:
            seen.mixed_count += 1
            if len(seen.mixed) < KEPT_FAULTS:
                seen.mixed.append(f"{path}: {text[:600]}")
    return seen


def _reader(app: Flask, about: Mapping[str, Any], legal: Mapping[str, set[str]], stop: Any, seed: int,
            answers: Any) -> None:
    answers.put(read_on(app, about, legal, stop, seed))


def legal_answers(caller: Caller, place: Where) -> dict[str, set[str]]:
    """The two answers each view may give; the county is back where it was afterwards."""
    paths = views(place)
    found = {path: {summary(path, caller.get(path)[1])} for path in paths}
    move(caller, place, place.there)
    for path in paths:
        found[path].add(summary(path, caller.get(path)[1]))
    move(caller, place, place.here)
    return found


def to_and_fro(app: Flask, caller: Caller, place: Where, moves: int, readers: int) -> tuple[list[Seen], list[float]]:
    """Move the county back and forth while others read; what they saw, and how long each move took."""
    legal = legal_answers(caller, place)
    about = account(app, "chief", place.root)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    fork = multiprocessing.get_context("fork")
    stop, answers = fork.Event(), fork.Queue()
    started = [fork.Process(target=_reader, args=(app, about, legal, stop, seed, answers)) for seed in range(readers)]
    for each in started:
        each.start()
    took = []
    try:
        for number in range(moves):
            began = time.perf_counter()
            move(caller, place, place.here if number % 2 else place.there)
            took.append(time.perf_counter() - began)
            if number % 100 == 99:
                say(f"已移动 {number + 1} 次")
    finally:
        stop.set()
    seen = [answers.get() for _ in started]
    for each in started:
        each.join()
    return seen, took


def changes(app: Flask) -> dict[str, int]:
    """Rows written so far by table, as PostgreSQL counts them."""
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
        connection.rollback()
        rows = connection.exec_driver_sql(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables")
        return {str(name): int(count) for name, count in rows}


def stamp(app: Flask, place: Where) -> tuple[int, str]:
    """How many records the county has, and a sum over where each row version lies."""
    with app.app_context():
        county = db.session.execute(ALL.select(Unit).where(Unit.id == place.county)).scalar_one()
        below = sa.select(Unit.number).where(inside(county.path))
        versions = sa.func.concat(sa.column("ctid", _selectable=Record.__table__), ":",
                                  sa.column("xmin", _selectable=Record.__table__))
        rows = db.session.execute(ALL.mark(
            sa.select(versions).select_from(Record).where(Record.unit_number.in_(below)).order_by(Record.id))).scalars()
        digest, count = hashlib.sha256(), 0
        for row in rows:
            digest.update(str(row).encode())
            count += 1
        return count, digest.hexdigest()


def one_move(app: Flask, caller: Caller, place: Where, settled: Callable[[], None]) -> list[Line]:
    """Move once and back, and look what was written."""
    before, versions = changes(app), stamp(app, place)
    began = time.perf_counter()
    move(caller, place, place.there)
    took = time.perf_counter() - began
    settled()
    after, now = changes(app), stamp(app, place)
    move(caller, place, place.here)
    written = {table: after[table] - before.get(table, 0) for table in after if after[table] != before.get(table, 0)}
    rewritten = sum(written.get(table, 0) for table in ("records", "cadres", "record_people", *registry.modules()))
    return [
        Line("移动的记录", f"{now[0]:,}"),
        Line("记录的行版本(ctid、xmin)", "未变" if versions == now else "变了", "未变", versions == now),
        Line("记录、档案等表写入的行", str(rewritten), "0", rewritten == 0),
        Line("写入的行", ", ".join(f"{table} {count}" for table, count in sorted(written.items()))),
        Line("一次移动用时", f"{took * 1000:.0f} 毫秒"),
    ]


def run(app: Flask, moves: int, readers: int) -> bool:
    """The whole trial; whether it held."""
    place = where(app)
    caller = Caller(app, account(app, "administrator", place.root))
    lines = one_move(app, caller, place, lambda: time.sleep(1.5)) if _counts_rows(app) else []
    began = time.perf_counter()
    seen, took = to_and_fro(app, caller, place, moves, readers)
    seconds = time.perf_counter() - began
    refused = sum(sum(each.refused.values()) for each in seen)
    mixed = sum(each.mixed_count for each in seen)
    faults = totals_hold(app, caller, place)
    times = [value for each in seen for value in each.seconds]
    lines += [
        Line("来回移动", f"{moves} 次,{seconds:.0f} 秒,中位 {middle(took) * 1000:.0f} 毫秒"),
        Line("同时读取的回答", f"{len(times):,}({readers} 个进程),中位 {middle(times) * 1000:.0f} 毫秒,"
             f"p95 {high(times) * 1000:.0f} 毫秒"),
        Line("没有答成的", str(refused), "0", refused == 0),
        Line("新旧两棵树混在一起的回答", str(mixed), "0", mixed == 0),
        Line("与重新计数不符的合计", "、".join(faults) or "0", "0", not faults),
    ]
    for example in [text for each in seen for text in each.mixed][:KEPT_FAULTS]:
        print(f"  混合的回答:{example}")
    return told("移动射阳", lines)


def _counts_rows(app: Flask) -> bool:
    with app.app_context():
        return db.engine.dialect.name == "postgresql"
