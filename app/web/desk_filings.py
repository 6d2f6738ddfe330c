"""Filings (报备, 第七条) on the console: the list, what waits too long, the superior's word."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import filings, managing, overview, seats
from app.schemas.fields import Code, Line, Reference
from app.schemas.strict import Strict
from app.timing.filing_days import overdue
from app.web import words
from app.web.filing_rows import FILING_COLUMNS, answer_by, filing_rows, said
from app.web.forms import Attempt, asked, attempt
from app.web.list_page import ROWS, chips, narrowed, pager, several, unit_field
from app.web.render import page
from permissions import guard
from permissions.actions import Action
from permissions.grants import Filing
from permissions.guard import my_scope, require
from permissions.roles import PC
from tenants import clock
from tenants.models import Unit

blueprint = Blueprint("desk_filings", __name__, url_prefix="/desk/filings")
STATES = {"no": "待确认", "late": "逾期未确认", "yes": "已确认"}
Answer = str | Response | tuple[str, int]


class FilingListQuery(Strict):
    """The list of filings."""

    unit = Reference("单位")
    acknowledged = Code("情况", STATES)
    cursor = Line("翻页标记", longest=400)


@blueprint.get("")
@guard.guard(Action.FILING_READ, channels=PC)
def index() -> str:
    """Filings in my reach, newest first."""
    scope = my_scope(Action.FILING_READ)
    found = asked(FilingListQuery.kept())
    unit, inside = narrowed(found.get("unit"), scope)
    wanted = found.get("acknowledged")
    result = filings.listing(inside, within=None, acknowledged=None if wanted is None else wanted == "yes",
                             cursor=found.get("cursor"), limit=ROWS,
                             also=overdue(clock.today()) if wanted == "late" else None)
    fields = [{"name": "acknowledged", "label": "情况", "widget": "select", "placeholder": "全部",
               "choices": list(STATES.items()), "value": wanted}]
    if several(scope):
        fields.insert(0, unit_field(scope, unit))
    return page(
        "desk/list.html", title="报备", sub="系统管理员的任命和免去须及时报备，由上级管理单位确认（第七条）", unit=unit,
        filter_fields=fields, columns=FILING_COLUMNS, rows=filing_rows(result.items), page_of=pager(result),
        reset_href=url_for("desk_filings.index") if found else None,
        active=chips({"unit": unit.name if unit is not None else None, "acknowledged": STATES.get(wanted or "")}),
        empty={"title": f"没有{STATES[wanted]}的报备" if wanted else "没有报备", "icon": "check-circle",
               "text": "任命或免去系统管理员时，系统自动报备给上级。"})


def _ask(filing: Filing, unit: Unit, failed: Attempt[Filing] | None = None) -> str:
    scope = guard.sight(Action.FILING_READ)
    names = overview.names_of_accounts([filing.account_id, filing.filed_by], scope)
    facts = [{"label": "事项", "value": said(filing, names)}, {"label": "单位", "value": unit.name},
             {"label": "席位", "value": f"{filing.seat} 号"},
             {"label": "报备时间", "value": words.moment(filing.filed_at)},
             {"label": "办理人", "value": names.get(filing.filed_by or "", words.SUPERIOR)}]
    if filing.acknowledged_at is None:
        facts.append({"label": "确认期限", "value": answer_by(filing, unit.path).isoformat()})
    return page("desk/confirm.html", unit=unit, title="确认报备", crumbs=[
        {"title": "报备", "href": url_for("desk_filings.index")}, {"title": "确认"}], ask={
        "title": "确认收到这条报备？", "facts": facts, "submit": "确认收到", "action": request.path,
        "cancel_href": url_for("desk_filings.index", acknowledged="no"),
        "general": failed.general if failed is not None else [],
        "consequences": ["记下您的姓名和确认时间；", "确认之后不能撤回。"]})


@blueprint.get("/<filing_id>/acknowledge")
@guard.guard(Action.FILING_ACKNOWLEDGE, channels=PC)
def acknowledge(filing_id: str) -> Answer:
    """The question."""
    filing, unit = filings.seen(filing_id)
    require(Action.FILING_ACKNOWLEDGE, unit)
    managing.require_answering(unit)
    return _ask(filing, unit)


@blueprint.post("/<filing_id>/acknowledge")
@guard.guard(Action.FILING_ACKNOWLEDGE, channels=PC)
def acknowledged(filing_id: str) -> Answer:
    """The superior's word."""
    filing, unit = filings.seen(filing_id)
    require(Action.FILING_ACKNOWLEDGE, unit)
    done = attempt(lambda: seats.acknowledge(filing, unit))
    if done.failed:
        return _ask(filing, unit, done), done.status
    flash(f"已确认“{unit.name}”的报备。", "success")
    return redirect(url_for("desk_filings.index", acknowledged="no"), 303)
