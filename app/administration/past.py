"""沿革: what has happened to a unit, from dated facts; by whom, as far as the reader may read the log (ADR-0035)."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from app.administration import overview
from permissions import guard
from permissions.actions import Action
from permissions.audit import OK, AuditEntry
from tenants import clock, tree
from tenants.db import db
from tenants.models import Unit, UnitMove, UnitSplit, UnitStatus
from tenants.scope import Scope

_HISTORY = Scope.everything("what has happened to a unit already seen, and which units it came from or went to")
ACTS = (Action.UNIT_OPEN, Action.UNIT_UPDATE, Action.UNIT_MOVE, Action.UNIT_CLOSE, "unit:split")
MOST = 200


@dataclass(frozen=True)
class Event:
    """Something that happened to a unit on a day. `others` are the units it names, `entry` who did it and when."""

    kind: str
    day: date
    at: datetime | None = None
    others: tuple[str | None, ...] = ()
    words: tuple[str, ...] = ()
    entry: AuditEntry | None = None


def of_unit(unit: Unit) -> list[Event]:
    """Everything that is known of a unit, the last first; a unit is closed, merged or taken over on whole days."""
    received = list(db.session.execute(_HISTORY.select(Unit).where(Unit.successor_id == unit.id)).scalars())
    moves = overview.moves_of(unit)
    found = [Event("opened", unit.valid_from, words=(_names(unit)[0][0],)), *_renamings(unit), *_moves(moves),
             *(Event("received", each.valid_to or each.valid_from, others=(each.id,)) for each in received)]
    found += _splits(unit)
    if unit.status == UnitStatus.closed and unit.valid_to is not None:
        found.append(Event("closed", unit.valid_to, others=(unit.successor_id,)))
    came_from = {str(each.others[0]) for each in found if each.kind == "split_off"}
    entries = _entries(unit, came_from | {each.id for each in received} | {move.from_parent_id for move in moves})
    known = [Event(each.kind, each.day, each.at, each.others, each.words, _entry_of(each, unit, entries))
             for each in found]
    kinds = ("opened", "split_off", "split", "received", "renamed", "moved", "closed")
    order = {kind: place for place, kind in enumerate(kinds)}
    return sorted(known, key=lambda each: (each.day, _at(each), order[each.kind]), reverse=True)


def _at(event: Event) -> datetime:
    found = event.at or (event.entry.at if event.entry is not None else None)
    return found or datetime.combine(event.day, datetime.min.time(), clock.SHANGHAI)


def _names(unit: Unit) -> list[tuple[str, datetime | None]]:
    """Every name it bore with its end, the first one first; the present one ends never."""
    return [*((each.name, each.until) for each in reversed(overview.former_names(unit))), (unit.name, None)]


def _renamings(unit: Unit) -> Iterable[Event]:
    names = _names(unit)
    for (name, until), (following, _end) in itertools.pairwise(names):
        if until is not None:
            yield Event("renamed", clock.local(until).date(), until, words=(name, following))


def _splits(unit: Unit) -> Iterable[Event]:
    """What was split off it, and what it was split off itself."""
    rows = db.session.execute(_HISTORY.mark(select(UnitSplit).where(
        or_(UnitSplit.unit_id == unit.id, UnitSplit.from_id == unit.id)).limit(MOST))).scalars()
    for each in rows:
        own = each.unit_id == unit.id
        yield Event("split_off" if own else "split", clock.local(each.split_at).date(), each.split_at,
                    others=(each.from_id if own else each.unit_id,))


def _moves(moves: Sequence[UnitMove]) -> Iterable[Event]:
    for move in moves:
        yield Event("moved", clock.local(move.moved_at).date(), move.moved_at,
                    others=(move.from_parent_id, move.to_parent_id))


def _entries(unit: Unit, also: set[str]) -> list[AuditEntry]:
    """What the log says of it and of those it came from, as far as I may read that; a move may be part of a merge."""
    scope = guard.sight(Action.AUDIT_READ)
    if not scope:
        return []
    numbers = db.session.execute(_HISTORY.select(Unit, Unit.number).where(
        or_(Unit.id == unit.id, Unit.id.in_(also)))).scalars().all()
    wanted = [number for number in numbers if scope.covers(number)]
    return list(db.session.execute(scope.mark(
        select(AuditEntry).where(scope.clause(AuditEntry), AuditEntry.unit_number.in_(wanted),
                                 AuditEntry.action.in_(ACTS), AuditEntry.result == OK,
                                 AuditEntry.object_id.in_([unit.id, *also]))
        .order_by(AuditEntry.at.desc(), AuditEntry.id).limit(MOST))).scalars()) if wanted else []


def _entry_of(event: Event, unit: Unit, entries: Sequence[AuditEntry]) -> AuditEntry | None:
    fitting = [each for each in entries if _fits(event, unit, each)]
    if event.at is None or not fitting:
        return fitting[0] if fitting else None
    at = event.at
    return min(fitting, key=lambda each: abs(each.at - at))


def _fits(event: Event, unit: Unit, entry: AuditEntry) -> bool:
    before: Mapping[str, object] = entry.before or {}
    after: Mapping[str, object] = entry.after or {}
    own = entry.object_id == unit.id
    if event.kind == "opened":
        return own and entry.action == Action.UNIT_OPEN
    if event.kind == "renamed":
        return own and entry.action == Action.UNIT_UPDATE and (before.get("name"), after.get("name")) == event.words
    if event.kind == "moved":
        if own and entry.action == Action.UNIT_MOVE:
            return (before.get("parent_id"), after.get("parent_id")) == event.others
        return entry.action == Action.UNIT_CLOSE and (entry.object_id, after.get("successor_id")) == event.others
    if event.kind in ("split", "split_off"):
        old, new = (unit.id, event.others[0]) if event.kind == "split" else (event.others[0], unit.id)
        return entry.action == "unit:split" and (entry.object_id, after.get("split_into")) == (old, new)
    closed = unit.id if event.kind == "closed" else event.others[0]
    return entry.action == Action.UNIT_CLOSE and entry.object_id == closed


def line_below(unit: Unit | None, scope: Scope) -> Unit | None:
    """The unit to begin a tree with: the one asked for, or the only topmost one in sight."""
    if unit is not None:
        return unit
    first = tree.topmost(scope)
    return first[0] if len(first) == 1 else None
