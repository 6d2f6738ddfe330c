"""A small random tree with one county moved, and scopes of every shape over it."""

import random

from tenants import provision, tree
from tenants.models import Unit
from tenants.scope import Scope


def grow(rng: random.Random) -> list[Unit]:
    """A province with three cities, some counties and townships; one county moved, so that it lies in two runs."""
    root = provision.found_province("江苏省委老干部局", "320000")
    cities = [provision.open_unit(root, kind="city_bureau", name="市", code=f"C{each}") for each in range(3)]
    counties = [provision.open_unit(city, kind="county_bureau", name="县", code=f"{city.code}-{each}")
                for city in cities for each in range(2)]
    towns = [provision.open_unit(county, kind="township", name="镇", code=f"{county.code}-{each}")
             for county in counties for each in range(rng.randint(1, 4))]
    provision.move_unit(counties[0], cities[2])
    return [root, *cities, *counties, *towns]


def scopes(units: list[Unit], rng: random.Random) -> list[Scope]:
    """The whole tree, every subtree, each unit alone, some unions, nothing."""
    below = [tree.below(unit) for unit in units]
    alone = [tree.here(unit) for unit in rng.sample(units, 4)]
    joined = [Scope.of([each for scope in rng.sample(below[1:], 5) for each in scope.ranges]) for _each in range(4)]
    several = [Scope.of([(unit.number, unit.number) for unit in rng.sample(units, 8)])]
    return [Scope.everything("a test reads everything"), *below, *alone, *joined, *several, Scope()]
