"""Read the real administrative divisions of Jiangsu from the file carried with this package."""

import csv
from dataclasses import dataclass
from pathlib import Path

DIVISIONS_FILE = Path(__file__).parent / "data" / "jiangsu_divisions.csv"
LEVELS = ("province", "city", "county", "township")
ZONE_SUFFIXES = range(71, 81)


@dataclass(frozen=True, slots=True)
class Division:
    """One division; `level` is one of LEVELS, `parent_code` is None for the province only."""

    code: str
    name: str
    level: str
    parent_code: str | None

    @property
    def is_zone(self) -> bool:
        """Whether this county-level entry is a development zone: statistical codes 71 to 80 are kept for those."""
        return self.level == "county" and int(self.code[4:6]) in ZONE_SUFFIXES

    @property
    def padded_code(self) -> str:
        """The national code in its usual length: six digits to county level, nine for a township."""
        return self.code.ljust(6, "0")


def read_divisions(path: Path = DIVISIONS_FILE) -> list[Division]:
    """All divisions, a parent always before its children.

    Raises ValueError for an unknown level, a repeated code or a parent that has not been named before.
    """
    found: dict[str, Division] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            division = Division(row["code"], row["name"], row["level"], row["parent_code"] or None)
            if division.level not in LEVELS or division.code in found:
                raise ValueError(f"bad division {division.code} {division.name}")
            if (division.parent_code is None) != (division.level == "province"):
                raise ValueError(f"division {division.code} has no parent, or the province has one")
            if division.parent_code is not None and division.parent_code not in found:
                raise ValueError(f"division {division.code} comes before its parent")
            found[division.code] = division
    return list(found.values())
