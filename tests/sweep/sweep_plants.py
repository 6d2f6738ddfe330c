"""How faults are planted: parts of the authorisation with one of their conditions left out."""

from collections.abc import Callable
from typing import Any

import pytest

import permissions.identity as identity
from permissions import giving, guard, needs, sessions, table
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Seat
from permissions.identity import Held, Principal
from permissions.table import Reach
from tenants.db import db
from tenants.errors import ChannelClosed, Forbidden, NotFound, PasswordChangeRequired
from tenants.models import Unit
from tenants.scope import Scope

ALL = Scope.everything("a planted fault")
Plant = Callable[[pytest.MonkeyPatch], None]


def replace(target: Any, name: str, value: Any) -> Plant:
    return lambda patch: patch.setattr(target, name, value)


def cells(change: Callable[[Action, Reach], Reach]) -> Plant:
    changed = {action: tuple(change(action, cell) for cell in row) for action, row in table.TABLE.items()}
    return replace(table, "TABLE", changed)


def without_rule(*ignored: Action) -> Plant:
    """`require` lets these pass."""
    real = needs.require

    def require(principal: Any, action: Action, unit: Unit, column: str | None = None) -> None:
        if action not in ignored:
            real(principal, action, unit, column)

    return replace(needs, "require", require)


def scope_is_everything(*actions: Action, wide: Scope = ALL) -> Plant:
    real = needs.scope

    def scope(principal: Any, action: Action, column: str | None = None, **more: Any) -> Scope:
        found = real(principal, action, column, **more)
        return wide if found and action in actions else found

    return replace(needs, "scope", scope)


def grants_read(*, until: bool = True, end: bool = True, closed: bool = True, columns: bool = True) -> Plant:
    """The rights that were read, with one of their conditions left out."""
    real = identity.held_from

    def read(rows: list[Any], person: Any, channel: Any, today: Any) -> tuple[Held, ...]:
        told = []
        for row in rows:
            facts, right = list(row[:identity._RIGHT_FROM]), identity.Told(*row[identity._RIGHT_FROM:])
            if not closed:
                facts[-1] = "open"
            told.append((*facts, *right._replace(columns=right.columns if columns else None,
                                                 channel=right.channel if end else None,
                                                 until=right.until if until else None)))
        return real(told, person, channel, today)

    return replace(identity, "held_from", read)


def gate(*, ends: bool = True, cadres: bool = True, first: bool = True, doors: bool = True) -> Plant:
    """`_check_channel` with one of its conditions left out."""
    def check(principal: Any, mark: Any) -> None:
        if ends and principal.channel not in mark.channels:
            raise ChannelClosed
        if doors and not guard.open_on(principal, principal.channel):
            raise ChannelClosed
        if cadres and mark.kind == "guarded" and principal.is_cadre and not mark.for_cadres:
            raise ChannelClosed
        if first and principal.account.must_change_password and not mark.before_change:
            raise PasswordChangeRequired

    return replace(guard, "_check_channel", check)


def session_found(*, revoked: bool = True, suspended: bool = True) -> Plant:
    """`sessions.find` with one of its conditions left out."""
    def find(token: str, now: Any, today: Any) -> Any:
        found = identity.of_session(sessions._hash(token), today)
        if found is None or (revoked and found.session.revoked_at) or (suspended and not found.account.may_log_in):
            return None
        return found

    return replace(sessions, "find", find)


def over(*, oneself: bool = True, fellow: bool = True) -> Plant:
    """`check_person` without one of its rules."""
    def check_person(actor: Principal, account: Account) -> None:
        if oneself and account.id == actor.account.id:
            raise Forbidden
        seat = db.session.execute(ALL.select(Seat).where(Seat.account_id == account.id)).scalar()
        if fellow and seat is not None and account.id != actor.account.id:
            at = db.session.execute(ALL.select(Unit).where(Unit.id == seat.unit_id)).scalar_one()
            if not needs.allows(actor, Action.ADMINISTRATOR_APPOINT, at):
                raise Forbidden

    return replace(giving, "check_person", check_person)


def one(model: Any, row_id: str, *wanted: Any) -> Any:
    found = db.session.execute(ALL.select(model).where(model.id == row_id, *wanted)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found
