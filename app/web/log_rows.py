"""Entries of the log as people read them: who did what to what, and what changed. Reading them is itself logged."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from app import registry
from app.administration import overview, units
from app.audit_log import Filters, knows_actor, listing
from app.paging import Page
from app.schemas.fields import is_id
from app.web import words
from app.web.list_page import ROWS
from permissions import audit, guard
from permissions.actions import Action
from permissions.audit import AuditEntry
from permissions.guard import me, my_scope
from permissions.roles import Role
from tenants import clock
from tenants.scope import Scope

OF_UNITS = ("parent_id", "successor_id", "split_into", "unit_id", "unit")
OF_ACCOUNTS = ("account_id", "actor")
RESULTS = {audit.OK: {"text": "成功", "tone": "good"}, audit.REFUSED: {"text": "已拒绝", "tone": "bad"},
           audit.FAILED: {"text": "没有完成", "tone": "warn"}}
SHOWN = 4


def read_log(within: Scope | None, found: Mapping[str, Any],
             about: str | None = None) -> tuple[list[dict[str, Any]], Page[Any]]:
    """A page of entries inside my scope, and the entry that says I read them (as the API does)."""
    scope = my_scope(Action.AUDIT_READ)
    filters = Filters(within=within, first=found.get("from"), last=found.get("to"), actor=found.get("actor"),
                      action=found.get("action"), about=about)
    result = listing(scope, filters, cursor=found.get("cursor"), limit=ROWS)
    audit.note(audit.entry(Action.AUDIT_READ, "audit", None, me().unit,
                           after={name: str(value) for name, value in found.items() if name != "cursor"}))
    own = me().account.id
    names = _names([entry for entry, _sealed in result.items])
    shown = [_entry(entry, sealed, names, knows=knows_actor(entry, scope, own)) for entry, sealed in result.items]
    return shown, result


def _ids(entries: Sequence[AuditEntry], fields: Sequence[str], types: Sequence[str]) -> set[str]:
    found = {entry.object_id for entry in entries if entry.object_type in types}
    for entry in entries:
        for facts in (entry.before or {}, entry.after or {}):
            found |= {facts[name] for name in fields if isinstance(facts.get(name), str)}
    return {each for each in found if each and is_id(each)}


def _names(entries: Sequence[AuditEntry]) -> dict[str, str]:
    """Names behind the ids of a page of entries, as far as I may see each; a handful of statements for all."""
    in_units = _ids(entries, OF_UNITS, ("unit",)) | {entry.unit_id for entry in entries}
    seats = {entry.object_id for entry in entries if entry.object_type == "administrator"}
    return {
        **overview.names_of_units(in_units, units.sight()),
        **overview.names_of_accounts(_ids(entries, OF_ACCOUNTS, ("account",)), guard.sight(Action.ACCOUNT_READ)),
        **overview.names_of_accounts(seats, guard.sight(Action.ADMINISTRATOR_READ)),
        **overview.names_of_cadres(_ids(entries, ("cadre_id",), ("cadre",)),
                                   guard.sight(Action.CADRE_READ, any_column=True)),
    }


def _entry(entry: AuditEntry, sealed: bool, names: Mapping[str, str], *, knows: bool) -> dict[str, Any]:
    changes = changes_of(entry.before, entry.after, names)
    return {
        "at": clock.iso(entry.at), "at_label": words.moment(entry.at, seconds=True), "who": _who(entry, knows),
        "who_href": url_for("desk_log.index", actor=entry.actor) if knows and entry.actor else None,
        "role": Role(entry.actor_role).label if entry.actor_role in {role.value for role in Role} else None,
        "what": words.action(entry.action), "thing": words.thing(entry.object_type),
        "name": names.get(entry.object_id or "") if entry.object_id != entry.actor else None,
        "href": _href(entry, names) if entry.object_id != entry.actor else None,
        "unit": names.get(entry.unit_id), "unit_href": url_for("desk_units.show", unit_id=entry.unit_id)
        if entry.unit_id in names else None,
        "result": RESULTS[entry.result] if entry.result != audit.OK else None, "reason": words.reason(entry.reason),
        "changes": changes[:SHOWN], "more": changes[SHOWN:], "sealed": sealed,
    }


def _who(entry: AuditEntry, knows: bool) -> str:
    if not knows:
        return words.SUPERIOR
    if entry.actor is None:
        return "未登录的人" if entry.action == "session:open" else words.SYSTEM
    return entry.actor_name or words.SYSTEM


def _href(entry: AuditEntry, names: Mapping[str, str]) -> str | None:
    """The page of what an entry is about, if there is one I may open."""
    target = entry.object_id
    if target is None or not is_id(target):
        return None
    if entry.object_type in registry.modules() and entry.action != Action.RECORD_DELETE:
        return url_for("desk_records.show", module_key=entry.object_type, record_id=target)
    pages = {"unit": ("desk_units.show", "unit_id"), "account": ("desk_accounts.show", "account_id"),
             "administrator": ("desk_accounts.show", "account_id"), "cadre": ("desk_cadres.show", "cadre_id")}
    if target not in names or entry.object_type not in pages:
        return None
    endpoint, argument = pages[entry.object_type]
    values: dict[str, Any] = {argument: target}
    return url_for(endpoint, **values)


def changes_of(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None,
               names: Mapping[str, str]) -> list[dict[str, str | None]]:
    """Field by field: what was and what is, in words; what stayed the same is left out."""
    was, now = before or {}, after or {}
    found = []
    for name in dict.fromkeys((*was, *now)):
        if name in was and name in now:
            if was[name] != now[name]:
                found.append(_change(name, was[name], now[name], names, both=True))
        elif was.get(name, now.get(name)) not in (None, "", []):
            found.append(_change(name, was.get(name), now.get(name), names, both=False))
    return found


def _change(name: str, was: Any, now: Any, names: Mapping[str, str], *, both: bool) -> dict[str, str | None]:
    old = words.value(name, was, names) if both else None
    return {"field": words.field(name), "was": old, "now": words.value(name, now if both or now is not None else was,
                                                                      names)}
