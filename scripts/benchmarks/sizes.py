"""How much a world holds, and how unevenly."""

from dataclasses import dataclass

YEARS = 3
UNITS = 23_563
MODULES = ("visits", "hardship_aid", "branch_activities", "volunteer_service")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
NAMES = tuple(SURNAMES[place % len(SURNAMES)] + chr(20_000 + place) for place in range(5_000))
SKEW = 1.8  # the exponent by which some units have many times the rows of others


@dataclass(frozen=True)
class Size:
    """How much a world holds."""

    units: int
    cadres: int
    records: int


EMPTY = Size(0, 0, 0)
