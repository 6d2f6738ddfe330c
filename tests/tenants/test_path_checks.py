"""A move is one UPDATE whose paths are looked at together; what is not right yet is looked at again at the end."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from permissions import audit, transaction
from rows import ask, run
from tenants import provision
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at the whole tree")
POSTGRESQL = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
TELLING = """
CREATE OR REPLACE FUNCTION units_check_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'looked at by itself'; END $$
"""
WRONG_DEPTH = "UPDATE units SET depth = depth + 1 WHERE kind = 'subordinate_unit'"
# 合德镇 goes to 东台 in two steps: in between its units lie below a path that is none.
FIRST = ("UPDATE units SET parent_id = p.id, path = p.path || units.id || '/' FROM units p "
         "WHERE p.id = '{to}' AND units.id = '{unit}'")
THEN = ("UPDATE units SET path = p.path || units.id || '/' FROM units p "
        "WHERE p.id = units.parent_id AND p.id = '{unit}'")


def _unit(world: World, name: str) -> Unit:
    return db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units[name])).scalar_one()


def _move(world: World, name: str, parent: str) -> None:
    with world.app.app_context(), transaction.act("tests"):
        provision.move_unit(_unit(world, name), _unit(world, parent))
        audit.record("tests:move", "unit", None, _unit(world, name))


@pytest.fixture
def sent(world: World) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    with world.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        yield seen
        event.remove(db.engine, "before_cursor_execute", note)


def refusal(app: Flask, *statements: str) -> str:
    """What the database said; empty when it took the statements."""
    try:
        run(app, *statements)
    except DBAPIError as error:
        return str(error.orig)
    return ""


def _steps(world: World) -> list[str]:
    places = {"to": world.units["东台"], "unit": world.units["合德镇"]}
    return [each.format(**places) for each in (FIRST, THEN)]


def test_a_move_writes_the_units_once_and_the_tree_once(world, engine_name, sent):
    _move(world, "射阳", "南通")
    changes = [each.split()[1] for each in sent if each.startswith(("UPDATE", "INSERT"))]
    units = 1 if engine_name == "postgresql" else 2
    assert (changes.count("units"), changes.count("tree_state")) == (units, 1), changes


@POSTGRESQL
def test_a_move_leaves_nothing_to_be_looked_at_again(world):
    """Planted: whatever is looked at by itself is refused, and the move is taken all the same."""
    run(world.app, TELLING)
    _move(world, "射阳", "南通")
    assert (world.units["射阳"], world.units["南通"]) in ask(world.app, "SELECT id, parent_id FROM units")
    run(world.app, "UPDATE units SET name = name || '。', version = version + 1")


@POSTGRESQL
def test_what_is_not_right_yet_is_looked_at_again_at_the_end(world):
    run(world.app, *_steps(world))
    assert ask(world.app, "SELECT u.id FROM units u JOIN units p ON p.id = u.parent_id "
                          "WHERE u.path <> p.path || u.id || '/'") == []
    run(world.app, TELLING)
    back = [each.replace(world.units["东台"], world.units["射阳"]) for each in _steps(world)]
    assert "looked at by itself" in refusal(world.app, *back)


@POSTGRESQL
def test_a_step_alone_is_refused(world):
    assert "units: " in refusal(world.app, _steps(world)[0])
    assert "units: " in refusal(world.app, "SET CONSTRAINTS ALL IMMEDIATE", *_steps(world))


@POSTGRESQL
def test_without_the_check_of_a_statement_a_lie_stands(world):
    """Planted: nobody looks at what a statement has changed."""
    assert "units: " in refusal(world.app, WRONG_DEPTH)
    run(world.app, "DROP TRIGGER units_changed_paths ON units")
    assert refusal(world.app, WRONG_DEPTH) == ""


@POSTGRESQL
def test_the_check_sees_the_whole_tree_and_puts_the_scope_back(world):
    number = dict(ask(world.app, "SELECT id, number FROM units"))[world.units["合德敬老院"]]
    scope = f"{{[{number},{number}]}}"
    with world.app.app_context(), db.engine.begin() as connection:
        say = connection.exec_driver_sql
        say(f"SELECT set_config('role', 'yinling_app', true), set_config('yinling.scope', '{scope}', true)")
        assert say("UPDATE units SET path = path || 'x/'").rowcount == 1
        assert say("SELECT current_setting('yinling.scope')").scalar() == scope
        with pytest.raises(DBAPIError, match="units: "):
            say("SET CONSTRAINTS ALL IMMEDIATE")
        connection.rollback()


@POSTGRESQL
def test_paths_are_checked_after_the_way_down_and_up_again(world):
    with world.app.app_context():
        downgrade(revision="0045")
        db.engine.dispose()
    assert "units: " in refusal(world.app, WRONG_DEPTH)
    assert ask(world.app, "SELECT 1 FROM pg_trigger WHERE tgname = 'units_changed_paths'") == []
    run(world.app, *_steps(world))
    with world.app.app_context():
        upgrade()
        db.engine.dispose()
    assert "units: " in refusal(world.app, WRONG_DEPTH)
