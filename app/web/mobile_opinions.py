"""意见建议 on the phone of staff: what cadres wrote, and the answer."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for

from app.opinions import store
from app.opinions.model import Opinion
from app.schemas.queries import OPINION_STATES, OpinionQuery
from app.web.forms import Attempt, asked
from app.web.list_page import ROWS, here, pager, several
from app.web.opinion_rows import detail, opinion_rows, tried
from app.web.phone import staff_page
from permissions.actions import Action
from permissions.guard import guard, my_scope, require
from permissions.roles import MOBILE
from tenants.models import Unit

blueprint = Blueprint("mobile_opinions", __name__, url_prefix="/m/opinions")
SHORT = 40


@blueprint.get("")
@guard(Action.OPINION_READ, channels=MOBILE)
def index() -> str:
    """What waits for an answer, the default; what is overdue; what was answered."""
    scope = my_scope(Action.OPINION_READ)
    found = asked(OpinionQuery(only=("state", "cursor")))
    state = found.get("state") or "waiting"
    rows = store.listing(scope, within=None, cursor=found.get("cursor"), limit=ROWS, state=state)
    wide = several(scope)
    states = [{"title": title, "href": here(state=each), "active": each == state}
              for each, title in OPINION_STATES.items()]
    return staff_page("mobile/opinions.html", states=states, state=OPINION_STATES[state], pager=pager(rows),
                      rows=[_row(each, wide) for each in opinion_rows(rows.items, scope)])


def _row(each: dict[str, Any], wide: bool) -> dict[str, Any]:
    text: str = each["text"]
    who = f"{each['who']} · {each['unit'].name}" if wide else each["who"]
    return {"title": text if len(text) <= SHORT else f"{text[:SHORT]}…", "badge": each["badge"],
            "sub": [f"{who} · {each['at']}", each["note"]],
            "href": url_for("mobile_opinions.show", opinion_id=each["id"])}


def _show(opinion: Opinion, name: str, unit: Unit, failed: Attempt[Any] | None = None) -> str:
    return staff_page("mobile/opinion.html", back_href=url_for("mobile_opinions.index"),
                      action=url_for("mobile_opinions.answer", opinion_id=opinion.id),
                      **detail(opinion, name, unit, failed))


@blueprint.get("/<opinion_id>")
@guard(Action.OPINION_READ, channels=MOBILE)
def show(opinion_id: str) -> str:
    """One opinion, every wording of its answer, and the form."""
    opinion, name, unit = store.seen(opinion_id)
    require(Action.OPINION_READ, unit)
    return _show(opinion, name, unit)


@blueprint.post("/<opinion_id>/answer")
@guard(Action.OPINION_ANSWER, channels=MOBILE)
def answer(opinion_id: str) -> Any:
    """Answer it, or correct the answer."""
    opinion, name, unit = store.seen(opinion_id)
    require(Action.OPINION_ANSWER, unit)
    done = tried(opinion, unit)
    if done.failed:
        return _show(opinion, name, unit, done), done.status
    flash(f"答复已送到{name}的手机。", "success")
    return redirect(url_for("mobile_opinions.show", opinion_id=opinion_id), 303)
