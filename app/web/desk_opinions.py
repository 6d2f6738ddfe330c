"""意见建议 on the console: what cadres wrote to their units (第十七条), newest first, and the answer to each."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from app.opinions import store
from app.opinions.model import Opinion
from app.opinions.store import listing
from app.schemas.queries import OPINION_STATES, OpinionQuery
from app.web.forms import Attempt, asked
from app.web.list_page import ROWS, chips, narrowed, pager, several, unit_field
from app.web.opinion_rows import detail, opinion_rows, tried
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, my_scope, require, sight
from permissions.roles import PC
from tenants.models import Unit

blueprint = Blueprint("desk_opinions", __name__, url_prefix="/desk/opinions")


@blueprint.get("")
@guard(Action.OPINION_READ, channels=PC)
def index() -> str:
    """Opinions with their writers and units."""
    whole = my_scope(Action.OPINION_READ)
    found = asked(OpinionQuery.kept())
    unit, scope = narrowed(found.get("unit"), whole)
    state = found.get("state")
    rows = listing(scope, within=None, cursor=found.get("cursor"), limit=found.get("limit") or ROWS, state=state)
    files, wide = sight(Action.CADRE_READ), several(whole)
    shown = [each | {"href": _file(each, files), "place": each["unit"].name if wide else None,
                     "page": url_for("desk_opinions.show", opinion_id=each["id"])}
             for each in opinion_rows(rows.items, scope)]
    fields = [{"name": "state", "label": "情况", "widget": "select", "placeholder": "全部",
               "choices": list(OPINION_STATES.items()), "value": state}]
    return page("desk/opinions/index.html", title="意见建议", unit=unit, opinions=shown, pager=pager(rows),
                filters=[unit_field(whole, unit), *fields] if wide else fields,
                active=chips({"unit": unit.name if unit is not None else None,
                              "state": OPINION_STATES.get(state or "")}),
                filtered=unit is not None or state is not None)


def _file(row: dict[str, Any], files: Any) -> str | None:
    seen = files.covers(row["unit"].number)
    return url_for("desk_cadres.show", cadre_id=row["cadre_id"]) if seen else None


def _show(opinion: Opinion, name: str, unit: Unit, failed: Attempt[Any] | None = None) -> str:
    shown = detail(opinion, name, unit, failed)
    shown["one"] |= {"href": _file(shown["one"], sight(Action.CADRE_READ))}
    return page("desk/opinions/show.html", title="意见建议", unit=unit, crumbs=[
        {"title": "意见建议", "href": url_for("desk_opinions.index")}, {"title": name}],
        action=url_for("desk_opinions.answer", opinion_id=opinion.id), **shown)


@blueprint.get("/<opinion_id>")
@guard(Action.OPINION_READ, channels=PC)
def show(opinion_id: str) -> str:
    """One opinion, every wording of its answer, and the form."""
    opinion, name, unit = store.seen(opinion_id)
    require(Action.OPINION_READ, unit)
    return _show(opinion, name, unit)


@blueprint.post("/<opinion_id>/answer")
@guard(Action.OPINION_ANSWER, channels=PC)
def answer(opinion_id: str) -> str | Response | tuple[str, int]:
    """Answer it, or correct the answer."""
    opinion, name, unit = store.seen(opinion_id)
    require(Action.OPINION_ANSWER, unit)
    done = tried(opinion, unit)
    if done.failed:
        return _show(opinion, name, unit, done), done.status
    flash(f"答复已送到{name}的手机。", "success")
    return redirect(url_for("desk_opinions.show", opinion_id=opinion_id), 303)
