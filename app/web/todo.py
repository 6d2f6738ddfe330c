"""What I owe and what I was told, on the console and on the phone; reading it off, and the wish for no SMS."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import registry
from app.administration import nominations, overview, units
from app.deadlines.steps import RETURNED
from app.keeping import oversight
from app.obligations import inbox
from app.obligations.inbox import Told
from app.opinions import answers
from app.own.owed import counted, owed
from app.plans.kinds import KINDS
from app.plans.model import PlannedChange
from app.plans.ordering import failed_of
from app.records.calendar import work_calendar
from app.records.model import Record
from app.schemas.queries import PageQuery
from app.timing.kinds import FILING, OPINION, RETURN, kinds
from app.web import home_seats, words
from app.web.forms import asked
from app.web.list_page import ROWS, pager
from app.web.nomination_rows import COLUMNS, nomination_rows
from app.web.phone import staff_page
from app.web.render import page
from permissions import guard
from permissions.actions import Action
from permissions.guard import me, signed_in
from permissions.roles import MOBILE, PC
from tenants import clock

blueprint = Blueprint("todo", __name__)
SHOWN, SOON = 50, 2

@blueprint.get("/desk/todo")
@signed_in(channels=PC)
def index() -> str:
    """待办与消息 on the console."""
    waiting = nominations.waiting_for_me(SHOWN)
    shown = _context("desk_records.show", "desk_filings.index")
    return page("desk/todo/index.html", title="待办与消息", crumbs=[{"title": "待办与消息"}], waits=_waits(shown),
                nominations=nomination_rows(waiting) if waiting else [], nomination_columns=COLUMNS,
                owed_counts=shown["counts"], **shown)


@blueprint.get("/m/todo")
@signed_in(channels=MOBILE)
def index_mobile() -> Any:
    """The same on the phone; a cadre owes nothing and is led to the own home."""
    if me().is_cadre:
        return redirect(url_for("elder.home"))
    return staff_page("mobile/todo.html", **_context("mobile_records.show", None))


def _waits(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """What waits for my word elsewhere on the console: one line each, with the way there."""
    lines = (
        (shown["counts"].filings, "有 {} 份报备等您确认。", url_for("desk_filings.index", acknowledged="no")),
        (shown["to_confirm"], "下级有 {} 件等您确认、退回或答复延期。", url_for("desk_oversight.index")),
        (shown["unanswered"], "有 {} 条老同志的意见建议等您答复。", url_for("desk_opinions.index", state="waiting")),
        (shown["numbers"], "有 {} 件换号申请等您核对后答复。", url_for("desk_phone_changes.index")),
        (shown["transfers"], "有 {} 件人员调动申请等您同意或不同意。", url_for("desk_transfers.index")),
    )
    return [{"text": text.format(number), "href": href, "label": "去办理", "tone": "warn", "icon": "alert"}
            for number, text, href in lines if number]


def _context(record_page: str, filing_page: str | None) -> dict[str, Any]:
    principal, today = me(), clock.today()
    # Asked together what is asked in one scope, so that the database is told each only once.
    moving = home_seats.moving()
    found = inbox.told(principal.account.id, cursor=asked(PageQuery()).get("cursor"), limit=ROWS)
    return {
        "heaps": _heaps(today, record_page),
        "messages": _messages(found.items, record_page, filing_page),
        "to_confirm": oversight.waiting(),
        "failed": [_failed(each) for each in failed_of(principal.account.id)],
        "pager": pager(found), "unread": inbox.unread(principal.account.id),
        "quiet": inbox.is_quiet(principal.account.id), "counts": counted(principal, today),
        "unanswered": answers.waiting_for(principal, guard.sight(Action.OPINION_READ)),
        "numbers": home_seats.numbers(), "transfers": moving,
    }


def _failed(change: PlannedChange) -> dict[str, Any]:
    """A change of units that could not be done on its day."""
    return {"title": f"{KINDS[change.kind].title}（{change.effective_on.isoformat()}）", "text": change.reason or "",
            "href": url_for("desk_unit_changes.show", change_id=change.id) if me().channel in PC else None}


def _heaps(today: date, record_page: str) -> list[dict[str, Any]]:
    """Overdue, due today, soon and later, and what wants a reason; empty ones are left out."""
    mine = owed(me(), today, limit=SHOWN)
    soon = work_calendar().add(today, SOON).on
    split = (
        ("overdue", "已经逾期", mine.overdue),
        ("today", "今天到期", [each for each in mine.due if each.due_on == today]),
        ("soon", f"{SOON} 个工作日内到期", [each for each in mine.due if today < each.due_on <= soon]),
        ("later", "以后到期", [each for each in mine.due if each.due_on > soon]),
        ("returned", "上级退回，等您更正", mine.returned), ("reasons", "缺逾期原因", mine.reasons),
    )
    ids = [record.unit_id for _key, _title, records in split for record in records]
    names = overview.names_of_units(set(ids), units.sight()) if ids else {}
    return [{"id": key, "title": title, "rows": [_record(each, record_page, names, today) for each in records]}
            for key, title, records in split if records]


def _record(record: Record, record_page: str, names: dict[str, str], today: date) -> dict[str, Any]:
    module = registry.module(record.module)
    return {"href": url_for(record_page, module_key=record.module, record_id=record.id),
            "title": record.summary or module.title, "sub": f"{module.title} · {names.get(record.unit_id, '')}",
            "due": record.due_on.isoformat() + ("（暂定）" if record.due_provisional else ""),
            "state": {"timeliness": record.timeliness(today).value, "note": None}}


def _messages(found: Sequence[Told], record_page: str, filing_page: str | None) -> list[dict[str, Any]]:
    modules = inbox.modules_of([each.subject_id for each in found if each.kind == RETURN])
    return [_message(each, modules.get(each.subject_id, each.kind), record_page, filing_page) for each in found]


def _message(each: Told, module_key: str, record_page: str, filing_page: str | None) -> dict[str, Any]:
    kind = kinds().get(each.kind)
    must = f"{kind.title}（{kind.must}）" if kind is not None else each.kind
    text = f"{each.unit_name}的{must}，截止日 {each.due_on.isoformat()}"
    title = "逾期告知" if each.above else words.step(each.step)
    if each.kind == RETURN and each.step == RETURNED:
        title = "上级退回"
    return {"title": title, "text": text, "at": words.moment(each.told_at), "read": each.read,
            "done": not each.open, "href": _href(each, module_key, record_page, filing_page)}


def _href(each: Told, module_key: str, record_page: str, filing_page: str | None) -> str | None:
    """The page of what it is about, where I may still see it."""
    if each.kind == FILING:
        return url_for(filing_page, acknowledged="no") if filing_page else None
    if each.kind == OPINION:
        page_of = "desk_opinions.show" if filing_page else "mobile_opinions.show"
        seen = guard.sight(Action.OPINION_READ).covers(each.unit_number)
        return url_for(page_of, opinion_id=each.subject_id) if seen else None
    module = registry.modules().get(module_key)
    if module is None or not guard.sight(Action.RECORD_READ, module.column).covers(each.unit_number):
        return None
    return url_for(record_page, module_key=module_key, record_id=each.subject_id)


def _read(back: str) -> Response:
    inbox.read_all(me().account.id)
    return redirect(url_for(back), 303)


def _hush(back: str) -> Response:
    quiet = request.form.get("sms") != "on"
    inbox.be_quiet(me(), quiet=quiet)
    flash("已关闭短信提醒，系统内的消息照常显示。" if quiet else "已打开短信提醒。", "good")
    return redirect(url_for(back), 303)


@blueprint.post("/desk/todo/read")
@signed_in(channels=PC)
def read() -> Response:
    """Everything is read."""
    return _read("todo.index")


@blueprint.post("/m/todo/read")
@signed_in(channels=MOBILE)
def read_mobile() -> Response:
    """Everything is read, on the phone."""
    return _read("todo.index_mobile")


@blueprint.post("/desk/todo/sms")
@signed_in(channels=PC)
def sms() -> Response:
    """Reminders by SMS on or off."""
    return _hush("todo.index")


@blueprint.post("/m/todo/sms")
@signed_in(channels=MOBILE)
def sms_mobile() -> Response:
    """Reminders by SMS on or off, on the phone."""
    return _hush("todo.index_mobile")
