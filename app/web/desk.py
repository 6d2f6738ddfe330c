"""The console's first page: what I owe, what waits for my word, and for those above, how timely it goes below."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, url_for

from app import registry
from app.administration import filings, overview
from app.keeping import oversight
from app.obligations import inbox
from app.opinions import answers
from app.opinions import store as opinions
from app.own.owed import Counted, counted, owed
from app.records.calendar import missing_years, work_calendar
from app.records.model import Record
from app.reports.asking import report_on
from app.reports.timeliness import Counts, Report
from app.timing import notices
from app.web import home_seats, words
from app.web.filing_rows import FILING_COLUMNS, filing_rows
from app.web.own_notices import own_notices
from app.web.periods import Period
from app.web.render import page, works_elsewhere
from app.web.tellings import tellings
from permissions import guard
from permissions.actions import Action
from permissions.guard import me, signed_in
from permissions.needs import holds
from permissions.roles import PC
from tenants import clock, tree
from tenants.models import Unit
from tenants.place import Place
from tenants.scope import Scope

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
SHOWN, WORST, LATEST = 8, 8, 3
SOON = 2
WEEKDAYS = "一二三四五六日"
GREETINGS = ((5, "夜深了"), (11, "上午好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))


def _greeting() -> str:
    hour = clock.local(clock.now()).hour
    return next(text for until, text in GREETINGS if hour < until)


@blueprint.get("/")
@signed_in(channels=PC)
def home() -> str:
    """待办."""
    principal, today = me(), clock.today()
    waiting = counted(principal, today, work_calendar().add(today, SOON).on)
    below = guard.sight(Action.ADMINISTRATOR_APPOINT)
    short = overview.short_of_administrators(below) if below else {}
    # Asked together what is asked in one scope, so that the database is told each only once.
    (latest, unanswered), numbers, report = _opinions(), home_seats.numbers(), _report(today)
    lacks = home_seats.own_lacks()
    return page(
        "desk/home/index.html", title=f"{principal.account.name}，{_greeting()}", owed_counts=waiting,
        sub=f"{today.year} 年 {today.month} 月 {today.day} 日 星期{WEEKDAYS[today.weekday()]} · {principal.at.name}",
        cards=[*_own_cards(waiting), *_unanswered(unanswered), *_cards_above(waiting, short, report),
               *home_seats.card("换号申请", numbers, "phone", "desk_phone_changes.index", "等您核对后答复"), *lacks,
               *home_seats.card("人员调动申请", home_seats.moving(), "switch", "desk_transfers.index", "等您答复"),
               *_unread()], heaps=_heaps(waiting, today),
        filings=_filings(waiting), told=tellings(), own_notices=own_notices(),
        filing_columns=[each for each in FILING_COLUMNS if each["key"] not in ("seat", "receiver")],
        report=_summary(report) if report is not None else None, short=_short(below, short), latest=latest,
        elsewhere=works_elsewhere(), nothing=not holds(principal, Action.UNIT_READ, any_column=True))


def _enters() -> bool:
    return any(holds(me(), Action.RECORD_UPDATE, module.column) for module in registry.modules().values())


def _unread() -> list[dict[str, Any]]:
    """Messages nobody has read yet."""
    number = inbox.unread(me().account.id)
    return [{"label": "未读消息", "value": number, "unit": "条", "icon": "bell", "tone": "warn",
             "href": url_for("todo.index"), "hint": "提醒和逾期告知"}] if number else []


def _own_cards(waiting: Counted) -> list[dict[str, Any]]:
    """What a clerk owes; for whoever enters nothing, nothing."""
    if not _enters():
        return []
    heaps = (
        ("overdue", "逾期未录", waiting.overdue, "alert", "bad", "请尽快补录，写明原因", "没有逾期"),
        ("due", "等待录入", waiting.due, "clock", "warn",
         f"今天到期 {waiting.today} 件，{SOON} 个工作日内到期 {waiting.soon} 件", "没有等待录入的"),
        ("returned", "上级退回", waiting.returned, "undo", "bad", "请按意见更正", "没有退回的"),
        ("reasons", "缺逾期原因", waiting.reasons, "edit", "warn", "补录的要写原因", "都写了原因"),
    )
    return [{"label": label, "value": count, "unit": "件", "icon": icon, "href": f"#{name}" if count else None,
             "tone": tone if count else "good", "hint": some if count else none}
            for name, label, count, icon, tone, some, none in heaps]


def _cards_above(waiting: Counted, short: dict[int, int], report: Report | None) -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = [*_missing_calendar(), *_to_confirm(), *home_seats.cards(waiting, short)]
    if report is not None:
        total = report.total
        cards.append({"label": "本季按时率", "value": "—" if total.rate is None else f"{total.rate * 100:.1f}",
                      "unit": "%" if total.rate is not None else "", "icon": "check-circle", "tone": "calm",
                      "href": _report_href(report), "hint": f"{total.on_time:,} / {total.settled:,} 件"})
    return cards


def _to_confirm() -> list[dict[str, Any]]:
    """What those below ask of me: late entries, corrections, more time."""
    if not holds(me(), Action.RECORD_CONFIRM, any_column=True):
        return []
    number = oversight.waiting()
    return [{"label": "等您确认", "value": number, "unit": "件", "icon": "flag", "tone": "warn" if number else "good",
             "href": url_for("desk_oversight.index"), "hint": "下级的逾期补录、改期和延期申请"}]


def _missing_calendar() -> list[dict[str, Any]]:
    """From 1 November a missing next year is the first thing the province's administrators see."""
    if not notices.may_update():
        return []
    return [{"label": "缺少放假安排", "value": year, "unit": "年", "icon": "alert", "tone": "bad",
             "hint": "截止日都是暂定的，请录入通知", "href": url_for("desk_calendar.edit", year=year)}
            for year in missing_years(clock.today())]


def _heaps(waiting: Counted, today: date) -> list[dict[str, Any]]:
    """The clerk's lists, the soonest due first."""
    if not waiting.records:
        return []
    found = owed(me(), today, limit=SHOWN)
    shown = (*found.overdue, *found.due, *found.returned, *found.reasons)
    names = overview.names_of_units([record.unit_id for record in shown],
                                    guard.sight(Action.UNIT_READ, any_column=True))
    heaps = (("overdue", "逾期未录", found.overdue, waiting.overdue), ("due", "等待录入", found.due, waiting.due),
             ("returned", "上级退回，等待更正", found.returned, waiting.returned),
             ("reasons", "缺逾期原因", found.reasons, waiting.reasons))
    return [{"id": name, "title": title, "rows": [_owed_row(record, names, today) for record in records],
             "more": count - len(records)} for name, title, records, count in heaps if records]


def _owed_row(record: Record, names: dict[str, str], today: date) -> dict[str, Any]:
    left = (record.due_on - today).days
    note = {0: "今天到期", 1: "明天到期"}.get(left) if record.entered_at is None and left <= SOON else None
    module = registry.module(record.module)
    return {"href": url_for("desk_records.show", module_key=record.module, record_id=record.id), "cells": {
        "what": {"text": record.summary or module.title, "sub": f"{module.title} · {names.get(record.unit_id, '')}"},
        "ended": record.ended_on.isoformat(),
        "due": {"text": record.due_on.isoformat(), "sub": "暂定" if record.due_provisional else None},
        "state": {"badge": {"timeliness": record.timeliness(today).value, "note": note}}}}


def _filings(waiting: Counted) -> list[dict[str, Any]]:
    """The first filings that wait for my unit's word."""
    if not waiting.filings:
        return []
    scope = guard.sight(Action.FILING_ACKNOWLEDGE)
    found = filings.listing(scope, within=None, acknowledged=False, cursor=None, limit=SHOWN, receiver=me().unit)
    return filing_rows(found.items)


def _my_top() -> Unit | None:
    """Where my reading of the report begins: the topmost unit I hold it for."""
    scopes = [guard.sight(Action.REPORT_TIMELINESS, module.column) for module in registry.modules().values()]
    whole = Scope.of([each for scope in scopes for each in scope.ranges])
    return next(iter(tree.topmost(whole)), None) if whole else None


def _report(today: date) -> Report | None:
    unit = _my_top()
    if unit is None:
        return None
    quarter = Period.chosen(None, None, today)
    return report_on(unit.id, first=quarter.first, last=quarter.last, module=None)


def _report_href(report: Report, unit: Unit | Place | None = None) -> str:
    period: dict[str, Any] = {"from": report.first.isoformat(), "to": report.last.isoformat()}
    return url_for("desk_reports.index", unit=(unit or report.unit).id, **period)


def _summary(report: Report) -> dict[str, Any]:
    """The quarter in one bar, and the units that need looking at first."""
    lines = [line for line in report.by_unit() if line[2].total]
    rest = [line for line in lines if not line[1]]
    ranked = sorted(rest, key=lambda line: (line[2].rate is None, line[2].rate or 0, -line[2].overdue))
    return {
        "title": f"{report.unit.name} 本季录入及时性", "href": _report_href(report), "parts": _parts(report.total),
        "rows": [_report_row(report, unit, counts) for unit, _own, counts in ranked[:WORST]],
        "more": max(0, len(rest) - WORST), "period": f"截止日在 {report.first} 至 {report.last} 之间"}


def _parts(counts: Counts) -> list[dict[str, Any]]:
    return [{"label": "按时", "value": counts.on_time, "tone": "good"},
            {"label": "逾期补录", "value": counts.late, "tone": "warn"},
            {"label": "逾期未录", "value": counts.overdue, "tone": "bad"},
            {"label": "未到期", "value": counts.pending, "tone": "calm"}]


def _report_row(report: Report, unit: Unit | Place, counts: Counts) -> dict[str, Any]:
    return {"href": _report_href(report, unit), "cells": {
        "unit": unit.name, "total": f"{counts.total:,}", "overdue": f"{counts.overdue:,}",
        "rate": {"rate": counts.rate}}}


def _short(below: Scope, counts: dict[int, int]) -> list[dict[str, Any]]:
    """The first units below without any administrator, the highest levels first."""
    if not counts.get(0):
        return []
    found = overview.units_with(below, 0, None, cursor=None, limit=SHOWN).items
    return [{"name": unit.name, "href": url_for("desk_seats.index", unit_id=unit.id)} for unit in found]


def _opinions() -> tuple[list[dict[str, Any]], int | None]:
    """The latest opinions, where I may read them, and how many wait for my answer; None for whoever answers none."""
    scope = guard.sight(Action.OPINION_READ)
    if not scope:
        return [], None
    found: Sequence[Any] = opinions.listing(scope, within=None, cursor=None, limit=LATEST).items
    waiting = answers.waiting_for(me(), scope) if holds(me(), Action.OPINION_ANSWER) else None
    return [{"at": clock.iso(opinion.created_at), "at_label": words.moment(opinion.created_at), "who": name,
             "href": url_for("desk_opinions.show", opinion_id=opinion.id),
             "what": opinion.text if len(opinion.text) <= 60 else f"{opinion.text[:60]}…"}
            for opinion, name in found], waiting


def _unanswered(number: int | None) -> list[dict[str, Any]]:
    """Opinions that wait for an answer of my unit; nothing where there are none."""
    if not number:
        return []
    return [{"label": "待答复意见", "value": number, "unit": "条", "icon": "chat", "tone": "warn",
             "href": url_for("desk_opinions.index", state="waiting"), "hint": "老同志的意见建议，第十七条"}]
