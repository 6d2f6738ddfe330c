"""Cadre files on the console: the roster, one file with sensitive values masked, one value shown for a purpose."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for

from app.keeping.about import records_about
from app.people import files
from app.people.listing import Filters, listing, out
from app.people.model import Cadre
from app.people.store import account_of
from app.registry import modules
from app.schemas.fields import Code
from app.schemas.queries import CadreQuery
from app.web import cadre_words as words
from app.web.forms import Attempt, asked, attempt
from app.web.list_page import ROWS, chips, narrowed, pager, several, unit_field, unit_names, whole_list
from app.web.record_words import badge
from app.web.render import page
from permissions.accounts import STATE_LABELS
from permissions.actions import Action
from permissions.guard import guard, may, my_scope, require, sight
from permissions.roles import PC
from tenants import clock
from tenants.errors import NotFound
from tenants.models import Unit

blueprint = Blueprint("desk_cadres", __name__, url_prefix="/desk/cadres")
ROSTER = {"title": "离退休干部"}


def crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """The roster, and what follows."""
    return [ROSTER | {"href": url_for("desk_cadres.index")}, *more]


def _filters(found: dict[str, Any], unit_filter: dict[str, Any] | None) -> list[dict[str, Any]]:
    schema = CadreQuery().named()
    drawn: list[dict[str, Any]] = [
        {"name": "q", "label": "查找", "widget": "search", "maxlength": 50, "value": found.get("q", ""),
         "placeholder": "姓名、拼音、首字母、手机尾号"}]
    drawn += [unit_filter] if unit_filter else []
    for name in ("retirement_type", "life_status"):
        field = schema[name]
        choices = list(field.choices.items()) if isinstance(field, Code) else []
        drawn.append({"name": name, "label": field.metadata["label"], "widget": "select", "placeholder": "全部",
                      "choices": choices, "value": found.get(name, "")})
    return drawn


def filters_of(found: Mapping[str, Any]) -> Filters:
    """What the address narrows the roster by, its unit apart."""
    return Filters(q=found.get("q"), retirement_type=found.get("retirement_type"), life_status=found.get("life_status"))


@blueprint.get("")
@guard(Action.CADRE_READ, channels=PC)
def index() -> str:
    """The roster."""
    whole = my_scope(Action.CADRE_READ)
    found = asked(CadreQuery.kept())
    unit, scope = narrowed(found.get("unit"), whole)
    filters = filters_of(found)
    rows = listing(scope, filters, cursor=found.get("cursor"), limit=found.get("limit") or ROWS)
    names = unit_names({row.unit_id for row in rows.items}) if several(whole) else None
    active = {"unit": unit.name if unit is not None else None, "q": found.get("q"),
              **{name: words.word(name, found[name]) for name in ("retirement_type", "life_status") if found.get(name)}}
    return page("desk/cadres/index.html", title=ROSTER["title"], unit=unit,
                filters=_filters(found, unit_field(whole, unit) if several(whole) else None), active=chips(active),
                columns=words.columns(units=names is not None), rows=[words.line(row, names) for row in rows.items],
                pager=pager(rows, "人"), actions=_acts(unit), filtered=bool(set(found) - {"cursor", "limit"}))


def _acts(unit: Unit | None) -> list[dict[str, Any]]:
    """The roster's buttons; the unit in view goes with them."""
    found: list[dict[str, Any]] = []
    place: dict[str, Any] = {"unit": unit.id} if unit is not None else {}
    if sight(Action.CADRE_EXPORT):
        found.append({"label": "导出", "icon": "download", "href": whole_list(url_for("desk_exports.cadres"))})
    if sight(Action.CADRE_IMPORT):
        found.append({"label": "导入名册", "icon": "upload", "href": url_for("desk_import.index", **place)})
    if sight(Action.CADRE_CREATE):
        found.append({"label": "新建档案", "icon": "plus", "primary": True,
                      "href": url_for("desk_cadre_edit.new", **place)})
    return found


@blueprint.get("/<cadre_id>")
@guard(Action.CADRE_READ, channels=PC)
def show(cadre_id: str) -> str:
    """One file, what was done for this person, and the account."""
    cadre, unit = files.seen(cadre_id)
    require(Action.CADRE_READ, unit)
    reveal = words.revealing(may(Action.CADRE_UNMASK, unit))
    return page(
        "desk/cadres/show.html", title=cadre.name, crumbs=crumbs({"title": cadre.name}), unit=unit, owner=unit,
        cadre=cadre, badge=words.life_badge(cadre), done=_done(cadre), account=_account(cadre, unit),
        groups=[(title, words.items(cadre, names, reveal)) for title, names in words.groups().items()],
        may_update=may(Action.CADRE_UPDATE, unit), kinds=_entries(cadre, unit),
    )


def _done(cadre: Cadre) -> dict[str, Any]:
    """What was done for this person, for the macro `table`."""
    known, today = modules(), clock.today()
    return {
        "columns": [{"key": "what", "label": "事项"}, {"key": "state", "label": "及时性", "nowrap": True}],
        "rows": [{"href": url_for("desk_records.show", module_key=row.module, record_id=row.id),
                  "cells": {"what": {"text": f"{row.ended_on} {known[row.module].title}", "sub": row.summary},
                            "state": {"badge": badge(row, today)}}}
                 for row in records_about(cadre.id)],
    }


def _entries(cadre: Cadre, unit: Unit) -> list[dict[str, Any]]:
    """Kinds of record I may enter about this person."""
    return [{"label": f"录入{each.title}", "icon": each.icon,
             "href": url_for("desk_record_edit.new", module_key=each.key, unit=unit.id, cadre=cadre.id)}
            for each in modules().values() if may(Action.RECORD_CREATE, unit, each.column)]


def _account(cadre: Cadre, unit: Unit) -> dict[str, Any]:
    """The account's state, with a way to it for those who keep accounts."""
    account = account_of(cadre)
    href = None
    if account is not None and may(Action.ACCOUNT_READ, unit):
        href = url_for("desk_accounts.show", account_id=account.id)
    if account is None and may(Action.ACCOUNT_OPEN, unit) and cadre.life_status == "living":
        href = url_for("desk_accounts.open_cadre", unit=unit.id, cadre=cadre.id)
    return {"state": STATE_LABELS.get(account.state, account.state) if account is not None else "没有账号",
            "has": account is not None, "phone_access": account.mobile_access if account is not None else None,
            "href": href}


def _field(cadre: Cadre) -> str:
    """The sensitive field the address names, if the file has it."""
    name = request.values.get("field", "")
    if name not in files.SENSITIVE or not getattr(cadre, name):
        raise NotFound
    return name


@blueprint.get("/<cadre_id>/unmask")
@guard(Action.CADRE_UNMASK, channels=PC)
def unmask(cadre_id: str) -> str:
    """Ask what a whole value is needed for."""
    cadre, unit = files.seen(cadre_id)
    require(Action.CADRE_UNMASK, unit)
    return _purpose(cadre, unit, _field(cadre), None)


def _purpose(cadre: Cadre, unit: Unit, name: str, tried: Attempt[str] | None) -> str:
    shown = out(cadre)
    drawn = {"name": "purpose", "label": "查看用途", "required": True, "maxlength": 100, "id": f"f-purpose-{name}",
             "value": request.form.get("purpose", ""), "errors": list(tried.errors.get("purpose", ())) if tried else [],
             "help": "如：核对报销信息。会记入日志，上级可以看到。"}
    said = {"cadre": cadre, "owner": unit, "name": name, "label": words.label(name), "purpose": drawn,
            "masked": shown.get(f"{name}_label", shown[name]), "action": request.path}
    if "HX-Request" in request.headers:
        return render_template("desk/cadres/purpose_inline.html", **said)
    return page("desk/cadres/purpose.html", title="查看原文", unit=unit, crumbs=_file_crumbs(cadre, "查看原文"), **said)


def _file_crumbs(cadre: Cadre, title: str) -> list[dict[str, Any]]:
    return crumbs({"title": cadre.name, "href": url_for("desk_cadres.show", cadre_id=cadre.id)}, {"title": title})


@blueprint.post("/<cadre_id>/unmask")
@guard(Action.CADRE_UNMASK, channels=PC)
def reveal(cadre_id: str) -> Any:
    """Show one value once, after its entry is written."""
    cadre, unit = files.seen(cadre_id)
    require(Action.CADRE_UNMASK, unit)
    name = _field(cadre)
    tried = attempt(lambda: files.unmask(cadre, unit, name, request.form.get("purpose", "")[:200]))
    if tried.failed:
        return _purpose(cadre, unit, name, tried), tried.status
    value = words.word(name, tried.value)
    if "HX-Request" in request.headers:
        return render_template("desk/cadres/revealed.html", value=value)
    return page("desk/cadres/revealed_page.html", title="查看原文", unit=unit, value=value, label=words.label(name),
                cadre=cadre, purpose=request.form.get("purpose", ""), crumbs=_file_crumbs(cadre, "查看原文"))
