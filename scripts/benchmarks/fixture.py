"""Rows to measure on, made by the database itself: a tree of real divisions, people and records, unevenly spread."""

from datetime import date, timedelta

import sqlalchemy as sa

from app.deadlines.rules import due
from app.demo.province import units as real_units
from app.records.calendar import work_calendar
from app.records.module import FIVE_WORKING_DAYS
from app.values.name_words import spelled
from benchmarks import sqlite_rows
from benchmarks.sizes import EMPTY, MODULES, NAMES, SKEW, UNITS, YEARS, Size
from permissions import audit, transaction
from scale import name_words
from tenants import clock, keys, provision
from tenants.db import db
from tenants.provision import Planned

__all__ = ["EMPTY", "UNITS", "Size", "load_rows", "load_units", "planned_units"]

FILLED = ("records", *MODULES, "record_people", "cadres", "cadre_words")


def planned_units(wanted: int) -> list[Planned]:
    """The divisions of the province with its direct units, filled up with villages below the townships."""
    plan = [Planned(each.key, each.parent_key, each.kind, each.name, each.code) for each in real_units()][:wanted]
    townships = [each for each in plan if each.kind == "township"]
    for serial in range(max(0, wanted - len(plan))):
        # Some townships have three times as many villages as others.
        above = townships[(serial * (serial % 3 + 1)) % len(townships)]
        code = f"{above.code}-V{serial}"
        plan.append(Planned(code, above.key, "subordinate_unit", f"{above.name}第{serial}村", code))
    return plan


def load_units(wanted: int) -> None:
    """The tree, by the product's own loader."""
    with transaction.act("bench"):
        made = provision.load_tree(planned_units(wanted), valid_from=clock.today() - timedelta(days=365 * YEARS))
        audit.record("bench:load", "unit", None, next(iter(made.values())))


def _days(today: date) -> list[tuple[int, date, date]]:
    """(place, day, due day) of the last years, in order."""
    calendar = work_calendar()
    days = [today - timedelta(days=n) for n in range(365 * YEARS)]
    return [(place, day, due(FIVE_WORKING_DAYS, calendar, day).on) for place, day in enumerate(days)]


def load_rows(size: Size) -> None:
    """People and records by INSERT … SELECT, with triggers and indexes put aside meanwhile on PostgreSQL."""
    if db.engine.dialect.name == "postgresql":
        _load_on_postgresql(size)
    else:
        sqlite_rows.load(size, _days(clock.today()))


def _id(seed: str) -> str:
    return f"'r' || substr(translate(encode(decode(md5({seed}), 'hex'), 'base64'), '+/=', 'pq'), 1, 21)"


def _statements(size: Size) -> list[str]:
    secret = keys.ring().encrypt(b"320999194003010017", "cadres.id_number")
    cadres = f"""
        INSERT INTO cadres (id, name, name_reading, name_words, name_initials, id_number, id_number_key, sex,
                            birth_date, retirement_type, life_status, created_at, version, unit_id, unit_number)
        SELECT {_id("'c' || g")}, n.name, n.reading, n.words, 'z' || chr(97 + g % 26),
               '{secret}', md5('k' || g), CASE WHEN g % 2 = 0 THEN '1' ELSE '2' END, '1940-03-01', 'tuixiu', 'living',
               now(), 1, s.id, s.number
        FROM (SELECT g, floor(power(random(), {SKEW}) * {size.units})::int AS place
              FROM generate_series(1, {size.cadres}) g) d JOIN spread s USING (place)
        JOIN names n ON n.place = g % {len(NAMES)}"""
    words = name_words.POSTGRESQL.format(table="cadres", words="cadre_words")
    records = f"""
        INSERT INTO records (id, module, state, ended_on, due_on, first_due_on, due_provisional, entered_at, entered_on,
                             summary, search, created_at, version, unit_id, unit_number)
        SELECT {_id("'r' || g")}, (ARRAY['visits', 'hardship_aid', 'branch_activities', 'volunteer_service'])[kind],
               CASE WHEN entered IS NULL THEN 'draft' ELSE 'entered' END, y.day, y.due, y.due, false,
               entered + time '10:00', entered, '走访慰问 · 合德镇 · ' || g % 1000, '走访慰问 合德镇 赵老 ' || g % 1000,
               y.day + time '18:00', 1, s.id, s.number
        FROM (SELECT g, floor(power(random(), {SKEW}) * {size.units})::int AS unit_place,
                     floor(random() * {365 * YEARS})::int AS day_place, random() AS fate,
                     1 + floor(random() * 4)::int AS kind, floor(random() * 30)::int AS delay
              FROM generate_series(1, {size.records}) g) d
        JOIN spread s ON s.place = unit_place JOIN days y ON y.place = day_place
        CROSS JOIN LATERAL (SELECT CASE WHEN fate < 0.86 THEN y.day + delay % 4 WHEN fate < 0.97 THEN y.due + 1 + delay
                            END AS said) t
        CROSS JOIN LATERAL (SELECT CASE WHEN said <= current_date THEN said END AS entered) e"""
    own = [f"INSERT INTO {name} (id) SELECT id FROM records WHERE module = '{name}'" for name in MODULES]
    people = f"""
        INSERT INTO record_people (record_id, cadre_id, place, unit_id, unit_number)
        SELECT r.id, c.id, 0, r.unit_id, r.unit_number
        FROM (SELECT id, unit_id, unit_number, row_number() OVER () AS g FROM records) r
        JOIN (SELECT id, row_number() OVER () - 1 AS g FROM cadres) c ON c.g = r.g % {size.cadres}"""
    return [cadres, words, records, *own, people]


def _load_on_postgresql(size: Size) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        run = connection.exec_driver_sql
        run("SELECT setseed(0.5)")
        run("SET session_replication_role = replica")  # no foreign keys, no triggers: the rows are right by making
        run("SET work_mem = '256MB'")
        run("CREATE TEMP TABLE spread AS SELECT (row_number() OVER (ORDER BY md5(id)) - 1)::int AS place, id, number "
            "FROM units")
        run("CREATE TEMP TABLE days (place int, day date, due date)")
        connection.execute(sa.text("INSERT INTO days VALUES (:place, :day, :due)"),
                           [{"place": place, "day": day, "due": due_day}
                            for place, day, due_day in _days(clock.today())])
        run("CREATE TEMP TABLE names (place int, name text, reading text, words text)")
        # Without its words a name is not found, and the worker would spell it while the province is measured.
        connection.execute(sa.text("INSERT INTO names VALUES (:place, :name, :name_reading, :name_words)"),
                           [{"place": place, "name": name, **spelled(name)} for place, name in enumerate(NAMES)])
        aside = connection.execute(sa.text(
            "SELECT i.indexname, i.indexdef FROM pg_indexes i JOIN pg_class c ON c.relname = i.indexname "
            "WHERE i.schemaname = 'public' AND i.tablename = ANY(:tables) "
            "AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid)"), {"tables": list(FILLED)}).all()
        for name, _definition in aside:
            run(f"DROP INDEX {name}")
        for statement in _statements(size):
            run(statement.replace("%", "%%"))
        for _name, definition in aside:
            run(definition)
        run("SET session_replication_role = origin")
        run("VACUUM ANALYZE")
