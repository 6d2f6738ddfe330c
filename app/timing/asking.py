"""Whose deadlines are asked about."""

from app.administration import units
from permissions import guard
from permissions.actions import Action
from tenants import tree
from tenants.models import Unit


def unit_asked(unit_id: str | None) -> Unit:
    """The unit I ask about: seen (404), then allowed (403); my own without a choice, or the first I may."""
    if not unit_id:
        scope = guard.my_scope(Action.DEADLINE_EXPLAIN)
        return units.own() if scope.covers(guard.me().at.number) else tree.topmost(scope)[0]
    unit = units.seen(unit_id)
    guard.require(Action.DEADLINE_EXPLAIN, unit)
    return unit
