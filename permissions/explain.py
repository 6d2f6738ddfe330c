"""Why yes, why no, and who else: the same table, told in words."""

from dataclasses import dataclass

from sqlalchemy import select

from permissions import table
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Grant, Seat, counts_on
from permissions.identity import Principal
from permissions.roles import Role
from tenants import clock, tree
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

_WHOLE = Scope.everything("a command explains rights over the whole tree")


@dataclass(frozen=True)
class Reason:
    """One right that would do: who holds it, as what, where it comes from."""

    account_id: str
    name: str
    role: str
    held_at: str
    columns: list[str] | None


def who_can(action: Action, unit: Unit) -> list[Reason]:
    """Everybody who may do this at this unit, with the right that lets them."""
    upward = {each.id: each for each in tree.ancestors(unit, _WHOLE)}
    cells = table.roles_for(action)
    found = [*_seated(upward, cells), *_granted(upward, cells)]
    return [reason for reason, held, cell in found if table.covers(cell, held.path, unit.path)]


Found = list[tuple[Reason, Unit, table.Reach]]


def _seated(upward: dict[str, Unit], cells: dict[Role, table.Reach]) -> Found:
    cell = cells.get(Role.administrator)
    if cell is None:
        return []
    rows = db.session.execute(_WHOLE.mark(
        select(Seat, Account).join(Account, Account.id == Seat.account_id).where(Seat.unit_id.in_(upward))))
    return [(Reason(account.id, account.name, Role.administrator, upward[seat.unit_id].name, None),
             upward[seat.unit_id], cell) for seat, account in rows if account.may_log_in]


def _granted(upward: dict[str, Unit], cells: dict[Role, table.Reach]) -> Found:
    rows = db.session.execute(_WHOLE.mark(
        select(Grant, Account).join(Account, Account.id == Grant.account_id)
        .where(Grant.unit_id.in_(upward), Grant.role.in_([role.value for role in cells]),
               counts_on(clock.today()))))
    return [(Reason(account.id, account.name, grant.role, upward[grant.unit_id].name, grant.columns),
             upward[grant.unit_id], cells[Role(grant.role)]) for grant, account in rows if account.may_log_in]


def why(principal: Principal, action: Action, unit: Unit) -> list[str]:
    """For one principal: each right held that bears on the action, and whether it reaches the unit."""
    words = []
    for held in principal.held:
        cell = table.reach(action, held.role)
        reaches = table.covers(cell, held.unit.path, unit.path)
        words.append(f"{held.role.label}（{held.unit.name}）：{'可以' if reaches else '不及于该单位或没有这项权限'}")
    return words or ["没有任何角色。"]
