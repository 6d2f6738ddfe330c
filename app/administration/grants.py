"""Rights handed out and taken back on behalf of somebody, with their log entries; `permissions.giving` is the door."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.administration import accounts
from app.versions import check_version
from permissions import audit, giving, guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Grant, RightGiven
from permissions.lineage import By
from permissions.roles import Role
from tenants.db import db
from tenants.errors import Invalid, NotFound
from tenants.models import Unit
from tenants.scope import Scope
from tenants.tree import here

_BY_ACCOUNT = Scope.everything("the grants of an account already seen; those outside the scope are not shown")


def listing(account: Account, scope: Scope) -> Sequence[Grant]:
    """An account's grants inside the scope."""
    return list(db.session.execute(
        scope.select(Grant).where(Grant.account_id == account.id).order_by(Grant.given_at, Grant.id)
    ).scalars())


def facts(grant: Grant) -> dict[str, Any]:
    """A grant as the log and the API show it."""
    return {"role": grant.role, "unit_id": grant.unit_id, "columns": grant.columns, "channel": grant.channel,
            "since": grant.since.isoformat() if grant.since else None,
            "until": grant.until.isoformat() if grant.until else None, "template_id": grant.template_id}


def as_it_is(grant: Grant) -> dict[str, Any]:
    """A grant in the words of a body, for a change that names only some of them."""
    return {"role": grant.role, "unit_id": grant.unit_id, "columns": grant.columns, "channel": grant.channel,
            "since": grant.since, "until": grant.until, "template_id": grant.template_id}


def terms(values: Mapping[str, Any]) -> giving.Terms:
    """What a body says of a right."""
    return giving.Terms(Role(values["role"]), values.get("columns"), values.get("channel") or "both",
                        values.get("since"), values.get("until"), values.get("template_id"))


def held_alike(account: Account, unit: Unit, values: Mapping[str, Any]) -> bool:
    """Whether the very same right is held already: of two from two tabs, one would be left at taking back."""
    return any(each.frozen_at is None and _said(giving.Terms(
        Role(each.role), each.columns, each.channel, each.since, each.until, each.template_id)) == _said(terms(values))
        for each in listing(account, here(unit)))


def _said(said: giving.Terms) -> giving.Terms:
    """Terms in one spelling, however the columns were ordered."""
    return replace(said, columns=None if said.columns is None else sorted(said.columns))


def give(account: Account, unit: Unit, values: Mapping[str, Any], *, by: By = By.grant) -> Grant:
    """Hand out a role at a unit. Raises Forbidden, or Invalid for a cadre or a day gone by."""
    accounts.require_over(account, Action.GRANT_CREATE)
    accounts.require_living(account)
    guard.require(Action.GRANT_CREATE, unit)
    grant = giving.grant(account, unit, terms(values), by)
    audit.record(Action.GRANT_CREATE, "grant", grant.id, unit, after=facts(grant) | {"account_id": account.id})
    return grant


def change(account: Account, grant: Grant, values: Mapping[str, Any]) -> Grant:
    """Give a right other columns, ends, days or another template. Raises Forbidden, Conflict, Invalid.

    As much a giving as the first, so that whoever changes answers for it; what changes nothing leaves it as it is.
    """
    accounts.require_over(account, Action.GRANT_CREATE)
    unit = unit_of(grant)
    guard.require(Action.GRANT_CREATE, unit)
    db.session.refresh(grant, with_for_update=True)
    if values["unit_id"] != grant.unit_id:
        raise Invalid(fields={"unit_id": ["单位不能改；请收回这项权限，另行授予。"]})
    wanted = terms(values)
    if wanted == terms(as_it_is(grant)):
        return grant
    before = facts(grant)
    giving.change(grant, account, unit, wanted)
    audit.record("grant:change", "grant", grant.id, unit, before=before | {"account_id": account.id},
                 after=facts(grant))
    return grant


def freeze(account: Account, grant: Grant) -> None:
    """Let a right give nothing until it is thawed. Raises Forbidden, Conflict."""
    accounts.require_over(account, Action.GRANT_DELETE)
    unit = unit_of(grant)
    guard.require(Action.GRANT_DELETE, unit)
    giving.freeze(grant, unit)
    audit.record("grant:freeze", "grant", grant.id, unit, after=facts(grant) | {"account_id": account.id})


def thaw(account: Account, grant: Grant) -> None:
    """Let a frozen right count again, given by whoever acts. Raises Forbidden, Conflict."""
    accounts.require_over(account, Action.GRANT_CREATE)
    unit = unit_of(grant)
    guard.require(Action.GRANT_CREATE, unit)
    giving.thaw(grant, unit)
    audit.record("grant:thaw", "grant", grant.id, unit, after=facts(grant) | {"account_id": account.id})


def rehome(given: RightGiven, to: Account) -> None:
    """Let a successor answer for a right somebody else gave. Raises Forbidden, Conflict."""
    unit = unit_of(given)
    giving.rehome(given, to)
    audit.record("grant:rehome", given.kind, given.right_id, unit, before={"given_by": given.given_by},
                 after={"given_by": to.id, "account_id": given.account_id})


def unit_of(right: Grant | RightGiven) -> Unit:
    """Where a right is held."""
    found: Unit = db.session.execute(_BY_ACCOUNT.select(Unit).where(Unit.id == right.unit_id)).scalar_one()
    return found


def found(account: Account, grant_id: str, action: Action, *, held: bool = True) -> Grant:
    """A right of an account inside my reach for an action; `held` to be changed. Raises NotFound, Stale.

    Unit, account and then the right are held, as whoever ends all that an account holds takes them.
    """
    statement = guard.my_scope(action).select(Grant).where(
        Grant.id == guard.checked_id(grant_id), Grant.account_id == account.id)
    if held:
        accounts.hold(account, accounts.unit_of(account))
        statement = statement.with_for_update()
    grant: Grant | None = db.session.execute(statement).scalar_one_or_none()
    if grant is None:
        raise NotFound
    return grant


def take_back(account: Account, grant_id: str, if_match: str | None = None) -> None:
    """Take a grant back; it is gone at the next request. Raises Forbidden, NotFound, Stale."""
    accounts.require_over(account, Action.GRANT_DELETE)
    grant = found(account, grant_id, Action.GRANT_DELETE)
    unit = unit_of(grant)
    check_version(grant, if_match)
    before = facts(grant) | {"account_id": account.id}
    giving.take(grant, unit)
    audit.record(Action.GRANT_DELETE, "grant", grant.id, unit, before=before)
