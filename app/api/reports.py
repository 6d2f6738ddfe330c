"""`/reports/timeliness`: how timely a unit and its children are; and the same as a spreadsheet."""

from typing import Any

from flask import Response, make_response
from flask_smorest import Blueprint

from app.api.declare import routes
from app.api.reading import answer, query
from app.reports import asking, sheet
from app.reports.timeliness import Report
from app.schemas.queries import ReportQuery
from permissions.actions import Action
from permissions.guard import guard
from tenants import clock

blueprint = Blueprint("api_reports", __name__, url_prefix="/api/v1/reports", description="督查")
route = routes(blueprint)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked() -> Report:
    found = query(ReportQuery.kept())
    return asking.report_on(found["unit"], first=found["from"], last=found["to"], module=found.get("module"),
                            as_of=found.get("as_of"))


def report_out(report: Report) -> dict[str, Any]:
    """The report in the contract's form."""
    return {
        "unit": {"id": report.unit.id, "name": report.unit.name},
        "from": report.first.isoformat(), "to": report.last.isoformat(),
        "as_of": clock.iso(report.as_of) if report.as_of is not None else None,
        "tree_on": report.tree_on.isoformat() if report.tree_on is not None else None,
        "left_out": report.left_out,
        "provisional": bool(report.provisional), "provisional_years": list(report.provisional),
        "total_row": report.total.as_dict(),
        "rows": [
            {"unit_id": line.unit.id, "name": line.unit.name, "own": line.own, "module": line.module.key,
             **line.counts.as_dict()}
            for line in report.lines
        ],
    }


@route("GET", "/timeliness", query=ReportQuery)
@guard(Action.REPORT_TIMELINESS)
def timeliness_report() -> Response:
    """及时性统计"""
    return answer(report_out(_asked()))


@route("GET", "/timeliness.xlsx", query=ReportQuery)
@guard(Action.REPORT_TIMELINESS)
def timeliness_sheet() -> Response:
    """及时性统计表（xlsx）"""
    return sheet_response(_asked())


def sheet_response(report: Report) -> Response:
    """The spreadsheet as a download; who took it stands in it and in the log."""
    response = make_response(sheet.of(report))
    response.mimetype = XLSX
    response.headers["Content-Disposition"] = f"attachment; filename=timeliness-{report.first}-{report.last}.xlsx"
    return response
