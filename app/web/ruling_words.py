"""What stands between a record and its superior, in words: what was said, what waits, what may be done now."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import flash, request, url_for

from app.keeping import rulings
from app.keeping.rulings import About
from app.records import ruling
from app.records.standing import ODDITIES, RETURNED, Ask, locked_since, words_of
from app.schemas.rulings import ReasonBody, RulingBody, UntilBody
from app.schemas.strict import Strict, load
from app.web.forms import Attempt, attempt
from app.web.words import moment
from permissions.actions import Action
from permissions.guard import may
from tenants import clock
from tenants.tree import here

MATTERS = {Ask.late: "逾期补录", Ask.correction: "结束日期的更正"}
ONE_DAY = timedelta(days=1)
DEFAULT_REOPENING = timedelta(days=7)


def odd_labels(kept: str | None) -> list[str]:
    """What is odd about a record, in words."""
    return [ODDITIES[each] for each in ODDITIES if each.value in words_of(kept)]


def _notices(about: About, today: date) -> list[dict[str, str]]:
    """Lines above the record, the calmest words that still say it all."""
    record, found = about.record, []
    if record.corrected_due_on is not None:
        end = f"结束日期由 {record.held_ended_on} 改为 {record.ended_on}"
        wait = "已被上级退回" if record.correction_ruling == RETURNED else "等待上级确认"
        found.append({"tone": "warn", "text": f"{end}，{wait}；确认之前，按较早的截止日 {record.due_on} 判断是否按时，"
                                              f"确认后为 {record.corrected_due_on}。"})
    if record.late_ruling == RETURNED:
        found.append({"tone": "warn", "text": "上级退回了这条逾期补录，请按意见修改，保存后自动重新上报。"})
    if record.extended_to is not None:
        found.append({"tone": "calm", "text": f"上级已批准延期到 {record.extended_to}。"})
    last = locked_since(record, today)
    if last is not None:
        found.append({"tone": "calm", "text": f"截止日后 30 个工作日（到 {last}）已过，记录已锁定；"
                                              "确需更正的，请上级单位重新开放。"})
    elif record.reopened_until is not None and today <= record.reopened_until:
        found.append({"tone": "calm", "text": f"上级已重新开放，{record.reopened_until} 前可以修改。"})
    return found


def _said(about: About) -> list[dict[str, Any]]:
    return [{"label": each.said.label, "at": moment(each.at), "who": f"{each.by_unit} {each.by_name}",
             "words": each.words, "until": each.until.isoformat() if each.until else None}
            for each in ruling.of(about.record, here(about.unit))]


def superior(about: About, end: str) -> dict[str, Any]:
    """Everything the page says and offers; `end` is `desk` or `mobile`, whose routes the forms go to."""
    record, today = about.record, clock.today()
    place: dict[str, Any] = {"module_key": about.module.key, "record_id": record.id}

    def to(act: str, **more: Any) -> str:
        return url_for(f"{end}_rulings.{act}", **place, **more)

    def allowed(action: Action) -> bool:
        return may(action, about.unit, about.module.column)

    confirms, extends = allowed(Action.RECORD_CONFIRM), allowed(Action.RECORD_EXTEND)
    in_time = record.entered_at is None and record.due_on >= today
    least = (record.due_on + ONE_DAY).isoformat()
    locked = locked_since(record, today) is not None
    return {
        "notices": _notices(about, today), "odd": odd_labels(record.odd), "said": _said(about), "locked": locked,
        "rule": [{"action": to("rule"), "matter": each.value, "title": f"{MATTERS[each]}，请您确认或退回"}
                 for each in rulings.waits_for(record)] if confirms else [],
        "waits": [MATTERS[each] for each in rulings.waits_for(record) if each is Ask.late] if not confirms else [],
        "extend": {"action": to("extend"), "least": least, "asked": record.asked_until,
                   "value": (record.asked_until or "")} if extends and in_time else None,
        "ask": {"action": to("ask_extension"), "least": least, "asked": record.asked_until}
        if in_time and allowed(Action.RECORD_UPDATE) else None,
        "reopen": {"action": to("reopen"), "least": today.isoformat(),
                   "value": (today + DEFAULT_REOPENING).isoformat()}
        if locked and allowed(Action.RECORD_REOPEN) else None,
    }


def _reason() -> Mapping[str, Any]:
    """The words alone; the day that stands beside them in the form is not meant."""
    return load(ReasonBody(), {"reason": request.form.get("reason", "").strip() or None})


def sent(schema: Strict) -> Mapping[str, Any]:
    """The form, checked. Raises Invalid."""
    raw = schema.from_form(request.form)
    return load(schema, {name: value for name, value in raw.items() if value is not None})


def _told(tried: Attempt[Any], done: str) -> None:
    if tried.failed:
        texts = [text for found in tried.errors.values() for text in found]
        flash("；".join(texts) or tried.message, "error")
    else:
        flash(done, "success")


def rule(about: About) -> None:
    """Confirm or return, as the button says."""
    verb = RETURNED if request.form.get("act") == "return" else "confirmed"
    tried = attempt(lambda: rulings.rule(about, verb, lambda: sent(RulingBody())))
    _told(tried, "已退回，写明的意见下级可以看到。" if verb == RETURNED else "已确认。")


def extend(about: About) -> None:
    """Give more time, or none, as the button says."""
    if request.form.get("act") == "decline":
        tried = attempt(lambda: rulings.decline(about, lambda: _reason()))
        _told(tried, "已答复：不同意延期。")
    else:
        _told(attempt(lambda: rulings.extend(about, lambda: sent(UntilBody()))), "已批准延期。")


def ask_extension(about: About) -> None:
    """Ask the superior for more time."""
    _told(attempt(lambda: rulings.ask_extension(about, lambda: sent(UntilBody()))), "已向上级申请延期。")


def reopen(about: About) -> None:
    """Open a locked record until a day."""
    _told(attempt(lambda: rulings.reopen(about, lambda: sent(UntilBody()))), "已重新开放。")
