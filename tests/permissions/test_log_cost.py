"""The log at any length: pages against a model, what the databases read for one, and a sealer that reads no more
than what waits. Nothing is timed."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

import small_province
from app import audit_log
from app.audit_log import Filters, listing
from permissions import audit, sealing, transaction
from plan_cost import analysed, cost, said
from tenants import tree
from tenants.db import db
from tenants.fields import new_id
from tenants.scope import Scope

WHOLE = Scope.everything("a test looks at everything")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ACTORS = [new_id() for _each in range(6)]
ENTRIES, MANY = 300, 30_000
# A page at a small place, with its total: entries looked at, and pages of the database.
MOST_ROWS, MOST_PAGES = 1_500, 1_600


@dataclass(frozen=True)
class Spot:
    """A unit as it was grown, whatever becomes of the session."""

    id: str
    number: int
    path: str
    code: str
    below: Scope


def put(units: list[Spot], number: int, rng: random.Random) -> None:
    """Entries of these units, spread over half a year."""
    rows = []
    for _each in range(number):
        unit = rng.choice(units)
        at = BEGAN + timedelta(minutes=rng.randrange(250_000))
        rows.append({
            "id": new_id(), "at": at, "actor": rng.choice(ACTORS), "actor_name": "某", "actor_role": "administrator",
            "actor_unit": unit.id, "actor_number": unit.number, "action": rng.choice(("a", "b", "b", "b", "c")),
            "object_type": "unit", "object_id": f"o{rng.randrange(200)}", "unit_path": unit.path, "result": "ok",
            "request_id": "r", "unit_id": unit.id, "unit_number": unit.number})
    with transaction.act("tests"):
        db.session.execute(sa.insert(audit.AuditEntry), rows)


def grown(rng: random.Random) -> tuple[list[Spot], list[Scope]]:
    """A small province, and scopes of every shape over it."""
    with transaction.act("tests"):
        units = small_province.grow(rng)
        audit.record("tests:tree", "unit", None, units[0])
        spots = [Spot(unit.id, unit.number, unit.path, unit.code, tree.below(unit)) for unit in units]
        return spots, small_province.scopes(units, rng)


def asked(rng: random.Random, units: list[Spot]) -> list[Filters]:
    """Every filter alone, and some together."""
    day = (BEGAN + timedelta(days=90)).date()
    alone = [Filters(), Filters(first=day), Filters(last=day), Filters(actor=ACTORS[0]), Filters(action="a"),
             Filters(about="o7"), Filters(within=rng.choice(units).below)]
    return [*alone, Filters(first=day, action="b"), Filters(actor=ACTORS[1], action="c", last=day)]


def model(scope: Scope, filters: Filters) -> list[str]:
    """Ids of the entries a list has to show, newest first, by looking at every one."""
    every = db.session.execute(WHOLE.select(audit.AuditEntry)).scalars().all()

    def fits(entry: audit.AuditEntry) -> bool:
        day = entry.at.astimezone(audit_log.SHANGHAI).date()
        return (scope.covers(entry.unit_number)
                and (filters.within is None or filters.within.covers(entry.unit_number))
                and (filters.first is None or day >= filters.first) and (filters.last is None or day <= filters.last)
                and filters.actor in (None, entry.actor) and filters.action in (None, entry.action)
                and filters.about in (None, entry.object_id)
                and (filters.actor is None or audit_log.knows_actor(entry, scope, "")))

    found = sorted((entry for entry in every if fits(entry)), key=lambda entry: (entry.at, entry.id), reverse=True)
    return [entry.id for entry in found]


def walked(scope: Scope, filters: Filters) -> tuple[list[str], set[int]]:
    """What the pages show, to the last one, and the totals they told."""
    ids: list[str] = []
    totals, cursor = set(), None
    while True:
        page = listing(scope, filters, cursor=cursor, limit=40)
        ids += [entry.id for entry, _sealed in page.items]
        totals.add(page.total)
        if page.next is None:
            return ids, totals
        cursor = page.next


@pytest.mark.parametrize("few", [0, audit_log.FEW], ids=["walked by time", "read by unit"])
def test_pages_show_what_the_model_shows(app: Flask, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "FEW", few)
    rng = random.Random(5)
    with app.app_context():
        units, scopes = grown(rng)
        put(units, ENTRIES, rng)
        sealing.seal()
        put(units, 7, rng)
        for scope in scopes:
            for filters in asked(rng, units):
                wanted = model(scope, filters)
                assert walked(scope, filters) == (wanted, {len(wanted)}), (scope, filters)


def dear(scopes: dict[str, Scope], rng: random.Random, units: list[Spot]) -> list[str]:
    """Pages for which PostgreSQL reads more than it may."""
    found = []
    for name, scope in scopes.items():
        for filters in (Filters(), Filters(actor=ACTORS[0]), Filters(about="o7"), Filters(action="rare")):
            statements = said(lambda: listing(scope, filters, cursor=None, limit=20))  # noqa: B023  called at once
            # The total of a wide scope counts; what picks and fetches the page must not.
            pages, rows = cost([each for each in statements if "ORDER BY" in each[0]])
            if pages > MOST_PAGES or rows > MOST_ROWS:
                found.append(f"{name} {filters}: {pages} pages, {rows} rows")
    return found


@pytest.fixture
def postgresql_only(engine_name: str) -> bool:
    """Whether the plans of PostgreSQL can be read here."""
    return engine_name == "postgresql"


def long_log(rng: random.Random) -> tuple[dict[str, Scope], list[Spot]]:
    """A long log, most of it of the last unit, all sealed or said to be."""
    units, _scopes = grown(rng)
    put(units, 3_000, rng)
    put(units[-1:], MANY, rng)
    analysed("audit_entries", "audit_seals", "audit_waiting")
    scopes = {unit.code: unit.below for unit in units} | {"all": WHOLE}
    return scopes, units


INDEXES = ("ix_audit_entries_when", "ix_audit_entries_unit", "ix_audit_entries_actor", "ix_audit_entries_object",
           "ix_audit_entries_action")


class TestPlans:
    """PostgreSQL only: what it reads for a page."""

    @pytest.fixture
    def engine_name(self) -> str:
        return "postgresql"

    def test_a_page_reads_the_end_of_an_index(self, app: Flask) -> None:
        rng = random.Random(8)
        with app.app_context():
            scopes, units = long_log(rng)
            assert dear(scopes, rng, units) == []

    def test_a_log_without_its_indexes_is_caught(self, app: Flask) -> None:
        """Planted: the indexes are gone."""
        rng = random.Random(8)
        with app.app_context():
            scopes, units = long_log(rng)
            db.session.remove()
            with db.engine.begin() as connection:
                for name in INDEXES:
                    connection.exec_driver_sql(f"DROP INDEX {name}")
            assert dear(scopes, rng, units)

    def test_the_sealer_reads_no_more_than_what_waits(self, app: Flask) -> None:
        """Once a second, however long the log is: nothing waits, then seven do."""
        rng = random.Random(9)
        with app.app_context():
            _scopes, units = long_log(rng)
            sealed = "INSERT INTO audit_seals SELECT row_number() OVER (), id, 'k1', 'x', at FROM audit_entries"
            with db.engine.begin() as connection:
                connection.exec_driver_sql(sealed)
                connection.exec_driver_sql("DELETE FROM audit_waiting")
            analysed("audit_entries", "audit_seals", "audit_waiting")
            assert self._looked_at() <= 4
            put(units, 7, rng)
            assert self._looked_at() <= 60
            with transaction.act("tests"):
                assert sealing._seal_batch() == 7
            assert sealing.entries_in_all() == 3_000 + MANY + 8

    def _looked_at(self) -> int:
        """Rows the sealer's look reads, undone."""
        def look() -> Any:
            transaction.begin(writes=True)
            return sealing._seal_batch()

        statements = said(look)
        db.session.rollback()
        return cost([each for each in statements if "advisory" not in each[0]])[1]


def test_sqlite_walks_an_index_and_sorts_nothing_wide(app: Flask, engine_name: str,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    """A wide scope's page comes in the order of an index; PostgreSQL's plans have tests of their own above."""
    monkeypatch.setattr(audit_log, "FEW", 0)
    rng = random.Random(4)
    with app.app_context():
        units, _scopes = grown(rng)
        put(units, ENTRIES, rng)
        scope = units[1].below
        for filters in (Filters(), Filters(actor=ACTORS[0]), Filters(about="o7"), Filters(action="a")):
            [statement] = [each for each in said(
                lambda: listing(scope, filters, cursor=None, limit=20)) if "ORDER BY" in each[0]]  # noqa: B023
            if engine_name == "sqlite":
                plan = [row[3] for row in db.session.connection().exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {statement[0]}", statement[1])]
                picks = plan[:1 + next(place for place, line in enumerate(plan) if "audit_entries" in line)]
                assert not any("TEMP B-TREE" in line for line in picks) and "USING" in picks[-1], plan
            else:
                assert "+ " not in statement[0]


def test_what_was_lost_on_the_way_is_gathered(app: Flask) -> None:
    """Somebody emptied the list of what waits: nothing is sealed until the command looks for it."""
    rng = random.Random(3)
    with app.app_context():
        units, _scopes = grown(rng)
        put(units, 12, rng)
        sealing.seal()
        put(units, 5, rng)
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM audit_waiting")
        assert (sealing.seal(), sealing.verify().unsealed) == (0, 5)
        assert app.test_cli_runner().invoke(args=["audit", "seal"]).output == "5 entries sealed\n"
        assert (sealing.verify().unsealed, sealing.verify().whole) == (0, True)


def test_what_waits_by_hand_gets_no_second_place(app: Flask) -> None:
    """Put among those that wait: an entry with a seal, and one that does not exist."""
    rng = random.Random(3)
    with app.app_context():
        units, _scopes = grown(rng)
        put(units, 6, rng)
        sealing.seal()
        sealed = sealing.verify().sealed
        with db.engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO audit_waiting SELECT at, id FROM audit_entries")
            connection.exec_driver_sql("INSERT INTO audit_waiting SELECT max(at), 'nothing' FROM audit_entries")
        sealing.seal()
        put(units, 1, rng)
        sealing.seal()
        verdict = sealing.verify()
        assert (verdict.whole, verdict.sealed, verdict.unsealed) == (True, sealed + 1, 0)
        assert sealing.entries_in_all() == sealed + 1
