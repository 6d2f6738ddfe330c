"""Ordering a change ahead, looking at what was ordered, and calling it off before its day."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import IntegrityError

from app.administration import units
from app.paging import Page, decode, page_of
from app.plans.kinds import KINDS
from app.plans.model import PlannedChange, PlannedUnit
from permissions import audit, guard
from permissions.actions import Action
from tenants import clock, tree
from tenants.db import db
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Unit
from tenants.scope import Scope

AHEAD = timedelta(days=730)
ACTIONS = {"move": Action.UNIT_MOVE, "close": Action.UNIT_CLOSE, "rename": Action.UNIT_UPDATE,
           "merge": Action.UNIT_CLOSE, "split": Action.UNIT_MOVE}
WANTED = {"move": {"parent_id"}, "close": {"successor_id"}, "rename": {"name"}, "merge": {"unit_ids", "name"},
          "split": {"name", "code", "unit_ids", "cadre_ids", "account_ids", "records"}}
PEOPLE = ("cadre_ids", "account_ids")
SEVERAL = ("merge", "split")  # of these a unit may have some on one day, each with other units, names or people
TWICE = "这个单位在这一天已经有一项同样的调整在等待生效。要改，请先取消那一项，再重新下达。"
_FOUND = Scope.everything("a change found by one of its units in sight is shown with all it concerns")
_OWN = Scope.everything("who ordered a change is told what became of it")


def order(kind: str, unit: Unit, body: Mapping[str, Any], effective_on: date) -> PlannedChange:
    """Put a change down for a day to come, checked as it would be today, with what it would do today.

    Raises Invalid, Conflict where the same waits already (the database decides), and what the change itself would.
    """
    today = clock.today()
    if not today < effective_on <= today + AHEAD:
        raise Invalid(fields={"effective_on": ["生效日期要在明天到两年之内；今天就生效的，不填这一项。"]})
    said = {name: value for name, value in body.items() if value is not None}
    if strange := set(said) - WANTED[kind]:
        raise Invalid(fields={name: ["这种调整没有这一项。"] for name in strange})
    told = KINDS[kind].check(unit, said)
    by = guard.me().account
    made = PlannedChange(kind=kind, body=said, effective_on=effective_on, preview=told, state="waiting",
                         same_as=_same_as(kind, said, effective_on), ordered_by=by.id, ordered_by_name=by.name,
                         ordered_at=clock.now(), unit_id=unit.id, unit_number=unit.number)
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict(TWICE, code="already_ordered") from error
    for each in (unit, *(units.seen(unit_id) for unit_id in KINDS[kind].concerned(said))):
        db.session.add(PlannedUnit(change_id=made.id, unit_id=each.id, unit_number=each.number))
    audit.record(ACTIONS[kind], "planned_change", made.id, unit,
                 after=_short(said) | {"planned": kind, "effective_on": effective_on.isoformat()})
    return made


def _same_as(kind: str, said: Mapping[str, Any], effective_on: date) -> str:
    """What two orders for one unit have in common that must not both wait."""
    told = {name: sorted(value) if isinstance(value, list) else value for name, value in said.items()}
    parts = [kind, effective_on.isoformat(), told if kind in SEVERAL else None]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _short(said: Mapping[str, Any]) -> dict[str, Any]:
    """For the log: so many people, not each of them."""
    named = {name.removesuffix("_ids") + "s": len(said[name]) for name in PEOPLE if said.get(name)}
    return {name: value for name, value in said.items() if name not in PEOPLE} | named


def told_whole(change: PlannedChange) -> bool:
    """Whether I may read whom it names and what was foretold: who ordered it, or could."""
    return change.ordered_by == guard.me().account.id or guard.sight(ACTIONS[change.kind]).covers(change.unit_number)


def seen(change_id: str) -> tuple[PlannedChange, Unit]:
    """A change that concerns a unit I may see the administrators of, or that I ordered; NotFound otherwise."""
    found = db.session.execute(
        _FOUND.select(PlannedChange).where(PlannedChange.id == guard.checked_id(change_id))).scalar_one_or_none()
    if found is None or not (found.ordered_by == guard.me().account.id or _concerns(found.id)):
        raise NotFound
    return found, tree.unit_by_id(found.unit_id, _FOUND)


def _concerns(change_id: str) -> bool:
    scope = guard.sight(Action.ADMINISTRATOR_READ)
    return bool(scope) and db.session.execute(
        scope.select(PlannedUnit, PlannedUnit.change_id).where(PlannedUnit.change_id == change_id)).first() is not None


def call_off(change: PlannedChange, unit: Unit) -> PlannedChange:
    """Cancel what still waits, or put away what failed; by who ordered it or who could order it now."""
    if change.ordered_by != guard.me().account.id:
        guard.require(ACTIONS[change.kind], unit)
    db.session.refresh(change, with_for_update=True)
    if change.state not in ("waiting", "failed"):
        raise Conflict("这项调整已经生效或取消，不能再取消。", code="settled")
    before = change.state
    change.state, change.settled_at = "cancelled", clock.now()
    audit.record(ACTIONS[change.kind], "planned_change", change.id, unit, before={"state": before},
                 after={"state": "cancelled", "planned": change.kind})
    db.session.flush()
    return change


def listing(within: Scope | None, state: str | None, *, cursor: str | None, limit: int) -> Page[PlannedChange]:
    """Changes that concern units in my sight, the next day first."""
    scope = guard.sight(Action.ADMINISTRATOR_READ)
    scope = scope.narrowed(within) if within is not None else scope
    # Asked for by themselves: what is concerned is judged by the rows' own lock, not only by the words of a filter.
    mine = db.session.execute(scope.select(PlannedUnit, PlannedUnit.change_id).distinct()).scalars().all()
    wanted = [PlannedChange.id.in_(mine)] + ([PlannedChange.state == state] if state else [])
    statement = _FOUND.mark(select(PlannedChange).where(*wanted))
    after = decode(cursor, (date, str))
    if after is not None:
        day, change_id = after
        statement = statement.where(or_(PlannedChange.effective_on < day, and_(
            PlannedChange.effective_on == day, PlannedChange.id < change_id)))
    rows = list(db.session.execute(statement.order_by(
        PlannedChange.effective_on.desc(), PlannedChange.id.desc()).limit(limit + 1)).scalars())
    total = db.session.execute(_FOUND.mark(
        select(func.count()).select_from(PlannedChange).where(*wanted))).scalar_one()
    return page_of(rows, limit, lambda row: (row.effective_on, row.id), total)


def failed_of(account_id: str) -> list[PlannedChange]:
    """What somebody ordered and could not be done on its day, until it is put away."""
    return list(db.session.execute(_OWN.select(PlannedChange).where(
        PlannedChange.ordered_by == account_id, PlannedChange.state == "failed")
        .order_by(PlannedChange.effective_on).limit(20)).scalars())
