"""A province with records of all kinds, folded and verified: what the tests of counters begin with."""

import random
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

import factories
from app import registry
from app.counters import folding
from app.reports import counter_check
from permissions import transaction
from tenants import clock, tree
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test counts by hand")


def unit_of(world: World, name: str) -> Unit:
    """A unit by its name, read now."""
    return tree.unit_by_id(world.units[name], ALL)


def fill(world: World, many: int, seed: int = 1) -> None:
    """Records of all kinds over the whole tree, some late, owed or deleted."""
    walk, cadres = random.Random(seed), dict[str, Any]()
    with world.app.app_context(), transaction.act("tests"):
        for _each in range(many):
            name = walk.choice(list(world.units))
            unit = unit_of(world, name)
            cadre = cadres[name] = cadres.get(name) or factories.cadre(unit=unit)
            ended_on = date(2026, 6, 9) - timedelta(days=walk.randrange(0, 90))
            record = factories.record(module=walk.choice(list(registry.modules())), unit=unit, cadre=cadre,
                                      ended_on=ended_on, draft=walk.random() < 0.4)
            if walk.random() < 0.15:
                record.deleted_at = clock.now()
        transaction.audit.record("tests:fill", "unit", None, unit_of(world, "江苏"))


def differences(app: Flask) -> list[str]:
    """What verification finds."""
    with app.app_context():
        return list(counter_check.differences())


def fold(app: Flask) -> int:
    """Fold everything that waits."""
    with app.app_context():
        return folding.fold_all()


def sa_count(scope: Scope, name: str) -> Any:
    """Count a table's live rows in a scope."""
    table = db.metadata.tables[name]
    living = table.c.deleted_at.is_(None) if name == "records" else sa.true()
    return scope.mark(sa.select(sa.func.count()).select_from(table).where(scope.clause(table.c), living))
