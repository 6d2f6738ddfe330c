"""Totals from the counters are those of a live count, wherever units have been moved."""

import weakref

import pytest
from counted import fill, fold, sa_count, unit_of

import rows
from app import registry
from app.counters import totals
from permissions import transaction
from tenants import provision, tree
from tenants.db import db
from tenants.scope import Scope
from world import World


def test_totals_are_those_of_a_live_count(world: World) -> None:
    fill(world, 40)
    kinds = list(registry.modules())
    for again in (False, True):
        with world.app.app_context():
            for name in world.units:
                scope = tree.below(unit_of(world, name))
                inside = [db.session.execute(sa_count(scope, name)).scalar_one() for name in ("records", "cadres")]
                assert [totals.records_total(scope, kinds), totals.cadres_total(scope)] == inside, name
            assert totals.records_total(tree.here(unit_of(world, "盐城")), kinds) is None
            assert totals.cadres_total(Scope.everything("all")) == rows.count(world.app, "cadres")
        if not again:
            fold(world.app)


@pytest.mark.parametrize("fault", [False, True])
def test_totals_come_from_the_counters_after_moves_too(world: World, monkeypatch: pytest.MonkeyPatch,
                                                       fault: bool) -> None:
    """The lowest number of a subtree is then no longer that of its topmost unit; looking there finds another."""
    fill(world, 40)
    kinds = list(registry.modules())
    with world.app.app_context(), transaction.act("tests"):
        for name, above in (("合德镇", "东台"), ("射阳教育局", "东台"), ("海安", "盐城")):
            provision.move_unit(unit_of(world, name), unit_of(world, above))
        assert totals.records_total(tree.below(unit_of(world, "东台")), kinds) is not None
        transaction.audit.record("tests:move", "unit", None, unit_of(world, "江苏"))
    monkeypatch.setattr(tree, "_tops", weakref.WeakKeyDictionary())
    if fault:
        monkeypatch.setattr(tree, "ancestor_ids", lambda path: path.strip("/").split("/")[-1:])
    with world.app.app_context():
        named = {name: tree.below(unit_of(world, name)) for name in world.units}
        lowest = {name for name, scope in named.items() if scope.ranges[0][0] not in (0, unit_of(world, name).number)}
        known = {name: totals.records_total(scope, kinds) for name, scope in named.items()}
        assert "东台" in lowest and {name for name, total in known.items() if total is None} == (
            lowest if fault else set())
        assert all(total == db.session.execute(sa_count(named[name], "records")).scalar_one()
                   for name, total in known.items() if total is not None)
