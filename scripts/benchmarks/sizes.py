"""How much a world holds, and how unevenly."""

from dataclasses import dataclass

YEARS = 3
UNITS = 23_563
MODULES = ("visits", "hardship_aid", "branch_activities", "volunteer_service")
SKEW = 1.8  # the exponent by which some units have many times the rows of others


@dataclass(frozen=True)
class Size:
    """How much a world holds."""

    units: int
    cadres: int
    records: int


EMPTY = Size(0, 0, 0)
