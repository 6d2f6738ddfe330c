"""The timeliness report: one grouped query over a subtree, folded to the children of the unit looked at.

Children add up to the total because they are the same numbers. Only outcomes are counted, never log-ins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import case, func

from app.deadlines.rules import Timeliness
from app.records.listing import timeliness_is
from app.records.model import Record
from app.records.module import Module
from tenants import tree
from tenants.db import db
from tenants.models import Unit
from tenants.numbering import covers
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
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Counts)))

    def as_dict(self) -> dict[str, int]:
        return {each.name: getattr(self, each.name) for each in fields(Counts)}

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

    unit: Unit
    own: bool
    module: Module
    counts: Counts


@dataclass(frozen=True)
class Report:
    """The report on one unit."""

    unit: Unit
    first: date
    last: date
    lines: list[Line]
    total: Counts

    def by_unit(self) -> list[tuple[Unit, bool, Counts]]:
        """One row per child over all modules, in tree order, own records first."""
        summed: dict[tuple[str, bool], tuple[Unit, bool, Counts]] = {}
        for line in self.lines:
            key = (line.unit.id, line.own)
            unit, own, counts = summed.get(key, (line.unit, line.own, Counts()))
            summed[key] = (unit, own, counts + line.counts)
        return list(summed.values())


def counted(scope: Scope, module: Module, first: date, last: date, today: date) -> list[tuple[int, Counts]]:
    """(unit number, counts) for one module over a scope; the period is on `due_on`, inclusive."""
    parts: list[Any] = [
        func.sum(case((timeliness_is(outcome, today), 1), else_=0))
        for outcome in (Timeliness.on_time, Timeliness.late, Timeliness.overdue, Timeliness.pending)
    ]
    rows = db.session.execute(
        scope.select(Record, Record.unit_number, func.count(), *parts)
        .where(Record.module == module.key, Record.deleted_at.is_(None), Record.due_on.between(first, last))
        .group_by(Record.unit_number)
    )
    return [(number, Counts(*(int(value) for value in numbers))) for number, *numbers in rows]


def timeliness(unit: Unit, scopes: Mapping[str, Scope], modules: Sequence[Module], *, first: date, last: date,
               today: date) -> Report:
    """The report on a unit as far as the scopes (by module key) reach."""
    visible = Scope.of([each for scope in scopes.values() for each in scope.ranges])
    children = [(child, tree.ranges_below(child)) for child in tree.children(unit, visible, with_closed=True)]
    shown = Scope.of([(unit.number, unit.number), *(each for _child, ranges in children for each in ranges)])
    lines: list[Line] = []
    for module in modules:
        reach = scopes[module.key].narrowed(shown)
        sums = {child.id: Counts() for child, _ranges in children}
        own = Counts()
        for number, counts in counted(reach, module, first, last, today):
            if number == unit.number:
                own += counts
                continue
            child = next(each for each, ranges in children if covers(ranges, number))
            sums[child.id] += counts
        lines.append(Line(unit, True, module, own))
        lines += [Line(child, False, module, sums[child.id]) for child, _ranges in children]
    ordered = sorted(lines, key=lambda line: (not line.own, line.unit.number))
    total = sum((line.counts for line in ordered), Counts())
    return Report(unit, first, last, ordered, total)
