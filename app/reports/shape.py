"""A report as plain values: what the API answers and what is frozen."""

from typing import Any

from app.reports.timeliness import Report
from tenants import clock


def as_dict(report: Report) -> dict[str, Any]:
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
