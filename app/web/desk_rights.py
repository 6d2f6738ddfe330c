"""栏目与渠道权限 (第六、十九条): what a staff member may do today, column by column on either end, and where from."""

from typing import Any

from flask import Blueprint, url_for

from app.administration import accounts, responsible, units
from app.columns import COLUMNS
from app.web import right_words
from app.web.desk_accounts import may_manage
from app.web.render import page, unit_crumbs
from app.web.unit_frame import frame
from permissions import guard, identity
from permissions.accounts import Account
from permissions.actions import Action
from permissions.guard import checked_id, may, my_scope, require
from permissions.identity import Principal
from permissions.roles import PC, Channel, Role
from permissions.standing import Standing, Why
from tenants import clock
from tenants.errors import NotFound
from tenants.models import Unit

blueprint = Blueprint("desk_rights", __name__, url_prefix="/desk")
Ends = dict[Channel, Principal]


def _mine(ends: Ends) -> list[tuple[Standing, ...]]:
    """Each right inside my reach, as it stands on either end."""
    scope = my_scope(Action.GRANT_READ)
    lined = zip(*(ends[end].rights for end in ends), strict=True)
    return [pair for pair in lined if scope.covers(pair[0].held.unit.number)]


def _not_apart(shown: list[tuple[Standing, ...]]) -> str | None:
    """Whoever audits does nothing else (职责分离): what to take back where a right from before does not fit."""
    roles = {pair[0].held.role for pair in shown if pair[0].why is not Why.ended}
    others = "、".join(role.label for role in Role if role in roles and role is not Role.auditor)
    if Role.auditor not in roles or not others:
        return None
    return f"检查人只查看、不办理，此人却还持有{others}的权限。请收回检查人，或收回其他角色；系统不会自动收回。"


def _acts(account: Account, standing: Standing) -> list[dict[str, str]]:
    names = {"thaw": "解冻"} if standing.right.frozen_at is not None else {"freeze": "冻结"}
    where: dict[str, Any] = {"account_id": account.id, "grant_id": standing.right.id}
    acts = [{"text": text, "href": url_for("desk_right_acts.hold", what=what, **where)} for what, text in names.items()]
    if standing.right.frozen_at is None:
        acts.insert(0, {"text": "修改", "href": url_for("desk_right_acts.change", **where)})
    return [*acts, {"text": "收回", "href": url_for("desk_account_acts.take_back", **where)}]


def _right(account: Account, pair: tuple[Standing, ...], ends: Ends, templates: dict[str, str], *,
           manages: bool) -> dict[str, Any]:
    first = pair[0]
    template = first.right.template_id
    return {
        "id": first.right.id, "title": right_words.role_said(first), "state": right_words.state_of(pair),
        "facts": [
            {"label": "栏目", "value": right_words.columns_said(first.held.columns)},
            {"label": "使用端", "value": right_words.ends_of(pair, list(ends))},
            {"label": "有效期", "value": right_words.days_said(first)},
            {"label": "角色模板", "value": templates.get(template, "上级的模板") if template else "没有用模板"}],
        "acts": _acts(account, first) if manages and first.held.role is not Role.administrator else [],
    }


@blueprint.get("/accounts/<account_id>/rights")
@guard.guard(Action.GRANT_READ, channels=PC)
def show(account_id: str) -> str:
    """One staff member's effective rights, each with its origin."""
    account = accounts.seen(account_id)
    unit = accounts.unit_of(account)
    require(Action.GRANT_READ, unit)
    if account.kind != "staff":
        raise NotFound
    ends = identity.on_both_ends(account, clock.today())
    shown, manages = _mine(ends), may_manage(account)
    templates = responsible.template_names([pair[0].right.template_id for pair in shown])
    return page(
        "desk/accounts/rights.html", unit=unit, account=account, manages=manages, title="栏目与渠道权限",
        sub=f"{account.name} · {unit.name}",
        crumbs=unit_crumbs(unit, units.sight(), {"title": account.name, "href": url_for(
            "desk_accounts.show", account_id=account.id)}, {"title": "栏目与渠道权限"}),
        matrix=right_words.matrix(ends), rights=[_right(account, pair, ends, templates, manages=manages)
                                                 for pair in shown],
        origins=right_words.origins([pair[0].right.id for pair in shown], guard.sight(Action.ACCOUNT_READ)),
        apart=_not_apart(shown), hidden=len(shown) < len(ends[Channel.pc].rights),
        switches=[{"name": "pc_grant", "title": "电脑端", "on": account.pc_grant},
                  {"name": "mobile_access", "title": "手机端", "on": account.mobile_access}],
        why_href=url_for("desk_why.index", account=account.id))


@blueprint.get("/units/<unit_id>/columns")
@guard.guard(Action.GRANT_READ, channels=PC)
def columns(unit_id: str) -> str:
    """Who is responsible for which column of a unit; a column without anybody stands out (第十九条)."""
    unit = units.seen(checked_id(unit_id))
    require(Action.GRANT_READ, unit)
    clerks = responsible.of_columns(unit, clock.today())
    rows = [{"tone": None if clerks[column] else "bad", "cells": {
        "column": name, "who": _people(clerks[column]),
        "end": "、".join(sorted({each.end for each in clerks[column]})) or None}}
        for column, name in COLUMNS.items()]
    lacking = [name for column, name in COLUMNS.items() if not clerks[column]]
    return page(
        "desk/units/list.html", **frame(unit), rows=rows, caption="栏目权限",
        columns=[{"key": "column", "label": "栏目"}, {"key": "who", "label": "经办人", "wide": True},
                 {"key": "end", "label": "使用端"}],
        warning={"text": f"{'、'.join(lacking)}：还没有经办人，请指定人员并授予经办人权限。", "tone": "bad",
                 "title": "有栏目没有人负责（第十九条）"} if lacking else None,
        under=_under(unit), empty={"title": "没有栏目"},
        lead={"text": "每个栏目都应有专人负责录入和维护；点姓名看此人的全部权限。"})


def _under(unit: Unit) -> list[dict[str, Any]]:
    if not may(Action.ACCOUNT_READ, unit):
        return []
    return [{"label": "角色模板", "icon": "key", "href": url_for("desk_templates.index", unit=unit.id)},
            {"label": "从本单位人员中指定", "icon": "people", "primary": True,
             "href": url_for("desk_units.people", unit_id=unit.id)}]


def _people(found: list[responsible.Responsible]) -> dict[str, Any]:
    if not found:
        return {"badge": {"text": "没有人负责", "tone": "bad", "icon": "alert"}}
    first, rest = found[0], found[1:]
    return {"text": first.name, "href": url_for("desk_rights.show", account_id=first.account_id),
            "sub": "另有：" + "、".join(each.name for each in rest) if rest else None}
