"""What a clerk of 射阳 sends to enter a record, by kind; `ended_on` is two days before the tests' moment."""

from typing import Any

import factories
from world import World

ENDED = "2026-06-08"
DUE = "2026-06-15"


def body(world: World, module: str = "visits", *, cadre: str = "cadre", unit: str = "射阳",
         **more: Any) -> dict[str, Any]:
    """The JSON of a record about one cadre."""
    people = factories.people_value(module, world.cadres[cadre])
    return factories.FIELDS[module] | people | {"unit_id": world.units[unit], "ended_on": ENDED} | more


def entered(world: World, module: str = "visits", *, principal: str = "clerk", **more: Any) -> dict[str, Any]:
    """A record as the API gave it back."""
    made = world.api(principal).post(f"/records/{module}", body(world, module, **more))
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json
    return found
