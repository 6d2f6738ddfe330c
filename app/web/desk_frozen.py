"""Frozen reports on the console (封存): keep the one that is shown, list what was kept, look at it, take it."""

import json
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, url_for
from werkzeug.wrappers import Response as Redirect

from app import registry
from app.administration import units
from app.reports import asking, frozen
from app.reports.frozen import FrozenReport
from app.reports.timeliness import Report
from app.schemas.fields import Day, Line, Reference
from app.schemas.queries import FrozenQuery
from app.schemas.strict import Strict
from app.web import words
from app.web.forms import Attempt, asked, attempt, field_of, submitted
from app.web.list_page import ROWS, address, pager
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, my_scope
from permissions.roles import PC
from tenants.errors import Malformed

blueprint = Blueprint("desk_frozen", __name__, url_prefix="/desk/reports")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIST = {"title": "封存的报表"}
COLUMNS: list[dict[str, Any]] = [
    {"key": "title", "label": "报表", "wide": True}, {"key": "unit", "label": "单位"},
    {"key": "at", "label": "封存时间", "nowrap": True}, {"key": "by", "label": "封存人"},
    {"key": "hash", "label": "指纹（前 12 位）", "nowrap": True}]


class FreezeQuery(Strict):
    """The report on the page that is to be kept."""

    class Meta:
        unknown = "raise"
        include = {"from": Day("截止日从", required=True)}

    unit = Reference("单位", required=True)
    to = Day("到", required=True)
    module = Line("记录种类", longest=40)
    as_of = Day("按哪天的隶属关系")


class TitleForm(Strict):
    """What it will be called."""

    title = Line("标题", longest=100, help="不填时用单位名称和统计期间")


def _wanted() -> tuple[dict[str, Any], Report]:
    found = asked(FreezeQuery.kept())
    if any(found.get(name) is None for name in ("unit", "from", "to")):
        raise Malformed("没有说全要封存哪份报表，请回到及时性统计，打开那份报表再点“封存”。")
    return found, asking.report_on(found["unit"], first=found["from"], last=found["to"], module=found.get("module"),
                                   as_of=found.get("as_of"))


def _ask(found: dict[str, Any], report: Report, failed: Attempt[Any] | None = None) -> str:
    said = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in found.items()}
    back = address(url_for("desk_reports.index"), said)
    tree_on = report.tree_on.isoformat() if report.tree_on is not None else "现在"
    facts = [{"label": "单位", "value": report.unit.name},
             {"label": "统计期间", "value": f"{report.first.isoformat()} 至 {report.last.isoformat()}（按截止日）"},
             {"label": "隶属关系", "value": tree_on},
             {"label": "合计", "value": f"应录 {report.total.total:,} 条，按时 {report.total.on_time:,} 条"}]
    title = field_of("title", TitleForm().named()["title"], "", failed.errors.get("title", ()) if failed else ())
    crumbs = [{"title": "及时性统计", "href": back}, {"title": "封存"}]
    return page("desk/confirm.html", title="封存报表", crumbs=crumbs, ask={
        "title": "封存这份报表？", "facts": facts, "submit": "封存", "cancel_href": back, "fields": [title],
        "action": address(url_for("desk_frozen.freeze"), said),
        "consequences": ["现在的数字连同表格原样保存，以后机构调整、补录、改期都不会改变它；",
                         "封存之后谁也不能修改或删除，封存人、时间和指纹记入日志。"]})


@blueprint.get("/freeze")
@guard(Action.REPORT_FREEZE, channels=PC)
def freeze() -> str:
    """What will be kept, and the question."""
    found, report = _wanted()
    frozen.require(report)
    return _ask(found, report)


@blueprint.post("/freeze")
@guard(Action.REPORT_FREEZE, channels=PC)
def frozen_now() -> str | Redirect | tuple[str, int]:
    """Keep it."""
    found, report = _wanted()
    done = attempt(lambda: frozen.freeze(report, submitted(TitleForm()).get("title")))
    if done.value is None:
        return _ask(found, report, done), done.status
    flash("报表已封存。", "success")
    return redirect(url_for("desk_frozen.show", report_id=done.value.id), 303)


@blueprint.get("/frozen")
@guard(Action.REPORT_TIMELINESS, channels=PC)
def index() -> str:
    """What was kept, the latest first."""
    my_scope(Action.REPORT_TIMELINESS, any_column=True)
    found = asked(FrozenQuery.kept())
    unit = units.seen(found["unit"]) if found.get("unit") else None
    result = frozen.listing(units.subtree(unit) if unit is not None else None, cursor=found.get("cursor"), limit=ROWS)
    rows = [{"href": url_for("desk_frozen.show", report_id=each.id), "cells": {
        "title": each.title, "unit": each.unit_name, "at": words.moment(each.frozen_at), "by": each.frozen_by_name,
        "hash": each.sheet_hash[:12]}} for each in result.items]
    return page("desk/list.html", title="封存的报表", sub="封存时的数字和表格原样保存，机构调整、补录都不改变它",
                crumbs=[{"title": "及时性统计", "href": url_for("desk_reports.index")}, LIST], columns=COLUMNS,
                rows=rows, page_of=pager(result, "份"), filter_fields=[], empty={
                    "title": "还没有封存的报表", "icon": "report",
                    "text": "打开及时性统计，选好单位和期间，再点“封存”。"})


@blueprint.get("/frozen/<report_id>")
@guard(Action.REPORT_TIMELINESS, channels=PC)
def show(report_id: str) -> str:
    """The figures as they were, and whether the bytes still are."""
    my_scope(Action.REPORT_TIMELINESS, any_column=True)
    kept = frozen.seen(report_id)
    report: FrozenReport = kept.report
    told = json.loads(report.figures)
    modules = registry.modules()
    rows = [{"cells": {**row, "unit": f"{row['name']}（本级）" if row["own"] else row["name"],
                       "module": modules[row["module"]].title if row["module"] in modules else row["module"]},
             "total": False} for row in told["rows"] if row["total"]]
    rows.append({"cells": {"unit": "合计", "module": "", **told["total_row"]}, "total": True})
    facts = [{"label": "单位", "value": report.unit_name},
             {"label": "统计期间", "value": f"{report.first.isoformat()} 至 {report.last.isoformat()}（按截止日）"},
             {"label": "隶属关系", "value": f"按 {report.tree_on.isoformat()} 的机构"},
             {"label": "封存", "value": f"{report.frozen_by_name}，{words.moment(report.frozen_at)}"},
             {"label": "表格指纹（SHA-256）", "value": report.sheet_hash, "wide": True}]
    return page("desk/reports/frozen.html", title=report.title, facts=facts, rows=rows, whole=kept.whole,
                crumbs=[LIST | {"href": url_for("desk_frozen.index")}, {"title": report.title}],
                file_href=url_for("desk_frozen.file", report_id=report.id))


@blueprint.get("/frozen/<report_id>/file")
@guard(Action.REPORT_TIMELINESS, channels=PC)
def file(report_id: str) -> Response:
    """The sheet, byte for byte."""
    my_scope(Action.REPORT_TIMELINESS, any_column=True)
    kept = frozen.file_of(report_id)
    response = make_response(kept.sheet)
    response.mimetype = XLSX
    response.headers["Content-Disposition"] = f"attachment; filename=frozen-{kept.first}-{kept.last}.xlsx"
    return response
