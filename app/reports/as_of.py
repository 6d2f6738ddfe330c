"""The timeliness report by the tree of a past day: today's figures, each counted where its unit stood then (ADR-0026).

Still one statement. A counter holds a unit with all that is below it now, so the sum of what stood below a unit then
is that unit's counter, with the counters of those that have left since and without those that have come: only units
whose superior changed sides are read, however large the subtree is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.records.module import Module
from app.reports.figures import Asked, Figures, read_of
from app.reports.timeliness import Counts, Line, Report, by_scope
from tenants import history
from tenants.history import Then, TreeOn
from tenants.models import Unit
from tenants.place import Place
from tenants.prepared import Row
from tenants.scope import Scope

Places = Mapping[str, str]  # the unit -> the child it stood under, or "" for the unit asked about


@dataclass(frozen=True)
class Shape:
    """What stood below a unit, by child, as sums of counters: (child, unit) -> how many times its counter."""

    place: Places
    times: Mapping[tuple[str, str], int]

    @property
    def listed(self) -> list[str]:
        """The units whose counters are wanted; at least one."""
        return sorted({unit_id for _place, unit_id in self.times}) or [""]


def timeliness_on(unit: Unit, scopes: Mapping[str, Scope], modules: Sequence[Module], *, first: date, last: date,
                  today: date, day: date) -> Report:
    """The report on a unit as it stood at the end of a day, as far as the scopes of today reach."""
    then = history.tree_on(day, unit)
    below = list(then.below(unit.id))
    sums: dict[tuple[str, str], Counts] = {}
    everything = Scope.everything("narrowed to what stood below the unit, unit by unit")
    for scope, keys in by_scope(scopes, modules, everything).items():
        asked = Asked(unit, keys, first, last, today)
        for (place, key), (total, on_time, late, overdue) in _figures(asked, scope, then, below).items():
            settled = on_time + late + overdue
            sums[(place or unit.id, key)] = Counts(total, on_time, late, overdue, total - settled)
    visible = Scope.of([each for scope in scopes.values() for each in scope.ranges])
    shown: list[Unit | Place] = [unit, *(
        _placed(each, unit) for each in then.children(unit.id)
        if visible.covers(each.number)
        and (each.status != "coming" or any(sums.get((each.id, module.key), Counts()).total for module in modules)))]
    lines = [Line(each, each is unit, module, sums.get((each.id, module.key), Counts()))
             for each in shown for module in modules]
    return Report(unit, first, last, lines, sum((line.counts for line in lines), Counts()), tree_on=day,
                  left_out=sum(not visible.covers(each.number) for each in below))


def _placed(each: Then, under: Unit) -> Place:
    return Place(each.id, each.number, under.id, f"{under.path}{each.id}/", each.kind, each.name, each.status)


def _figures(asked: Asked, scope: Scope, then: TreeOn, below: Iterable[Then]) -> Figures:
    """Figures by child of then, of what the scope covers."""
    place = {each.id: at for each in below if scope.covers(each.number) and (at := _child(then, asked.unit.id, each.id))
             is not None}
    shape = Shape(place, _times(then, place))
    numbers = [then.units[unit_id].number for unit_id in shape.listed if unit_id in then.units]
    # A counter out of reach cannot be taken away: then the records themselves are counted.
    counted = all(scope.covers(number) for number in numbers)
    read = read_of(asked, scope, counted=counted, listed=shape.listed, handed_since=history.end_of(then.day))
    return _summed(asked, shape, read.rows)


def _child(then: TreeOn, top: str, unit_id: str) -> str | None:
    """The child of the top that a unit stood under, "" for the top itself."""
    below, at = "", unit_id
    while at != top:
        above = then.units[at].parent_id
        if above is None:
            return None
        below, at = at, above
    return below


def _times(then: TreeOn, place: Places) -> Mapping[tuple[str, str], int]:
    """A unit's own is its counter less those of its children of today; most cancel out."""
    times: Counter[tuple[str, str]] = Counter()
    for unit in then.units.values():
        mine, above = place.get(unit.id), place.get(unit.parent_now or "")
        if mine != above:
            times.update({(mine, unit.id): 1} if mine is not None else {})
            times.subtract({(above, unit.id): 1} if above is not None else {})
    return {key: many for key, many in times.items() if many}


def _summed(asked: Asked, shape: Shape, rows: Iterable[Row]) -> Figures:
    sums: Figures = defaultdict(lambda: [0, 0, 0, 0])
    taken = defaultdict(list)
    for (place, unit_id), many in shape.times.items():
        taken[unit_id].append((place, many))
    for folded, unit_id, key, *values in rows:
        if key not in asked.keys:
            continue
        here = [(shape.place[unit_id], 1)] if not folded and unit_id in shape.place else []
        for place, many in taken[unit_id] if folded else here:
            target = sums[(place, key)]
            for index, value in enumerate(values):
                target[index] += many * int(value or 0)
    return sums
