"""The history of one record, read from the log inside the reader's scope; reading it is itself noted."""

from typing import Any

from flask import Blueprint

from app.audit_log import knows_actor
from app.keeping import records as acts
from app.web.desk_records import crumbs
from app.web.render import page
from app.web.words import SUPERIOR, SYSTEM, action, field, moment
from permissions import audit
from permissions.actions import Action
from permissions.audit import AuditEntry
from permissions.guard import guard, me, require, sight
from permissions.roles import PC, Role
from tenants.db import db
from tenants.scope import Scope
from tenants.tree import here

blueprint = Blueprint("desk_record_history", __name__, url_prefix="/desk/records/<module_key>/<record_id>")
MOST = 100
FACTS = ("ended_on", "due_on", "entered_on", "late_reason")


def _detail(entry: AuditEntry) -> str:
    before, after = entry.before or {}, entry.after or {}
    return "；".join(f"{field(name)}：{before.get(name) or '空'} → {after.get(name) or '空'}" for name in FACTS
                    if name in after and entry.before is not None and before.get(name) != after.get(name))


def _shown(entry: AuditEntry, scope: Scope) -> dict[str, Any]:
    known = knows_actor(entry, scope, me().account.id)
    role = Role(entry.actor_role).label if entry.actor_role in Role.__members__ else SYSTEM
    return {"at": entry.at.isoformat(), "at_label": moment(entry.at), "who": entry.actor_name if known else SUPERIOR,
            "role": role, "what": action(entry.action), "result": entry.result,
            "detail": _detail(entry)}


@blueprint.get("/history")
@guard(Action.AUDIT_READ, channels=PC)
def index(module_key: str, record_id: str) -> str:
    """Who did what with this record, newest first."""
    module = acts.module_of(module_key)
    record, unit = acts.seen(module, record_id)
    require(Action.AUDIT_READ, unit)
    found = db.session.execute(
        here(unit).select(AuditEntry)
        .where(AuditEntry.at >= record.created_at, AuditEntry.object_id == record.id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(MOST)
    ).scalars()
    scope = sight(Action.AUDIT_READ)
    entries = [_shown(entry, scope) for entry in found]
    audit.note(audit.entry(Action.AUDIT_READ, module.key, record.id, unit))
    return page("desk/records/history.html", title="办理经过", module=module, record=record, entries=entries,
                unit=unit, crumbs=crumbs(module, {"title": "办理经过"}))
