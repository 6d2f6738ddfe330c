"""A tree of units as a plain dict of parents, walked the slow way: what the product's ranges and paths must equal.

Shares no code with the product. Which kind may sit under which is copied from the contract, not imported.
"""

from dataclasses import dataclass, field

UNDER = {
    "province_bureau": ("city_bureau", "province_group_unit"),
    "city_bureau": ("county_bureau", "development_zone", "city_direct_unit"),
    "county_bureau": ("township", "county_direct_unit"),
    "development_zone": ("township", "county_direct_unit"),
    "township": ("subordinate_unit",),
    "province_group_unit": ("subordinate_unit",),
    "city_direct_unit": ("subordinate_unit",),
    "county_direct_unit": ("subordinate_unit",),
    "subordinate_unit": ("subordinate_unit",),
}
KINDS = tuple(UNDER)


@dataclass
class TreeModel:
    """Ids, each with its parent's id, its kind, its number, and whether it is closed."""

    parent: dict[str, str | None] = field(default_factory=dict)
    kind: dict[str, str] = field(default_factory=dict)
    number: dict[str, int] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def add(self, unit: str, parent: str | None, kind: str, number: int) -> None:
        """A unit was opened."""
        self.parent[unit], self.kind[unit], self.number[unit] = parent, kind, number

    @property
    def units(self) -> list[str]:
        """Every unit there ever was."""
        return list(self.parent)

    def open_units(self) -> list[str]:
        """Units that are not closed."""
        return [unit for unit in self.parent if unit not in self.closed]

    def upward(self, unit: str) -> list[str]:
        """The unit, its parent, and so on to the root."""
        chain = [unit]
        while (above := self.parent[chain[-1]]) is not None:
            chain.append(above)
        return chain

    def depth(self, unit: str) -> int:
        """1 for the root."""
        return len(self.upward(unit))

    def children(self, unit: str) -> list[str]:
        """Direct children, closed ones too."""
        return [each for each, above in self.parent.items() if above == unit]

    def below(self, unit: str) -> set[str]:
        """The unit and everything under it."""
        found, waiting = set(), [unit]
        while waiting:
            here = waiting.pop()
            found.add(here)
            waiting += self.children(here)
        return found

    def runs(self, unit: str) -> int:
        """How many maximal runs, in number order over all units, the subtree makes."""
        inside = self.below(unit)
        ordered = sorted(self.parent, key=lambda each: self.number[each])
        flags = [each in inside for each in ordered]
        return sum(1 for before, now in zip([False, *flags], flags, strict=False) if now and not before)

    def may_hold(self, parent: str, kind: str) -> bool:
        """Whether a kind may sit under a unit."""
        return kind in UNDER[self.kind[parent]]

    def may_move(self, unit: str, parent: str) -> bool:
        """Whether a unit may be put under another."""
        return (self.parent[unit] is not None and parent not in self.below(unit) and parent not in self.closed
                and self.may_hold(parent, self.kind[unit]))
