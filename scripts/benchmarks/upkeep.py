"""Goal 9: what the counters cost those who write: a batch, and eight writers at once while a folder folds."""

import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import machine
from benchmarks.floors import settling
from benchmarks.frame import EXACTLY, Finding, Pace, interleave
from benchmarks.goals import POSTGRESQL, benchmark
from benchmarks.world import World
from benchmarks.writes import BATCH, RECORDS, batch_rows, insert
from checkout import Refusal

WRITERS = 8
KEPT = 0.7
# The first letter of an id tells whether its row was counted; such ids are nobody else's.
SCRIPT = """\\set place random(1, {units})
INSERT INTO records (id, module, state, ended_on, due_on, first_due_on, due_provisional, entered_at, entered_on,
                     summary, search, created_at, version, unit_id, unit_number)
SELECT '{mark}' || substr(md5(random()::text || clock_timestamp()::text || :client_id), 1, 20), 'visits', 'entered',
       current_date - 2, current_date + 5, current_date + 5, false, now(), current_date, '', '', now(), 1, id, number
FROM floor_writers WHERE place = :place;
"""
WITH, WITHOUT = "-w", "-o"


def _writing(world: World, mark: str, seconds: int) -> float:
    """Seconds for each single-record transaction of eight writers, one after the other as the clock sees them."""
    folder = machine.postgres_folder()
    if folder is None or not (folder / "pgbench").exists():
        raise Refusal("pgbench is missing")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT.format(units=world.size.units, mark=mark))
        script.flush()
        done = subprocess.run(
            [folder / "pgbench", "-n", "-c", str(WRITERS), "-j", "2", "-T", str(seconds), "-f", script.name,
             world.env["YINLING_DATABASE_URL"].replace("+psycopg", "")], capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout)
    return 1 / float(found[1])


@contextmanager
def _counting(world: World, *, wanted: bool) -> Iterator[None]:
    """The triggers of records on or off for a while, for everybody."""
    with settling(world.engine) as run:
        if not wanted:
            run("ALTER TABLE records DISABLE TRIGGER USER")
        try:
            yield
        finally:
            run("ALTER TABLE records ENABLE TRIGGER USER")


@contextmanager
def _folding(world: World) -> Iterator[None]:
    """The folder at work, once a second and a half or so, as the worker would have it."""
    over = threading.Event()

    def fold() -> None:
        while not over.is_set():
            subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "counters", "fold"], check=False,
                           env={**os.environ, **world.env}, capture_output=True, cwd=Path(__file__).parents[2])
            over.wait(0.5)

    thread = threading.Thread(target=fold)
    if sa.inspect(world.engine).has_table("counters"):
        thread.start()
    try:
        yield
    finally:
        over.set()
        if thread.ident is not None:
            thread.join()


def _deadlocks(world: World) -> int:
    with world.engine.connect() as connection:
        return int(connection.exec_driver_sql(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").scalar_one())


@benchmark("upkeep", 9, POSTGRESQL)
def upkeep(bench: Any) -> list[Finding]:
    """A batch, then eight writers, with and without the counters' deltas."""
    world = bench.whole
    with world.context():
        rows = batch_rows()
        took = interleave({"whole": lambda: insert(RECORDS, rows),
                           "without": lambda: insert(RECORDS, rows, triggers=False)}, bench.pace)
        seconds, before = 2 if bench.quick else 5, _deadlocks(world)
        with settling(world.engine) as run:
            run("CREATE TABLE IF NOT EXISTS floor_writers AS SELECT row_number() OVER () AS place, id, number "
                "FROM units")
            run("CREATE INDEX IF NOT EXISTS floor_writers_place ON floor_writers (place)")

        def writers(mark: str) -> float:
            with _counting(world, wanted=mark == WITH):
                return _writing(world, mark, seconds)

        with _folding(world):
            wrote = interleave({"whole": lambda: writers(WITH), "without": lambda: writers(WITHOUT)},
                               Pace(1e9, 3, 3), warm=0)
        for mark in (WITHOUT, WITH):
            with _counting(world, wanted=mark == WITH), settling(world.engine) as run:
                run(f"DELETE FROM records WHERE id LIKE '{mark}%%'")
        deadlocks = _deadlocks(world) - before
    each = {name: 1 / wrote.median(name) for name in ("whole", "without")}
    return [
        Finding(f"batch of {BATCH:,}", took.median("whole"), took.median("without"), "no counters", 1.25),
        Finding(f"{WRITERS} writers, a record each", wrote.median("whole"), wrote.median("without"), "no counters",
                1 / KEPT, note=f"{each['whole']:,.0f} and {each['without']:,.0f} a second: "
                               f"{each['whole'] / each['without']:.2f} kept, the folder at work"),
        Finding("deadlocks", deadlocks, limit=0, bound=EXACTLY, unit="deadlocks"),
    ]
