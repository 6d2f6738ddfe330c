"""Who is asking: the principal of a request, with every right it holds at this moment on this channel."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from permissions.accounts import Account, LoginSession
from permissions.grants import Grant, Seat
from permissions.roles import Channel, Role
from tenants.db import db
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope

_OWN_RIGHTS = Scope.everything("the rights a principal holds, wherever they lie")


@dataclass(frozen=True)
class Held:
    """One right: a role in a unit, for some columns (None = all)."""

    role: Role
    unit: Unit
    columns: frozenset[str] | None = None


@dataclass(frozen=True)
class Principal:
    """An account in a session on one channel, and what it holds. Built afresh for each request."""

    account: Account
    unit: Unit
    channel: Channel
    held: tuple[Held, ...]
    session: LoginSession | None = None

    @property
    def is_cadre(self) -> bool:
        return self.account.kind == "cadre"

    def role_at(self, unit_path: str | None = None) -> str:
        """The role under which the log writes an act: the strongest held at or above the unit."""
        order = (Role.administrator, Role.auditor, Role.chief, Role.reviewer, Role.clerk, Role.cadre)
        roles = {held.role for held in self.held if unit_path is None or unit_path.startswith(held.unit.path)}
        return next((role.value for role in order if role in roles), "none")


def _grants(account: Account, channel: Channel, today: date) -> list[Held]:
    statement = _OWN_RIGHTS.mark(
        select(Grant, Unit)
        .join(Unit, Unit.id == Grant.unit_id)
        .where(Grant.account_id == account.id, Unit.status == UnitStatus.open)
    )
    return [
        Held(Role(grant.role), unit, frozenset(grant.columns) if grant.columns is not None else None)
        for grant, unit in db.session.execute(statement)
        if grant.channel in ("both", channel) and (grant.until is None or grant.until >= today)
    ]


def _seats(account: Account) -> list[Held]:
    statement = _OWN_RIGHTS.mark(
        select(Unit)
        .join(Seat, Seat.unit_id == Unit.id)
        .where(Seat.account_id == account.id, Unit.status == UnitStatus.open)
    )
    return [Held(Role.administrator, unit) for unit in db.session.execute(statement).scalars()]


def held_by(account: Account, unit: Unit, channel: Channel, today: date) -> tuple[Held, ...]:
    """Every right of an account on a channel today. A suspended account holds none."""
    if not account.may_log_in:
        return ()
    if account.kind == "cadre":
        return (Held(Role.cadre, unit),)
    return (*_seats(account), *_grants(account, channel, today))


def principal_of(account: Account, channel: Channel, today: date, session: LoginSession | None = None) -> Principal:
    """The principal of an account on a channel."""
    unit = db.session.execute(_OWN_RIGHTS.select(Unit).where(Unit.id == account.unit_id)).scalar_one()
    return Principal(account, unit, channel, held_by(account, unit, channel, today), session)
