"""Row security in the database itself, by raw SQL as the role the application works as (A16, M3-M5)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from row_security_table import BY_UNIT, OPEN
from sqlalchemy.exc import DBAPIError

import factories
from app import registry
from permissions import transaction
from tenants import provision, tree
from tenants.db import Base, db
from tenants.row_security import EVERYTHING, ROLE
from tenants.scope import Scope, guarded_tables
from world import World

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
ALL = Scope.everything("a test looks at every unit")
UNTOLD = ("", "{}")
# in this world
EMPTY = frozenset({"account_endings", "account_events", "account_transfers", "attachments", "counter_days", "counters",
                   "deadline_rules", "digests", "frozen_reports", "jobs", "messages", "nominations", "notices",
                   "obligation_steps", "obligations", "opinion_answers", "opinions", "phone_changes",
                   "planned_change_units", "planned_changes", "quieted_accounts", "record_homes", "record_rulings",
                   "role_templates", "staff_commitments", "staff_trainings", "tellings", "unit_splits"})
MALFORMED = ("x", " ", "{", "all", "{[1,2]", "[1,2]", "{[2,1]}", "1", "*", "%")


def guarded() -> list[str]:
    """Every table under a policy."""
    return sorted({table.name for table in guarded_tables()} | BY_UNIT)


@contextmanager
def working(app: Flask, told: str | None = None) -> Iterator[sa.Connection]:
    """A transaction as the application's role, with a scope told or none; undone in the end."""
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL ROLE {ROLE}")
        if told is not None:
            connection.exec_driver_sql("SELECT set_config('yinling.scope', %s, true)", (told,))
        yield connection
        connection.rollback()


def count(connection: sa.Connection, name: str) -> int:
    """How many rows of a table show."""
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one())  # noqa: S608


@pytest.fixture
def full(world: World) -> World:
    """At least one row in every guarded table, in two counties."""
    with world.app.app_context(), transaction.act("tests"):
        for name, cadre in (("射阳", "甲"), ("东台", "乙")):
            unit = tree.unit_by_id(world.units[name], ALL)
            person = factories.cadre(unit=unit, name=cadre)
            for module in registry.modules():
                factories.record(module=module, unit=unit, cadre=person, ended_on=date(2026, 6, 1))
            transaction.audit.record("tests:fill", "unit", None, unit)
            provision.amend_unit(unit, name=f"{name}新名")
        unit = tree.unit_by_id(world.units["合德镇"], ALL)
        provision.move_unit(unit, tree.unit_by_id(world.units["东台"], ALL))
    return world


def _undecided(app: Flask) -> set[str]:
    with app.app_context():
        there = set(sa.inspect(db.engine).get_table_names())
    return there ^ (set(guarded()) | OPEN.keys())


def test_every_table_is_decided(app: Flask) -> None:
    assert _undecided(app) == set(), "a table without a decision: guard it in its migration, or say why it is open"
    assert not OPEN.keys() & set(guarded())


def test_a_table_without_a_decision_is_seen(app: Flask) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE forgotten (id int)")
    assert _undecided(app) == {"forgotten"}


def _locked(connection: sa.Connection) -> set[str]:
    return set(connection.exec_driver_sql("""
        SELECT relname FROM pg_class JOIN pg_policies ON tablename = relname
        WHERE relrowsecurity AND relforcerowsecurity AND cmd = 'ALL' AND permissive = 'PERMISSIVE'
        AND roles = '{public}' AND qual IS NOT NULL AND with_check = qual
    """).scalars())


def test_every_guarded_table_has_its_policy_and_no_other(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        assert _locked(connection) == set(guarded())
        assert connection.exec_driver_sql("SELECT count(*) FROM pg_policies").scalar_one() == len(guarded())


def test_a_table_that_is_not_forced_is_seen(app: Flask) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE visits NO FORCE ROW LEVEL SECURITY")
        assert set(guarded()) - _locked(connection) == {"visits"}


def test_there_is_no_view_and_no_function_with_its_owners_rights(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        for question in ("FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')",
                         "FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"):
            assert connection.exec_driver_sql(f"SELECT count(*) {question}").scalar_one() == 0


def test_the_role_owns_nothing_and_may_little(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        role = connection.exec_driver_sql("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin "
                                          "FROM pg_roles WHERE rolname = %s", (ROLE,))
        assert not any(role.one())
        owned = connection.exec_driver_sql("SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", (ROLE,))
        assert not owned.scalar_one()
    for statement in ("TRUNCATE records", "ALTER TABLE records DISABLE ROW LEVEL SECURITY", "DROP TABLE visits",
                      "DROP POLICY scope ON records", "CREATE TABLE mine (id int)", "DELETE FROM audit_entries",
                      "UPDATE audit_entries SET action = ''", "DELETE FROM audit_seals",
                      "UPDATE alembic_version SET version_num = ''"):
        with working(app, EVERYTHING) as connection, pytest.raises(DBAPIError, match=r"denied|must be owner"):
            connection.exec_driver_sql(statement)


def test_a_table_made_later_is_open_to_the_role(app: Flask) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE later (id serial PRIMARY KEY, unit_number bigint)")
        connection.exec_driver_sql("CALL guard_rows('later', 'number')")
    with working(app, "{[5,5]}") as connection:
        connection.exec_driver_sql("INSERT INTO later (unit_number) VALUES (5)")
        assert count(connection, "later") == 1
    with app.app_context(), db.engine.begin() as connection, pytest.raises(DBAPIError, match="no way"):
        connection.exec_driver_sql("CALL guard_rows('later', 'somehow')")


def test_without_a_scope_there_is_no_row(full: World) -> None:
    with working(full.app, EVERYTHING) as connection:
        there = {name: count(connection, name) for name in guarded()}
    assert min(there[name] for name in there if name not in EMPTY) > 0, there
    for told in (None, *UNTOLD):
        with working(full.app, told) as connection:
            assert {name: count(connection, name) for name in guarded()} == dict.fromkeys(there, 0)
            for name in guarded():
                if name != "audit_entries":
                    assert connection.exec_driver_sql(f"DELETE FROM {name}").rowcount == 0  # noqa: S608


@pytest.mark.parametrize("told", MALFORMED)
def test_a_malformed_scope_is_an_error(full: World, told: str) -> None:
    for name in ("units", "records", "visits", "unit_moves"):
        with working(full.app, told) as connection, pytest.raises(DBAPIError):
            count(connection, name)


def test_a_thousand_reused_connections_remember_nothing(full: World) -> None:
    seen: list[int] = []
    with full.app.app_context():
        pool = sa.create_engine(db.engine.url, pool_size=1, max_overflow=0)
    backends = set()
    for each in range(1000):
        with pool.connect() as connection:
            connection.exec_driver_sql(f"SET LOCAL ROLE {ROLE}")
            seen.append(connection.exec_driver_sql(
                "SELECT (SELECT count(*) FROM units) + (SELECT count(*) FROM cadres)"
                " + (SELECT count(*) FROM visits)").scalar_one())
            connection.exec_driver_sql("SELECT set_config('yinling.scope', '{(,)}', true)")
            assert each % 100 or count(connection, "units") > 10
            backends.add(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
            if each % 2:
                connection.commit()
    pool.dispose()
    assert seen == [0] * 1000 and len(backends) == 1


def test_a_setting_for_the_whole_session_would_leak(full: World) -> None:
    """Planted: SET instead of SET LOCAL (M4); the test above would see it."""
    with full.app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("SELECT set_config('yinling.scope', '{(,)}', false)")
        connection.commit()
        connection.exec_driver_sql(f"SET LOCAL ROLE {ROLE}")
        assert count(connection, "units") > 10
        connection.invalidate()


def _numbers(world: World) -> dict[str, int]:
    with working(world.app, EVERYTHING) as connection:
        return {str(name): int(number) for name, number in connection.exec_driver_sql("SELECT name, number FROM units")}


def _places(connection: sa.Connection, name: str) -> list[int]:
    """The unit numbers of the rows that show."""
    if name == "units":
        place = "number"
    elif name in BY_UNIT:
        place = "(SELECT number FROM units WHERE units.id = unit_id)"
    elif "unit_number" in Base.metadata.tables[name].c:
        place = "unit_number"
    else:
        place = f"(SELECT unit_number FROM records WHERE records.id = {name}.id)"  # noqa: S608
    return sorted(connection.exec_driver_sql(f"SELECT {place} FROM {name}").scalars())  # noqa: S608


@pytest.mark.parametrize("names", [("射阳新名",), ("东台新名", "合德镇"), ("江苏", "南通", "海安")])
def test_exactly_the_rows_inside_show(full: World, names: tuple[str, ...]) -> None:
    inside = {number for name, number in _numbers(full).items() if name in names}
    told = "{" + ",".join(f"[{number},{number}]" for number in sorted(inside)) + "}"
    for name in guarded():
        with working(full.app, EVERYTHING) as connection:
            wanted = [place for place in _places(connection, name) if place in inside]
        with working(full.app, told) as connection:
            assert _places(connection, name) == wanted, name


WRITES = {
    "messages": "INSERT INTO messages (id, template, template_version, phone, state, attempts, place, tries, "
                "created_at, unit_id, unit_number) VALUES ('m', 't', 1, 'p', 'waiting', 0, 0, 0, now(), %s, %s)",
    "cadres": "UPDATE cadres SET unit_id = %s, unit_number = %s",
    "records": "UPDATE records SET unit_id = %s, unit_number = %s",
    "unit_names": "UPDATE unit_names SET unit_id = %s WHERE %s IS NOT NULL",
}


@pytest.mark.parametrize("name", WRITES)
def test_rows_are_written_inside_only(full: World, name: str) -> None:
    numbers = _numbers(full)
    mine, other = numbers["射阳新名"], numbers["东台新名"]
    told = f"{{[{mine},{mine}]}}"
    with working(full.app, told) as connection:
        assert connection.exec_driver_sql(WRITES[name], (full.units["射阳"], mine)).rowcount >= 1
    with working(full.app, told) as connection, pytest.raises(DBAPIError, match="row-level security"):
        connection.exec_driver_sql(WRITES[name], (full.units["东台"], other))


def test_rows_outside_are_neither_changed_nor_deleted(full: World) -> None:
    numbers = _numbers(full)
    mine, other = numbers["射阳新名"], numbers["东台新名"]
    with working(full.app, f"{{[{mine},{mine}]}}") as connection:
        for statement in ("UPDATE cadres SET name = '改' WHERE unit_number = %s",
                          "DELETE FROM record_people WHERE unit_number = %s"):
            assert connection.exec_driver_sql(statement, (other,)).rowcount == 0
            assert connection.exec_driver_sql(statement, (mine,)).rowcount > 0


def test_the_path_is_checked_beyond_the_scope(full: World) -> None:
    """A wrong path is refused although neither the parent nor the children show."""
    mine = _numbers(full)["射阳新名"]
    with working(full.app, f"{{[{mine},{mine}]}}") as connection:
        wrong = "UPDATE units SET path = '/' || id || '/' WHERE kind = 'county_bureau'"
        assert connection.exec_driver_sql(wrong).rowcount == 1
        with pytest.raises(DBAPIError, match="cycle or wrong path"):
            connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    with working(full.app, f"{{[{mine},{mine}]}}") as connection:
        connection.exec_driver_sql("UPDATE units SET path = path WHERE kind = 'county_bureau'")
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        assert count(connection, "units") == 1, "the check left the whole tree open"
