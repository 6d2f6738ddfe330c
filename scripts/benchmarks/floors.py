"""Tables of the floors, filled from the product's: records with a column and an index for every level."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from benchmarks.world import World
from checkout import say

LEVEL_COLUMNS = ("city", "county", "township")
LIVING = "deleted_at IS NULL"
OPEN = f"entered_on IS NULL AND {LIVING}"
KIND = "visits"  # the kind of record whose lists are measured

# Ids have 22 characters, so the k-th step of a path lies at a place known beforehand, on both engines.
_PLACES = """
    CREATE TABLE floor_places AS
    SELECT u.id, u.number, c.number AS city, d.number AS county, t.number AS township
    FROM units u LEFT JOIN units c ON c.id = substr(u.path, 25, 22) LEFT JOIN units d ON d.id = substr(u.path, 48, 22)
    LEFT JOIN units t ON t.id = substr(u.path, 71, 22)"""


@contextlib.contextmanager
def settling(engine: sa.Engine) -> Iterator[Callable[[str], Any]]:
    """A way to send statements that each stand by themselves; SQLite's driver is asked past the engine's own BEGIN."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection.exec_driver_sql
        return
    raw = engine.raw_connection()
    try:
        made: Any = raw.driver_connection
        yield made.execute
    finally:
        raw.close()


def levelled(world: World) -> str:
    """The name of the table with per-level columns; made when first asked for."""
    name = "floor_records"
    if sa.inspect(world.engine).has_table(name):
        return name
    with settling(world.engine) as run:
        run(_PLACES)
        run(f"CREATE TABLE {name} AS SELECT r.*, p.city, p.county, p.township FROM records r "
            "JOIN floor_places p ON p.id = r.unit_id")
        run(f"CREATE UNIQUE INDEX {name}_id ON {name} (id)")
        run(f"CREATE INDEX {name}_unit ON {name} (unit_id)")
        for column in ("", *LEVEL_COLUMNS, "unit_number"):
            key = f"module, {column}, " if column else "module, "
            rest = "unit_number DESC, id DESC"
            run(f"CREATE INDEX {name}_{column}_ended ON {name} ({key}ended_on DESC, {rest}) WHERE {LIVING}")
            run(f"CREATE INDEX {name}_{column}_open ON {name} ({key}due_on DESC, {rest}) WHERE {OPEN}")
        run(f"VACUUM ANALYZE {name}" if world.engine.dialect.name == "postgresql" else f"ANALYZE {name}")
    say("下限用的表已建好")
    return name


def page_by_level(level: str, *, mark: str, overdue: bool = False) -> str:
    """The newest 20 visits (and one more) of one level's unit, in the product's order; `mark` is a placeholder."""
    column = {"province": None, "unit": "unit_number"}.get(level, level)
    wanted = [f"module = '{KIND}'", *([f"{column} = {mark}"] if column else [])]
    wanted += [OPEN, f"due_on < {mark}"] if overdue else [LIVING]
    order = f"{'due_on' if overdue else 'ended_on'} DESC, unit_number DESC, id DESC"
    return with_own(f"SELECT * FROM floor_records WHERE {' AND '.join(wanted)} ORDER BY {order} LIMIT 21", order)


def with_own(page: str, order: str) -> str:
    """A page of records with what visits have besides, which a list shows."""
    order = order.replace(" id DESC", " f.id DESC")
    return f"SELECT f.*, v.* FROM ({page}) f JOIN {KIND} v ON v.id = f.id ORDER BY {order}"


def usual_page(kind: str, mark: str) -> str:
    """The same page as applications of this kind find it: over the ids of all units below."""
    below = {
        "recursive CTE": f"WITH RECURSIVE below(id) AS (SELECT id FROM units WHERE id = {mark} UNION ALL "
                         "SELECT u.id FROM units u JOIN below b ON u.parent_id = b.id) ",
        "find_in_set": f"WITH below(id) AS (SELECT id FROM units WHERE ',' || replace(path, '/', ',') LIKE "
                       f"'%%,' || {mark} || ',%%') ",
        "path": f"WITH below(id) AS (SELECT u.id FROM units u JOIN units a ON a.id = {mark} AND u.path >= a.path "
                "AND u.path < a.path || '~') ",
    }[kind]
    order = "ended_on DESC, unit_number DESC, id DESC"
    text = below + with_own("SELECT * FROM floor_records WHERE unit_id IN (SELECT id FROM below) "
                            f"AND module = '{KIND}' AND {LIVING} ORDER BY {order} LIMIT 20", order)
    return text if mark == "%s" else text.replace("%%", "%")
