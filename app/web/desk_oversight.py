"""Records below that wait for the superior's word, and those something is odd about; deleted ones are among them."""

from typing import Any

from flask import Blueprint

from app import registry
from app.keeping import oversight
from app.keeping.oversight import ALL_ASKED, ALL_ODD, WHATS
from app.records.model import Record
from app.records.standing import ASKS, ODDITIES
from app.schemas.queries import OversightQuery
from app.web.forms import asked
from app.web.list_page import ROWS, chips, here, narrowed, pager, several, unit_field, unit_names
from app.web.oversight_rows import row_of
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, my_scope
from permissions.roles import PC
from tenants import clock

blueprint = Blueprint("desk_oversight", __name__, url_prefix="/desk/oversight")
COLUMNS = ({"key": "what", "label": "记录", "wide": True}, {"key": "unit", "label": "单位"},
           {"key": "ended", "label": "结束日期", "nowrap": True}, {"key": "due", "label": "截止日", "nowrap": True},
           {"key": "entered", "label": "录入日期", "nowrap": True}, {"key": "why", "label": "情况"})


ASKED = (ALL_ASKED, *(ask.value for ask in ASKS))
ODD = (ALL_ODD, *(odd.value for odd in ODDITIES))


def tabs(what: str) -> list[dict[str, Any]]:
    """What waits, by what it waits for, and everything odd."""
    return [{"title": WHATS[each], "href": here(what=each), "active": each == what or (each == ALL_ODD and what in ODD)}
            for each in (*ASKED, ALL_ODD)]


def kinds(what: str) -> list[dict[str, Any]]:
    """What is odd, by what is odd about it."""
    return [{"title": "全部" if each == ALL_ODD else WHATS[each], "href": here(what=each), "active": each == what}
            for each in ODD] if what in ODD else []


@blueprint.get("")
@guard(Action.RECORD_OVERSEE, channels=PC)
def index() -> str:
    """What waits for a word, the default, or what is odd."""
    my_scope(Action.RECORD_OVERSEE, oversight.column_held())
    found = asked(OversightQuery.kept())
    reach = oversight.reach()
    unit, scope = narrowed(found.get("unit"), reach)
    what = found.get("what") or ALL_ASKED
    rows = oversight.found(what, scope, cursor=found.get("cursor"), limit=found.get("limit") or ROWS)
    names = unit_names({row.unit_id for row in rows.items})
    return page(
        "desk/oversight.html", title="待处理与异常录入", crumbs=[{"title": "待处理与异常录入"}], unit=unit,
        filters=[unit_field(reach, unit)] if several(reach) else [], hidden={"what": what}, odd=what in ODD,
        tabs=tabs(what), kinds=kinds(what),
        active=chips({"unit": unit.name if unit is not None else None}), columns=COLUMNS,
        rows=[_row(row, names) for row in rows.items], pager=pager(rows))


def _row(record: Record, names: dict[str, str]) -> dict[str, Any]:
    drawn = row_of(record, "desk", clock.today())
    return {"href": drawn["href"], "cells": {
        "what": {"text": drawn["title"], "sub": registry.module(record.module).title},
        "unit": names.get(record.unit_id), "ended": {
            "text": record.ended_on.isoformat(), "sub": f"原 {record.held_ended_on}" if record.held_ended_on else None},
        "due": {"text": record.due_on.isoformat(),
                "sub": f"最初 {record.first_due_on}" if record.first_due_on != record.due_on else None},
        "entered": record.entered_on.isoformat() if record.entered_on else None,
        "why": {"text": "、".join(drawn["why"]), "sub": drawn["words"]}}}
