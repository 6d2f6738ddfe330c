"""`/reports/timeliness`: how timely a unit and its children are; and the same as a spreadsheet."""

import json
from typing import Any

from flask import Response, make_response
from flask_smorest import Blueprint

from app import registry
from app.administration import units
from app.api.declare import routes
from app.api.reading import answer, creates, limit_of, query, values
from app.reports import asking, frozen, sheet
from app.reports.frozen import FrozenReport
from app.reports.shape import as_dict
from app.reports.timeliness import Report
from app.schemas.bodies import FreezeBody
from app.schemas.queries import FrozenQuery, ReportQuery
from permissions.actions import Action
from permissions.guard import guard, my_scope
from permissions.roles import PC
from tenants import clock
from tenants.errors import Invalid

blueprint = Blueprint("api_reports", __name__, url_prefix="/api/v1/reports", description="督查")
route = routes(blueprint)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked() -> Report:
    found = query(ReportQuery.kept())
    return asking.report_on(found["unit"], first=found["from"], last=found["to"], module=found.get("module"),
                            as_of=found.get("as_of"))


@route("GET", "/timeliness", query=ReportQuery)
@guard(Action.REPORT_TIMELINESS)
def timeliness_report() -> Response:
    """及时性统计"""
    return answer(as_dict(_asked()))


@route("GET", "/timeliness.xlsx", query=ReportQuery)
@guard(Action.REPORT_TIMELINESS)
def timeliness_sheet() -> Response:
    """及时性统计表（xlsx）"""
    return sheet_response(_asked())


@route("POST", "/frozen", takes=FreezeBody, gives=201)
@guard(Action.REPORT_FREEZE, channels=PC)
@creates
def freeze_report() -> Response:
    """封存一份及时性统计"""
    found = values(FreezeBody())
    if found.get("module") and found["module"] not in registry.modules():
        raise Invalid(fields={"module": ["没有这种记录。"]})
    report = asking.report_on(found["unit_id"], first=found["from"], last=found["to"], module=found.get("module"),
                              as_of=found.get("as_of"))
    return answer(frozen_out(frozen.freeze(report, found.get("title"))), 201)


@route("GET", "/frozen", query=FrozenQuery)
@guard(Action.REPORT_TIMELINESS)
def list_frozen() -> Response:
    """封存的报表"""
    found = query(FrozenQuery.kept())
    within = units.subtree(units.seen(found["unit"])) if found.get("unit") else None
    my_scope(Action.REPORT_TIMELINESS, any_column=True)
    page = frozen.listing(within, cursor=found.get("cursor"), limit=limit_of(found))
    return answer({"items": [frozen_out(each) for each in page.items], "next": page.next, "total": page.total})


@route("GET", "/frozen/<report_id>")
@guard(Action.REPORT_TIMELINESS)
def show_frozen(report_id: str) -> Response:
    """一份封存的报表，连同当时的数字"""
    kept = frozen.seen(report_id)
    my_scope(Action.REPORT_TIMELINESS, any_column=True)
    return answer(frozen_out(kept.report) | {"whole": kept.whole, "figures": json.loads(kept.report.figures)})


@route("GET", "/frozen/<report_id>/file")
@guard(Action.REPORT_TIMELINESS)
def show_frozen_file(report_id: str) -> Response:
    """封存的表格，一字不变"""
    kept = frozen.file_of(report_id)
    my_scope(Action.REPORT_TIMELINESS, any_column=True)
    return frozen_response(kept)


def frozen_out(kept: FrozenReport) -> dict[str, Any]:
    """A frozen report without its bytes."""
    return {"id": kept.id, "unit_id": kept.unit_id, "unit_name": kept.unit_name, "title": kept.title,
            "from": kept.first.isoformat(), "to": kept.last.isoformat(), "tree_on": kept.tree_on.isoformat(),
            "sha256": kept.sheet_hash, "figures_sha256": kept.figures_hash, "frozen_at": clock.iso(kept.frozen_at),
            "frozen_by": kept.frozen_by, "frozen_by_name": kept.frozen_by_name}


def frozen_response(kept: FrozenReport) -> Response:
    """The bytes as they were frozen."""
    response = make_response(kept.sheet)
    response.mimetype = XLSX
    response.headers["Content-Disposition"] = f"attachment; filename=frozen-{kept.first}-{kept.last}.xlsx"
    return response


def sheet_response(report: Report) -> Response:
    """The spreadsheet as a download; who took it stands in it and in the log."""
    response = make_response(sheet.of(report))
    response.mimetype = XLSX
    response.headers["Content-Disposition"] = f"attachment; filename=timeliness-{report.first}-{report.last}.xlsx"
    return response
