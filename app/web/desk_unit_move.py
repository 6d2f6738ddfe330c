"""Moving a unit on the console (第五、六条): choose the superior, read what will happen line by line, then confirm."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import overview, units
from app.plans import ordering
from app.plans.model import PlannedChange
from app.schemas.bodies import MoveForm
from app.versions import check_version
from app.web.desk_unit_acts import Answer, PlaceQuery, back, choose, mine, ordered
from app.web.forms import Attempt, asked, attempt, fields_of, submitted, typed
from app.web.move_words import preview_rows
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.actions import Action
from permissions.roles import PC
from tenants.models import Unit

blueprint = Blueprint("desk_unit_move", __name__, url_prefix="/desk/units")


def _confirm(unit: Unit, parent: Unit, failed: Attempt[Any] | None = None) -> Answer:
    """What the move will do; where it cannot be, only why."""
    told = attempt(lambda: units.preview(unit, parent))
    wrong = failed or (told if told.failed else None)
    schema = MoveForm()
    fields = fields_of(schema, typed(schema) if failed is not None else {}, wrong.errors if wrong else {})
    fields.pop("parent_id")
    ask = {"cancel_href": back(unit), "action": url_for("desk_unit_move.move", unit_id=unit.id), "submit": "确定移动",
           "danger": True, "hidden": {"parent_id": parent.id, "version": str(unit.version)},
           "fields": list(fields.values()), "general": wrong.general_beside(fields) if wrong else []}
    shown = page("desk/units/preview.html", unit=unit, title=f"把“{unit.name}”移到“{parent.name}”之下",
                 lead="先看会发生什么；需要时可以用同样的办法移回来。", ask=ask,
                 crumbs=unit_crumbs(unit, units.sight(), {"title": "移动"}),
                 rows=preview_rows(told.value) if told.value is not None else [])
    return (shown, wrong.status) if wrong else shown


@blueprint.get("/<unit_id>/move")
@guard.guard(Action.UNIT_MOVE, channels=PC)
def move(unit_id: str) -> Answer:
    """Choose the new superior, then see what goes along."""
    unit = mine(unit_id, Action.UNIT_MOVE)
    found = asked(PlaceQuery.kept())
    if found.get("chosen"):
        return _confirm(unit, units.seen(found["chosen"]))
    offered = overview.superiors_for(guard.sight(Action.UNIT_OPEN), unit, found.get("q"))
    return choose(unit, "移动：选择新的上级", "选定之后，先看会发生什么，再确定。", offered, found.get("q"))


@blueprint.post("/<unit_id>/move")
@guard.guard(Action.UNIT_MOVE, channels=PC)
def moved(unit_id: str) -> Answer | Response:
    """Move it."""
    unit = mine(unit_id, Action.UNIT_MOVE)
    if not request.form.get("parent_id"):
        return redirect(url_for("desk_unit_move.move", unit_id=unit.id), 303)
    parent = units.seen(request.form["parent_id"])

    def act() -> Unit | PlannedChange:
        check_version(unit, request.form.get("version", ""))
        units.require_move(unit, parent)
        day = submitted(MoveForm()).get("effective_on")
        return units.move(unit, parent) if day is None else ordering.order("move", unit, {"parent_id": parent.id}, day)

    done = attempt(act)
    if done.failed:
        return _confirm(unit, parent, done)
    if isinstance(done.value, PlannedChange):
        return ordered(done.value, f"移到“{parent.name}”之下")
    flash(f"已移到“{parent.name}”之下。", "success")
    return redirect(back(unit), 303)
