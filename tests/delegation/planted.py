"""Faults of the kinds that were found in systems like this one (K1, 2.4 to 2.6), planted one at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

import app.administration.accounts as accounts
import app.administration.devices as devices
import app.administration.left_over as left_over
import app.administration.login as login
import app.administration.seats as seats
import app.administration.units as units
import app.api.shapes as shapes
from permissions import audit, giving, guard, identity, needs, passwords, sessions, table, transaction
from permissions.actions import Action
from permissions.table import Reach
from tenants import in_order, provision, tree
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Unit
from tenants.scope import Scope

ALL = Scope.everything("a planted fault")
Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Fault:
    """What is wrong, how it is planted, and the acts in which it shows."""

    name: str
    plant: Plant
    often: tuple[str, ...]
    breaks: bool = False  # whether a second lock turns it into an error: then that is what must be seen


def put(target: Any, name: str, value: Any) -> Plant:
    return lambda patch: patch.setattr(target, name, value)


def nothing(*_told: Any, **_more: Any) -> None:
    """Instead of something that should have been done."""


def _cells(change: Callable[[Action, Reach], Reach]) -> Plant:
    return put(table, "TABLE", {action: tuple(change(action, cell) for cell in row)
                                 for action, row in table.TABLE.items()})


def unasked(*actions: Action) -> Plant:
    """`require` lets these pass."""
    real = needs.require
    return put(needs, "require", lambda principal, action, *rest: None if action in actions else real(
        principal, action, *rest))


def judged(change: Callable[[Any], dict[str, Any]], **instead: Any) -> Plant:
    """Rights as read, with one of their conditions left out before they are judged."""
    real = identity.judge
    return put(identity, "judge", lambda right, **told: real(replace(right, **change(right)), **(told | instead)))


def _opened(unit: Any) -> Any:
    return replace(unit, status="open")


def _anywhere(module: Any, model: Any) -> Plant:
    def seen(row_id: str) -> Any:
        found = db.session.execute(ALL.select(model).where(model.id == row_id)).scalar_one_or_none()
        if found is None:
            raise NotFound
        return found

    return put(module, "seen", seen)


def _kept_for_ever(patch: pytest.MonkeyPatch) -> None:
    """The first answer about a token is kept (RuoYi: online users kept their old rights)."""
    real, kept = sessions.of_session, dict[str, Any]()
    patch.setattr(sessions, "of_session", lambda token, today: kept.setdefault(token, real(token, today)))


def _told_afterwards(patch: pytest.MonkeyPatch) -> None:
    real = audit.record
    patch.setattr(audit, "record", lambda *told, **more: transaction.after_commit(lambda: real(*told, **more)))


def _seat_s_own_unit(action: Action, cell: Reach) -> Reach:
    return Reach.BELOW if action is Action.ADMINISTRATOR_APPOINT and cell is Reach.UNDER else cell


def _only_itself(unit: Unit, parent: Unit) -> None:
    """The paths of what hangs below are forgotten (RuoYi: ancestors rewritten as text)."""
    db.session.execute(ALL.update(Unit).where(Unit.id == unit.id).values(
        path=f"{parent.path}{unit.id}/", depth=parent.depth + 1, parent_id=parent.id, parent_kind=parent.kind,
        version=Unit.version + 1).execution_options(synchronize_session=False))
    db.session.expire_all()


def _opens_what_is_beside(patch: pytest.MonkeyPatch) -> None:
    """Closing or amending opens what had been closed (RuoYi: enabling a child enables its ancestors)."""
    real = units.provision.amend_unit

    def amend(unit: Unit, **more: Any) -> Unit:
        db.session.execute(ALL.update(Unit).where(Unit.id != unit.id).values(status="open").execution_options(
            synchronize_session=False))
        return real(unit, **more)

    patch.setattr(units.provision, "amend_unit", amend)


def _sessions_live_again(patch: pytest.MonkeyPatch) -> None:
    real = accounts.reactivate

    def reactivate(account: Any) -> Any:
        row = sessions.LoginSession
        db.session.execute(update(row).where(row.account_id == account.id).values(revoked_at=None))
        return real(account)

    patch.setattr(accounts, "reactivate", reactivate)


def _one_level_up(patch: pytest.MonkeyPatch) -> None:
    real = tree._measure
    patch.setattr(tree, "_measure", lambda path: real(path.rpartition("/")[0].rpartition("/")[0] + "/"))


def _over(**left_out: bool) -> Plant:
    """`require_over` without one of its rules."""
    real = accounts.require_over

    def require_over(account: Any, action: Action = Action.ACCOUNT_UPDATE) -> Any:
        oneself = account.id == guard.me().account.id
        if (left_out.get("oneself") and oneself) or (left_out.get("fellow") and not oneself):
            unit = accounts.unit_of(account)
            guard.require(action, unit)
            return unit
        return real(account, action)

    def check_person(actor: Any, account: Any) -> None:
        if not left_out.get("oneself" if account.id == actor.account.id else "fellow"):
            asked(actor, account)

    asked = giving.check_person

    def plant(patch: pytest.MonkeyPatch) -> None:
        """Both locks: the people's own door, and the door of every right."""
        for module in (accounts, devices):
            patch.setattr(module, "require_over", require_over)
        patch.setattr(giving, "check_person", check_person)

    return plant


def _found_dead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sessions, "find", lambda token, _now, today: sessions.of_session(sessions._hash(token), today))


def _total_of_all(patch: pytest.MonkeyPatch) -> None:
    real = in_order.total
    patch.setattr(in_order, "total", lambda aisle, _scope: real(aisle, ALL))


def _anybody_gives(patch: pytest.MonkeyPatch) -> None:
    """Both locks at once: the right to give at the unit, and the table of who hands out what."""
    unasked(Action.GRANT_CREATE)(patch)
    patch.setattr(needs, "may_hand_out", lambda *_told: True)


A, B, U, H = Action, Reach.BELOW, Reach.UNDER, Reach.HERE
RIGHTS, SEATS_, DOORS = ("give", "take_back"), ("appoint", "remove"), ("suspend", "reactivate", "amend_account")
FAULTS = (
    Fault("a move is not checked", unasked(A.UNIT_MOVE), ("move_unit",)),
    Fault("an appointment is not checked", unasked(A.ADMINISTRATOR_APPOINT), SEATS_),
    Fault("a grant's unit is not checked (#328)", _anybody_gives, RIGHTS),
    Fault("an account is found anywhere", _anywhere(accounts, accounts.Account), DOORS),
    Fault("a unit is found anywhere", _anywhere(units, Unit), ("move_unit", "rename_unit")),
    Fault("a subtree is measured one level too high", _one_level_up, RIGHTS),
    Fault("strictly below includes the unit itself", _cells(lambda _action, cell: B if cell is U else cell), SEATS_),
    Fault("an administrator seats others in the own unit", _cells(_seat_s_own_unit), SEATS_),
    Fault("below goes no further than here (DHIS2 #16678)", _cells(lambda _a, cell: H if cell is B else cell), RIGHTS),
    Fault("here reaches below", _cells(lambda _action, cell: B if cell is H else cell), ("write_record",)),
    Fault("lists forget the columns of a right", put(needs, "_answers", lambda *_told, **_more: True), ("give",)),
    Fault("single rows forget the columns of a right", put(table, "UNIT_WIDE", frozenset(Action)), ("write_record",)),
    Fault("a right counts past its day", judged(lambda _right: {"until": None}), ("next_day", "write_record")),
    Fault("a right counts before its first day", judged(lambda _right: {"since": None}), ("give", "write_record")),
    Fault("a right counts on either end", judged(lambda _right: {"channel": "both"}), ("give",)),
    Fault("a right counts in a closed unit", judged(lambda right: {"unit": _opened(right.unit)}), ("close_unit",)),
    Fault("a suspended account keeps its rights", put(identity.Person, "may_log_in", True), ("suspend", "log_in")),
    Fault("rights are read once per session", _kept_for_ever, ("remove", "suspend", "take_back")),
    Fault("an ended session is found", _found_dead, ("log_out", "sign_out", "suspend")),
    Fault("sessions outlive what ends them", put(sessions, "revoke_all", nothing), ("suspend", "sign_out")),
    Fault("a reactivated account's old sessions live again", _sessions_live_again, ("suspend", "reactivate")),
    Fault("reactivating hands back what is not one's own", put(giving, "check_all_given", nothing), DOORS),
    Fault("one's own rights and account", _over(oneself=True), (*RIGHTS, *DOORS)),
    Fault("a fellow administrator's rights and account", _over(fellow=True), (*RIGHTS, *DOORS)),
    Fault("anybody is seated (第七条)", put(seats, "eligibility", lambda *_: []), ("appoint",)),
    Fault("who audits acts as well (B10)", put(giving, "_check_apart", nothing), ("give", "appoint")),
    Fault("a closing unit keeps its administrators", put(seats, "vacate_all", nothing), ("close_unit",)),
    Fault("rights cross the border of a move", put(left_over, "settle", lambda *_, **_more: 0), ("move_unit",)),
    Fault("paths below a moved unit stay behind", put(provision, "rehang", _only_itself), ("move_unit",)),
    Fault("closed units open again by another's change", _opens_what_is_beside, ("close_unit", "rename_unit")),
    Fault("a closed unit is changed", put(tree, "require_open", nothing), ("close_unit", "rename_unit")),
    Fault("an appointment is not filed", put(seats, "_file", nothing), SEATS_),
    Fault("every filing is born acknowledged", put(seats, "_sits_in", lambda *_told: True), SEATS_),
    Fault("another spelling is another number", put(accounts, "normalise", lambda phone: phone), ("open_account",)),
    Fault("a password of the system's is used twice", put(passwords, "initial_is_usable", lambda *_told: True),
          ("open_account", "resend", "log_in")),
    Fault("the PC is open without a PC grant (第十条)", put(guard, "open_on", lambda *_told: True), DOORS),
    Fault("acts are logged after their commit", _told_afterwards, RIGHTS, breaks=True),
    Fault("refusals are not logged", put(guard, "log_refusal", nothing), RIGHTS),
    Fault("numbers are shown in clear", put(shapes, "mask_phone", lambda phone: phone), RIGHTS),
    Fault("the total counts what is not listed", _total_of_all, RIGHTS),
    Fault("an initial password lasts for ever", put(login.passwords, "INITIAL_LIFE", timedelta(days=3000)),
          ("open_account", "next_day", "log_in")),
)
