"""Rows of the list of defects: where, what about whom, who stands in meanwhile, and the act that mends it."""

from collections.abc import Sequence
from typing import Any

from flask import url_for

from app.administration import managing, overview, units
from app.columns import COLUMNS as COLUMN_NAMES
from app.defects.listing import Defect
from app.web import words
from permissions import guard
from permissions.actions import Action
from permissions.guard import may
from tenants.models import KIND_LABELS, Unit, UnitKind, UnitStatus
from tenants.scope import Scope

COLUMNS: list[dict[str, Any]] = [
    {"key": "unit", "label": "单位", "wide": True}, {"key": "what", "label": "缺什么"},
    {"key": "meanwhile", "label": "目前由谁管理"}, {"key": "act", "label": "办理", "nowrap": True},
]


def defect_rows(found: Sequence[Defect]) -> list[dict[str, Any]]:
    """One row each, in a few statements for all."""
    sight = guard.sight(Action.ADMINISTRATOR_READ)
    concerned = overview.units_of([each.unit_id for each in found], sight)
    people = _names([each.subject for each in found if len(each.subject) == 22], sight)
    empty = [concerned[each.unit_id] for each in found if each.kind in ("none", "left")]
    standing = managing.answering(empty) if empty else {}
    names = overview.names_of_units(list(standing.values()), units.sight())
    return [{"cells": {
        "unit": {"text": concerned[each.unit_id].name, "sub": KIND_LABELS[UnitKind(concerned[each.unit_id].kind)],
                 "href": url_for("desk_units.show", unit_id=each.unit_id)},
        "what": _what(each, concerned[each.unit_id], people),
        "meanwhile": _meanwhile(each, standing, names), "act": _act(each, concerned[each.unit_id])}}
        for each in found]


def _names(ids: Sequence[str], sight: Scope) -> dict[str, str]:
    return overview.names_of_accounts(ids, sight.joined(guard.sight(Action.ACCOUNT_READ)))


def _what(each: Defect, unit: Unit, people: dict[str, str]) -> Any:
    name = people.get(each.subject, "")
    texts = {
        "none": "没有系统管理员", "one": f"只有 {name} 一名", "ineligible": f"{name} 不再符合第七条",
        "filing": f"{(each.since or '')[:10]} 的报备未确认", "column": COLUMN_NAMES.get(each.subject, each.subject),
        "never": f"{name} 从未登录", "unsigned": f"{name} 还没有签署承诺书",
        "apart": f"{name} 是检查人，又持有其他角色",
        "left": "已撤销，仍有人员" if unit.status == UnitStatus.closed else f"终止日期 {each.since} 已过，尚未撤销",
    }
    return texts[each.kind]


def _meanwhile(each: Defect, standing: dict[str, str | None], names: dict[str, str]) -> str:
    if each.unit_id not in standing:
        return "本单位"
    at = standing[each.unit_id]
    return names.get(at, words.SUPERIOR) + "（代管）" if at is not None else "没有上级管理员"


def _act(each: Defect, unit: Unit) -> dict[str, str] | None:
    """The page where it is mended, if it is mine to mend; else the page where it can be looked at."""
    if each.kind in ("none", "one"):
        if may(Action.ADMINISTRATOR_APPOINT, unit):
            return {"text": "任命", "href": url_for("desk_seats.candidates", unit_id=unit.id)}
        if may(Action.ADMINISTRATOR_NOMINATE, unit):
            return {"text": "提名", "href": url_for("desk_nominations.choose", unit_id=unit.id)}
    if each.kind == "ineligible" and may(Action.ADMINISTRATOR_REMOVE, unit):
        return {"text": "更换", "href": url_for("desk_leaving.replace", unit_id=unit.id, account_id=each.subject)}
    if each.kind == "filing":
        mine = may(Action.FILING_ACKNOWLEDGE, unit) and managing.answers_for(unit)
        return {"text": "确认收到", "href": url_for("desk_filings.acknowledge", filing_id=each.subject)} if mine else {
            "text": "查看", "href": url_for("desk_units.filing_list", unit_id=unit.id)}
    if each.kind == "column":
        return {"text": "授予权限", "href": url_for("desk_units.people", unit_id=unit.id)}
    if each.kind == "unsigned":
        return {"text": "人员档案", "href": url_for("desk_staff_file.show", account_id=each.subject)}
    if each.kind == "apart":
        return {"text": "收回其一", "href": url_for("desk_rights.show", account_id=each.subject)}
    if each.kind == "never":
        return {"text": "查看账号", "href": url_for("desk_accounts.show", account_id=each.subject)}
    return {"text": "查看", "href": url_for("desk_units.show", unit_id=unit.id)}
