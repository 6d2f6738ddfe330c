"""Random changes by several processes, killed with SIGKILL again and again while workers fold: the counters stay exact.

A killed writer loses its open transaction, a killed folder its batch; neither may leave a trace in the sums.
"""

import multiprocessing
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app import registry
from app.counters import folding
from app.reports import counter_check
from permissions import audit, transaction
from tenants import clock, provision, tree
from tenants.db import db
from tenants.errors import Refusal
from tenants.fields import new_id
from tenants.models import Unit, UnitKind
from tenants.scope import Scope

ALL = Scope.everything("an endurance trial changes records everywhere")
KINDS = ("insert", "insert", "enter", "enter", "redate", "remove", "hand over", "erase")
MOVES = 0.02
TOGETHER = 24
_FORK = multiprocessing.get_context("fork")


@dataclass
class Told:
    """What a trial did."""

    operations: int = 0
    killed: dict[str, int] = field(default_factory=lambda: {"writer": 0, "folder": 0})
    refused: int = 0
    differences: list[str] = field(default_factory=list)
    records: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        exact = "exact" if not self.differences else f"{len(self.differences)} DIFFERENCES"
        return (f"{self.operations:,} operations in {self.seconds:.0f} s, {self.killed['writer']} writers and "
                f"{self.killed['folder']} folders killed, {self.refused} transactions refused; "
                f"{self.records:,} records, counters {exact}")


def _record(walk: random.Random, unit: Any) -> dict[str, Any]:
    today = clock.today()
    ended = today - timedelta(days=walk.randrange(0, 120))
    due = ended + timedelta(days=walk.randrange(1, 12))
    entered = None if walk.random() < 0.5 else max(ended, today - timedelta(days=walk.randrange(0, 90)))
    return {"id": new_id(), "module": walk.choice(list(registry.modules())), "unit_id": unit.id,
            "unit_number": unit.number, "state": "draft" if entered is None else "entered", "ended_on": ended,
            "due_on": due, "first_due_on": due, "due_provisional": False, "summary": "", "search": "", "version": 1,
            "entered_on": entered, "entered_at": clock.now() if entered else None, "created_at": clock.now()}


def _one(walk: random.Random, units: Sequence[Any]) -> None:
    """One change: a new record, or something done to one or to a few chosen by chance."""
    table, act, unit = db.metadata.tables["records"], walk.choice(KINDS), walk.choice(units)
    if act == "insert":
        db.session.execute(ALL.mark(sa.insert(table)), [_record(walk, unit) for _ in range(walk.choice((1, 1, 1, 8)))])
        return
    found = ALL.mark(sa.select(table.c.id).where(table.c.unit_id == unit.id).limit(40))
    ids = list(db.session.execute(found).scalars())
    chosen = sorted(walk.sample(ids, min(len(ids), walk.choice((1, 1, 1, 5)))))
    some = table.c.id.in_(chosen)
    if act == "erase":
        db.session.execute(ALL.mark(sa.delete(table).where(some)))
        return
    other = walk.choice(units)
    values: dict[str, Any] = {
        "enter": {"state": "entered", "entered_at": clock.now(), "entered_on": clock.today()},
        "redate": {"due_on": clock.today() + timedelta(days=walk.randrange(-90, 40))},
        "remove": {"deleted_at": walk.choice((clock.now(), None))},
        "hand over": {"unit_id": other.id, "unit_number": other.number},
    }[act]
    db.session.execute(ALL.mark(sa.update(table).where(some).values(**values)))


def _move(walk: random.Random) -> None:
    counties = ALL.select(Unit).where(Unit.kind == UnitKind.county_bureau)
    cities = ALL.select(Unit).where(Unit.kind == UnitKind.city_bureau)
    unit = walk.choice(list(db.session.execute(counties.order_by(Unit.number)).scalars()))
    parent = walk.choice(list(db.session.execute(cities.order_by(Unit.number)).scalars()))
    provision.move_unit(unit, parent)


def _write(app: Flask, seed: int, done: Path, refused: Path) -> None:
    """Change until killed; each committed operation is a byte in `done`."""
    walk, kept = random.Random(seed), os.open(done, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with app.app_context():
        db.engine.dispose(close=False)
        while True:
            count = walk.randrange(1, TOGETHER)
            try:
                with transaction.act("endurance"):
                    if walk.random() < MOVES:
                        _move(walk)
                        count = 1
                    else:
                        units = db.session.execute(ALL.select(Unit, Unit.id, Unit.number)).all()
                        for _each in range(count):
                            _one(walk, units)
                    if (root := tree.root()) is not None:
                        audit.record("endurance:change", "unit", None, root)
                os.write(kept, b"." * count)
            except (Refusal, SQLAlchemyError):
                with refused.open("a") as said:
                    said.write("x")


def _fold(app: Flask, seed: int, *_files: Path) -> None:
    with app.app_context():
        db.engine.dispose(close=False)
        walk = random.Random(seed)
        while True:
            folding.fold()
            folding.forget_days()
            time.sleep(walk.random() / 20)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def endure(app: Flask, folder: Path, *, operations: int, writers: int = 3, folders: int = 2, seed: int = 1,
           pause: float = 0.4, say: Callable[[str], None] = lambda _line: None) -> Told:
    """Run the trial on a database that has a tree; what was done and every difference found at the end."""
    told, walk, began = Told(), random.Random(seed), time.monotonic()
    files = (folder / "done", folder / "refused")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    roles = {"writer": _write, "folder": _fold}
    running: list[tuple[str, Any]] = []

    def start(role: str) -> None:
        child = _FORK.Process(target=roles[role], args=(app, walk.randrange(1 << 30), *files), daemon=True)
        child.start()
        running.append((role, child))

    for role, many in (("writer", writers), ("folder", folders)):
        for _each in range(many):
            start(role)
    said = 0
    while _size(files[0]) < operations:
        time.sleep(walk.uniform(pause / 4, pause))
        role, child = running.pop(walk.randrange(len(running)))
        child.kill()
        child.join()
        told.killed[role] += 1
        start(role)
        if _size(files[0]) >= said + operations // 10:
            said = _size(files[0])
            say(f"{time.monotonic() - began:6.1f} s  {said:,} operations")
    for _role, child in running:
        child.kill()
        child.join()
    told.operations, told.refused, told.seconds = _size(files[0]), _size(files[1]), time.monotonic() - began
    return _judged(app, told)


def _judged(app: Flask, told: Told) -> Told:
    """Verified as the processes left it, and once more after everything is folded."""
    with app.app_context():
        told.differences = list(counter_check.differences())
        while folding.fold_all():
            pass
        told.differences += list(counter_check.differences())
        table = db.metadata.tables["records"]
        counted = ALL.mark(sa.select(sa.func.count()).select_from(table).where(table.c.deleted_at.is_(None)))
        told.records = db.session.execute(counted).scalar_one()
        db.session.rollback()
    return told
