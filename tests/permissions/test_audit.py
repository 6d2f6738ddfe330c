"""The log: append-only whatever one tries, one entry for each act in its own transaction, refusals too (G1-G4)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from stage import ACTS, PARENT, allowed, set_stage

import factories
from app.opinions.model import Opinion
from app.people.model import Cadre
from permissions import audit, sealing, transaction
from permissions.accounts import Account
from permissions.grants import Filing, Grant, Seat
from rows import ask, count, digests, run
from tenants import clock
from tenants.db import Base, db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everything")


def county() -> Unit:
    """射阳."""
    return db.session.execute(WHOLE.select(Unit).where(Unit.code == "320924")).scalar_one()


@pytest.fixture
def sealed(world: World) -> World:
    """The named province with a log of a few entries, sealed."""
    with world.app.app_context():
        with transaction.act("tests"):
            for place in range(4):
                audit.record("tests:entry", "unit", None, county(), after={"n": place})
        sealing.seal()
    return world


TRIES = {
    "update": "UPDATE {table} SET {column} = {column}",
    "update one": "UPDATE {table} SET {column} = 'x' WHERE {column} = (SELECT min({column}) FROM {table})",
    "delete": "DELETE FROM {table}",
    "delete one": "DELETE FROM {table} WHERE {column} = (SELECT min({column}) FROM {table})",
}
ONLY = {
    "postgresql": {
        "truncate": "TRUNCATE {table}", "truncate with all": "TRUNCATE {table} CASCADE",
        "upsert": "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {column} = 'x'",
        "merge": "MERGE INTO {table} t USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE",
        "delete returning": "WITH gone AS (DELETE FROM {table} RETURNING *) SELECT count(*) FROM gone",
    },
    "sqlite": {
        "replace": "REPLACE INTO {table} SELECT * FROM {table}",
        "insert or replace": "INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
        "upsert": "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT ({key}) DO UPDATE "
                  "SET {column} = 'x'",
        "update or ignore": "UPDATE OR REPLACE {table} SET {column} = 'x'",
    },
}
COLUMN = {"audit_entries": ("action", "id"), "audit_seals": ("digest", "seq")}


@pytest.mark.parametrize("table", COLUMN)
def test_the_log_cannot_be_changed_by_raw_sql(sealed, engine_name, table):
    before = digests(sealed.app)
    column, key = COLUMN[table]
    for name, statement in (TRIES | ONLY[engine_name]).items():
        with pytest.raises(sa.exc.DBAPIError, match=r"append-only|cannot truncate"):
            run(sealed.app, statement.format(table=table, column=column, key=key))
        assert digests(sealed.app) == before, name


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_old_row_s_place_cannot_be_taken_over_either(sealed):
    """SQLite: a new entry under the hidden row number of an old one would push it out."""
    before = digests(sealed.app)
    columns = [each.name for each in Base.metadata.tables["audit_entries"].columns]
    places = ", ".join("'taken'" if each == "id" else f'"{each}"' for each in columns)
    names = ", ".join(f'"{each}"' for each in columns)
    template = "INSERT OR REPLACE INTO audit_entries (rowid, %s) SELECT rowid, %s FROM audit_entries LIMIT 1"
    with pytest.raises(sa.exc.IntegrityError, match="append-only"):
        run(sealed.app, template % (names, places))
    assert digests(sealed.app) == before


def test_without_the_triggers_the_same_sql_changes_the_log(sealed, engine_name):
    """Planted: the triggers are gone."""
    run(sealed.app, "DROP TRIGGER audit_entries_append_only ON audit_entries" if engine_name == "postgresql"
        else "DROP TRIGGER audit_entries_no_update")
    run(sealed.app, "UPDATE audit_entries SET action = 'nothing'")
    assert count(sealed.app, "audit_entries", "action = 'nothing'") > 3


def test_new_entries_are_still_taken(sealed):
    with sealed.app.app_context(), transaction.act("tests"):
        audit.record("tests:more", "unit", None, county())
    assert count(sealed.app, "audit_entries", "action = 'tests:more'") == 1


def test_each_act_writes_one_entry_and_each_reading_of_the_log_too(world):
    """G1: every act that changes something leaves exactly one entry; rights a merge ends are each named besides."""
    stage = set_stage(world)
    api = world.api("射阳 administrator")
    wrong = []
    for act, (_reach, do) in ACTS.items():
        besides = "action <> 'grant:delete'" if act in ("move", "close") else "1 = 1"
        for name in PARENT:
            if not allowed(act, "射阳", name) or (act == "close" and name in ("合德镇", "黄沙港镇")):
                continue
            if act == "acknowledge" and PARENT[name] in ("合德镇", "射阳教育局"):
                continue  # their own superiors have an administrator, who answers
            before = count(world.app, "audit_entries", besides)
            assert do(stage, api, name).status_code < 300
            written = count(world.app, "audit_entries", besides) - before
            if written != (0 if act.startswith("see ") and act != "see the log" else 1):
                wrong.append((act, name, written))
    assert wrong == []


REFUSALS: dict[str, tuple[int, str, Callable[[World], Any]]] = {
    "forbidden": (403, "forbidden", lambda world: world.api("clerk").post(
        f"/units/{world.units['射阳']}/administrators", {"account_id": world.accounts["clerk"]})),
    "out of sight": (404, "not_found", lambda world: world.api("clerk").get(f"/units/{world.units['东台']}")),
    "state": (409, "not_suspended", lambda world: world.api("射阳 administrator").post(
        f"/accounts/{world.accounts['clerk']}/reactivate")),
    "taken": (409, "phone_taken", lambda world: world.api("射阳 administrator").post("/accounts", {
        "unit_id": world.units["射阳"], "kind": "staff", "name": "某", "phone": _phone(world),
        "employment": "full_time"})),
    "wrong end": (403, "channel_closed", lambda world: world.api("phone clerk").get("/audit")),
}


def _phone(world: World) -> str:
    with world.app.app_context():
        return str(db.session.execute(WHOLE.select(Account, Account.phone).limit(1)).scalar_one())


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_logged_and_changes_nothing_else(world, name):
    status, reason, ask_for = REFUSALS[name]
    before, entries = digests(world.app, but=["audit_entries"]), count(world.app, "audit_entries")
    answer = ask_for(world)
    assert (answer.status_code, answer.json["code"]) == (status, reason)
    assert digests(world.app, but=["audit_entries"]) == before
    assert count(world.app, "audit_entries") == entries + 1
    row = ask(world.app, "SELECT reason, result, actor_role, request_id FROM audit_entries "
                         "WHERE result = 'refused'")[-1]
    assert row[:2] == (reason, "refused") and row[2] and row[3]


def test_an_entry_says_who_as_what_where_and_what(world):
    world.api("射阳 administrator").patch(f"/units/{world.units['合德镇']}", {"name": "合德新镇"})
    with world.app.app_context():
        entry = db.session.execute(WHOLE.select(audit.AuditEntry).where(
            audit.AuditEntry.action == "unit:update")).scalar_one()
        town = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["合德镇"])).scalar_one()
        assert (entry.actor, entry.actor_role) == (world.accounts["射阳 administrator"], "administrator")
        assert (entry.actor_unit, entry.actor_number) == (world.units["射阳"], world.numbers["射阳"])
        assert (entry.object_type, entry.object_id, entry.unit_id) == ("unit", town.id, town.id)
        assert entry.unit_path == town.path and entry.unit_number == town.number
        assert entry.before["name"] == "合德镇" and entry.after["name"] == "合德新镇"
        assert entry.at == clock.now() and entry.at.utcoffset() is not None
        path = town.path
    world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/move", {"parent_id": world.units["东台"]})
    assert (path,) in ask(world.app, "SELECT unit_path FROM audit_entries WHERE action = 'unit:update'")


def test_an_error_leaves_neither_the_act_nor_an_entry(world, monkeypatch):
    before = digests(world.app)
    monkeypatch.setattr(transaction, "finish_act", lambda: (_ for _ in ()).throw(OSError("no space left")))
    answer = world.api("射阳 administrator").patch(f"/units/{world.units['合德镇']}", {"name": "合德新镇"})
    assert answer.status_code == 500
    assert digests(world.app) == before


def _grant(account: Account) -> Grant:
    return factories.grant(account=account, unit=county(), role="clerk")


def _one(model: Any) -> Any:
    return db.session.execute(WHOLE.select(model).limit(1)).scalar_one()


UNLOGGED: dict[str, Callable[[], Any]] = {
    "an account opened": lambda: factories.staff(unit=county()),
    "an account changed": lambda: setattr(_one(Account), "name", "改"),
    "a grant given": lambda: _grant(_one(Account)),
    "a grant taken": lambda: db.session.delete(_one(Grant)),
    "a seat taken away": lambda: db.session.delete(_one(Seat)),
    "a filing acknowledged": lambda: setattr(_one(Filing), "acknowledged_by", "x"),
    "a cadre's file": lambda: factories.cadre(unit=county()),
    "a cadre's file changed": lambda: setattr(_one(Cadre), "branch", "三支部"),
    "a record": lambda: factories.record(unit=county(), cadre=db.session.execute(
        WHOLE.select(Cadre).where(Cadre.unit_id == county().id).limit(1)).scalar_one(), ended_on=date(2026, 6, 1)),
    "an opinion": lambda: db.session.add(Opinion(
        account_id=_one(Account).id, cadre_id=_one(Cadre).id, text="好", created_at=clock.now(), unit_id=county().id,
        unit_number=county().number)),
}


@pytest.mark.parametrize("name", UNLOGGED)
def test_a_change_without_an_entry_is_no_change(world, name):
    """The commit refuses audited rows nobody wrote about; with an entry the same change is taken."""
    before = digests(world.app)
    with world.app.app_context(), pytest.raises(transaction.Unlogged), transaction.act("tests"):
        UNLOGGED[name]()
    assert digests(world.app) == before
    with world.app.app_context(), transaction.act("tests"):
        UNLOGGED[name]()
        audit.record("tests:logged", "x", None, county())
    assert digests(world.app) != before


def test_what_waits_in_one_act_does_not_excuse_the_next(world):
    with world.app.app_context():
        with transaction.act("tests"):
            audit.record("tests:first", "x", None, county())
        with pytest.raises(transaction.Unlogged), transaction.act("tests"):
            factories.staff(unit=county())


def test_a_read_may_not_write(world):
    with world.app.app_context():
        transaction.begin(writes=False)
        _one(Account).name = "改"
        with pytest.raises(transaction.WroteOnRead):
            transaction.finish_read()
        assert _one(Account).name != "改"

