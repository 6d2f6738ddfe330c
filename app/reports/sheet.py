"""The timeliness report as a spreadsheet: formula-safe, with who took it, when, and which filter."""

from app.reports.timeliness import Report
from app.sheets.export import write_table
from permissions import audit
from permissions.guard import me
from permissions.phone import mask_phone
from tenants import clock

COLUMNS = (
    ("unit", "单位", "text", 36),
    ("module", "记录种类", "text", 14),
    ("total", "应录", "int", 10),
    ("on_time", "按时录入", "int", 10),
    ("late", "逾期补录", "int", 10),
    ("overdue", "逾期未录", "int", 10),
    ("pending", "未到期", "int", 10),
    ("rate", "按时率", "percent", 10),
)


def of(report: Report) -> bytes:
    """The bytes of the .xlsx; the export goes into the log."""
    principal = me()
    stamp = clock.local(clock.now()).strftime("%Y-%m-%d %H:%M")
    period = f"{report.first.isoformat()} 至 {report.last.isoformat()}（按截止日）"
    meta = [("统计单位", report.unit.name), ("统计期间", period), ("导出人", principal.account.name),
            ("导出时间", stamp), ("编号", audit.request_id())]
    if report.tree_on is not None:
        meta.append(("隶属关系", f"按 {report.tree_on.isoformat()} 的机构"))
    if report.as_of is not None:
        meta.append(("数据截至", clock.local(report.as_of).strftime("%Y-%m-%d %H:%M:%S")))
    if report.provisional:
        years = "、".join(str(year) for year in report.provisional)
        meta.append(("暂定", f"截止日在 {years} 年的记录，放假安排还没有公布，截止日是暂定的，公布后会重算"))
    rows = [
        {"unit": f"{line.unit.name}（本级）" if line.own else line.unit.name, "module": line.module.title,
         **line.counts.as_dict(), "rate": line.counts.rate if line.counts.rate is not None else ""}
        for line in report.lines
    ]
    rows.append({"unit": "合计", "module": "", **report.total.as_dict(),
                 "rate": report.total.rate if report.total.rate is not None else ""})
    audit.note(audit.entry("report:export", "timeliness", None, report.unit,
                           after={"from": report.first.isoformat(), "to": report.last.isoformat()}))
    return write_table("服务记录录入及时性统计表", meta, COLUMNS, rows,
                       f"{principal.account.name} {mask_phone(principal.account.phone)} {stamp}")
