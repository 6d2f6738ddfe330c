"""Records by year, the opt-in step: everything goes on as before, keys are held by triggers, rows change years."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from rows import ask, count, run
from tenants import clock
from tenants.db import db
from world import World

NEXT_YEAR = "2027-06-08"


def visit(world: World, **more: Any) -> Any:
    body = {"unit_id": world.units["射阳"], "cadre_ids": [world.cadres["cadre"]], "type": "routine",
            "ended_on": "2026-06-08", "place": "家中", "visitors": "李主任"} | more
    return world.api("clerk").post("/records/visits", body)


def split(world: World) -> str:
    """`flask records partition`; what it says."""
    done = world.app.test_cli_runner().invoke(args=["records", "partition", "--yes"])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def places(world: World) -> dict[str, str]:
    """Which partition each record lies in."""
    return {str(record): str(part) for record, part in ask(world.app, "SELECT id, tableoid::regclass FROM records")}


def delete(record: str) -> str:
    """What the product never does."""
    return f"DELETE FROM records WHERE id = '{record}'"  # noqa: S608


@pytest.fixture(params=["postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def before(world: World) -> str:
    """A record from before the split."""
    return str(visit(world).json["id"])


@pytest.fixture
def whole(world: World, before: str) -> World:
    split(world)
    return world


def test_what_was_there_lies_where_it_lay_and_all_goes_on(whole: World, before: str) -> None:
    api = whole.api("clerk")
    assert places(whole)[before] == "records_before"
    assert api.get(f"/records/visits/{before}").status_code == 200
    after = visit(whole).json["id"]
    assert places(whole)[after] == "records_before"


def test_a_plan_of_next_year_and_back(whole: World, before: str) -> None:
    api = whole.api("clerk")
    planned = visit(whole, ended_on=NEXT_YEAR, draft=True).json
    assert places(whole)[planned["id"]] == "records_2027"
    listed = [each["id"] for each in api.get(f"/records/visits?unit={whole.units['射阳']}").json["items"]]
    assert listed[:1] == [planned["id"]] and before in listed
    moved = api.patch(f"/records/visits/{planned['id']}", {"ended_on": "2026-06-09"})
    assert moved.status_code == 200, moved.text
    assert places(whole)[planned["id"]] == "records_before"
    assert api.get(f"/records/visits/{planned['id']}").json["cadre_ids"] == [whole.cadres["cadre"]]
    assert api.delete(f"/records/visits/{planned['id']}").status_code == 204
    answer = whole.api("chief").get(f"/reports/timeliness?unit={whole.units['射阳']}&from=2026-01-01&to=2027-12-31")
    assert answer.json["total_row"]["total"] == count(whole.app, "records", "deleted_at IS NULL")
    verified = whole.app.test_cli_runner().invoke(args=["counters", "verify"])
    assert verified.exit_code == 0, verified.output


def test_the_triggers_hold_what_the_keys_held(whole: World, before: str) -> None:
    for statement in (
        "INSERT INTO record_people (record_id, cadre_id, place, unit_id, unit_number)"
        " SELECT 'nowhere', cadre_id, place, unit_id, unit_number FROM record_people LIMIT 1",
        "UPDATE visits SET id = 'nowhere'",
        delete(before),
    ):
        with pytest.raises(IntegrityError):
            run(whole.app, "SELECT set_config('yinling.scope', '{(,)}', true)", statement)


def test_without_the_triggers_nothing_would(whole: World, before: str) -> None:
    triggers = [f"DROP TRIGGER pointed_at_by_{child} ON records" for child in ("visits", "record_people")]
    run(whole.app, *triggers, "SELECT set_config('yinling.scope', '{(,)}', true)", delete(before))
    assert count(whole.app, "visits", f"id = '{before}'") == 1


def test_the_new_table_is_what_the_old_one_was(world: World, before: str) -> None:
    def shape() -> dict[str, Any]:
        with world.app.app_context():
            seen = sa.inspect(db.engine)
            return {
                "indexes": {each["name"]: each["column_names"] for each in seen.get_indexes("records")},
                "keys": {each["name"] for each in seen.get_foreign_keys("records")},
                "checks": {each["name"] for each in seen.get_check_constraints("records")},
                "policies": ask(world.app, "SELECT tablename, policyname, qual, with_check FROM pg_policies"
                                           " WHERE tablename NOT LIKE 'records/_%%' ESCAPE '/' ORDER BY 1, 2"),
                "triggers": {name for (name,) in ask(world.app, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
                             " AND tgrelid = 'records'::regclass AND tgname NOT LIKE 'pointed%%'")},
                "forced": ask(world.app, "SELECT relrowsecurity, relforcerowsecurity FROM pg_class"
                                         " WHERE oid = 'records'::regclass"),
                "rights": ask(world.app, "SELECT grantee, privilege_type FROM information_schema.role_table_grants"
                                         " WHERE table_name = 'records' ORDER BY 1, 2"),
            }

    was = shape()
    split(world)
    assert shape() == was
    guarded = ask(world.app, "SELECT count(*) FROM pg_class WHERE relname LIKE 'records/_%%' ESCAPE '/'"
                             " AND relkind = 'r' AND relrowsecurity AND relforcerowsecurity")
    assert guarded == [(4,)]


def test_doing_it_again_adds_years_only(whole: World) -> None:
    first = split(whole)
    assert first == split(whole) and "records_2028" in first and "records_2026" not in first
    clock.configure("2027-01-05T10:00:00+08:00")
    assert "records_2029" in split(whole)


def test_sqlite_says_that_it_has_none(engines: Any) -> None:
    done = engines.store("sqlite").app.test_cli_runner().invoke(args=["records", "partition", "--yes"])
    assert done.exit_code == 1 and "SQLite" in done.output
