"""The timeliness report on the console: from the province down to single records; only outcomes are compared."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, make_response, url_for

from app import registry
from app.administration import units
from app.deadlines.rules import Timeliness
from app.records.module import Module
from app.reports import asking, sheet
from app.reports.timeliness import Counts, Report
from app.schemas.fields import Day, Line, Reference
from app.schemas.strict import Strict
from app.web.forms import asked
from app.web.list_page import address, here
from app.web.periods import Period, named
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, may, me, my_scope, sight
from permissions.needs import holds
from permissions.roles import PC
from tenants import clock, tree
from tenants.models import Unit
from tenants.place import Place
from tenants.scope import Scope

blueprint = Blueprint("desk_reports", __name__, url_prefix="/desk/reports")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OUTCOMES = (Timeliness.on_time, Timeliness.late, Timeliness.overdue, Timeliness.pending)
TONES = {"on_time": "good", "late": "warn", "overdue": "bad", "pending": "calm"}
WORDS = {"on_time": "按时", "late": "逾期补录", "overdue": "逾期未录", "pending": "未到期"}


class TimelinessQuery(Strict):
    """Unit, period of due dates, kind of record, day of the tree; without them my own unit, this quarter, all, now."""

    class Meta:
        unknown = "raise"
        include = {"from": Day("截止日从")}

    unit = Reference("单位")
    to = Day("到")
    module = Line("记录种类", longest=40)
    as_of = Day("按哪天的隶属关系")


def _reach() -> Scope:
    """Where I may read the report for any kind of record."""
    found = Scope()
    for column in sorted({module.column for module in registry.modules().values()}):
        found = found.joined(sight(Action.REPORT_TIMELINESS, column))
    return found


def _ask(found: dict[str, Any], reach: Scope) -> tuple[Report, Period]:
    """The report the address asks for, of the first unit I may without one. Forbidden, NotFound or Malformed."""
    mine = me()
    column = next((each.column for each in registry.modules().values()
                   if holds(mine, Action.REPORT_TIMELINESS, each.column)), None)
    my_scope(Action.REPORT_TIMELINESS, column)
    unit_id = found.get("unit")
    if not unit_id:
        unit_id = mine.unit.id if reach.covers(mine.unit.number) else tree.topmost(reach)[0].id
    period = Period.chosen(found.get("from"), found.get("to"), clock.today())
    return asking.report_on(unit_id, first=period.first, last=period.last, module=found.get("module"),
                            as_of=found.get("as_of")), period


def _records(module: Module, unit: Unit | Place, period: Period, *, own: bool,
             outcome: Timeliness | None = None) -> str:
    """The list of records behind a figure."""
    return address(url_for("desk_records.index", module_key=module.key), {
        "unit": unit.id, "due_from": period.first.isoformat(), "due_to": period.last.isoformat(),
        "own": "1" if own else None, "timeliness": outcome.value if outcome is not None else None,
        "show": None if outcome is not None else "all"})


def _figures(counts: Counts, module: Module | None, unit: Unit | Place, period: Period, *, own: bool) -> dict[str, Any]:
    """The figures of a row; each leads to its records where the row is about one kind of them."""
    def href(outcome: Timeliness | None) -> str | None:
        return _records(module, unit, period, own=own, outcome=outcome) if module is not None else None

    figures = {each.value: {"n": getattr(counts, each.value), "href": href(each), "tone": TONES[each.value],
                            "label": WORDS[each]} for each in OUTCOMES}
    return {"total": {"n": counts.total, "href": href(None)}, "outcomes": figures, "rate": counts.rate}


def _by_unit(report: Report, period: Period, module: Module | None) -> list[dict[str, Any]]:
    """One row per child, the unit's own first."""
    rows = []
    for unit, own, counts in report.by_unit():
        rows.append({"name": "本级" if own else unit.name, "own": own, "sub": f"{unit.name}自己的记录" if own else None,
                     "closed": unit.status == "closed", "href": None if own else here(unit=unit.id),
                     **_figures(counts, module, unit, period, own=own)})
    return rows


def _by_module(report: Report, period: Period, *, own: bool) -> list[dict[str, Any]]:
    """One row per kind of record, of the whole subtree or of the unit alone."""
    kinds: dict[str, Module] = {line.module.key: line.module for line in report.lines}
    rows = []
    for key, module in kinds.items():
        counts = sum((line.counts for line in report.lines if line.module.key == key and (line.own or not own)),
                     Counts())
        rows.append({"name": module.title, "href": here(module=key), "own": False, "sub": None, "closed": False,
                     **_figures(counts, module, report.unit, period, own=own)})
    return rows


def _total(counts: Counts, module: Module | None, unit: Unit, period: Period, *, own: bool) -> dict[str, Any]:
    return {"name": "合计", "own": False, "sub": None, "href": None, "closed": False,
            **_figures(counts, module, unit, period, own=own)}


def _crumbs(unit: Unit, reach: Scope) -> list[dict[str, Any]]:
    """The units from my topmost one down to this; each keeps period and kind."""
    line = tree.ancestors(unit, units.sight().narrowed(reach))
    return [{"title": "及时性统计"}, *({"title": each.name, "href": here(unit=each.id)} for each in line)]


def _module_tabs(chosen: str | None, kinds: Sequence[Module]) -> list[dict[str, Any]]:
    tabs = [{"title": "全部", "href": here(module=None), "active": chosen is None}]
    return tabs + [{"title": each.title, "href": here(module=each.key), "active": each.key == chosen} for each in kinds]


def _acts(report: Report, said: dict[str, Any]) -> list[dict[str, Any]]:
    """What can be done with the report on the page."""
    kept = {"label": "封存的报表", "icon": "list",
            "href": address(url_for("desk_frozen.index"), {"unit": report.unit.id})}
    taken = {"label": "导出 Excel", "icon": "download", "download": True,
             "href": address(url_for("desk_reports.xlsx"), said)}
    freezes = all(may(Action.REPORT_FREEZE, report.unit, line.module.column) for line in report.lines)
    seal = {"label": "封存", "icon": "key", "href": address(url_for("desk_frozen.freeze"), said)}
    return [kept, *([seal] if freezes else []), taken]


@blueprint.get("/timeliness")
@guard(Action.REPORT_TIMELINESS, channels=PC)
def index() -> str:
    """A unit, its children, and the kinds of record."""
    found = asked(TimelinessQuery.kept())
    reach = _reach()
    report, period = _ask(found, reach)
    chosen = registry.module(found["module"]) if found.get("module") else None
    mine = me()
    kinds = [each for each in registry.modules().values() if holds(mine, Action.REPORT_TIMELINESS, each.column)]
    linked = chosen if report.tree_on is None else None  # records are listed by the tree of today
    rows = _by_unit(report, period, linked)
    said = {"unit": report.unit.id, "from": period.first.isoformat(), "to": period.last.isoformat(),
            "module": found.get("module"),
            "as_of": report.tree_on.isoformat() if report.tree_on is not None else None}
    own_counts = sum((counts for _unit, own, counts in report.by_unit() if own), Counts())
    return page(
        "desk/reports/timeliness.html", title="及时性统计", crumbs=_crumbs(report.unit, reach), unit=report.unit,
        owner=report.unit, period=period, rows=rows,
        total=_total(report.total, chosen, report.unit, period, own=False),
        own_total=_total(own_counts, chosen, report.unit, period, own=True), counts=report.total, module=chosen,
        periods=[{"title": each.title, "active": each == period,
                  "href": here(**{"from": each.first.isoformat(), "to": each.last.isoformat()})}
                 for each in named(clock.today())],
        tabs=_module_tabs(found.get("module"), kinds), children=len(rows) - 1,
        kinds=[] if chosen is not None else _by_module(report, period, own=False),
        own_kinds=[] if chosen is not None or len(rows) == 1 else _by_module(report, period, own=True),
        report_acts=_acts(report, said),
        hidden={name: value for name, value in said.items() if value and name in ("unit", "module")},
        parts=[{"label": WORDS[each], "value": getattr(report.total, each.value), "tone": TONES[each.value]}
               for each in OUTCOMES],
        provisional=report.provisional, tree_on=said["as_of"], left_out=report.left_out,
        printed=clock.local(clock.now()).strftime("%Y-%m-%d %H:%M"), by=mine.account.name,
        as_of=clock.local(report.as_of).strftime("%H:%M:%S") if report.as_of is not None else None,
    )


@blueprint.get("/timeliness.xlsx")
@guard(Action.REPORT_TIMELINESS, channels=PC)
def xlsx() -> Response:
    """The same as a spreadsheet; who took it stands in it and in the log."""
    report, period = _ask(asked(TimelinessQuery.kept()), _reach())
    response = make_response(sheet.of(report))
    response.mimetype = XLSX
    response.headers["Content-Disposition"] = f"attachment; filename=timeliness-{period.first}-{period.last}.xlsx"
    return response
