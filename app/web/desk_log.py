"""The log on the console: inside my scope, narrowed by unit, period, actor and action; reading it is logged."""

from flask import Blueprint, url_for

from app.administration import overview
from app.schemas.fields import Code, Day, Line, Reference
from app.schemas.strict import Strict
from app.web import words
from app.web.forms import asked
from app.web.list_page import chips, narrowed, pager, several, unit_field
from app.web.log_rows import read_log
from app.web.render import page
from permissions import guard
from permissions.actions import Action
from permissions.guard import me, my_scope
from permissions.roles import PC

blueprint = Blueprint("desk_log", __name__, url_prefix="/desk/log")


class LogQuery(Strict):
    """What the log may be narrowed by; the period is in Shanghai dates, inclusive."""

    class Meta:
        unknown = "raise"
        include = {"from": Day("从")}

    unit = Reference("单位")
    to = Day("到")
    actor = Reference("操作人")
    action = Code("操作", dict(words.action_choices()))
    cursor = Line("翻页标记", longest=400)


@blueprint.get("")
@guard.guard(Action.AUDIT_READ, channels=PC)
def index() -> str:
    """Entries, newest first."""
    scope = my_scope(Action.AUDIT_READ)
    found = asked(LogQuery.kept())
    unit, inside = narrowed(found.get("unit"), scope)
    entries, result = read_log(inside if unit is not None else None, found)
    actor = found.get("actor")
    actor_name = _actor_name(actor, entries) if actor else None
    fields = [
        {"name": "action", "label": "操作", "widget": "select", "placeholder": "全部",
         "choices": words.action_choices(), "value": found.get("action")},
        {"name": "from", "label": "从", "widget": "date", "value": found.get("from")},
        {"name": "to", "label": "到", "widget": "date", "value": found.get("to")}]
    if several(scope):
        fields.insert(0, unit_field(scope, unit))
    return page(
        "desk/log/index.html", title="操作日志", unit=unit, entries=entries, page_of=pager(result),
        filter_fields=fields, hidden={"actor": actor} if actor else {},
        reset_href=url_for("desk_log.index") if found else None,
        active=chips({"unit": unit.name if unit is not None else None, "actor": actor_name,
                      "action": words.ACTIONS.get(found.get("action", "")),
                      "from": f"{found['from']} 起" if found.get("from") else None,
                      "to": f"到 {found['to']}" if found.get("to") else None}))


def _actor_name(actor: str, entries: list[dict[str, object]]) -> str:
    """Whose entries are shown: only somebody of my scope is ever named."""
    if actor == me().account.id:
        return f"操作人：{me().account.name}"
    names = overview.names_of_accounts([actor], guard.sight(Action.ACCOUNT_READ))
    shown = next((str(entry["who"]) for entry in entries if entry["who_href"]), "选定的人")
    return f"操作人：{names.get(actor, shown)}"
