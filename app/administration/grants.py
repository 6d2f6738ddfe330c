"""Rights handed out: the one way in. Nobody hands out what the table does not let them, nor anything to themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.administration.accounts import require_over
from permissions import audit, guard, needs
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Grant
from permissions.roles import Role
from tenants import clock
from tenants.db import db
from tenants.errors import Forbidden, Invalid, NotFound
from tenants.models import Unit
from tenants.scope import Scope
from tenants.tree import require_open

_BY_ACCOUNT = Scope.everything("the grants of an account already seen; those outside the scope are not shown")


def listing(account: Account, scope: Scope) -> Sequence[Grant]:
    """An account's grants inside the scope."""
    return list(db.session.execute(
        scope.select(Grant).where(Grant.account_id == account.id).order_by(Grant.given_at, Grant.id)
    ).scalars())


def facts(grant: Grant) -> dict[str, Any]:
    """A grant as the log and the API show it."""
    return {"role": grant.role, "unit_id": grant.unit_id, "columns": grant.columns, "channel": grant.channel,
            "until": grant.until.isoformat() if grant.until else None}


def give(account: Account, unit: Unit, values: Mapping[str, Any]) -> Grant:
    """Hand out a role at a unit. Raises Forbidden, or Invalid for a cadre or a day gone by."""
    require_over(account, Action.GRANT_CREATE)
    guard.require(Action.GRANT_CREATE, unit)
    require_open(unit)
    role = Role(values["role"])
    if not needs.may_hand_out(guard.me(), role, unit):
        raise Forbidden("您不能在这个单位授予这个角色。")
    if account.kind != "staff":
        raise Invalid(fields={"role": ["离退休干部不授予工作角色。"]})
    if values.get("until") is not None and values["until"] < clock.today():
        raise Invalid(fields={"until": ["截止日期不能早于今天。"]})
    grant = Grant(account_id=account.id, unit_id=unit.id, unit_number=unit.number, role=role.value,
                  columns=values.get("columns"), channel=values.get("channel") or "both", until=values.get("until"),
                  given_by=guard.me().account.id, given_at=clock.now())
    db.session.add(grant)
    db.session.flush()
    audit.record(Action.GRANT_CREATE, "grant", grant.id, unit, after=facts(grant) | {"account_id": account.id})
    return grant


def take_back(account: Account, grant_id: str) -> None:
    """Take a grant back; it is gone at the next request."""
    require_over(account, Action.GRANT_DELETE)
    grant = db.session.execute(
        guard.my_scope(Action.GRANT_DELETE).select(Grant)
        .where(Grant.id == guard.checked_id(grant_id), Grant.account_id == account.id).with_for_update()
    ).scalar_one_or_none()
    if grant is None:
        raise NotFound
    unit = db.session.execute(_BY_ACCOUNT.select(Unit).where(Unit.id == grant.unit_id)).scalar_one()
    audit.record(Action.GRANT_DELETE, "grant", grant.id, unit, before=facts(grant) | {"account_id": account.id})
    db.session.delete(grant)
    db.session.flush()
