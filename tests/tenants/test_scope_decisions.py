"""Every decision taken twice: the table's permission, its scope and the rows it picks, against the model (A5)."""

import os
from datetime import timedelta

import pytest
from flask import Flask
from rights_model import REACH, Person, Right, Template, allows, live
from walk import WHOLE, Walk

import factories
from app.columns import COLUMNS
from app.jobs import Job
from permissions import explain, identity, narrowing, needs, standing, table
from permissions.accounts import Account
from permissions.actions import Action
from permissions.audit import record
from permissions.grants import Grant, RoleTemplate, Seat
from permissions.roles import GRANTABLE, Channel
from tenants import clock
from tenants.db import db
from tenants.fields import new_id

ROUNDS = 60 if os.environ.get("YINLING_TEST_FULL") else 7
ASKED: tuple[str | None, ...] = (None, *COLUMNS, "no_such_column")


class PeopleWalk(Walk):
    """A walk with six staff members whose rights change as it goes."""

    def __init__(self, app: Flask, seed: int) -> None:
        super().__init__(app, seed)
        self.people: dict[str, Person] = {}
        with self.act():
            root = self.unit(self.model.units[0])
            for _ in range(6):
                self.people[factories.staff(unit=root).id] = Person()
            record("tests:open", "account", None, root)

    def merged(self, unit: str, successor: str) -> None:
        """Grants go over with everything else; a seat stays with the closed unit."""
        for person in self.people.values():
            for right in person.rights:
                for each in (right, *right.line()):
                    if each.unit == unit and each.role != "administrator":
                        each.unit = successor

    def change_rights(self) -> None:
        """Give everybody new rights: up to three grants, perhaps a seat, perhaps suspended."""
        with self.act():
            for model in (Grant, Seat):
                db.session.execute(WHOLE.delete(model).execution_options(synchronize_session=False))
            for account_id, person in self.people.items():
                person.suspended = self.drawn.random() < 0.3
                account = db.session.execute(WHOLE.select(Account).where(Account.id == account_id)).scalar_one()
                account.state = "suspended" if person.suspended else "active"
                person.rights = [self._grant(account) for _ in range(self.drawn.randint(0, 3))]
                person.rights += self._seat(account)
            record("tests:rights", "account", None, self.unit(self.model.units[0]))

    def _grant(self, account: Account) -> Right:
        columns = self.drawn.choice([None, None, *[[each] for each in COLUMNS], list(COLUMNS)[:2]])
        today = clock.today()
        right = Right(self.drawn.choice(GRANTABLE).value, self.drawn.choice(self.model.open_units()),
                      frozenset(columns) if columns is not None else None,
                      self.drawn.choice(["both", "both", "pc", "mobile"]),
                      self.drawn.choice([None, None, today, today + timedelta(1), today - timedelta(1)]),
                      self.drawn.choice([None, None, today, today + timedelta(1)]), self.drawn.random() < 0.1)
        made = factories.grant(account=account, unit=self.unit(right.unit), role=right.role, columns=columns,
                               channel=right.channel, until=right.until)
        # Behind the door, so that what was written may be anything.
        made.since, made.frozen_at = right.since, clock.now() if right.frozen else None
        if self.drawn.random() < 0.4:
            right.template, made.template_id = self._template(right)
        db.session.flush()
        return right

    def _template(self, right: Right) -> tuple[Template, str]:
        """A template, perhaps a copy of a copy, mostly made above one another; each as wide as chance has it."""
        last: Template | None = None
        row_id = None
        spots = self.model.upward(right.unit)
        for _ in range(self.drawn.randint(1, 3)):
            at = self.drawn.choice([spots[-1], spots[0], self.drawn.choice(spots)])
            spots = spots[:spots.index(at) + 1]
            actions = self.drawn.choice([None, sorted(each for role, each in REACH if role == right.role
                                                      and self.drawn.random() < 0.8)])
            columns = self.drawn.choice([None, None, list(COLUMNS)[:2]])
            last = Template(right.role if self.drawn.random() < 0.95 else "reviewer", at,
                            None if actions is None else frozenset(actions),
                            None if columns is None else frozenset(columns),
                            self.drawn.choice(["both", "both", "pc"]), self.drawn.random() < 0.05, last)
            unit = self.unit(at)
            row = RoleTemplate(id=new_id(), unit_id=at, unit_number=unit.number, name="x", role=last.role,
                               actions=actions, columns=columns, channel=last.channel, parent_id=row_id,
                               made_at=clock.now(), withdrawn_at=clock.now() if last.withdrawn else None)
            db.session.add(row)
            db.session.flush()
            row_id = row.id
        assert last is not None and row_id is not None
        return last, row_id

    def _seat(self, account: Account) -> list[Right]:
        unit = self.unit(self.drawn.choice(self.model.open_units()))
        taken = db.session.execute(WHOLE.select(Seat).where(Seat.unit_id == unit.id)).scalars().all()
        if self.drawn.random() < 0.5 or taken:
            return []
        db.session.add(Seat(unit_id=unit.id, unit_number=unit.number, account_id=account.id, seat=1,
                            since=clock.now()))
        db.session.flush()
        return [Right("administrator", unit.id)]


def compare(walk: PeopleWalk, account_id: str, channel: Channel) -> int:
    """All actions × columns × units for one principal; returns how many decisions were compared."""
    account = db.session.execute(WHOLE.select(Account).where(Account.id == account_id)).scalar_one()
    principal = identity.principal_of(account, channel, clock.today())
    rights = live(walk.people[account_id], walk.model, channel.value, clock.today())
    units = {unit_id: walk.unit(unit_id) for unit_id in walk.model.units}
    upward = {unit_id: walk.model.upward(unit_id) for unit_id in walk.model.units}
    decided = 0
    for action in Action:
        for column in ASKED:
            scope = needs.scope(principal, action, column)
            expected = {each for each in units if allows(rights, upward[each], action.value, column)}
            asked = {each for each, unit in units.items() if needs.allows(principal, action, unit, column)}
            assert asked == expected, (action, column, rights)
            told = {each for each, unit in units.items() if explain.verdict(principal, action, unit, column).allowed}
            assert told == expected, (action, column, rights)
            assert {each for each, unit in units.items() if scope.covers(unit.number)} == expected
            assert needs.holds(principal, action, column) >= bool(expected)
            decided += 3 * len(units)
        picked = db.session.execute(scope.select(Job, Job.id)).scalars()
        assert set(picked) == {row for row, owner in walk.row_of.items() if owner in expected}
    return decided


def compare_handing_out(walk: PeopleWalk, account_id: str) -> None:
    """Only a seat hands out roles: every role there and below, the seat strictly below."""
    account = db.session.execute(WHOLE.select(Account).where(Account.id == account_id)).scalar_one()
    giver = identity.principal_of(account, Channel.pc, clock.today())
    seats = [right.unit for right in live(walk.people[account_id], walk.model, "pc", clock.today())
             if right.role == "administrator"]
    for unit_id in walk.model.units:
        upward = walk.model.upward(unit_id)
        for role in (*GRANTABLE, table.Role.administrator, table.Role.cadre):
            reach = {"administrator": upward[1:], "cadre": []}.get(role.value, upward)
            assert needs.may_hand_out(giver, role, walk.unit(unit_id)) == any(seat in reach for seat in seats)


def decide(app: Flask, *, rounds: int) -> int:
    """Walk, change rights, compare everything; returns the number of decisions."""
    walk = PeopleWalk(app, seed=20_261_001)
    for _ in range(45):
        walk.step()
    decided = 0
    for number in range(rounds):
        walk.change_rights()
        for _ in range(4):
            walk.step()
        with app.app_context():
            for place, account_id in enumerate(walk.people):
                decided += compare(walk, account_id, (Channel.pc, Channel.mobile)[(number + place) % 2])
                compare_handing_out(walk, account_id)
            db.session.rollback()
    return decided


def test_every_decision_equals_the_model(app, capsys, engine_name):
    decided = decide(app, rounds=ROUNDS)
    with capsys.disabled():
        print(f"\n{engine_name}: {decided:,} decisions compared with the model, 0 differences")  # noqa: T201  a figure
    assert decided >= 100_000


def test_the_model_knows_every_action_the_table_knows():
    known = {action for _role, action in REACH}
    assert {action.value for action in Action} - known == {"own_file:read", "opinion:leave"}


def here_for_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a clerk's right reaches down."""
    row = (table.B, *table.TABLE[Action.RECORD_CREATE][1:])
    monkeypatch.setitem(table.TABLE, Action.RECORD_CREATE, row)


def own_unit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: an administrator appoints in the unit of their own seat (第六条)."""
    row = (*table.TABLE[Action.ADMINISTRATOR_APPOINT][:4], table.B, table.Reach.NO)
    monkeypatch.setitem(table.TABLE, Action.ADMINISTRATOR_APPOINT, row)


def columns_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: lists do not look at the columns of a right."""
    monkeypatch.setattr(needs, "_answers", lambda *_told, **_more: True)


def columns_forgotten_in_permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: single objects do not look at the columns of a right."""
    monkeypatch.setattr(table, "UNIT_WIDE", frozenset(Action))


def until_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a right lives on after its last day."""
    real = identity.held_from
    monkeypatch.setattr(identity, "held_from", lambda rows, person, channel, today: real(
        rows, person, channel, today - timedelta(30)))


def suspension_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a suspended account keeps its rights."""
    monkeypatch.setattr(identity.Person, "may_log_in", True)


def templates_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a right is worth what it says, whatever its template."""
    monkeypatch.setattr(standing, "along", lambda own, _path, _patterns: own)


def lowest_template_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a copy is believed; what it was copied from is not asked."""
    real = narrowing.along
    monkeypatch.setattr(standing, "along", lambda own, path, patterns: real(own, path, patterns and patterns[:1]))


def frozen_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a frozen right counts."""
    real = identity.rights_from
    monkeypatch.setattr(identity, "rights_from", lambda rows, *told: real(
        [(*row[:identity._RIGHT_FROM], *identity.Told(*row[identity._RIGHT_FROM:])._replace(frozen_at=None))
         for row in rows], *told))


def begins_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a right that begins later counts already."""
    real = identity.rights_from
    monkeypatch.setattr(identity, "rights_from", lambda rows, *told: real(
        [(*row[:identity._RIGHT_FROM], *identity.Told(*row[identity._RIGHT_FROM:])._replace(since=None))
         for row in rows], *told))


def under_for_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: what is strictly below includes the unit itself in lists (get and list disagree)."""
    monkeypatch.setattr(needs.numbering, "without", lambda ranges, _number: ranges)


def upward_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: permissions ask the unit and its parent only."""
    real = needs.tree.ancestor_ids
    monkeypatch.setattr(needs.tree, "ancestor_ids", lambda path: real(path)[-2:])


FAULTS = (here_for_below, own_unit_too, columns_forgotten, columns_forgotten_in_permissions, until_forgotten,
          suspension_forgotten, under_for_below, upward_by_one, templates_forgotten, lowest_template_only,
          frozen_counts, begins_at_once)


@pytest.mark.parametrize("plant", FAULTS)
def test_a_planted_fault_is_caught_by_the_model(app, monkeypatch, plant):
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        decide(app, rounds=5)
