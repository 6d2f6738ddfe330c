"""Who reads a frozen report: it names no unit to a right that neither reaches it today nor reached it then.

A report of a unit is read by rights that reach the unit. Where such a right runs down and its own unit stood above the
report's on the day of the report's tree, everything in it lay below that right then. Any other right reads it only
where it reaches every unit in it today: a right for one unit alone, and a superior that the unit has come to since.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from permissions import table
from permissions.actions import Action
from permissions.guard import me
from tenants import clock, history, tree
from tenants.db import db
from tenants.models import Unit, UnitMove
from tenants.place import Place
from tenants.scope import Scope
from tenants.tree import unit_by_id

BETWEEN = ","  # the columns a report tells of, in one word
_KNOWN = Scope.everything("narrowed to the reports a reader's rights reach")


def withheld(model: Any, reaches: Mapping[str, Scope], among: ColumnElement[bool]) -> list[str]:
    """Ids of those among the reports that are not mine to read all the same; `reaches` are by what they tell of."""
    rights = {told: _rights(told.split(BETWEEN), scope) for told, scope in reaches.items()}
    alone = sorted({unit_id for _down, units in rights.values() for unit_id in units})
    own, moved = aliased(Unit), aliased(Unit)
    came = (select(func.max(UnitMove.moved_at)).join(moved, moved.id == UnitMove.unit_id)
            .where(func.substr(own.path, 1, func.length(moved.path)) == moved.path).scalar_subquery())
    rows = db.session.execute(_KNOWN.mark(
        select(model.id, model.unit_id, model.tree_on, model.columns, came).join(own, own.id == model.unit_id)
        .where(among, or_(came.is_not(None), own.id.in_(alone)))))
    doubted = [(report_id, told, (unit_id, day)) for report_id, unit_id, day, told, at in rows
               if unit_id in rights[told][1] or (at is not None and day < clock.local(at).date())]
    lines = {key: _line(*key) for key in {key for _id, _told, key in doubted}}
    unheld = [(report_id, reaches[told]) for report_id, told, key in doubted if not rights[told][0] & lines[key]]
    return [report_id for report_id, scope in unheld if not _held_today(model, report_id, scope)]


def _rights(columns: Sequence[str], scope: Scope) -> tuple[set[str], set[str]]:
    """Units from which a right of mine runs down for all of these columns, and those where none does."""
    held = [each for each in me().held if scope.covers(each.unit.number)]
    down = [each.unit for each in held if table.reach(Action.REPORT_TIMELINESS, each.role) is table.Reach.BELOW
            and (each.columns is None or set(columns) <= set(each.columns))
            and (each.actions is None or Action.REPORT_TIMELINESS in each.actions)]
    return {each.id for each in down}, {each.unit.id for each in held if not _under(each.unit, down)}


def _under(unit: Place, tops: Iterable[Place]) -> bool:
    return any(unit.path.startswith(top.path) for top in tops)


def _line(unit_id: str, day: date) -> set[str]:
    """The unit and its superiors at the end of the day."""
    return {each.id for each in history.line_on(day, unit_by_id(unit_id, _KNOWN))}


def _held_today(model: Any, report_id: str, scope: Scope) -> bool:
    """Whether every unit it names lies in the scope."""
    figures = db.session.execute(_KNOWN.select(model, model.figures).where(model.id == report_id)).scalar_one()
    named = {row["unit_id"] for row in json.loads(figures)["rows"]}
    return named <= tree.ids_among(sorted(named), scope)
