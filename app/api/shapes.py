"""Objects as they go out over the API; sensitive values masked."""

from collections.abc import Collection
from typing import Any

from app.units import Line
from permissions import audit, rotation
from permissions.accounts import Account
from permissions.grants import Filing, Grant, Seat
from permissions.identity import Principal
from permissions.phone import mask_phone
from tenants import clock
from tenants.models import KIND_LABELS, Unit, UnitKind


def unit_out(unit: Unit | Line, parents: Collection[str], *, shows_parent: bool = True) -> dict[str, Any]:
    """A unit; `parents` are the ids that have children in sight. The parent of my topmost unit is not shown."""
    return {
        "id": unit.id, "parent_id": unit.parent_id if shows_parent else None, "kind": unit.kind,
        "kind_label": KIND_LABELS[UnitKind(unit.kind)], "name": unit.name, "code": unit.code,
        "status": unit.status, "valid_from": unit.valid_from.isoformat(),
        "valid_to": unit.valid_to.isoformat() if unit.valid_to else None, "has_children": unit.id in parents,
        "version": unit.version,
    }


def account_out(account: Account) -> dict[str, Any]:
    """An account; the number is masked, nothing of the password is shown."""
    shown: dict[str, Any] = {
        "id": account.id, "unit_id": account.unit_id, "kind": account.kind, "name": account.name,
        "phone": mask_phone(account.phone), "state": account.state, "mobile_access": account.mobile_access,
        "must_change_password": account.must_change_password, "opened_at": clock.iso(account.opened_at),
        "last_login_at": clock.iso(account.last_login_at) if account.last_login_at else None,
        "version": account.version,
    }
    if account.kind == "staff":
        shown |= {
            "employment": account.employment, "on_establishment": account.on_establishment,
            "in_service": account.in_service, "pc_grant": account.pc_grant,
            "trained_on": account.trained_on.isoformat() if account.trained_on else None,
        }
    else:
        shown["cadre_id"] = account.cadre_id
    return shown


def me_out(principal: Principal) -> dict[str, Any]:
    """Who I am and what I hold on this end."""
    account = principal.account
    return {
        "account": {"id": account.id, "kind": account.kind, "name": account.name,
                    "phone": mask_phone(account.phone), "unit_id": account.unit_id},
        "unit": {"id": principal.unit.id, "name": principal.unit.name, "kind": principal.unit.kind},
        "roles": [
            {"role": held.role.value, "unit_id": held.unit.id,
             "columns": sorted(held.columns) if held.columns is not None else None,
             "channel": principal.channel.value}
            for held in principal.held
        ],
        "channel": principal.channel.value,
        "must_change_password": account.must_change_password or rotation.due(account),
        "password_days_left": rotation.days_left(account),
    }


def seat_out(seat: Seat, account: Account) -> dict[str, Any]:
    """An administrator's seat."""
    return {"account_id": seat.account_id, "name": account.name, "seat": seat.seat, "since": clock.iso(seat.since)}


def filing_out(filing: Filing) -> dict[str, Any]:
    """A filing."""
    return {
        "id": filing.id, "act": filing.act, "unit_id": filing.unit_id, "receiver_unit_id": filing.receiver_unit_id,
        "account_id": filing.account_id, "seat": filing.seat, "filed_at": clock.iso(filing.filed_at),
        "acknowledged_at": clock.iso(filing.acknowledged_at) if filing.acknowledged_at else None,
        "acknowledged_by": filing.acknowledged_by,
    }


def grant_out(grant: Grant) -> dict[str, Any]:
    """A grant."""
    return {"id": grant.id, "account_id": grant.account_id, "role": grant.role, "unit_id": grant.unit_id,
            "columns": grant.columns, "channel": grant.channel,
            "since": grant.since.isoformat() if grant.since else None,
            "until": grant.until.isoformat() if grant.until else None, "template_id": grant.template_id,
            "frozen": grant.frozen_at is not None, "given_at": clock.iso(grant.given_at), "version": grant.version}


def entry_out(entry: audit.AuditEntry, sealed: bool, *, knows_actor: bool) -> dict[str, Any]:
    """A log entry; an actor from outside the reader's scope is only “a superior”."""
    return {
        "id": entry.id, "at": clock.iso(entry.at), "actor": entry.actor if knows_actor else None,
        "actor_name": entry.actor_name if knows_actor else None, "actor_role": entry.actor_role,
        "actor_unit": entry.actor_unit if knows_actor else None, "action": entry.action,
        "object_type": entry.object_type, "object_id": entry.object_id, "unit_id": entry.unit_id,
        "result": entry.result, "reason": entry.reason, "before": entry.before, "after": entry.after,
        "request_id": entry.request_id, "sealed": sealed,
    }
