"""On the phone: records below that wait for the superior's word, and odd ones."""

from typing import Any

from flask import Blueprint

from app import registry
from app.keeping import oversight
from app.keeping.oversight import ALL_ASKED, ALL_ODD, WHATS
from app.records.model import Record
from app.schemas.queries import OversightQuery
from app.web.forms import asked
from app.web.list_page import ROWS, here, pager, unit_names
from app.web.oversight_rows import row_of
from app.web.phone import spoken_day, staff_page
from app.web.record_words import badge
from permissions.actions import Action
from permissions.guard import guard, my_scope
from permissions.roles import MOBILE
from tenants import clock

blueprint = Blueprint("mobile_oversight", __name__, url_prefix="/m/oversight")


@blueprint.get("")
@guard(Action.RECORD_OVERSEE, channels=MOBILE)
def index() -> str:
    """What waits for a word, the default, or what is odd."""
    my_scope(Action.RECORD_OVERSEE, oversight.column_held())
    found = asked(OversightQuery(only=("what", "cursor")))
    what = found.get("what") or ALL_ASKED
    page = oversight.found(what, None, cursor=found.get("cursor"), limit=ROWS)
    names = unit_names({row.unit_id for row in page.items})
    states = [{"title": WHATS[each], "href": here(what=each), "active": each == what}
              for each in (ALL_ASKED, "late", "correction", "extension", ALL_ODD)]
    return staff_page("mobile/oversight.html", states=states, pager=pager(page),
                      rows=[_row(row, names) for row in page.items])


def _row(record: Record, names: dict[str, str]) -> dict[str, Any]:
    today = clock.today()
    drawn = row_of(record, "mobile", today)
    day = spoken_day(record.ended_on.isoformat(), this_year=today.year)
    gone = {"text": "已删除", "tone": "plain"} if record.deleted_at is not None else None
    return {"title": drawn["title"], "badge": gone or badge(record, today), "href": drawn["href"],
            "sub": [f"{registry.module(record.module).title} · {names.get(record.unit_id, '')} · {day}",
                    "、".join(drawn["why"]), *([drawn["words"]] if drawn["words"] else [])]}
