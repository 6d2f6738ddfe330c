"""Role templates on behalf of somebody: seen from a unit, made, narrowed and withdrawn, with their log entries."""

from collections.abc import Mapping
from typing import Any

from app.administration import sight
from permissions import audit, guard, templates
from permissions.actions import Action
from permissions.grants import RoleTemplate
from permissions.narrowing import Limits, channels_of
from permissions.roles import Role
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Unit
from tenants.scope import Scope

_ABOVE = Scope.everything("a copy is judged with what it was copied from, which lies above")
MOST = 200


def listing(unit: Unit) -> list[RoleTemplate]:
    """What may be used at a unit: its own templates, withdrawn ones too, and the living ones of those above it."""
    own = db.session.execute(guard.my_scope(Action.GRANT_READ).select(RoleTemplate).where(
        RoleTemplate.unit_id == unit.id).order_by(RoleTemplate.name, RoleTemplate.id).limit(MOST)).scalars().all()
    return [*(each for each in templates.usable(unit) if each.unit_id != unit.id), *own]


def seen(template_id: str) -> tuple[RoleTemplate, Unit]:
    """A template of a unit in my reach. NotFound."""
    return sight.seen(RoleTemplate, template_id, Action.GRANT_READ)


def original(template_id: str, unit: Unit) -> RoleTemplate:
    """A template that may be copied at a unit. NotFound."""
    wanted = guard.checked_id(template_id)
    found = next((each for each in templates.usable(unit) if each.id == wanted), None)
    if found is None:
        raise NotFound
    return found


def parent_of(template: RoleTemplate) -> RoleTemplate | None:
    """What it was copied from."""
    if template.parent_id is None:
        return None
    return db.session.execute(_ABOVE.select(RoleTemplate).where(RoleTemplate.id == template.parent_id)).scalar_one()


def above(parent: RoleTemplate | None, unit: Unit) -> Limits | None:
    """What a template's original leaves at a unit; None without one, or when it is worth nothing there."""
    return templates.worth(parent.id, unit, Role(parent.role)) if parent is not None else None


def wanted(role: Role, values: Mapping[str, Any], above: Limits | None) -> Limits:
    """What was chosen; what was left open stands for all the original allows."""
    return Limits(
        role,
        frozenset(values["actions"]) if values.get("actions") else above.actions if above else None,
        frozenset(values["columns"]) if values.get("columns") else above.columns if above else None,
        channels_of(values["channel"]))


def facts(template: RoleTemplate) -> dict[str, Any]:
    """A template as the log shows it."""
    return {"name": template.name, "role": template.role, "actions": template.actions, "columns": template.columns,
            "channel": template.channel, "parent_id": template.parent_id}


def make(unit: Unit, name: str, limits: Limits, parent: RoleTemplate | None) -> RoleTemplate:
    """A template of a unit, or a narrower copy. Raises Forbidden, Invalid."""
    guard.require(Action.GRANT_CREATE, unit)
    made = templates.make(unit, name, limits, parent, guard.me().account)
    audit.record("template:make", "template", made.id, unit, after=facts(made))
    return made


def amend(template: RoleTemplate, unit: Unit, name: str, limits: Limits) -> None:
    """Rename, narrow. Raises Forbidden, Invalid, Conflict."""
    guard.require(Action.GRANT_CREATE, unit)
    before = facts(template)
    templates.amend(template, unit, name, limits)
    audit.record("template:amend", "template", template.id, unit, before=before, after=facts(template))


def withdraw(template: RoleTemplate, unit: Unit) -> None:
    """Nothing is worth anything through it any more. Raises Forbidden, Conflict."""
    guard.require(Action.GRANT_CREATE, unit)
    templates.withdraw(template)
    audit.record("template:withdraw", "template", template.id, unit, before=facts(template))
