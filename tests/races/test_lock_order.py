"""Units before accounts: whoever waits for a unit that is being closed holds no account the closing would wait for."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from acts import answer_transfer, close_account, request, settle

import factories
from app.administration import accounts, endings, holding, transfers
from app.administration.endings import AccountEnding
from app.administration.transfers import AccountTransfer
from permissions import transaction
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a race looks at everybody")
POSTGRESQL = ["postgresql"]
BOSS = "盐城 administrator"


def somebody(world: World, *, leaves: bool = False) -> tuple[str, str]:
    """A clerk of 射阳 who is to go to 东台; the account and the transfer."""
    with world.app.app_context(), transaction.act("tests"):
        units = {each.id: each for each in db.session.execute(WHOLE.select(Unit)).scalars()}
        here, there = units[world.units["射阳"]], units[world.units["东台"]]
        person = factories.staff(unit=here)
        factories.grant(account=person, unit=here, role="clerk")
        asked = AccountTransfer(account_id=person.id, from_unit_id=here.id, side="from", name=person.name,
                                reason="工作", asked_by=world.accounts["射阳 administrator"], asked_at=clock.now(),
                                unit_id=there.id, unit_number=there.number)
        db.session.add(asked)
        if leaves:
            person.ends_on = clock.today()
            db.session.add(AccountEnding(account_id=person.id, kind="leave", comes_on=clock.today(),
                                         planned_at=clock.now(), unit_id=here.id, unit_number=here.number))
        transaction.audit.record("tests:people", "unit", None, here)
        db.session.flush()
        return person.id, asked.id


def _until_waiting(watching: sa.Connection, other: threading.Thread) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while other.is_alive() and not watching.exec_driver_sql(waiting).scalar():
        pass


def beside_a_closing(world: World, unit: str, account: str, act: Callable[[], Any]) -> tuple[str, Any]:
    """Begin an act while a unit is held as a closing holds it: could the closing take the account; what came of it."""
    came: list[Any] = []
    with world.app.app_context():
        engine = db.engine
        db.session.remove()
        with engine.connect() as closing, engine.connect() as watching:
            closing.exec_driver_sql(f"SELECT id FROM units WHERE id = '{world.units[unit]}' FOR UPDATE")  # noqa: S608
            other = threading.Thread(target=lambda: came.append(act()))
            other.start()
            _until_waiting(watching, other)
            assert other.is_alive(), f"it did not wait for its unit: {came}"
            try:
                closing.exec_driver_sql(
                    f"SELECT id FROM accounts WHERE id = '{account}' FOR UPDATE NOWAIT")  # noqa: S608
                free = "free"
            except sa.exc.OperationalError:
                free = "they would wait for each other"
            closing.rollback()
            other.join(300)
    return free, came[0]


def _acts(world: World, account: str, transfer: str) -> dict[str, Callable[[], Any]]:
    boss, app = world.accounts[BOSS], world.app
    return {
        "transfer": lambda: answer_transfer(app, transfer, boss, "accepted"),
        "leaving": lambda: settle(app),
        "closing an account": lambda: close_account(app, account, boss),
        "a right changed": lambda: request(app, "PATCH", f"/accounts/{account}/grants/{_right(world, account)}",
                                           world.tokens[BOSS], {"channel": "pc"})["status"],
    }


def _right(world: World, account: str) -> str:
    with world.app.app_context(), db.engine.connect() as reading:
        return str(reading.exec_driver_sql(
            f"SELECT id FROM grants WHERE account_id = '{account}'").scalar())  # noqa: S608


ENDS = {"transfer": "accepted", "leaving": 1, "closing an account": "closed", "a right changed": 200}


@pytest.mark.parametrize("engine_name", POSTGRESQL, indirect=True)
@pytest.mark.parametrize("what", list(ENDS))
def test_who_waits_for_a_unit_holds_no_account(world: World, what: str) -> None:
    account, transfer = somebody(world, leaves=what == "leaving")
    act = _acts(world, account, transfer)[what]
    assert beside_a_closing(world, "射阳", account, act) == ("free", ENDS[what])


@pytest.mark.parametrize("engine_name", POSTGRESQL, indirect=True)
def test_nor_who_waits_for_the_unit_an_account_goes_to(world: World) -> None:
    account, transfer = somebody(world)
    act = _acts(world, account, transfer)["transfer"]
    assert beside_a_closing(world, "东台", account, act) == ("free", "accepted")


@pytest.mark.parametrize("engine_name", POSTGRESQL, indirect=True)
@pytest.mark.parametrize("what", ["transfer", "leaving"])
def test_the_old_order_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Planted: the account first, as it was."""
    def account_first(account: Any, *_also: Unit) -> Unit:
        db.session.refresh(account, with_for_update=True)
        return accounts.unit_of(account)

    for module in (transfers, endings):
        monkeypatch.setattr(module, "hold_whole", account_first)
    monkeypatch.setattr(transfers, "hold_units", lambda _ids: None)
    account, transfer = somebody(world, leaves=what == "leaving")
    act = _acts(world, account, transfer)[what]
    assert beside_a_closing(world, "射阳", account, act)[0] != "free"


def test_the_units_an_account_is_concerned_with(world: World) -> None:
    account, _transfer = somebody(world)
    with world.app.app_context():
        found = db.session.execute(WHOLE.select(accounts.Account).where(
            accounts.Account.id == account)).scalar_one()
        there = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["东台"])).scalar_one()
        assert holding.concerned(found, there) == {world.units["射阳"], world.units["东台"]}
        assert holding.hold_whole(found, there).id == world.units["射阳"]
        db.session.rollback()
