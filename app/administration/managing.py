"""Who answers for a unit: the nearest superior that has an administrator (第五、六条), for many at once."""

from collections.abc import Iterable

from permissions import guard
from permissions.grants import Seat
from permissions.roles import Role
from tenants import tree
from tenants.db import db
from tenants.errors import Forbidden
from tenants.place import Placed
from tenants.scope import Scope

_ABOVE = Scope.everything("who answers for a unit sits above it, beyond what the asker may see")


def answering(units: Iterable[Placed]) -> dict[str, str | None]:
    """By unit: the id of the nearest unit strictly above it that has an administrator; None when nobody sits there."""
    above = {unit.id: tree.ancestor_ids(unit.path)[-2::-1] for unit in units}
    asked = {each for line in above.values() for each in line}
    rows = db.session.execute(_ABOVE.select(Seat, Seat.unit_id).where(Seat.unit_id.in_(asked)))
    seated = set(rows.scalars()) if asked else set()
    return {unit_id: next((each for each in line if each in seated), None) for unit_id, line in above.items()}


def answers_for(unit: Placed) -> bool:
    """Whether I sit in the unit that answers for this one."""
    at = answering([unit])[unit.id]
    return any(held.role is Role.administrator and held.unit.id == at for held in guard.me().held)


def require_answering(unit: Placed) -> None:
    """Forbidden unless I sit in the unit's superior, or, while nobody sits there, in the next above that has any."""
    if not answers_for(unit):
        raise Forbidden("报备由上级管理单位的系统管理员确认；上级没有管理员的，由再上一级确认。")
