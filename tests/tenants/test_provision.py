"""Changing the tree through its functions: what is refused, what a move leaves alone, what a merge takes along."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from owed_rows import Nomination, answered_row, owed_rows
from sqlalchemy import select

import factories
from app.jobs import Job
from app.outbox import Message
from app.people.model import Cadre
from app.records.model import Attachment
from app.records.rulebook import DeadlineRule
from app.records.telling import Telling
from frozen_rows import FrozenReport, PlannedChange, PlannedUnit, kept_rows
from permissions import audit, transaction
from permissions.accounts import Account
from permissions.grants import Filing, Seat
from rows import ask, count, digests
from tenants import clock, numbering, provision, tree
from tenants.db import db
from tenants.errors import Conflict, Invalid, Refusal
from tenants.models import CHILDREN, Unit, UnitKind, UnitName
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at the whole tree")
TREE_TABLES = ("units", "unit_moves", "tree_state")
STAYS = (DeadlineRule, Filing, FrozenReport, Nomination, PlannedChange, PlannedUnit, Seat, audit.AuditEntry)


@pytest.fixture
def doing(world: World) -> Iterator[Callable[[str], Unit]]:
    """One act, open for the test; gives units by name. Committed at the end."""
    with world.app.app_context(), transaction.act("tests"):
        yield lambda name: named(world, name)


def named(world: World, name: str) -> Unit:
    """A unit of the named province."""
    return db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units[name])).scalar_one()


def move(world: World, name: str, parent: str) -> None:
    """Move a unit in an act of its own."""
    with world.app.app_context(), transaction.act("tests"):
        provision.move_unit(named(world, name), named(world, parent))


def refused(act: Callable[[], Any], kind: type[Refusal], field: str | None = None) -> Refusal:
    """The refusal of an act."""
    with pytest.raises(kind) as caught:
        act()
    assert field is None or list(caught.value.fields) == [field]
    return caught.value


# From the contract, not from the product.
PAIRS = {
    "province_bureau": "city_bureau province_group_unit",
    "city_bureau": "county_bureau development_zone city_direct_unit",
    "county_bureau": "township county_direct_unit",
    "development_zone": "township county_direct_unit",
    "township": "subordinate_unit", "province_group_unit": "subordinate_unit", "city_direct_unit": "subordinate_unit",
    "county_direct_unit": "subordinate_unit", "subordinate_unit": "subordinate_unit",
}
HOLDERS = {"province_bureau": "江苏", "city_bureau": "盐城", "county_bureau": "射阳", "development_zone": "盐城经开区",
           "township": "合德镇", "province_group_unit": "省直片组", "city_direct_unit": "盐城市直",
           "county_direct_unit": "射阳教育局", "subordinate_unit": "合德敬老院"}


def test_every_pair_of_kinds_is_taken_or_refused_as_the_contract_says(doing):
    assert {parent.value: " ".join(below) for parent, below in CHILDREN.items()} == PAIRS
    for holder, name in HOLDERS.items():
        for number, kind in enumerate(UnitKind):
            code = f"P-{holder}-{number}"
            if kind.value in PAIRS[holder].split():
                unit = provision.open_unit(doing(name), kind=kind, name="新", code=code[:32])
                assert (unit.parent_kind, unit.depth) == (holder, doing(name).depth + 1)
            else:
                refused(lambda name=name, kind=kind, code=code: provision.open_unit(
                    doing(name), kind=kind, name="新", code=code[:32]), Invalid, "kind")


def test_a_move_rewrites_units_and_nothing_else(world):
    """Moving a county with everything below it changes no row of any other table, tenant rows least of all."""
    before = digests(world.app)
    rows = {name: count(world.app, name) for name in ("accounts", "cadres", "grants", "administrators")}
    move(world, "射阳", "南通")
    after = digests(world.app)
    assert {name for name in after if after[name] != before[name]} == set(TREE_TABLES)
    assert all(rows.values())
    moved = ask(world.app, "SELECT unit_id, from_parent_id, to_parent_id FROM unit_moves")
    assert moved == [(world.units["射阳"], world.units["盐城"], world.units["南通"])]


def test_a_move_that_touched_a_tenant_row_would_be_seen(world, monkeypatch):
    """Planted: the move also rewrites the numbers in the tenant tables, with the values they have."""
    real = provision.rehang

    def rewrite_more(*told: Any) -> None:
        real(*told)
        db.session.execute(WHOLE.update(Cadre).values(version=Cadre.version + 1)
                           .execution_options(synchronize_session=False))

    monkeypatch.setattr(provision, "rehang", rewrite_more)
    before = digests(world.app)
    move(world, "射阳", "南通")
    assert digests(world.app)["cadres"] != before["cadres"]


def test_numbers_never_change_on_a_move_there_and_back(world):
    before = ask(world.app, "SELECT id, number FROM units ORDER BY id")
    paths = ask(world.app, "SELECT id, path, depth, parent_id FROM units ORDER BY id")
    for name, parent in (("射阳", "南通"), ("合德镇", "东台"), ("合德镇", "射阳"), ("射阳", "盐城")):
        move(world, name, parent)
    assert ask(world.app, "SELECT id, number FROM units ORDER BY id") == before
    assert ask(world.app, "SELECT id, path, depth, parent_id FROM units ORDER BY id") == paths


@pytest.mark.parametrize(("name", "parent"), [
    ("射阳", "射阳"), ("射阳", "合德镇"), ("合德镇", "合德敬老院"), ("盐城", "射阳"), ("江苏", "盐城"),
    ("射阳", "合德敬老院"), ("合德镇", "盐城"), ("射阳", "江苏"), ("射阳教育局", "盐城"), ("省直片组", "盐城"),
    ("射阳", "省直片组"),
])
def test_a_move_below_oneself_or_to_an_impossible_place_is_refused(world, name, parent):
    before = digests(world.app)
    refused(lambda: move(world, name, parent), Invalid, "parent_id")
    assert digests(world.app) == before


def test_a_move_to_where_it_is_changes_no_unit(world):
    before = digests(world.app, but=["tree_state"])
    move(world, "射阳", "盐城")
    assert digests(world.app, but=["tree_state"]) == before


def test_the_tree_may_be_forty_deep_and_no_deeper(doing):
    unit = doing("合德敬老院")
    for level in range(unit.depth + 1, provision.DEEPEST + 1):
        unit = provision.open_unit(unit, kind="subordinate_unit", name=f"{level}", code=f"D{level}")
    assert unit.depth == provision.DEEPEST and len(unit.path) < 1000
    refused(lambda: provision.open_unit(unit, kind="subordinate_unit", name="深", code="D"), Invalid, "parent_id")
    other = provision.open_unit(doing("射阳中学"), kind="subordinate_unit", name="一", code="D-1")
    provision.open_unit(other, kind="subordinate_unit", name="二", code="D-2")
    upper = db.session.execute(WHOLE.select(Unit).where(Unit.code == f"D{provision.DEEPEST - 1}")).scalar_one()
    refused(lambda: provision.move_unit(other, upper), Invalid, "parent_id")


def test_codes_are_unique_over_the_province(doing):
    for act in (lambda: provision.open_unit(doing("盐城"), kind="county_bureau", name="新", code="320685"),
                lambda: provision.amend_unit(doing("射阳"), code="320685")):
        refusal = refused(act, Conflict, "code")
        assert refusal.code == "code_taken" and "海安" not in str(refusal)
        db.session.rollback()
        transaction.begin(writes=True)


def test_validity_and_names(doing):
    town = doing("黄沙港镇")
    provision.amend_unit(town, name="黄沙港新镇", valid_from=date(2020, 1, 1), valid_to=date(2030, 1, 1))
    refused(lambda: provision.amend_unit(town, valid_to=date(2019, 12, 31)), Invalid, "valid_to")
    provision.amend_unit(town, valid_from=date(2020, 1, 1), clears_valid_to=True)
    assert town.valid_to is None
    db.session.flush()
    former = db.session.execute(select(UnitName.name, UnitName.unit_id)).all()
    assert [tuple(row) for row in former] == [("黄沙港镇", town.id)]


def test_closing_what_is_empty(world):
    clock.configure("2030-06-10T00:30:00+08:00")
    with world.app.app_context(), transaction.act("tests"):
        port = provision.close_unit(named(world, "黄沙港镇"), None)
        assert (port.status, port.valid_to, port.successor_id) == ("closed", date(2030, 6, 10), None)
    with world.app.app_context(), transaction.act("tests"):
        port = named(world, "黄沙港镇")
        refused(lambda: provision.close_unit(port, None), Conflict)
        refused(lambda: provision.open_unit(port, kind="subordinate_unit", name="x", code="X"), Invalid, "parent_id")
        refused(lambda: provision.move_unit(named(world, "合德敬老院"), port), Invalid, "parent_id")
        refused(lambda: provision.close_unit(named(world, "合德敬老院"), port), Invalid, "successor_id")
        refused(lambda: provision.close_unit(named(world, "江苏"), None), Conflict)


@pytest.mark.parametrize("name", ["射阳", "合德镇", "射阳教育局", "东台"])
def test_closing_what_is_not_empty_needs_a_successor(world, name):
    before = digests(world.app)
    with world.app.app_context():
        with pytest.raises(Conflict) as caught, transaction.act("tests"):
            provision.close_unit(named(world, name), None)
        assert caught.value.code == "not_empty"
    assert digests(world.app) == before


@pytest.mark.parametrize(("name", "successor", "field"), [
    ("射阳", "合德镇", "successor_id"), ("射阳", "南通", "successor_id"), ("合德镇", "射阳", "successor_id"),
])
def test_a_successor_must_lie_elsewhere_and_take_the_children(world, name, successor, field):
    before = digests(world.app)
    with world.app.app_context(), pytest.raises(Invalid) as caught, transaction.act("tests"):
        provision.close_unit(named(world, name), named(world, successor), keep=STAYS)
    assert list(caught.value.fields) == [field]
    assert digests(world.app) == before


def fill(world: World, name: str) -> None:
    """At least one row of every owned table at a unit."""
    with world.app.app_context(), transaction.act("tests"):
        unit = named(world, name)
        cadre = factories.cadre(unit=unit)
        for key in factories.FIELDS:
            record = factories.record(module=key, unit=unit, cadre=cadre, ended_on=date(2026, 6, 1), draft=True)
        account = factories.staff(unit=unit)
        factories.administrator(unit=unit)
        factories.grant(account=account, unit=unit, role="clerk", template_id=factories.template(unit=unit).id)
        place = {"unit_id": unit.id, "unit_number": unit.number}
        db.session.add_all([
            Message(template="account_opened", phone="1", created_at=clock.now(), **place),
            Job(kind="x", account_id=account.id, channel="pc", params={}, created_at=clock.now(), **place),
            Telling(account_id=account.id, cause_id="x", cause="x", records=1, told_at=clock.now(), **place),
            DeadlineRule(kind="visits", serial=1, verb="end", since=date(2026, 6, 1), after="ended_on", basis="x",
                         set_at=clock.now(), **place),
            *owed_rows(account.id, place), *kept_rows(unit, account, record.id),
            answered_row(account.id, cadre.id, place),
            Attachment(record_id=record.id, stored_as="x", filename="x", content_type="image/jpeg", size=1,
                       created_at=clock.now(), **place)])
        audit.record("tests:fill", "unit", None, unit)


def held(app: Flask, unit_id: str) -> dict[str, int]:
    """How many rows of each owned table belong to a unit."""
    with app.app_context():
        return {model.__tablename__: count(app, model.__tablename__, f"unit_id = '{unit_id}'")  # type: ignore[attr-defined]
                for model in provision.owned_models()}


def test_a_merge_takes_every_owned_row_along(world):
    closing, successor = world.units["黄沙港镇"], world.units["合德镇"]
    fill(world, "黄沙港镇")
    before, theirs = held(world.app, closing), held(world.app, successor)
    assert 0 not in before.values() and len(before) >= 12, before
    with world.app.app_context(), transaction.act("tests"):
        provision.close_unit(named(world, "黄沙港镇"), named(world, "合德镇"), keep=STAYS)
    stays = {model.__tablename__ for model in STAYS}
    after = held(world.app, closing)
    assert {name for name, rows in after.items() if rows} == stays
    for name, rows in held(world.app, successor).items():
        assert rows == theirs[name] + (0 if name in stays else before[name]), name
    numbers = ask(world.app, "SELECT count(*) FROM accounts a JOIN units u ON u.id = a.unit_id "
                             "WHERE a.unit_number <> u.number")
    assert numbers == [(0,)]


def test_a_merge_that_forgets_a_table_is_caught(world, monkeypatch):
    """Planted: one owned model is left out."""
    closing = world.units["黄沙港镇"]
    fill(world, "黄沙港镇")
    whole = provision.owned_models()
    monkeypatch.setattr(provision, "owned_models", lambda: [each for each in whole if each is not Account])
    with world.app.app_context(), transaction.act("tests"):
        provision.close_unit(named(world, "黄沙港镇"), named(world, "合德镇"), keep=STAYS)
    assert count(world.app, "accounts", f"unit_id = '{closing}'") > 0


def test_a_merge_moves_the_open_children_and_keeps_the_closed(world):
    with world.app.app_context(), transaction.act("tests"):
        provision.close_unit(named(world, "黄沙港镇"), None)
        provision.close_unit(named(world, "射阳"), named(world, "东台"), keep=STAYS)
    with world.app.app_context():
        east, county = named(world, "东台"), named(world, "射阳")
        for name, parent in (("合德镇", east), ("射阳教育局", east), ("黄沙港镇", county)):
            assert named(world, name).parent_id == parent.id and named(world, name).path.startswith(parent.path)
        assert (county.status, county.successor_id) == ("closed", east.id)


def test_a_used_up_gap_sends_a_new_unit_to_the_end(app, monkeypatch):
    monkeypatch.setattr(numbering, "STRIDE", 4)
    plan = [provision.Planned("p", None, "province_bureau", "省", "P")]
    plan += [provision.Planned(f"c{number}", "p", "city_bureau", f"市{number}", f"C{number}") for number in range(3)]
    with app.app_context(), transaction.act("tests"):
        made = provision.load_tree(plan, valid_from=date(2026, 1, 1))
        first, last = made["c0"], made["c2"]
        parent = tree.unit_by_id(first.id, WHOLE)
        opened = [factories.unit(parent=parent, kind="county_bureau", name="县").number - first.number
                  for _ in range(6)]
        assert opened == [1, 2, 3, last.number - first.number + 4, last.number - first.number + 8,
                          last.number - first.number + 12]
        numbers = [first.number + each for each in (0, *opened)]
        assert tree.ranges_below(first) == ((numbers[0], numbers[3]), (numbers[4], numbers[6]))


def test_a_tree_is_loaded_into_an_empty_table_only(world):
    plan = [provision.Planned("p", None, "province_bureau", "省", "P")]
    with world.app.app_context(), pytest.raises(Conflict), transaction.act("tests"):
        provision.load_tree(plan, valid_from=date(2026, 1, 1))
