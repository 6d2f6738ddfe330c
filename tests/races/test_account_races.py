"""An account has one fate: answered once by many at once, retired once by many workers at once."""

import pytest
from servers import Servers

import factories
from app.administration.endings import AccountEnding
from app.administration.phone_request import PhoneChange
from app.administration.transfers import AccountTransfer
from engines import Store
from permissions import transaction
from permissions.accounts import Account, phone_key
from rows import ask, count
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

pytestmark = pytest.mark.xdist_group("races of changes")
WHOLE = Scope.everything("a race looks at everybody")
MANY = 6


def _unit(world: World, name: str) -> Unit:
    return db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units[name])).scalar_one()


def test_of_several_answers_to_one_transfer_one_counts(servers: Servers, store: Store, world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        here, there = _unit(world, "射阳"), _unit(world, "东台")
        made = []
        for number in range(MANY):
            person = factories.staff(unit=here, name=f"调{number}")
            asked = AccountTransfer(account_id=person.id, from_unit_id=here.id, side="from", name=person.name,
                                    reason="工作", asked_by=world.accounts["射阳 administrator"],
                                    asked_at=clock.now(), unit_id=there.id, unit_number=there.number)
            db.session.add(asked)
            db.session.flush()
            made.append((asked.id, person.id))
        transaction.audit.record("tests:transfers", "unit", None, here)
    servers.open(store)
    who = [world.accounts["东台 administrator"], world.accounts["盐城 administrator"]]
    for transfer, account in made:
        answers = servers.race([
            {"act": "answer_transfer", "transfer": transfer, "account": who[turn % 2],
             "verdict": ("accepted", "refused")[turn % 2]} for turn in range(4)])
        won = [each for each in answers if each in ("accepted", "refused")]
        assert len(won) == 1 and answers.count("already_decided") == 3, answers
        lies = ask(world.app, f"SELECT unit_id FROM accounts WHERE id = '{account}'")  # noqa: S608
        assert lies == [(world.units["东台" if won == ["accepted"] else "射阳"],)]
        assert count(world.app, "account_events", f"account_id = '{account}'") == (won == ["accepted"])


def test_many_workers_retire_each_once(servers: Servers, store: Store, world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        here = _unit(world, "射阳")
        for _number in range(MANY):
            person: Account = factories.staff(unit=here)
            person.ends_on = clock.today()
            db.session.add(AccountEnding(account_id=person.id, kind="leave", comes_on=clock.today(),
                                         planned_at=clock.now(), unit_id=here.id, unit_number=here.number))
        transaction.audit.record("tests:plans", "unit", None, here)
    servers.open(store)
    answers = servers.race([{"act": "settle"}] * 4)
    assert all(isinstance(each, int) for each in answers) and sum(answers) <= MANY, answers
    assert sum(answers) + sum(servers.race([{"act": "settle"}] * 4)) == MANY, "one that was locked is done next time"
    assert count(world.app, "account_endings", "state = 'done'") == MANY
    assert count(world.app, "account_events", "step = 'left'") == MANY


def test_of_several_who_want_one_number_one_gets_it(servers: Servers, store: Store, world: World) -> None:
    wanted, made = [factories.next_phone() for _round in range(MANY)], []
    with world.app.app_context(), transaction.act("tests"):
        here = _unit(world, "射阳")
        for phone in wanted:
            people = [factories.staff(unit=here) for _each in range(4)]
            made.append([_wants(person, phone, here) for person in people])
        transaction.audit.record("tests:numbers", "unit", None, here)
    servers.open(store)
    who = [world.accounts["射阳 administrator"], world.accounts["盐城 administrator"]]
    for phone, requests in zip(wanted, made, strict=True):
        answers = servers.race([{"act": "accept_number", "request": each, "account": who[turn % 2]}
                                for turn, each in enumerate(requests)])
        assert sorted(answers) == ["accepted", *["phone_taken"] * 3], answers
        assert count(world.app, "accounts", f"phone_key = '{_key(world, phone)}'") == 1


def _wants(person: Account, phone: str, unit: Unit) -> str:
    asked = PhoneChange(account_id=person.id, phone=phone, masked="x", asked_by=person.id, asked_at=clock.now(),
                        unit_id=unit.id, unit_number=unit.number)
    db.session.add(asked)
    db.session.flush()
    return asked.id


def _key(world: World, phone: str) -> str:
    with world.app.app_context():
        return phone_key(phone)


def test_closing_an_account_and_closing_its_unit_wait_for_each_other_in_one_order(
        servers: Servers, store: Store, world: World) -> None:
    made = []
    with world.app.app_context(), transaction.act("tests"):
        county = _unit(world, "射阳")
        for number in range(MANY):
            town = factories.unit(parent=county, kind="township", name=f"合并镇{number}")
            people = [factories.administrator(unit=town) if each == 0 else factories.staff(unit=town)
                      for each in range(3)]
            made.append((town.id, [each.id for each in people]))
        transaction.audit.record("tests:towns", "unit", None, county)
    servers.open(store)
    boss, other = world.accounts["射阳 administrator"], world.units["合德镇"]
    for town, people in made:
        answers = servers.race([{"act": "close_unit", "unit": town, "successor": other, "by": boss},
                                *({"act": "close_account", "account": each, "by": boss} for each in people)])
        assert answers[0] == "closed" and set(answers[1:]) <= {"closed", "stale"}, answers
        assert count(world.app, "administrators", f"unit_id = '{town}'") == 0


def test_two_roles_that_do_not_go_together_are_not_given_at_once(servers: Servers, store: Store, world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        people = [factories.staff(unit=_unit(world, "合德镇")).id for _each in range(MANY)]
        transaction.audit.record("tests:people", "unit", None, _unit(world, "合德镇"))
    servers.open(store)
    for account in people:
        answers = servers.race([
            {"act": "request", "method": "POST", "path": f"/accounts/{account}/grants",
             "token": world.tokens["盐城 administrator"], "json": {"role": role, "unit_id": world.units["合德镇"]}}
            for role in ("auditor", "clerk")])
        assert sorted(each["status"] for each in answers) == [201, 422], answers
