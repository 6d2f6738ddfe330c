"""The same rows for SQLite, which is handed them by the hundred thousand."""

import random
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from app.values.name_words import spelled
from benchmarks.sizes import MODULES, NAMES, SKEW, Size
from tenants import keys
from tenants.db import db

CADRES = ("id", "name", "name_reading", "name_words", "name_initials", "id_number", "id_number_key", "sex",
          "birth_date", "retirement_type", "life_status", "created_at", "version", "unit_id", "unit_number")
RECORDS = ("id", "module", "state", "ended_on", "due_on", "first_due_on", "due_provisional", "entered_at", "entered_on",
           "summary", "search", "created_at", "version", "unit_id", "unit_number")
Unit = tuple[str, int]


def load(size: Size, days: list[tuple[int, date, date]]) -> None:
    """People and records; triggers do their work, foreign keys are taken on trust."""
    raw = db.engine.raw_connection()
    connection: Any = raw.driver_connection
    draw = random.Random(5)  # noqa: S311
    run = connection.execute
    run("PRAGMA foreign_keys = off")
    units: list[Unit] = run("SELECT id, number FROM units ORDER BY id").fetchall()
    run("BEGIN IMMEDIATE")
    _put(connection, "cadres", CADRES, _cadres(size, units, draw))
    _put(connection, "records", RECORDS, _records(size, units, days, draw))
    for name in MODULES:
        run(f"INSERT INTO {name} (id) SELECT id FROM records WHERE module = '{name}'")
    run("INSERT INTO record_people (record_id, cadre_id, place, unit_id, unit_number) "
        f"SELECT r.id, printf('c%021d', r.rowid % {size.cadres}), 0, r.unit_id, r.unit_number FROM records r")
    run("COMMIT")
    run("ANALYZE")
    run("PRAGMA foreign_keys = on")
    raw.close()


def _put(connection: sqlite3.Connection, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)


def _drawn(units: list[Unit], draw: random.Random) -> Unit:
    return units[int(draw.random() ** SKEW * len(units))]


def _cadres(size: Size, units: list[Unit], draw: random.Random) -> Iterator[tuple[Any, ...]]:
    secret = keys.ring().encrypt(b"320999194003010017", "cadres.id_number")
    spelled_names = [(name, *spelled(name).values()) for name in NAMES]
    for serial in range(size.cadres):
        unit_id, number = _drawn(units, draw)
        name, reading, words = spelled_names[serial % len(spelled_names)]
        yield (f"c{serial:021d}", name, reading, words, "zh", secret, f"k{serial}", "1", "1940-03-01",
               "tuixiu", "living", "2024-01-01 00:00:00.000000", 1, unit_id, number)


def _records(size: Size, units: list[Unit], days: list[tuple[int, date, date]],
             draw: random.Random) -> Iterator[tuple[Any, ...]]:
    today = days[0][1]
    for serial in range(size.records):
        unit_id, number = _drawn(units, draw)
        _place, day, due = days[draw.randrange(len(days))]
        fate = draw.random()
        entered = day + timedelta(draw.randrange(4)) if fate < 0.86 else (
            due + timedelta(1 + draw.randrange(30)) if fate < 0.97 else None)
        entered = entered if entered and entered <= today else None
        place = f"合德镇 {serial % 1000}"
        yield (f"r{draw.getrandbits(84):021x}", MODULES[draw.randrange(4)], "entered" if entered else "draft", str(day),
               str(due), str(due), 0, f"{entered} 02:00:00.000000" if entered else None,
               str(entered) if entered else None, f"走访慰问 · {place}", f"走访慰问 {place}",
               f"{day} 10:00:00.000000", 1, unit_id, number)
