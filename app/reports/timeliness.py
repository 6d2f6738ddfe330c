"""The timeliness report: the figures of a subtree by the children of the unit looked at.

Children add up to the total because they are the same numbers. Only outcomes are counted, never log-ins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.records.module import Module
from app.reports.figures import Asked, figures
from tenants import tree
from tenants.models import Unit
from tenants.place import Place
from tenants.scope import Scope


@dataclass(frozen=True)
class Counts:
    """Records due in the period, by outcome."""

    total: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    pending: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.total + other.total, self.on_time + other.on_time, self.late + other.late,
                      self.overdue + other.overdue, self.pending + other.pending)

    def as_dict(self) -> dict[str, int]:
        return {"total": self.total, "on_time": self.on_time, "late": self.late, "overdue": self.overdue,
                "pending": self.pending}

    @property
    def settled(self) -> int:
        """What has been judged: everything but what still has time."""
        return self.total - self.pending

    @property
    def rate(self) -> float | None:
        """Share entered in time of what has been judged; None when nothing has."""
        return self.on_time / self.settled if self.settled else None


@dataclass(frozen=True)
class Line:
    """One child (or the unit itself) and one module."""

    unit: Unit | Place
    own: bool
    module: Module
    counts: Counts


@dataclass(frozen=True)
class Report:
    """The report on one unit; `as_of` when it was read from a replica.

    `provisional` are the years of the period whose notice is not out: what is due there may still be moved.
    `tree_on` is the day whose tree the rows follow, if not today's; `left_out` so many units that stood below then are
    no longer the asker's to see, and are not counted.
    """

    unit: Unit
    first: date
    last: date
    lines: list[Line]
    total: Counts
    as_of: datetime | None = None
    provisional: tuple[int, ...] = ()
    tree_on: date | None = None
    left_out: int = 0

    def by_unit(self) -> list[tuple[Unit | Place, bool, Counts]]:
        """One row per child over all modules, in tree order, own records first."""
        summed: dict[tuple[str, bool], tuple[Unit | Place, bool, Counts]] = {}
        for line in self.lines:
            key = (line.unit.id, line.own)
            unit, own, counts = summed.get(key, (line.unit, line.own, Counts()))
            summed[key] = (unit, own, counts + line.counts)
        return list(summed.values())


def by_scope(scopes: Mapping[str, Scope], modules: Sequence[Module], within: Scope) -> dict[Scope, list[str]]:
    """Modules that reach equally far share a statement; most principals need one."""
    shared: dict[Scope, list[str]] = {}
    for module in modules:
        shared.setdefault(scopes[module.key].narrowed(within), []).append(module.key)
    return {scope: keys for scope, keys in shared.items() if scope}


def timeliness(unit: Unit, scopes: Mapping[str, Scope], modules: Sequence[Module], *, first: date, last: date,
               today: date) -> Report:
    """The report on a unit as far as the scopes (by module key) reach. Statements do not grow with children."""
    children: dict[int, Place] = {}
    sums: dict[tuple[str, str], Counts] = {}
    for scope, keys in by_scope(scopes, modules, tree.below(unit)).items():
        found = figures(Asked(unit, keys, first, last, today), scope)
        children |= {child.number: child for child in found.children}
        for (place, key), (total, on_time, late, overdue) in found.figures.items():
            settled = on_time + late + overdue
            sums[(place or unit.id, key)] = Counts(total, on_time, late, overdue, total - settled)
    shown: list[Unit | Place] = [unit, *(children[number] for number in sorted(children))]
    lines = [
        Line(each, each is unit, module, sums.get((each.id, module.key), Counts()))
        for each in shown for module in modules
    ]
    return Report(unit, first, last, lines, sum((line.counts for line in lines), Counts()))
