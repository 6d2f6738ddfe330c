"""Every right has its origin: written when it is given, closed when it ends, and kept by the database from then on."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import factories
from permissions import audit, giving, identity, lineage, transaction
from permissions.accounts import Account
from permissions.grants import Grant, RightGiven, Seat
from permissions.lineage import By
from permissions.roles import Channel, Role
from rows import ask, count, run
from tenants import clock
from tenants.db import db
from tenants.errors import Conflict, Forbidden
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("tests")


@pytest.fixture
def act(world: World) -> Iterator[World]:
    """One act by nobody, committed at the end."""
    with world.app.app_context(), transaction.act("tests"):
        yield world
        audit.record("tests:done", "unit", None, unit(world, "江苏"))


def unit(world: World, name: str) -> Unit:
    """A unit by name."""
    found: Unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units[name])).scalar_one()
    return found


def seated(world: World, name: str) -> Account:
    """The administrator of a unit."""
    found: Account = db.session.execute(ALL.mark(sa.select(Account).join(Seat, Seat.account_id == Account.id).where(
        Seat.unit_id == world.units[name]).order_by(Seat.seat))).scalars().first()
    return found


def act_as(account: Account) -> None:
    """Act on somebody's behalf from here on."""
    audit.act_as(identity.principal_of(account, Channel.pc, clock.today()))


def origin(right: Grant | Seat) -> RightGiven:
    """The living row of a right."""
    found: RightGiven = db.session.execute(ALL.select(RightGiven).where(
        RightGiven.right_id == right.id, RightGiven.ended_at.is_(None))).scalar_one()
    return found


CLERK = giving.Terms(Role.clerk)


def test_a_right_names_its_giver_and_the_right_it_was_given_under(act: World) -> None:
    holder, giver = factories.staff(unit=unit(act, "合德镇")), seated(act, "射阳")
    act_as(giver)
    held = giving.grant(holder, unit(act, "合德镇"), CLERK)
    row = origin(held)
    seat = db.session.execute(ALL.select(Seat).where(Seat.account_id == giver.id)).scalar_one()
    assert (row.given_by, row.path, row.under) == (giver.id, "grant", origin(seat).id)
    steps = lineage.chain(held.id)
    assert [step.row.kind for step in steps] == ["grant", "seat"]
    assert steps[0].giver is giver and steps[1].row.path == "bootstrap"


def test_an_end_closes_the_row_and_a_change_begins_another(act: World) -> None:
    holder, giver = factories.staff(unit=unit(act, "合德镇")), seated(act, "射阳")
    act_as(giver)
    held = giving.grant(holder, unit(act, "合德镇"), CLERK)
    first = origin(held)
    giving.change(held, holder, unit(act, "合德镇"), giving.Terms(Role.clerk, ["visits"]))
    second = origin(held)
    assert (first.ended_path, first.ended_by, first.columns) == ("edit", giver.id, None)
    assert second.columns == ["visits"] and second.path == "edit"
    giving.take(held, unit(act, "合德镇"))
    assert (second.ended_path, second.ended_by) == ("remove", giver.id)
    assert [step.row.path for step in lineage.history(held.id)] in (["edit", "grant"], ["grant", "edit"])


def test_frozen_gives_nothing_and_who_thaws_answers_for_it(act: World) -> None:
    holder, city = factories.staff(unit=unit(act, "合德镇")), seated(act, "盐城")
    act_as(seated(act, "射阳"))
    held = giving.grant(holder, unit(act, "合德镇"), CLERK)
    giving.freeze(held, unit(act, "合德镇"))
    assert identity.principal_of(holder, Channel.pc, clock.today()).held == ()
    with pytest.raises(Conflict):
        giving.change(held, holder, unit(act, "合德镇"), CLERK)
    act_as(city)
    giving.thaw(held, unit(act, "合德镇"))
    assert len(identity.principal_of(holder, Channel.pc, clock.today()).held) == 1
    assert (origin(held).given_by, origin(held).path) == (city.id, "thaw")


def test_a_successor_takes_over_what_somebody_gave_if_he_could_give_it(act: World) -> None:
    holder, leaving = factories.staff(unit=unit(act, "合德镇")), seated(act, "射阳")
    successor = factories.administrator(unit=unit(act, "射阳"), name="接任")
    stranger = factories.administrator(unit=unit(act, "东台"), name="外人")
    act_as(leaving)
    held = giving.grant(holder, unit(act, "合德镇"), CLERK)
    (given,) = lineage.rights_given_by(leaving)
    act_as(seated(act, "盐城"))
    with pytest.raises(Forbidden):
        giving.rehome(given, stranger)
    giving.rehome(given, successor)
    assert lineage.rights_given_by(leaving) == []
    assert [row.right_id for row in lineage.rights_given_by(successor)] == [held.id]
    assert held.given_by == successor.id and origin(held).path == "hand_over"


def test_nobody_gives_to_himself_to_a_fellow_or_upwards(act: World) -> None:
    giver = seated(act, "射阳")
    fellow = factories.administrator(unit=unit(act, "射阳"), name="同级")
    superior, sibling = seated(act, "盐城"), factories.staff(unit=unit(act, "安丰镇"))
    act_as(giver)
    for whom, where in ((giver, "合德镇"), (fellow, "合德镇"), (superior, "合德镇"), (sibling, "合德镇"),
                        (factories.staff(unit=unit(act, "合德镇")), "东台"),
                        (factories.staff(unit=unit(act, "合德镇")), "盐城")):
        with pytest.raises(Forbidden):
            giving.grant(whom, unit(act, where), CLERK)
    with pytest.raises(Forbidden):
        giving.seat(factories.staff(unit=unit(act, "射阳")), unit(act, "射阳"), 2)


def test_a_right_with_nobody_to_answer_for_it_is_a_defect(act: World) -> None:
    holder = factories.staff(unit=unit(act, "合德镇"))
    for by in (By.grant, By.hand_over, By.move):
        with pytest.raises(giving.Ungiven):
            giving.grant(holder, unit(act, "合德镇"), CLERK, by)
    act_as(seated(act, "射阳"))
    for by in (By.bootstrap, By.demo, By.merge):
        with pytest.raises(giving.Ungiven):
            giving.grant(holder, unit(act, "合德镇"), CLERK, by)


def test_every_right_of_the_world_has_its_origin(world: World) -> None:
    with world.app.app_context():
        assert lineage.without_origin() == 0


def test_a_right_made_behind_the_door_has_none(act: World) -> None:
    """Planted: a grant made by hand."""
    at = unit(act, "合德镇")
    db.session.add(Grant(account_id=factories.staff(unit=at).id, unit_id=at.id, unit_number=at.number, role="clerk",
                         given_at=clock.now()))
    db.session.flush()
    assert lineage.without_origin() == 1


@pytest.mark.parametrize("change", ["given_by = NULL", "role = 'chief'", "path = 'bootstrap'",
                                    "ended_at = NULL, given_by = NULL", "unit_id = unit_id || 'x'"])
def test_an_origin_is_never_rewritten(world: World, change: str) -> None:
    before = ask(world.app, "SELECT * FROM rights_given ORDER BY id")
    with pytest.raises(sa.exc.DBAPIError):
        run(world.app, f"UPDATE rights_given SET {change}")  # noqa: S608
    with pytest.raises(sa.exc.DBAPIError):
        run(world.app, "DELETE FROM rights_given")
    assert ask(world.app, "SELECT * FROM rights_given ORDER BY id") == before


def test_an_end_is_written_once(world: World) -> None:
    run(world.app, "UPDATE rights_given SET ended_at = given_at, ended_path = 'remove' WHERE kind = 'grant'")
    assert count(world.app, "rights_given", "ended_at IS NOT NULL") > 0
    with pytest.raises(sa.exc.DBAPIError):
        run(world.app, "UPDATE rights_given SET ended_path = 'move' WHERE kind = 'grant'")


def test_a_move_says_so_in_the_row_it_ends(world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        held = factories.grant(account=factories.staff(unit=unit(world, "射阳")), unit=unit(world, "合德镇"),
                               role="clerk").id
        audit.record("tests:staff", "unit", None, unit(world, "射阳"))
    moved: Any = world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/move",
                                                    {"parent_id": world.units["东台"]})
    assert moved.status_code == 200, moved.text
    ended = ask(world.app, f"SELECT ended_path FROM rights_given WHERE right_id = '{held}'")  # noqa: S608
    assert ended == [("move",)]
