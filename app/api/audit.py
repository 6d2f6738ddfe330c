"""`/audit`: the log, inside my scope."""

from flask import Response
from flask_smorest import Blueprint

from app.api.declare import routes
from app.api.placing import narrowed
from app.api.reading import answer, limit_of, listed, query
from app.api.shapes import entry_out
from app.audit_log import Filters, knows_actor, listing
from app.schemas.queries import AuditQuery
from permissions import audit
from permissions.actions import Action
from permissions.guard import guard, me, my_scope
from permissions.roles import PC

blueprint = Blueprint("api_audit", __name__, url_prefix="/api/v1/audit", description="日志")
route = routes(blueprint)


@route("GET", "", query=AuditQuery)
@guard(Action.AUDIT_READ, channels=PC)
def list_entries() -> Response:
    """操作日志"""
    found = query(AuditQuery.kept())
    within = narrowed(found)
    scope = my_scope(Action.AUDIT_READ)
    filters = Filters(within=within, first=found.get("from"), last=found.get("to"),
                      actor=found.get("actor"), action=found.get("action"))
    page = listing(scope, filters, cursor=found.get("cursor"), limit=limit_of(found))
    audit.note(audit.entry(Action.AUDIT_READ, "audit", None, me().unit,
                           after={name: str(value) for name, value in found.items() if name != "cursor"}))
    own = me().account.id
    return answer(listed(page, lambda row: entry_out(row[0], row[1], knows_actor=knows_actor(row[0], scope, own))))
