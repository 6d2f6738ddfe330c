"""Row security as the application uses it: what a session tells the database, and a start that finds it missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

import rows
from app import readiness
from app.factory import create_app
from app.people.model import Cadre
from engines import Store, settings
from permissions import transaction
from second_lock import filter_off, policies_open
from tenants import provision, row_security, tree
from tenants.db import db
from tenants.models import TreeState, Unit
from tenants.scope import NOTHING, Scope
from world import World

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
ALL = Scope.everything("a test looks at every unit")
TOLD = select(func.current_user(), func.current_setting("yinling.scope", True))


@pytest.mark.parametrize(("scope", "said"), [
    (ALL, "{(,)}"), (NOTHING, "{}"), (Scope.of([(1, 2), (5, 5)]), "{[1,2],[5,5]}"),
    (Scope.of([(0, 2**63 - 1)]), "{[0,)}"),
])
def test_a_scope_in_the_databases_words(app: Flask, scope: Scope, said: str) -> None:
    assert row_security.as_multirange(scope) == said
    numbers = (0, 1, 2, 3, 5, 6, 2**63 - 1)
    with app.app_context(), db.engine.connect() as connection:
        for number in numbers:
            held = connection.exec_driver_sql("SELECT %s::int8 <@ %s::int8multirange", (number, said)).scalar_one()
            assert held == scope.covers(number)


def told() -> tuple[str, str | None]:
    """Role and scope at this moment, asked without going through the listener."""
    role, scope = db.session.connection().execute(TOLD).one()
    return role, scope


def test_each_statement_tells_its_own_scope_and_nothing_is_left(world: World) -> None:
    with world.app.app_context():
        county = tree.unit_by_id(world.units["射阳"], ALL)
        assert told() == ("yinling_app", "{(,)}")
        here = tree.here(county)
        db.session.execute(here.select(Cadre)).all()
        assert told() == ("yinling_app", row_security.as_multirange(here))
        db.session.execute(select(TreeState.version)).all()
        assert told() == ("yinling_app", row_security.as_multirange(here))
        for end in (db.session.rollback, db.session.commit):
            end()
            assert told() == ("postgres", "")
            end()
            db.session.execute(select(TreeState.version)).all()
            assert told() == ("yinling_app", "{}")
        with db.session.begin_nested() as point:
            db.session.execute(ALL.select(Cadre)).all()
            point.rollback()
        db.session.execute(ALL.select(Cadre)).all()
        assert told() == ("yinling_app", "{(,)}"), "a savepoint took the scope back and nobody noticed"


def test_the_same_scope_is_told_once(world: World) -> None:
    sent: list[str] = []
    with world.app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", note := lambda _c, _k, text, *_more: sent.append(text))
        for _each in range(3):
            db.session.execute(ALL.select(Cadre)).all()
        sa.event.remove(db.engine, "before_cursor_execute", note)
    assert sum("set_config" in each for each in sent) == 1


def names(scope: Scope) -> set[str]:
    """Units a statement under this scope finds."""
    return set(db.session.execute(scope.select(Unit, Unit.name)).scalars())


def test_with_the_filter_off_the_database_still_hides(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.app.app_context():
        mine = tree.below(tree.unit_by_id(world.units["射阳"], ALL))
        inside = names(mine)
        with monkeypatch.context() as off:
            filter_off(off)
            assert names(mine) == inside and len(names(ALL)) > len(inside) and names(NOTHING) == set()
            changed = db.session.execute(mine.update(Unit).values(name="改").execution_options(
                synchronize_session=False)).rowcount
            assert changed == len(inside)
            db.session.rollback()
            policies_open(off)
            assert len(names(mine)) > len(inside), "planted: both locks off, and nothing more is seen"


def test_a_move_beyond_the_scope_is_whole(world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        town = tree.unit_by_id(world.units["合德镇"], ALL)
        provision.move_unit(town, tree.unit_by_id(world.units["东台"], ALL))
    assert rows.count(world.app, "units", f"path LIKE '%{world.units['东台']}/{world.units['合德镇']}/%'") == 2


@pytest.mark.parametrize("fault", [
    "ALTER TABLE visits NO FORCE ROW LEVEL SECURITY", "ALTER TABLE cadres DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE records OWNER TO yinling_app",
])
def test_a_lock_that_does_not_hold_makes_the_instance_not_ready(app: Flask, fault: str) -> None:
    assert app.test_client().get("/readyz").json["checks"]["row security"] == "ok"
    rows.run(app, fault)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["checks"]["row security"]) == (503, "not in force")
    done = app.test_cli_runner().invoke(args=["doctor"])
    assert done.exit_code == 1 and "BAD  row security" in done.output


def test_a_role_that_is_not_bound_makes_the_instance_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_security, "ROLE", "postgres")
    assert app.test_client().get("/readyz").json["checks"]["row security"] == "not in force"
    monkeypatch.setattr(row_security, "ROLE", "yinling_nobody")
    with app.app_context():
        assert [check.word for check in readiness.checks() if not check.fine] == ["the role cannot be taken"]


@pytest.fixture
def login(store: Store) -> Iterator[str]:
    """The URL of a login that owns nothing and may make no role; its name is the database's."""
    name = f"{store.database}_web"
    store._admin(f'DROP ROLE IF EXISTS "{name}"', f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'only-for-tests'")
    assert store.server is not None
    yield sa.make_url(store.server).set(database=store.database, username=name, password="only-for-tests"
                                        ).render_as_string(hide_password=False)
    store._let_go()
    store._admin(f'DROP DATABASE IF EXISTS "{store.database}" WITH (FORCE)', f'DROP ROLE "{name}"')


def test_a_login_that_may_make_no_role_is_told_what_to_have_done(
        app: Flask, login: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    other = create_app(settings(tmp_path, login))
    with other.app_context():
        with pytest.raises(SystemExit):
            upgrade()
        db.engine.dispose()
    said = f"CREATE ROLE yinling_app NOLOGIN; GRANT yinling_app TO {sa.make_url(login).username}"
    assert said in caplog.text


def test_a_login_that_owns_nothing_works_while_the_owner_migrates(
        app: Flask, store: Store, login: str, tmp_path: Path) -> None:
    user = sa.make_url(login).username
    owner = str(app.config["SQLALCHEMY_DATABASE_URI"])
    other = create_app(settings(tmp_path, login, owner_url=owner))
    with other.app_context():
        upgrade()
    assert other.test_client().get("/readyz").json["checks"] == {"database": "not open to this role"}
    store._admin(f'GRANT yinling_app TO "{user}"')
    with other.app_context():
        with transaction.act("tests"):
            provision.found_province("江苏", "320000")
        assert names(ALL) == {"江苏"} and told()[0] == "yinling_app"
        db.session.rollback()
        assert db.session.connection().execute(select(func.count()).select_from(Unit.__table__)).scalar_one() == 0
        db.session.remove()
        db.engine.dispose()
    assert other.test_client().get("/readyz").json["checks"]["row security"] == "ok"
    with other.app_context():
        db.session.remove()
        db.engine.dispose()
