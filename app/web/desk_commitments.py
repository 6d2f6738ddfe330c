"""承诺书未签名单 on the console: whom to remind (第二十二条), narrowed by unit and state, and as a spreadsheet."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import overview, staff_file, units, unsigned
from app.schemas.bodies import EMPLOYMENT
from app.schemas.queries import UnsignedQuery
from app.web import words
from app.web.account_rows import state_badge
from app.web.forms import asked, attempt, submitted
from app.web.list_page import ROWS, address, chips, narrowed, pager, several, unit_field
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.accounts import STATE_LABELS, Account
from permissions.actions import Action
from permissions.guard import my_scope
from permissions.roles import PC
from tenants.models import Unit

blueprint = Blueprint("desk_commitments", __name__, url_prefix="/desk/commitments")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = "承诺书未签名单"
STATES = {state.value: STATE_LABELS[state] for state in unsigned.PRESENT}
COLUMNS: list[dict[str, Any]] = [
    {"key": "name", "label": "姓名"}, {"key": "unit", "label": "单位", "wide": True},
    {"key": "state", "label": "账号状态"}, {"key": "seen", "label": "最近登录", "nowrap": True},
    {"key": "signed", "label": "签过的版本"}]


def _rows(found: list[Account], names: dict[str, str]) -> list[dict[str, Any]]:
    return [{"href": url_for("desk_staff_file.show", account_id=each.id), "cells": {
        "name": {"text": each.name, "sub": EMPLOYMENT.get(each.employment or "")}, "unit": names.get(each.unit_id),
        "state": {"badge": state_badge(each)}, "seen": words.moment(each.last_login_at) or "从未登录",
        "signed": each.signed_version or "从未签署"}} for each in found]


@blueprint.get("")
@guard.guard(Action.ACCOUNT_READ, channels=PC)
def index() -> str:
    """Whoever has yet to sign, in the order of the tree."""
    scope = my_scope(Action.ACCOUNT_READ)
    found = asked(UnsignedQuery.kept())
    unit, inside = narrowed(found.get("unit"), scope)
    state = found.get("state")
    result = unsigned.listing(inside, unsigned.Filters(state=state), cursor=found.get("cursor"), limit=ROWS)
    fields = [{"name": "state", "label": "账号状态", "widget": "select", "placeholder": "全部",
               "choices": list(STATES.items()), "value": state}]
    if several(scope):
        fields.insert(0, unit_field(scope, unit))
    names = overview.names_of_units([each.unit_id for each in result.items], scope)
    return page(
        "desk/accounts/unsigned.html", title=TITLE, unit=unit, columns=COLUMNS, rows=_rows(result.items, names),
        sub=f"还没有签署 {staff_file.VERSION} 版承诺书的在用账号（第二十二条）；由本人登录后签署，别人不能代签",
        crumbs=unit_crumbs(unit or units.own(), units.sight(), {"title": TITLE}), page_of=pager(result, "人"),
        filter_fields=fields, reset_href=url_for("desk_commitments.index") if unit is not None or state else None,
        active=chips({"unit": unit.name if unit is not None else None, "state": STATES.get(state or "")}),
        export_of={"unit": unit.id if unit is not None else "", "state": state or ""},
        empty={"title": "都已签署", "icon": "check-circle", "text": "这个范围里没有欠签承诺书的工作人员。"})


@blueprint.post("/export")
@guard.guard(Action.ACCOUNT_READ, channels=PC, proved=True)
def export() -> Response:
    """The same as a spreadsheet."""
    scope = my_scope(Action.ACCOUNT_READ)
    kept = {name: value for name, value in request.form.items() if name in ("unit", "state") and value}
    done = attempt(lambda: _sheet(submitted(UnsignedQuery.kept()), scope))
    if done.value is None:
        flash(done.message, "error")
        return redirect(address(url_for("desk_commitments.index"), kept), 303)
    response = make_response(done.value)
    response.mimetype = XLSX
    response.headers["Content-Disposition"] = "attachment; filename=commitments.xlsx"
    return response


def _sheet(found: dict[str, Any], scope: guard.Scope) -> bytes:
    unit, inside = narrowed(found.get("unit"), scope)
    said = "、".join((_place(unit), STATES.get(found.get("state") or "", "使用中和未登录过")))
    return unsigned.sheet(inside, unsigned.Filters(state=found.get("state")), unit or units.own(), said)


def _place(unit: Unit | None) -> str:
    return f"{unit.name}及下级" if unit is not None else "我管理的全部单位"
