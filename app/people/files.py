"""Acts on cadre files: each with its right asked and its log entry written."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, bindparam, select

from app import outbox
from app.people import store
from app.people.listing import columns, log_facts, out, out_of_row
from app.people.model import Cadre
from permissions import audit, guard, life, sessions
from permissions.accounts import AccountState
from permissions.actions import Action
from permissions.guard import checked_id
from tenants import clock, tree
from tenants.errors import Invalid, NotFound
from tenants.models import Unit
from tenants.place import Place
from tenants.prepared import Prepared, Within

SENSITIVE = ("id_number", "mobile", "address", "health_status")


def seen(cadre_id: str) -> tuple[Cadre, Unit]:
    """A file I may see with its unit, or NotFound."""
    scope = guard.sight(Action.CADRE_READ)
    cadre = store.get(checked_id(cadre_id), scope)
    return cadre, tree.unit_by_id(cadre.unit_id, scope)


def looked_at(cadre_id: str) -> tuple[dict[str, Any], Place]:
    """A file as it goes out, and where it lies: one row, for those who change nothing. Raises NotFound."""
    found = _ONE.rows(guard.sight(Action.CADRE_READ), wanted=checked_id(cadre_id))
    if not found:
        raise NotFound
    return out_of_row(found[0]), Place(*found[0][-len(tree.PLACE):])


def _one(within: Within) -> Select[Any]:
    return (select(*columns(), *tree.PLACE).join(Unit, Unit.id == Cadre.unit_id)
            .where(Cadre.id == bindparam("wanted"), within(Cadre), within(Unit)))


_ONE = Prepared(_one)


def create(values: Mapping[str, Any], unit: Unit) -> Cadre:
    """A new file in a unit."""
    guard.require(Action.CADRE_CREATE, unit)
    cadre = store.create(values, unit, author=guard.me().account)
    audit.record(Action.CADRE_CREATE, "cadre", cadre.id, unit, after=log_facts(cadre))
    return cadre


def amend(cadre: Cadre, unit: Unit, values: Mapping[str, Any]) -> Cadre:
    """Change a file; masked values in the log, so that it shows what changed and not to what."""
    guard.require(Action.CADRE_UPDATE, unit)
    before = log_facts(cadre)
    store.update(cadre, without_masks(cadre, values))
    if cadre.life_status == "deceased":
        _let_rest(cadre, unit)
    audit.record(Action.CADRE_UPDATE, "cadre", cadre.id, unit, before=before,
                 after=log_facts(cadre) | {"changed": sorted(values)})
    return cadre


def _let_rest(cadre: Cadre, unit: Unit) -> None:
    """A cadre who has died logs in no more and is sent nothing more (C13)."""
    account = store.account_of(cadre)
    if account is not None and account.may_log_in:
        account.state = AccountState.suspended
        sessions.revoke_all(account.id, clock.now())
        outbox.void(account.id)
        life.happened(account, "deceased", by=guard.me().account.id)
        audit.record("account:suspend", "account", account.id, unit, after={"state": account.state})


def without_masks(cadre: Cadre, values: Mapping[str, Any]) -> dict[str, Any]:
    """What was really typed: a mask that comes back as it was shown is no change."""
    shown = out(cadre)
    return {name: value for name, value in values.items()
            if name not in SENSITIVE or value is None or value != shown[name]}


def unmask(cadre: Cadre, unit: Unit, field: str, purpose: str) -> str:
    """One sensitive value of one file, for a stated purpose; the log keeps who, whom, which field and why."""
    guard.require(Action.CADRE_UNMASK, unit)
    if field not in SENSITIVE:
        raise Invalid(fields={"field": ["这一项不需要查看原文。"]})
    if len(purpose.strip()) < 4:
        raise Invalid(fields={"purpose": ["请写明查看的用途，不少于 4 个字。"]})
    audit.record(Action.CADRE_UNMASK, "cadre", cadre.id, unit, after={"field": field, "purpose": purpose.strip()})
    value: str | None = getattr(cadre, field)
    return value or ""
