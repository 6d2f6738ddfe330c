"""Reading the tree: children, ancestors, topmost, names that look alike, sixteen levels, thirty thousand units."""

import time
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func

import factories
from app import units as finding
from permissions import transaction
from tenants import numbering, provision, tree
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Unit
from tenants.provision import Planned
from tenants.scope import NOTHING, Scope
from world import World

WHOLE = Scope.everything("a test reads the whole tree")


def unit_named(name: str) -> Unit:
    """A unit by its name."""
    return db.session.execute(WHOLE.select(Unit).where(Unit.name == name)).scalar_one()


@pytest.fixture
def names(world: World) -> Any:
    """The named province with an open context."""
    with world.app.app_context():
        yield world
        db.session.rollback()


def called(units: list[Unit]) -> list[str]:
    """Their names."""
    return [unit.name for unit in units]


def test_children_ancestors_and_superiors(names):
    county = unit_named("射阳")
    assert called(tree.children(county, WHOLE)) == ["合德镇", "黄沙港镇", "射阳教育局"]
    assert called(tree.ancestors(unit_named("合德敬老院"), WHOLE)) == ["江苏省委老干部局", "盐城", "射阳", "合德镇",
                                                                  "合德敬老院"]
    assert tree.superior(county).name == "盐城" and tree.superior(tree.root()).parent_id is None
    assert tree.parents_among(tree.children(county, WHOLE), WHOLE) == {unit_named("合德镇").id,
                                                                       unit_named("射阳教育局").id}


def test_nothing_outside_the_scope_shows(names):
    county = unit_named("射阳")
    scope = tree.below(county)
    assert called(tree.topmost(scope)) == ["射阳"]
    assert called(tree.ancestors(unit_named("合德敬老院"), scope)) == ["射阳", "合德镇", "合德敬老院"]
    assert tree.children(unit_named("东台"), scope) == []
    assert tree.unit_by_id(county.id, scope) is county
    for outside in (unit_named("东台").id, unit_named("盐城").id, "x" * 22, "", "%", county.id.swapcase()):
        with pytest.raises(NotFound):
            tree.unit_by_id(outside, scope)
    with pytest.raises(NotFound):
        tree.unit_by_id(county.id, NOTHING)


def test_topmost_of_a_scope_in_pieces(names):
    scope = tree.below(unit_named("合德镇")).joined(tree.here(unit_named("东台"))).joined(
        tree.below(unit_named("省直片组")))
    assert called(tree.topmost(scope)) == ["合德镇", "东台", "省直片组"]
    assert tree.topmost(NOTHING) == []


def test_child_of_each_tells_under_which_child_a_unit_lies(names):
    city = unit_named("盐城")
    found = tree.child_of_each(city, WHOLE)
    assert found[unit_named("合德敬老院").number] == unit_named("射阳").id
    assert found[city.number] == city.id and unit_named("南通").number not in found


def test_search_takes_wildcards_for_ordinary_characters(names):
    scope = tree.below(unit_named("盐城"))
    assert called(finding.search(scope, "镇", cursor=None, limit=2).items) == ["合德镇", "黄沙港镇"]
    assert finding.search(scope, "镇", cursor=None, limit=2).total == 3
    assert called(finding.search(scope, "320924-z01-x", cursor=None, limit=5).items) == ["射阳中学"]
    for word in ("%", "_", "海安", "江苏", "\\"):
        assert finding.search(scope, word, cursor=None, limit=5).items == []


def test_a_warm_cache_never_outlives_a_move(names):
    """Another process moves; this one has the old ranges in its cache and asks again in its next request."""
    school, town = unit_named("射阳中学"), unit_named("合德镇")
    assert not tree.below(town).covers(school.number)
    number, town_id = school.number, town.id
    db.session.rollback()
    _move_past_this_process(names.app, "射阳中学", "合德镇")
    with names.app.app_context():
        town = db.session.execute(WHOLE.select(Unit).where(Unit.id == town_id)).scalar_one()
        assert tree.below(town).covers(number)
        assert not tree.below(unit_named("射阳教育局")).covers(number)


def _move_past_this_process(app: Flask, name: str, parent: str) -> None:
    """The writes of a move as another process would leave them, with this process's session and cache untouched."""
    kept = dict(tree._ranges)
    with app.app_context(), transaction.act("another process"):
        provision.move_unit(unit_named(name), unit_named(parent))
    assert dict(tree._ranges) == kept


def test_a_unit_read_before_a_move_does_not_poison_the_cache(world, engine_name):
    """PostgreSQL shows each statement the newest rows: an old path may meet the new version. Nobody pays later."""
    with world.app.app_context():
        home = unit_named("合德敬老院")
        _move_past_this_process(world.app, "黄沙港镇", "盐城经开区")
        assert tree.below(home).covers(home.number)
        port = unit_named("黄沙港镇")
        old = db.session.execute(WHOLE.select(Unit).where(Unit.id == port.id)).scalar_one()
        _move_past_this_process(world.app, "黄沙港镇", "射阳")
        tree.below(old)
        db.session.rollback()
    with world.app.app_context():
        port = unit_named("黄沙港镇")
        assert tree.below(port).covers(port.number)


def test_versions_forgotten_are_caught(names, monkeypatch):
    """Planted: the cache does not look at the tree's version."""
    monkeypatch.setattr(tree, "version", lambda: 7)
    school, town = unit_named("射阳中学"), unit_named("合德镇")
    tree.below(town)
    number = school.number
    db.session.rollback()
    _move_past_this_process(names.app, "射阳中学", "合德镇")
    assert not tree.below(unit_named("合德镇")).covers(number)


def test_the_cache_is_bounded(names, monkeypatch):
    monkeypatch.setattr(tree, "_KEPT", 3)
    for unit in db.session.execute(WHOLE.select(Unit)).scalars().all():
        tree.below(unit)
    assert len(tree._ranges[db.engine]) <= 3
    assert tree.below(unit_named("射阳")).covers(unit_named("合德镇").number)


def test_sixteen_levels_work_from_end_to_end(world):
    api = world.api("射阳 administrator")
    parent, kind = world.units["射阳教育局"], "subordinate_unit"
    chain = []
    for level in range(5, 17):
        made = api.post("/units", {"parent_id": parent, "kind": kind, "name": f"第{level}级", "code": f"L{level}"})
        assert made.status_code == 201, made.text
        parent = made.json["id"]
        chain.append(parent)
    with world.app.app_context(), transaction.act("tests"):
        deepest = db.session.execute(WHOLE.select(Unit).where(Unit.id == parent)).scalar_one()
        assert deepest.depth == 16
        cadre = factories.cadre(unit=deepest, name="末级老")
        record = factories.record(unit=deepest, cadre=cadre, ended_on=date(2026, 6, 1), draft=True)
        transaction.audit.record("tests:deep", "unit", None, deepest)
        record_id = record.id
    assert api.get(f"/records/visits/{record_id}").status_code == 200
    assert world.api("other clerk").get(f"/records/visits/{record_id}").status_code == 404
    assert world.api("province auditor").get(f"/cadres?unit={chain[0]}").json["total"] == 1
    moved = api.post(f"/units/{chain[0]}/move", {"parent_id": world.units["合德镇"]})
    assert moved.status_code == 200, moved.text
    assert world.api("合德镇 administrator").get(f"/records/visits/{record_id}").status_code == 200
    assert world.api("射阳教育局 administrator").get(f"/records/visits/{record_id}").status_code == 404


def planned(units: int) -> list[Planned]:
    """A province of so many units: 13 cities, 8 counties each, towns and direct units, subordinates below."""
    plan = [Planned("p", None, "province_bureau", "省", "P")]
    for city in range(13):
        plan.append(Planned(f"c{city}", "p", "city_bureau", f"市{city}", f"C{city}"))
        plan += [Planned(f"c{city}-{county}", f"c{city}", "county_bureau", f"县{city}-{county}", f"K{city}-{county}")
                 for county in range(8)]
    towns = [f"c{city}-{county}-{town}" for city in range(13) for county in range(8) for town in range(24)]
    plan += [Planned(key, key.rpartition("-")[0], "township", f"镇{key}", f"T{key}") for key in towns]
    return plan + [Planned(f"s{number}", towns[number % len(towns)], "subordinate_unit", f"所{number}", f"S{number}")
                   for number in range(units - len(plan))]


def test_thirty_thousand_units(app, capsys, engine_name):
    plan = planned(30_000)
    began = time.perf_counter()
    with app.app_context(), transaction.act("tests"):
        made = provision.load_tree(plan, valid_from=date(2020, 1, 1))
    loaded = time.perf_counter() - began
    with app.app_context():
        assert db.session.execute(WHOLE.select(Unit, func.count())).scalar_one() == 30_000
        began = time.perf_counter()
        _check_big_subtrees(plan)
        asked = time.perf_counter() - began
    with capsys.disabled():
        print(f"\n{engine_name}: 30,000 units loaded in {loaded:.1f} s, "  # noqa: T201  a figure
              f"looked through in {asked * 1000:.0f} ms")
    assert len(made) == 30_000


def _check_big_subtrees(plan: list[Planned]) -> None:
    below: dict[str, int] = {}
    parent = {each.key: each.parent_key for each in plan}
    for each in plan:
        key: str | None = each.key
        while key is not None:
            below[key], key = below.get(key, 0) + 1, parent[key]
    for name, key in (("市3", "c3"), ("县3-4", "c3-4"), ("镇c3-4-5", "c3-4-5"), ("省", "p")):
        unit = unit_named(name)
        ranges = tree.ranges_below(unit)
        assert len(ranges) == 1
        counted = db.session.execute(Scope.of(ranges).select(Unit, func.count())).scalar_one()
        assert counted == below[key]
    assert len(tree.children(unit_named("市3"), WHOLE)) == 8
    page = finding.search(tree.below(unit_named("市3")), "所10", cursor=None, limit=20)
    assert len(page.items) == 20 and page.total < 400
    first = tree.below(unit_named("县3-4")).ranges[0][0]
    assert first == unit_named("县3-4").number and (first - numbering.FIRST) % numbering.STRIDE == 0
