"""What the database itself refuses, by raw SQL past every line of Python: no cycle, no impossible pair, no lie."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

import factories
from permissions import transaction
from rows import ask, digests, run
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at the whole tree")
POSTGRESQL = ("postgresql",)
SUBORDINATE = "parent_kind = 'subordinate_unit'"
INSERT = ("INSERT INTO units (id, number, parent_id, parent_kind, kind, name, code, path, depth, status, valid_from, "
          "version) VALUES ('x', %s, %s, %s, '%s', 'x', %s, '%s', %s, 'open', '2026-01-01', 1)")


@pytest.fixture
def names(world: World) -> dict[str, Any]:
    """Ids, paths and depths for statements: `{A}` and `{B}` are subordinate units of 合德镇, `{C}` lies under A."""
    with world.app.app_context(), transaction.act("tests"):
        town = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["合德镇"])).scalar_one()
        made = {name: factories.unit(parent=town, kind="subordinate_unit", name=name) for name in "AB"}
        made["C"] = factories.unit(parent=made["A"], kind="subordinate_unit", name="C")
        deep = made["A"].depth + 1
        said: dict[str, Any] = {"sub": SUBORDINATE, "town_path": town.path, "deep": deep, "deeper": deep + 1}
        for name, unit in made.items():
            said |= {name: unit.id, f"{name}_path": unit.path}
    places = {"root": "江苏", "city": "盐城", "county": "射阳", "town": "合德镇", "other_town": "安丰镇"}
    return said | {key: world.units[name] for key, name in places.items()}


def inserted(*, parent: str, parent_kind: str, kind: str, path: str = "/x/", depth: str = "2", number: str = "77",
             code: str = "'N'") -> str:
    """An INSERT of a unit."""
    return INSERT % (number, parent, parent_kind, kind, code, path, depth)


# Refused on both engines, by checks, keys and triggers.
BOTH = {
    "township under the province": inserted(parent="'{root}'", parent_kind="'province_bureau'", kind="township"),
    "county under a county": inserted(parent="'{county}'", parent_kind="'county_bureau'", kind="county_bureau"),
    "a lie about the parent's kind": inserted(parent="'{root}'", parent_kind="'city_bureau'", kind="county_bureau"),
    "no parent, not a province": inserted(parent="NULL", parent_kind="NULL", kind="city_bureau"),
    "a kind without a parent": inserted(parent="NULL", parent_kind="'province_bureau'", kind="city_bureau"),
    "a parent without its kind": inserted(parent="'{root}'", parent_kind="NULL", kind="city_bureau"),
    "a parent that is not there": inserted(parent="'nobody'", parent_kind="'province_bureau'", kind="city_bureau"),
    "a second province": inserted(parent="NULL", parent_kind="NULL", kind="province_bureau", depth="1"),
    "a province under a city": inserted(parent="'{city}'", parent_kind="'city_bureau'", kind="province_bureau"),
    "an unknown kind": inserted(parent="'{city}'", parent_kind="'city_bureau'", kind="ministry"),
    "a code twice": inserted(parent="'{root}'", parent_kind="'province_bureau'", kind="city_bureau",
                             code="(SELECT code FROM units WHERE id = '{city}')"),
    "a number twice": inserted(parent="'{root}'", parent_kind="'province_bureau'", kind="city_bureau",
                               number="(SELECT number FROM units WHERE id = '{city}')"),
    "a path twice": inserted(parent="'{root}'", parent_kind="'province_bureau'", kind="city_bureau",
                             path="{A_path}"),
    "an unknown status": "UPDATE units SET status = 'asleep' WHERE id = '{A}'",
    "ended before it began": "UPDATE units SET valid_to = '1949-10-01' WHERE id = '{A}'",
    "its own parent": "UPDATE units SET parent_id = id WHERE id = '{A}'",
    "a move to an impossible place": "UPDATE units SET parent_id = '{city}', parent_kind = 'city_bureau' "
                                     "WHERE id = '{A}'",
    "a move with a lie": "UPDATE units SET parent_id = '{city}', parent_kind = 'township' WHERE id = '{A}'",
    "a kind changed under its children": "UPDATE units SET kind = 'county_direct_unit', parent_id = '{county}', "
                                         "parent_kind = 'county_bureau' WHERE id = '{A}'",
    "a changed number": "UPDATE units SET number = number + 1 WHERE id = '{A}'",
    "a changed id": "UPDATE units SET id = 'y' WHERE id = '{C}'",
    "a unit gone with children left": "DELETE FROM units WHERE id = '{A}'",
    "a direct cycle": "UPDATE units SET parent_id = '{C}', {sub} WHERE id = '{A}'",
    "two tree versions": "INSERT INTO tree_state (id, version) VALUES (2, 1)",
    "a row whose number is not its unit's": "UPDATE accounts SET unit_number = unit_number + 1",
    "a row of a unit with another's number": "UPDATE accounts SET unit_id = '{other_town}'",
}
# Refused on PostgreSQL only: SQLite's triggers do not look at paths (raw SQL on SQLite is the owner's own file).
DEEP = {
    "a wrong path": ("UPDATE units SET path = '{town_path}zzz/' WHERE id = '{C}'",),
    "a wrong depth": ("UPDATE units SET depth = depth + 1 WHERE id = '{C}'",),
    "a path that left the children behind": (
        "UPDATE units SET parent_id = '{other_town}', parent_kind = 'township', "
        "path = (SELECT path FROM units WHERE id = '{other_town}') || id || '/' WHERE id = '{A}'",),
    "a parent without its path": ("UPDATE units SET parent_id = '{B}', {sub} WHERE id = '{C}'",),
    "a new unit with a wrong path": (inserted(parent="'{city}'", parent_kind="'city_bureau'",
                                              kind="county_bureau", path="/x/"),),
    "the root's path": ("UPDATE units SET path = '/y/' WHERE id = '{root}'",),
    "a direct cycle with a fitting path": (
        "UPDATE units SET parent_id = '{C}', {sub}, path = '{C_path}' || id || '/', depth = {deeper} "
        "WHERE id = '{A}'",),
    "a cycle in two steps": (
        "UPDATE units SET parent_id = '{B}', {sub}, path = '{B_path}' || id || '/', depth = {deep} "
        "WHERE id = '{A}'",
        "UPDATE units SET path = '{B_path}{A}/' || id || '/', depth = {deeper} WHERE id = '{C}'",
        "UPDATE units SET parent_id = '{A}', {sub}, path = '{B_path}{A}/' || id || '/', "
        "depth = {deeper} WHERE id = '{B}'"),
}


def refusal(app: Flask, *statements: str) -> str:
    """What the database said; empty when it took the statements."""
    try:
        run(app, *statements)
    except DBAPIError as error:
        return str(error.orig)
    return ""


def test_raw_sql_cannot_write_a_wrong_tree(world, names):
    before = digests(world.app)
    assert [name for name, statement in BOTH.items() if not refusal(world.app, statement.format(**names))] == []
    assert digests(world.app) == before


@pytest.mark.parametrize("engine_name", POSTGRESQL, indirect=True)
def test_raw_sql_cannot_write_a_cycle_or_a_path_that_is_none(world, names):
    before = digests(world.app)
    said = {name: refusal(world.app, *(each.format(**names) for each in statements))
            for name, statements in DEEP.items()}
    assert {name: words for name, words in said.items() if "units:" not in words} == {}
    assert digests(world.app) == before


@pytest.mark.parametrize("engine_name", POSTGRESQL, indirect=True)
def test_without_the_trigger_the_same_sql_writes_a_cycle(world, names):
    """Planted: the deferred trigger is gone; the two-step cycle then stands in the table."""
    run(world.app, "DROP TRIGGER units_path ON units")
    run(world.app, *(statement.format(**names) for statement in DEEP["a cycle in two steps"]))
    assert ask(world.app, "SELECT count(*) FROM units a JOIN units b ON b.parent_id = a.id AND a.parent_id = b.id"
               ) == [(2,)]


@pytest.mark.parametrize("engine_name", POSTGRESQL, indirect=True)
def test_a_right_move_by_raw_sql_is_taken(world, names):
    """Allow is as exact as deny, and caches hear of it: the tree's version rises."""
    version = ask(world.app, "SELECT version FROM tree_state")
    run(world.app, *(statement.format(**names) for statement in DEEP["a cycle in two steps"][:2]))
    assert (names["A"], names["B"]) in ask(world.app, "SELECT id, parent_id FROM units")
    assert ask(world.app, "SELECT version FROM tree_state") > version


MOVE = "UPDATE units SET parent_id = '{%s}', {sub}, path = '{%s_path}' || id || '/', depth = {%s} WHERE id = '{%s}'"
UP = ("UPDATE units SET parent_id = '{town}', parent_kind = 'township', path = '{town_path}' || id || '/', "
      "depth = {deep} - 1 WHERE id = '{C}'")


def _under_each_other(connections: list[sa.Connection], names: dict[str, Any]) -> list[str]:
    """The first puts C under B, the second B under C, each with paths right by what it saw; what became of each."""
    first, second = connections
    for connection in connections:
        connection.exec_driver_sql("SELECT path FROM units").all()
    ended: list[str] = []

    def go(connection: sa.Connection, *fill: str) -> None:
        try:
            connection.exec_driver_sql((MOVE % fill).format(**names))
            connection.commit()
            ended.append("committed")
        except DBAPIError:
            connection.rollback()
            ended.append("refused")

    first.exec_driver_sql((MOVE % ("B", "B", "deep", "C")).format(**names))
    other = threading.Thread(target=go, args=(second, "C", "C", "deeper", "B"))
    other.start()
    _until_waiting(first, other)
    go(first, "B", "B", "deep", "C")
    other.join(300)
    return ended


def _until_waiting(connection: sa.Connection, other: threading.Thread) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while other.is_alive() and not connection.exec_driver_sql(waiting).scalar():
        pass


def both_ways(app: Flask, names: dict[str, Any], isolation: str) -> list[str]:
    """Two transactions at this isolation, each moving a unit under the other's; what became of them."""
    run(app, UP.format(**names))
    places = names | {"C_path": f"{names['town_path']}{names['C']}/"}
    with app.app_context():
        engine = db.engine.execution_options(isolation_level=isolation)
        with engine.connect() as first, engine.connect() as second:
            return sorted(_under_each_other([first, second], places))


@pytest.mark.parametrize("engine_name", POSTGRESQL, indirect=True)
@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_two_transactions_cannot_each_move_under_the_other(world, names, isolation):
    assert both_ways(world.app, names, isolation) == ["committed", "refused"]
    assert _cycles(world.app) == 0


def _cycles(app: Flask) -> int:
    parents: dict[Any, Any] = dict(ask(app, "SELECT id, parent_id FROM units"))  # type: ignore[arg-type]
    return sum(1 for unit in parents if not _reaches_the_root(parents, unit))


def _reaches_the_root(parents: dict[Any, Any], unit: Any) -> bool:
    for _ in parents:
        if parents[unit] is None:
            return True
        unit = parents[unit]
    return False




@pytest.mark.parametrize("engine_name", POSTGRESQL, indirect=True)
def test_without_its_trigger_a_new_unit_may_stand_anywhere(world, names):
    """Planted: nobody looks at the paths of a statement's new units."""
    wrong = DEEP["a new unit with a wrong path"][0].format(**names)
    assert "wrong path" in refusal(world.app, wrong)
    run(world.app, "DROP TRIGGER units_new_paths ON units")
    assert refusal(world.app, wrong) == ""
