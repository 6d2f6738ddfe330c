"""The units of the scale province: the demonstration's, every village below its township, and more where asked."""

import csv
from collections.abc import Callable
from pathlib import Path

from app.demo.province import SHEYANG, YANCHENG, UnitPlan
from app.demo.province import units as demonstration_units

SYNTHETIC_VILLAGES = 14
STATION = "服务站"
ONE_OF_EACH = ("city_direct_unit", "development_zone")


def villages(file: Path | None) -> list[UnitPlan]:
    """Villages and residents' committees below the townships; without a file, so many invented ones below each."""
    townships = [each.key for each in demonstration_units() if each.kind == "township"]
    if file is None:
        return [
            UnitPlan(f"{key}{serial:03d}", key, "subordinate_unit", f"第{serial}村民委员会", f"{key}{serial:03d}")
            for key in townships for serial in range(1, SYNTHETIC_VILLAGES + 1)
        ]
    known = set(townships)
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            UnitPlan(row["code"], row["streetCode"], "subordinate_unit", row["name"], row["code"])
            for row in csv.DictReader(lines) if row["streetCode"] in known
        ]


def units(file: Path | None, wanted: int | None = None) -> list[UnitPlan]:
    """The units, a parent always before its children; `wanted` cuts the list or adds stations below the villages."""
    all_units = [*demonstration_units(), *villages(file)]
    if wanted is None or wanted == len(all_units):
        return all_units
    if wanted > len(all_units):
        return all_units + _stations(all_units, wanted - len(all_units))
    ordered = sorted(all_units, key=_nearness(all_units))
    return ordered[:wanted]


def _stations(all_units: list[UnitPlan], more: int) -> list[UnitPlan]:
    """So many more units, one below each village in turn; nothing is added to 射阳, so that it stays as it is."""
    parents = [each for each in all_units if each.kind == "subordinate_unit" and not each.key.startswith(SHEYANG)]
    made = []
    for place in range(more):
        parent, serial = parents[place % len(parents)], place // len(parents) + 1
        code = f"{parent.code}-T{serial:02d}"
        made.append(UnitPlan(code, parent.key, "subordinate_unit", f"{parent.name}{STATION}{serial}", code))
    return made


def _nearness(all_units: list[UnitPlan]) -> Callable[[UnitPlan], tuple[int, int]]:
    """What a small province is cut by: the province and its cities, the county looked at with all it has, the rest."""
    parents = {each.key: each.parent_key for each in all_units}
    place = {each.key: position for position, each in enumerate(all_units)}

    def chain(key: str | None) -> list[str]:
        found = []
        while key is not None:
            found.append(key)
            key = parents[key]
        return found

    def rank(each: UnitPlan) -> tuple[int, int]:
        above = chain(each.key)
        if len(above) <= 2 or (each.parent_key == YANCHENG and each.kind in ONE_OF_EACH):
            return 0, place[each.key]
        if SHEYANG in above:
            return 1, place[each.key]
        return 2 if YANCHENG in above else 3, place[each.key]

    return rank
