"""Units on the console: the tree, the list, and the page of one unit with its tabs."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, filings, overview, seats, units
from app.paging import Page
from app.schemas.fields import Code, Line, Reference
from app.schemas.strict import Strict
from app.units import search
from app.web import unit_people, words
from app.web.account_rows import ACCOUNT_COLUMNS, account_rows
from app.web.filing_rows import FILING_COLUMNS, filing_rows
from app.web.forms import asked
from app.web.list_page import ROWS, chips, pager, several
from app.web.log_rows import read_log
from app.web.render import page
from app.web.side_tree import branch as branch_of
from app.web.side_tree import leads_to, nodes, top
from app.web.unit_frame import frame, is_open, kind_label
from permissions import guard
from permissions.actions import Action
from permissions.grants import SEATS
from permissions.guard import may, my_scope, require
from permissions.roles import PC
from tenants import tree
from tenants.models import CHILDREN, Unit, UnitKind
from tenants.scope import Scope

blueprint = Blueprint("desk_units", __name__, url_prefix="/desk/units")
SHORT = {"0": "没有系统管理员", "1": "只有 1 名系统管理员"}
FOUND = 30


class UnitListQuery(Strict):
    """The list of units: by name or code, or by free administrators' seats."""

    q = Line("单位名称或代码", longest=50)
    administrators = Code("系统管理员", SHORT)
    cursor = Line("翻页标记", longest=400)


class BranchQuery(Strict):
    """A level of the tree, or a search in it; `to` says where its links lead."""

    parent = Reference("上级单位")
    q = Line("单位名称或代码", longest=50)
    to = Line("链接去向", longest=40)


class CursorQuery(Strict):
    """A tab that is a list."""

    cursor = Line("翻页标记", longest=400)


def unit_rows(found: Sequence[Unit], *, parents: bool = False) -> list[dict[str, Any]]:
    """Rows of a list of units, with how many administrators each has, as far as I may know."""
    reads = guard.sight(Action.ADMINISTRATOR_READ)
    taken = overview.seats_taken([unit.id for unit in found], reads) if found and reads else {}
    names = overview.names_of_units([unit.parent_id for unit in found], units.sight()) if parents else {}
    rows = []
    for unit in found:
        sub = "已撤销" if not is_open(unit) else names.get(unit.parent_id or "")
        rows.append({"href": url_for("desk_units.show", unit_id=unit.id), "cells": {
            "name": {"text": unit.name, "sub": sub}, "kind": kind_label(unit), "code": unit.code,
            "seats": _seats_cell(unit, taken, reads),
            "since": unit.valid_from.isoformat()}})
    return rows


def _seats_cell(unit: Unit, taken: dict[str, int], reads: Scope) -> Any:
    if not is_open(unit) or not reads.covers(unit.number):
        return None
    count = taken.get(unit.id, 0)
    tone = "bad" if count == 0 else "warn" if count < len(SEATS) else "good"
    return {"badge": {"text": f"{count} / {len(SEATS)}", "tone": tone}}


UNIT_COLUMNS: list[dict[str, Any]] = [{"key": "name", "label": "单位", "wide": True}, {"key": "kind", "label": "类别"},
                {"key": "code", "label": "单位代码", "nowrap": True}, {"key": "seats", "label": "系统管理员"},
                {"key": "since", "label": "起始日期", "nowrap": True}]


def _found(scope: Scope, found: dict[str, Any]) -> Page[Unit]:
    if found.get("administrators"):
        below = my_scope(Action.UNIT_READ, any_column=True).narrowed(_short_scope())
        return overview.units_with(below, int(found["administrators"]), found.get("q"), cursor=found.get("cursor"),
                                   limit=ROWS)
    if found.get("q"):
        return search(scope, found["q"], cursor=found.get("cursor"), limit=ROWS)
    first = tree.topmost(scope)
    rows = [*first, *(tree.children(first[0], scope) if len(first) == 1 else [])]
    return Page(rows, None, len(rows))


def _short_scope() -> Scope:
    """Whose free seats I am shown: units I appoint for, else those I may read the administrators of."""
    return guard.sight(Action.ADMINISTRATOR_APPOINT) or guard.sight(Action.ADMINISTRATOR_READ)


@blueprint.get("")
@guard.guard(Action.UNIT_READ, channels=PC)
def index() -> str:
    """My units: the topmost and those directly below, or what a search finds."""
    scope = units.visible()
    found = asked(UnitListQuery.kept())
    result = _found(scope, found)
    searching = bool(found.get("q") or found.get("administrators"))
    fields = [{"name": "q", "label": "单位名称或代码", "widget": "search", "value": found.get("q"), "maxlength": 50}]
    if _short_scope():
        fields.append({"name": "administrators", "label": "系统管理员", "widget": "select", "placeholder": "不限",
                       "choices": list(SHORT.items()), "value": found.get("administrators")})
    return page(
        "desk/list.html", title="单位", sub="点单位名称查看；左侧的单位树可以逐级展开",
        columns=UNIT_COLUMNS if guard.sight(Action.ADMINISTRATOR_READ) else [
            column for column in UNIT_COLUMNS if column["key"] != "seats"],
        actions=[{"label": "历史机构", "href": url_for("desk_unit_history.index"), "icon": "calendar"}],
        rows=unit_rows(result.items, parents=searching), page_of=pager(result, "个单位"), filter_fields=fields,
        reset_href=url_for("desk_units.index") if searching else None,
        active=chips({"q": found.get("q"), "administrators": SHORT.get(found.get("administrators", ""))}),
        empty={"title": "没有找到这样的单位", "icon": "search",
               "text": "换一个名称或代码再试；只能找到您管理范围内的单位。"},
    )


@blueprint.get("/tree")
@guard.guard(Action.UNIT_READ, channels=PC)
def branch() -> str | Response:
    """A level of the tree at the left, or what a search in it finds; a browser without script gets the list."""
    scope = units.visible()
    found = asked(BranchQuery.kept())
    leads = leads_to(found.get("to"))
    if "HX-Request" not in request.headers:
        return redirect(url_for("desk_units.index", q=found.get("q")))
    if found.get("q"):
        hits = search(scope, found["q"], cursor=None, limit=FOUND)
        drawn = nodes(hits.items, set(), leads, notes=True)
    else:
        drawn = branch_of(units.seen(found["parent"]), leads) if found.get("parent") else top(leads)
    none_text = "没有找到这样的单位" if found.get("q") else "没有下级单位"
    return render_template("desk/units/branch.html", nodes=drawn, none_text=none_text)


@blueprint.get("/<unit_id>")
@guard.guard(Action.UNIT_READ, channels=PC)
def show(unit_id: str) -> str:
    """概况."""
    scope = units.visible()
    unit = units.seen(unit_id)
    return page("desk/units/show.html", **frame(unit), facts=_facts(unit, scope), figures=_figures(unit),
                history=_history(unit, scope), history_href=url_for("desk_unit_history.show", unit_id=unit.id),
                **_people(unit))


def _facts(unit: Unit, scope: Scope) -> list[dict[str, Any]]:
    names = overview.names_of_units([unit.parent_id, unit.successor_id], scope)
    superior: dict[str, Any] = {"label": "上级管理单位", "value": "本单位为最高一级"}
    if unit.parent_id:
        seen = unit.parent_id in names
        superior["value"] = names.get(unit.parent_id, "不在您的查看范围内")
        superior |= {"href": url_for("desk_units.show", unit_id=unit.parent_id)} if seen else {}
    until = unit.valid_to.isoformat() if unit.valid_to else "长期"
    facts = [superior, {"label": "单位类别", "value": kind_label(unit)}, {"label": "单位代码", "value": unit.code},
             {"label": "有效期", "value": f"{unit.valid_from.isoformat()} 至 {until}"},
             {"label": "状态", "value": "正常" if is_open(unit) else "已撤销"}]
    if unit.successor_id:
        facts.append({"label": "接收单位", "value": names.get(unit.successor_id, "不在您的查看范围内")})
    below = "、".join(kind.label for kind in CHILDREN[UnitKind(unit.kind)])
    return [*facts, {"label": "下面可以设", "value": below, "wide": True}]


def _figures(unit: Unit) -> list[dict[str, Any]]:
    """Number cards over the unit and below, each only where I may see what it counts."""
    inside = tree.below(unit)
    cards = []
    if several(units.sight().narrowed(inside)):
        count = overview.open_units(units.sight().narrowed(inside)) - int(is_open(unit))
        cards.append({"label": "下级单位", "value": f"{count:,}", "unit": "个", "icon": "tree",
                      "href": url_for("desk_units.below", unit_id=unit.id)})
    if cadres := guard.sight(Action.CADRE_READ, any_column=True).narrowed(inside):
        cards.append({"label": "离退休干部", "value": f"{overview.living_cadres(cadres):,}", "unit": "人",
                      "icon": "people", "href": url_for("desk_cadres.index", unit=unit.id),
                      "hint": "含下级单位，不含已离世"})
    if people := guard.sight(Action.ACCOUNT_READ).narrowed(inside):
        staff, of_cadres = overview.accounts_by_kind(people)
        cards.append({"label": "账号", "value": f"{staff + of_cadres:,}", "unit": "个", "icon": "key",
                      "href": url_for("desk_accounts.index", unit=unit.id),
                      "hint": f"工作人员 {staff:,}，老同志 {of_cadres:,}"})
    return cards


def _history(unit: Unit, scope: Scope) -> list[dict[str, str]]:
    moves = overview.moves_of(unit)
    names = overview.names_of_units([unit_id for move in moves for unit_id in (move.from_parent_id, move.to_parent_id)],
                                    scope)
    found = [(former.until, f"更名，原名“{former.name}”") for former in overview.former_names(unit)]
    found += [(move.moved_at, f"由“{names.get(move.from_parent_id, '（范围外的单位）')}”"
                              f"移到“{names.get(move.to_parent_id, '（范围外的单位）')}”之下") for move in moves]
    return [{"at": at.isoformat(), "at_label": words.moment(at), "what": what}
            for at, what in sorted(found, key=lambda each: each[0], reverse=True)]


def _people(unit: Unit) -> dict[str, Any]:
    """Its administrators and what it lacks, for those who may know; and a word where nobody administers it."""
    if not may(Action.ADMINISTRATOR_READ, unit):
        return {}
    taken = seats.listing(unit)
    return {"lacks": unit_people.lacks(unit), "seats_href": url_for("desk_seats.index", unit_id=unit.id),
            "seat_facts": unit_people.seat_facts(unit, taken) if is_open(unit) else [],
            "warning": None if taken else _warning(unit)}


def _warning(unit: Unit) -> dict[str, str] | None:
    """第六、七条: a unit names people in charge; one without any cannot manage what is below it."""
    if not is_open(unit) or not may(Action.ADMINISTRATOR_APPOINT, unit):
        return None
    return {"title": "这个单位还没有系统管理员。", "text": "请在“管理员”一栏任命，一般不超过 2 人（第六、七条）。"}


@blueprint.get("/<unit_id>/below")
@guard.guard(Action.UNIT_READ, channels=PC)
def below(unit_id: str) -> str:
    """下级单位, the closed ones at the end."""
    scope = units.visible()
    unit = units.seen(unit_id)
    rows = sorted(tree.children(unit, scope, with_closed=True), key=lambda each: (not is_open(each), each.number))
    result = Page(rows, None, len(rows))
    return page("desk/units/list.html", **frame(unit), columns=UNIT_COLUMNS, rows=unit_rows(rows),
                caption="下级单位", page_of=pager(result, "个单位") if rows else None,
                empty={"title": "还没有下级单位", "text": "用上面的“新设下级单位”建立。", "icon": "tree"})


@blueprint.get("/<unit_id>/people")
@guard.guard(Action.ACCOUNT_READ, channels=PC)
def people(unit_id: str) -> str:
    """人员: accounts of the unit itself."""
    unit = units.seen(unit_id)
    require(Action.ACCOUNT_READ, unit)
    result = accounts.listing(my_scope(Action.ACCOUNT_READ), accounts.Filters(within=tree.here(unit)),
                              cursor=asked(CursorQuery.kept()).get("cursor"), limit=ROWS)
    under = []
    if is_open(unit) and may(Action.ACCOUNT_OPEN, unit):
        under = [{"label": "开通工作人员账号", "icon": "plus", "primary": True,
                  "href": url_for("desk_accounts.open_staff", unit=unit.id)},
                 {"label": "开通老同志账号", "icon": "plus", "href": url_for("desk_accounts.open_cadre", unit=unit.id)}]
    return page("desk/units/list.html", **frame(unit), columns=ACCOUNT_COLUMNS,
                rows=account_rows(result.items, units_shown=False), caption="本单位的账号",
                page_of=pager(result, "个账号"),
                lead={"text": "只列本单位自己的人员。", "href": url_for("desk_accounts.index", unit=unit.id),
                      "label": "连同下级单位一起查看"}, under=under,
                empty={"title": "这个单位还没有账号", "icon": "person",
                       "text": "账号由系统管理员开通，密码由短信发给本人（第九条）。"})


@blueprint.get("/<unit_id>/filings")
@guard.guard(Action.FILING_READ, channels=PC)
def filing_list(unit_id: str) -> str:
    """报备 about the unit itself."""
    unit = units.seen(unit_id)
    require(Action.FILING_READ, unit)
    result = filings.listing(my_scope(Action.FILING_READ), within=tree.here(unit), acknowledged=None,
                             cursor=asked(CursorQuery.kept()).get("cursor"), limit=ROWS)
    return page("desk/units/list.html", **frame(unit), columns=FILING_COLUMNS,
                rows=filing_rows(result.items), caption="报备", page_of=pager(result),
                lead={"text": "本单位系统管理员的任命和免去，当场报备给上级（第七条）。",
                      "href": url_for("desk_filings.index", unit=unit.id), "label": "连同下级单位一起查看"},
                empty={"title": "还没有报备", "icon": "file"})


@blueprint.get("/<unit_id>/log")
@guard.guard(Action.AUDIT_READ, channels=PC)
def log(unit_id: str) -> str:
    """日志 about the unit itself."""
    unit = units.seen(unit_id)
    require(Action.AUDIT_READ, unit)
    found = asked(CursorQuery.kept())
    entries, result = read_log(tree.here(unit), {"unit": unit.id, **found})
    return page("desk/units/log.html", **frame(unit), entries=entries, page_of=pager(result),
                wider=url_for("desk_log.index", unit=unit.id))
