"""The staff at full size: at most two administrators per unit, a clerk in each, more where people are many."""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from app.demo.names import staff_name
from app.demo.staff import (
    ADMINISTRATOR,
    AUDITOR,
    AUDITORS,
    BOTH,
    CHIEF,
    CHIEFS,
    CLERK,
    MODULE_COLUMNS,
    PC,
    REVIEWER,
    REVIEWERS,
    SPLIT_COLUMNS,
)

if TYPE_CHECKING:
    from scale.plan import Place

TWO_SEATS = ("province_bureau", "city_bureau", "county_bureau", "province_group_unit")
SEAT_SHARES = {"development_zone": 0.95, "city_direct_unit": 0.8, "county_direct_unit": 0.7, "township": 0.9}
VILLAGE_SEAT = 0.25
SPLIT = ("province_bureau", "city_bureau", "county_bureau")
ALL_COLUMNS: tuple[tuple[str, ...] | None, ...] = (None, *SPLIT_COLUMNS)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff: whose, which seat if any, and the one right held beside it."""

    serial: int
    unit: int
    name: str
    seat: int | None = None
    role: str | None = None
    columns: tuple[str, ...] | None = None
    channel: str = BOTH

    def may_enter(self, module: str) -> bool:
        """Whether this person enters records of the module."""
        return self.role == CLERK and (self.columns is None or MODULE_COLUMNS.get(module) in self.columns)

    @property
    def title(self) -> str:
        """The role under which acts are logged."""
        return ADMINISTRATOR if self.seat is not None else self.role or CLERK


def hire(rng: Random, places: "list[Place]", counts: list[int], wanted: int) -> list[Person]:
    """Everybody each unit must have, then clerks where there are many people, until there are enough."""
    posts = [post for unit, place in enumerate(places) for post in _posts(rng, unit, place.kind)]
    missing = max(0, wanted - len(posts))
    for unit in rng.choices(range(len(places)), counts, k=missing):
        columns = ALL_COLUMNS[int(rng.random() * len(ALL_COLUMNS))]
        posts.append((unit, None, CLERK, columns, BOTH))
    posts.sort(key=lambda post: post[0])
    return [
        Person(serial, unit, staff_name(rng, woman=rng.random() < 0.55), seat, role, columns, channel)
        for serial, (unit, seat, role, columns, channel) in enumerate(posts)
    ]


Post = tuple[int, int | None, str | None, tuple[str, ...] | None, str]


def _posts(rng: Random, unit: int, kind: str) -> list[Post]:
    seats = 2 if kind in TWO_SEATS else int(rng.random() < SEAT_SHARES.get(kind, VILLAGE_SEAT))
    found: list[Post] = [(unit, seat, None, None, BOTH) for seat in range(1, seats + 1)]
    for kinds, role in ((AUDITORS, AUDITOR), (CHIEFS, CHIEF), (REVIEWERS, REVIEWER)):
        if kind in kinds:
            found.append((unit, None, role, None, BOTH if role == CHIEF else PC))
    columns = ALL_COLUMNS if kind in SPLIT else (None,)
    return [*found, *((unit, None, CLERK, each, BOTH) for each in columns)]
