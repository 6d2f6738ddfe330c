"""`/rules`: the deadlines that hold for a unit, and whose word they are."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.api.declare import routes
from app.api.reading import answer, query
from app.schemas.queries import RulesQuery
from app.timing import rules
from app.timing.asking import unit_asked
from app.timing.rules import Effective
from permissions.actions import Action
from permissions.guard import guard
from tenants import clock

blueprint = Blueprint("api_rules", __name__, url_prefix="/api/v1/rules", description="时限")
route = routes(blueprint)


@route("GET", "", query=RulesQuery)
@guard(Action.DEADLINE_EXPLAIN)
def effective_rules() -> Response:
    """某单位某日起算的工作适用的时限规则"""
    found = query(RulesQuery.kept())
    unit = unit_asked(found.get("unit"))
    day = found.get("on") or clock.today()
    return answer({"unit": {"id": unit.id, "name": unit.name}, "on": day.isoformat(),
                   "rules": [_out(each) for each in rules.effective(unit, day)]})


def _out(found: Effective) -> dict[str, Any]:
    rule = found.decided.by.rule
    return {
        "kind": found.kind.key, "title": found.kind.title, "after": rule.after, "amount": rule.days,
        "measure": rule.measure.value, "basis": rule.article,
        "since": found.decided.by.since.isoformat() if found.decided.by.since else None,
        "unit_id": found.decided.by.unit_id, "source": found.source,
        "reminders": list(found.ladder.reminders), "escalations": list(found.ladder.escalations),
        "applied": [{"unit_id": applied.unit_id, "source": name, "amount": applied.rule.days,
                     "measure": applied.rule.measure.value} for applied, name in found.sources],
    }
