"""The figures of a report by direct child: from the counters where they can answer, else counted from the records.

Either way it is one statement, and so one moment: a record entered, a fold or a move that commits meanwhile is in
the figures whole or not at all. It tells the children too, so that they are of the same moment.
"""

import weakref
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Engine

from app import registry
from app.deadlines.rules import Within as Rule
from app.records.rulebook import longest_wait
from app.reports.periods import Cut, cut, month_of
from app.reports.statement import statement_of
from tenants import tree
from tenants.db import db
from tenants.place import Place, Placed
from tenants.prepared import Prepared, Row
from tenants.scope import Scope

# (id of the child or "" for the unit itself, module key) -> total, on_time, late, overdue
Figures = dict[tuple[str, str], list[int]]

# Per engine: from which day on days were known when last asked. Every answer says it again.
_since: weakref.WeakKeyDictionary[Engine, date] = weakref.WeakKeyDictionary()


@dataclass(frozen=True)
class Asked:
    """What is asked for: kinds of record due from `first` to `last`, judged on the day `today` (Asia/Shanghai)."""

    unit: Placed
    keys: Sequence[str]
    first: date
    last: date
    today: date


def declared(keys: Iterable[str]) -> list[Rule]:
    """The rules the modules themselves bring."""
    return [rule for key in keys for rule in registry.module(key).deadlines]


class Read(NamedTuple):
    """Rows of (folded or waiting, unit id, module key, total, on time, late, overdue), and the children in tree order.
    """

    rows: list[Row]
    children: list[Place]


class Found(NamedTuple):
    """The figures of a unit by child, and the children themselves, whether or not they have any."""

    figures: Figures
    children: list[Place]


def figures(asked: Asked, scope: Scope) -> Found:
    """The figures inside a scope, which lies within the unit's subtree, and the direct children inside."""
    read = read_of(asked, scope, counted=scope == tree.below(asked.unit))
    return Found(_by_child(asked, read.rows), read.children)


def read_of(asked: Asked, scope: Scope, *, counted: bool, listed: Sequence[str] = (),
            handed_since: datetime | None = None) -> Read:
    """What is found, from the counters where they can answer; `listed` wants the sums of these units."""
    if not counted:
        made = Cut(None, (), None, ((asked.first, asked.last),))
        return _told(asked, _rows(asked, scope, made, listed, handed_since))
    since = _since.get(db.engine, date.min)
    while True:
        rows = _rows(asked, scope, cut(asked.first, asked.last, today=asked.today, since=since), listed, handed_since)
        known = next(date.fromisoformat(row[1]) for row in rows if row[0] is None and row[2] is None)
        if known == since:
            return _told(asked, rows)
        since = _since[db.engine] = known


def _told(asked: Asked, rows: Iterable[Row]) -> Read:
    """The statement's rows by what they tell."""
    read = Read([], [])
    for folded, place, key, number, *rest in rows:
        if folded is not None:
            read.rows.append((folded, place, key, number, *rest[:3]))
        elif key is not None:
            *_nothing, kind, status = rest
            path = f"{asked.unit.path}{place}/"
            read.children.append(Place(place, number, asked.unit.id, path, kind, key, status))
    read.children.sort(key=lambda child: child.number)
    return read


def _rows(asked: Asked, scope: Scope, made: Cut, listed: Sequence[str],
          handed_since: datetime | None) -> list[Row]:
    """The statement's rows, in as many shapes as periods are cut and, by twos, units are listed."""
    values: dict[str, Any] = {"unit": asked.unit.id, "after": len(asked.unit.path) + 1, "today": asked.today,
                              "this_month": month_of(asked.today)}
    # All kinds are read quickest without asking which; an index of the records wants to know.
    among = [] if set(asked.keys) >= set(registry.modules()) and not made.live else asked.keys
    values |= {f"key_{place}": key for place, key in enumerate(among)}
    for name, days in (("months", made.months), ("changes", made.changes)):
        values |= {f"{name}_first": days[0], f"{name}_last": days[1]} if days is not None else {}
    for place, run in enumerate(made.runs):
        values |= {f"run_first_{place}": run.first, f"run_last_{place}": run.last, f"times_{place}": run.times,
                   f"overdue_{place}": run.overdue}
    if made.runs:
        values |= {"days_first": min(run.first for run in made.runs), "days_last": max(run.last for run in made.runs)}
    # By when their work can have ended, what is due on these days lies under an index.
    wait = longest_wait(declared(asked.keys)) if made.live else timedelta()
    for place, (first, last) in enumerate(made.live):
        values |= {f"ended_{place}": first - wait, f"live_first_{place}": first, f"live_last_{place}": last}
    values |= {"handed_since": handed_since, "first": asked.first, "last": asked.last}
    places = 1 << (len(listed) - 1).bit_length() if listed else 0
    values |= {f"unit_{place}": listed[min(place, len(listed) - 1)] for place in range(places)}
    return _FIGURES.rows(scope, len(among), made.months is not None, len(made.runs), made.changes is not None,
                         len(made.live), places, **values)


def _by_child(asked: Asked, rows: Iterable[Row]) -> Figures:
    """The unit's own are its folded sums less those of its children, and what waits at itself."""
    sums: Figures = defaultdict(lambda: [0, 0, 0, 0])
    for folded, place, key, *values in rows:
        if key not in asked.keys:
            continue
        own = folded and place == asked.unit.id
        target = sums[("" if own else place, key)]
        below = sums[("", key)] if folded and not own else None
        for index, value in enumerate(values):
            number = int(value or 0)
            target[index] += number
            if below is not None:
                below[index] -= number
    return sums


_FIGURES = Prepared(statement_of)
