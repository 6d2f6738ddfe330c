"""One object of a unit by its id, as far as I may see: the first question of every page and route about one."""

from typing import TypeVar

from permissions import guard
from permissions.actions import Action
from tenants import tree
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Unit
from tenants.scope import UnitOwned

Owned = TypeVar("Owned", bound=UnitOwned)


def seen(model: type[Owned], object_id: str, action: Action) -> tuple[Owned, Unit]:
    """The object and the unit it belongs to, where an action reaches; NotFound for everything else alike."""
    scope = guard.sight(action)
    found: Owned | None = db.session.execute(
        scope.select(model).where(model.id == guard.checked_id(object_id))  # type: ignore[attr-defined]
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found, tree.unit_by_id(found.unit_id, scope)
