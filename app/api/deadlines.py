"""`/deadlines/explain`: why a date is due, day by day."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app import registry
from app.api.declare import routes
from app.api.reading import answer, query
from app.deadlines.calendar import Day
from app.reports.explain import explain
from app.schemas.queries import ExplainQuery
from app.timing.asking import unit_asked
from permissions.actions import Action
from permissions.guard import guard

blueprint = Blueprint("api_deadlines", __name__, url_prefix="/api/v1/deadlines", description="时限")
route = routes(blueprint)


@route("GET", "/explain", query=ExplainQuery)
@guard(Action.DEADLINE_EXPLAIN)
def explain_deadline() -> Response:
    """为什么是这一天到期"""
    found = query(ExplainQuery.kept())
    unit = unit_asked(found.get("unit"))
    told = explain(registry.module(found["module"]), found["ended_on"], unit)
    return answer({
        "due_on": told.due.on.isoformat(), "provisional": told.due.provisional, "rule": told.rule,
        "counted": [_day(day) for day in told.counted], "skipped": [_day(day) for day in told.skipped],
    })


def _day(day: Day) -> dict[str, Any]:
    return {"date": day.date.isoformat(), "why": day.why.value, "name": day.name}
