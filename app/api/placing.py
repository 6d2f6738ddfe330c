"""The unit named in a body: found inside my sight (404) and asked for (403) before anything else is validated (422)."""

from collections.abc import Mapping
from typing import Any

from app.administration import units
from app.schemas.fields import is_id
from permissions.actions import Action
from permissions.guard import checked_id, my_scope, require
from tenants import tree
from tenants.errors import Invalid
from tenants.models import Unit
from tenants.place import Place
from tenants.scope import Scope


def placed(raw: Mapping[str, Any], action: Action, *, field: str = "unit_id", column: str | None = None) -> Unit:
    """Where the caller wants something done. Raises NotFound, Forbidden or Invalid, in this order."""
    unit = units.seen(_id(raw, action, field, column))
    require(action, unit, column)
    return unit


def place_of(raw: Mapping[str, Any], action: Action, *, field: str = "unit_id", column: str | None = None) -> Place:
    """The same for what changes nothing of the unit itself."""
    place = tree.place_by_id(checked_id(_id(raw, action, field, column)), units.sight())
    require(action, place, column)
    return place


def _id(raw: Mapping[str, Any], action: Action, field: str, column: str | None) -> str:
    unit_id = raw.get(field)
    if not isinstance(unit_id, str) or not is_id(unit_id):
        my_scope(action, column)
        raise Invalid(fields={field: ["请选择单位。"]})
    return unit_id


def narrowed(found: Mapping[str, Any]) -> Scope | None:
    """The subtree a list is narrowed to by `unit=`, or None. Narrowing never widens."""
    return units.subtree(units.seen(found["unit"])) if found.get("unit") else None
