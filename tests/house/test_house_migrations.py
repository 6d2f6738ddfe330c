"""Migrations: one numbered line, models and schema equal, up and down and up again with data, on both engines."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.util import CommandError
from flask import Flask
from flask_migrate import downgrade, upgrade
from migration_rules import RULES, versions
from python_rules import ROOT

import factories
from app import registry
from app.reports import counter_check
from engines import Store
from permissions import transaction
from tenants import tree
from tenants.db import Base, db
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test looks at every unit")
FINE = """'A table of its own.'

revision = "{0}"
down_revision = {1!r}


def upgrade():
    up()


def downgrade():
    down()
"""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule: Any) -> None:
    assert len(versions(ROOT)) >= 11 and rule(ROOT) == []


def _line(folder: Path, changes: dict[str, str], head: str = "0002") -> Path:
    place = folder / "migrations/versions"
    place.mkdir(parents=True)
    sources = {"0001_one.py": FINE.format("0001", None), "0002_two.py": FINE.format("0002", "0001")} | changes
    for name, source in sources.items():
        (place / name).write_text(source, encoding="utf-8")
    (folder / "migrations/.head").write_text(f"{head}\n", encoding="utf-8")
    return folder


def test_a_fine_line_breaks_nothing(tmp_path: Path) -> None:
    house = _line(tmp_path, {})
    assert [fault for rule in RULES for fault in rule(house)] == []


@pytest.mark.parametrize(("changes", "head"), [
    ({"0002_other.py": FINE.format("0002", "0001")}, "0002"),  # two branches took the same number
    ({"0003_three.py": FINE.format("0003", "0001")}, "0003"),  # two heads
    ({"0004_four.py": FINE.format("0004", "0002")}, "0004"),  # a gap
    ({"late.py": FINE.format("0003", "0002")}, "0003"),
    ({}, "0001"),  # the head file was forgotten
    ({"0003_three.py": FINE.format("0003", "0002") + "import app.people\n"}, "0003"),
    ({"0003_three.py": FINE.format("0003", "0002").replace("down()", "pass")}, "0003"),
    ({"0003_three.py": FINE.format("0003", "0002").replace("down()", "raise NotImplementedError")}, "0003"),
])
def test_each_disorder_is_seen(changes: dict[str, str], head: str, tmp_path: Path) -> None:
    house = _line(tmp_path, changes, head)
    assert [fault for rule in RULES for fault in rule(house)]


def _differences(app: Flask) -> list[Any]:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_the_schema_of_the_migrations_is_the_models(app: Flask) -> None:
    assert _differences(app) == []
    with app.app_context():
        config = app.extensions["migrate"].migrate.get_config()
        command.check(config)


@pytest.fixture
def strange_table() -> Iterator[str]:
    """A model whose migration was forgotten."""
    table = sa.Table("forgotten", Base.metadata, sa.Column("id", sa.Integer, primary_key=True))
    yield table.name
    Base.metadata.remove(table)


def test_a_forgotten_migration_is_seen(app: Flask, strange_table: str) -> None:
    assert [change[0] for change in _differences(app)] == ["add_table"]
    with app.app_context(), pytest.raises(CommandError, match="forgotten"):
        command.check(app.extensions["migrate"].migrate.get_config())


def _fill(world: World) -> None:
    """A record of every kind beside what the province has already."""
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units["射阳"], ALL)
        cadre = factories.cadre(unit=unit, name="迁移老人")
        for module in registry.modules():
            factories.record(module=module, unit=unit, cadre=cadre, ended_on=date(2026, 6, 1))
        transaction.audit.record("tests:fill", "unit", None, unit)


Contents = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


def _contents(app: Flask) -> Contents:
    """Every row of every table but the version's own, by table and primary key."""
    with app.app_context(), db.engine.connect() as connection:
        reflected = sa.MetaData()
        reflected.reflect(connection)
        return {
            name: {tuple(row[key.name] for key in table.primary_key): dict(row)
                   for row in connection.execute(sa.select(table)).mappings()}
            for name, table in reflected.tables.items() if name != "alembic_version"
        }


def _kept(before: Contents, now: Contents) -> bool:
    """Whether everything there is now was there before, as far as today's columns go.

    Sums of other rows may be kept another way; that they are right is verified.
    """
    derived = {mapper.local_table.name for mapper in Base.registry.mappers if getattr(mapper.class_, "derived", False)}
    return all(
        rows.keys() == before[name].keys() and
        all({column: before[name][key][column] for column in row} == row for key, row in rows.items())
        for name, rows in now.items() if name not in derived
    )


def test_down_to_nothing_and_up_again_with_data(world: World, store: Store) -> None:
    _fill(world)
    before = _contents(world.app)
    assert sum(map(len, before.values())) > 100 and len(before["records"]) == 4
    for _revision in versions(ROOT):
        with world.app.app_context():
            downgrade(revision="-1")
            db.engine.dispose()
        now = _contents(world.app)
        assert _kept(before, now), "a step down changed what it should not touch"
    assert now == {}
    with world.app.app_context():
        upgrade()
        db.engine.dispose()
    assert _differences(world.app) == []
    assert _contents(world.app).keys() == before.keys()


def test_one_step_down_and_up_keeps_the_rest(world: World) -> None:
    _fill(world)
    with world.app.app_context():
        downgrade(revision="-1")
        db.engine.dispose()
    lower = _contents(world.app)
    with world.app.app_context():
        upgrade()
        db.engine.dispose()
    after = _contents(world.app)
    assert lower["records"] and _kept(after, lower)
    with world.app.app_context():
        assert list(counter_check.differences()) == []


def test_a_changed_or_lost_row_is_seen() -> None:
    before: Contents = {"cadres": {("a",): {"id": "a", "name": "甲"}, ("b",): {"id": "b", "name": "乙"}}}
    assert _kept(before, {"cadres": {("a",): {"id": "a"}, ("b",): {"id": "b"}}}) and _kept(before, {})
    assert not _kept(before, {"cadres": {("a",): {"id": "a", "name": "甲"}}})
    assert not _kept(before, {"cadres": {("a",): {"name": "丙"}, ("b",): {"name": "乙"}}})


def test_the_copy_of_a_revision_tree_is_read_as_it_is(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    assert [fault for rule in RULES for fault in rule(tmp_path)] == []
