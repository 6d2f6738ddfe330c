"""An account has one fate: answered once by many at once, retired once by many workers at once."""

import pytest
from servers import Servers

import factories
from app.administration.endings import AccountEnding
from app.administration.transfers import AccountTransfer
from engines import Store
from permissions import transaction
from permissions.accounts import Account
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
