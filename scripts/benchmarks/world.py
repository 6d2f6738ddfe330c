"""A province to measure on: an application of its own over a database of its own, and units picked at every level."""

import base64
import contextlib
import secrets
import shutil
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from app import registry
from app.config import from_environment
from app.counters import folding
from app.deadlines.notices import shipped
from app.factory import create_app
from app.records.model import Record
from app.records.redating import store_notices
from benchmarks import fixture
from checkout import say
from permissions import transaction
from tenants import tree
from tenants.db import db
from tenants.models import Unit, UnitKind
from tenants.scope import Scope

ALL = Scope.everything("a benchmark looks at the whole province")
LEVELS = {"province": UnitKind.province_bureau, "city": UnitKind.city_bureau, "county": UnitKind.county_bureau,
          "township": UnitKind.township, "unit": UnitKind.subordinate_unit}
KEYS = f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"
SECRET = secrets.token_hex(32)


@dataclass(frozen=True)
class Place:
    """A unit somebody looks from: its level, its place in the tree, the records below it."""

    level: str
    id: str
    code: str
    number: int
    path: str
    ranges: tuple[tuple[int, int], ...]
    records: int

    @property
    def scope(self) -> Scope:
        """The scope of the unit and everything below."""
        return Scope.of(self.ranges)

    @property
    def label(self) -> str:
        """For a table."""
        return f"{self.level} ({self.records:,} records)"


class World:
    """One database with its application."""

    def __init__(self, folder: Path, url: str, size: fixture.Size) -> None:
        """Migrate the database unless it is a copy of one with the tree already in it, and fill it."""
        self.size, self.folder = size, folder
        self.env = {"YINLING_INSTANCE": str(folder), "YINLING_DATABASE_URL": url, "YINLING_SECRET_KEY": SECRET,
                    "YINLING_FIELD_KEYS": KEYS, "YINLING_DEMO": "0",
                    "YINLING_SECOND_FACTOR": "0"}
        folder.mkdir(parents=True, exist_ok=True)
        self.app: Flask = create_app(from_environment(self.env))
        with self.app.app_context():
            if not sa.inspect(db.engine).has_table("units"):
                upgrade()
                with transaction.act("bench"):
                    store_notices(shipped(), registry.modules())
                if size.units:
                    fixture.load_units(size.units)
        if size.records:
            self._fill()

    def _fill(self) -> None:
        with self.app.app_context():
            fixture.load_rows(self.size)
            db.session.remove()
        # The rows came in past the triggers.
        if "counters" in self.app.cli.commands:
            done = self.app.test_cli_runner().invoke(args=["counters", "rebuild"])
            if done.exit_code:
                raise RuntimeError(f"counters rebuild: {done.output}")
            self.settle()
        say(f"{self.size.records:,} 条记录、{self.size.cadres:,} 人、{self.size.units:,} 个单位已装入")
        with self.app.app_context():
            self.places = _places()

    def settle(self) -> None:
        """Fold what waits, as the worker does each second, and clean up as autovacuum does within a minute."""
        with self.app.app_context():
            folding.fold_all(most=1_000)
            db.session.remove()
            if db.engine.dialect.name == "postgresql":
                with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("VACUUM ANALYZE counters, counter_days, counter_deltas, counter_state")

    @contextlib.contextmanager
    def context(self) -> Iterator[Any]:
        """Inside the application, with a session that is let go at the end."""
        with self.app.app_context():
            try:
                yield db.session
            finally:
                db.session.rollback()
                db.session.remove()

    @property
    def engine(self) -> sa.Engine:
        """The engine of the application; inside `context`."""
        return db.engine

    def place(self, level: str) -> Place:
        """The unit picked at a level."""
        return next(each for each in self.places if each.level == level)

    def like(self, place: Place) -> Place:
        """The unit with the same code as another world's."""
        with self.context():
            unit = db.session.execute(ALL.select(Unit).where(Unit.code == place.code)).scalar_one()
            ranges = tree.ranges_below(unit)
            records = db.session.execute(Scope.of(ranges).select(Record, sa.func.count())).scalar_one()
            return replace(place, id=unit.id, number=unit.number, path=unit.path, ranges=ranges, records=records)

    def close(self) -> None:
        """Let the connections go."""
        with self.app.app_context():
            db.session.remove()
            if db.engine.dialect.name == "sqlite":
                with db.engine.connect() as connection:  # so that the file alone is the whole of it
                    connection.exec_driver_sql("ROLLBACK")
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()


def _places() -> list[Place]:
    """At each level the unit whose number of records is the middle one among those that have any."""
    with transaction_reading():
        units = list(db.session.execute(ALL.select(Unit)).scalars())
        found = db.session.execute(sa.select(sa.column("unit_id"), sa.func.count()).select_from(sa.table("records"))
                                   .group_by(sa.column("unit_id")).execution_options(scope=ALL))
        own = {unit_id: int(many) for unit_id, many in found}
        below: Counter[str] = Counter()
        for unit in units:
            for ancestor in tree.ancestor_ids(unit.path):
                below[ancestor] += own.get(unit.id, 0)
        picked = []
        for level, kind in LEVELS.items():
            middle = statistics.median_low([below[unit.id] for unit in units if unit.kind == kind and below[unit.id]])
            unit = next(each for each in units if each.kind == kind and below[each.id] == middle)
            picked.append(Place(level, unit.id, unit.code, unit.number, unit.path, tree.ranges_below(unit), middle))
        return picked


@contextlib.contextmanager
def transaction_reading() -> Iterator[None]:
    """A read that leaves nothing behind."""
    try:
        yield
    finally:
        db.session.rollback()


class Worlds:
    """The databases of one engine, made when first asked for, thrown away at the end."""

    def __init__(self, engine_name: str, server: str | None, sizes: dict[str, fixture.Size]) -> None:
        """`server` is a superuser's URL of a PostgreSQL that is ours alone, None for SQLite."""
        self.engine_name, self.server, self.sizes = engine_name, server, sizes
        self.folder = Path(tempfile.mkdtemp(prefix="yinling-bench-"))
        self.made: dict[str, World] = {}

    def get(self, name: str) -> World:
        """The world of a size."""
        if name not in self.made:
            size = self.sizes[name]
            if size.records:
                # The tree is loaded once, into a world without rows that the others are copies of.
                tree_only = self._make("tree", replace(size, cadres=0, records=0))
                tree_only.close()
            self.made[name] = self._make(name, size, copied=bool(size.records))
        return self.made[name]

    def _make(self, name: str, size: fixture.Size, *, copied: bool = False) -> World:
        if name == "tree" and name in self.made:
            return self.made[name]
        if self.server is None:
            url = f"sqlite:///{self.folder / name}.db"
            if copied:
                shutil.copyfile(self.folder / "tree.db", self.folder / f"{name}.db")
        else:
            url = self.server.rsplit("/", 1)[0] + f"/bench_{name}"
            admin = sa.create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
            with admin.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE bench_{name}" + " TEMPLATE bench_tree" * copied)
        world = World(self.folder / name, url, size)
        self.made.setdefault(name, world)
        return world

    def close(self) -> None:
        """Let go and delete what lies in our folder."""
        for world in self.made.values():
            world.close()
        for path in sorted(self.folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        self.folder.rmdir()
