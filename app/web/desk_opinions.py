"""意见建议 on the console: what cadres wrote to their units (第十七条), newest first."""

from flask import Blueprint, url_for

from app.opinions.store import listing
from app.schemas.queries import OpinionQuery
from app.web.forms import asked
from app.web.list_page import ROWS, chips, narrowed, pager, several, unit_field, unit_names
from app.web.render import page
from app.web.words import moment
from permissions.actions import Action
from permissions.guard import guard, my_scope, sight
from permissions.roles import PC

blueprint = Blueprint("desk_opinions", __name__, url_prefix="/desk/opinions")


@blueprint.get("")
@guard(Action.OPINION_READ, channels=PC)
def index() -> str:
    """Opinions with their writers and units."""
    whole = my_scope(Action.OPINION_READ)
    found = asked(OpinionQuery.kept())
    unit, scope = narrowed(found.get("unit"), whole)
    rows = listing(scope, within=None, cursor=found.get("cursor"), limit=found.get("limit") or ROWS)
    names = unit_names({opinion.unit_id for opinion, _name in rows.items}) if several(whole) else {}
    files = sight(Action.CADRE_READ)
    shown = [
        {"text": opinion.text, "who": name, "at": moment(opinion.created_at), "unit": names.get(opinion.unit_id),
         "href": url_for("desk_cadres.show", cadre_id=opinion.cadre_id) if files.covers(opinion.unit_number) else None}
        for opinion, name in rows.items
    ]
    return page("desk/opinions/index.html", title="意见建议", unit=unit, opinions=shown,
                filters=[unit_field(whole, unit)] if several(whole) else [], pager=pager(rows),
                active=chips({"unit": unit.name if unit is not None else None}), filtered=unit is not None)
