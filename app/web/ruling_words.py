"""What stands between a record and its superior, in words: what was said, what waits, what may be done now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
OPINION = {"name": "opinion", "label": "意见", "widget": "textarea", "rows": 2, "maxlength": 200,
           "help": "退回时必须写明，下级可以看到。"}
REASON = {"name": "reason", "label": "理由", "widget": "textarea", "rows": 2, "maxlength": 200, "required": True}


@dataclass(frozen=True)
class Tried:
    """A form about a record that was refused: which, and why."""

    form: str
    attempt: Attempt[Any]


def odd_labels(kept: str | None) -> list[str]:
    """What is odd about a record, in words."""
    return [ODDITIES[each] for each in ODDITIES if each.value in words_of(kept)]


def _notices(about: About, today: date, last: date | None) -> list[dict[str, str]]:
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


def superior(about: About, end: str, tried: Tried | None = None) -> dict[str, Any]:
    """Everything the page says and offers; `end` is `desk` or `mobile`, whose routes the forms go to.

    A form that was refused is drawn again with what was typed; where there is none of it any more, the page says why.
    """
    record, today = about.record, clock.today()
    last = locked_since(record, today)
    notices, forms = _notices(about, today, last), _forms(about, end, tried, locked=last is not None)
    drawn = [*forms["rule"], *(forms[name] for name in ("extend", "ask", "reopen") if forms[name] is not None)]
    if tried is not None and not any(each["open"] for each in drawn):
        notices.insert(0, {"tone": "bad", "text": "".join(tried.attempt.general) or tried.attempt.message})
    return forms | {"notices": notices, "odd": odd_labels(record.odd), "said": _said(about),
                    "locked": last is not None}


def _forms(about: About, end: str, tried: Tried | None, *, locked: bool) -> dict[str, Any]:
    """What may be done now, each with its form; None what may not."""
    record, today = about.record, clock.today()
    place: dict[str, Any] = {"module_key": about.module.key, "record_id": record.id}

    def drawn(act: str, *fields: Mapping[str, Any], key: str | None = None, **more: Any) -> dict[str, Any]:
        return _drawn(key or act, tried, fields) | {"action": url_for(f"{end}_rulings.{act}", **place)} | more

    def allowed(action: Action, *, of_others: bool = False) -> bool:
        return may(action, about.unit, about.module.column) and not (of_others and rulings.own_work(about))

    def days(label: str, least: date, value: date | None) -> dict[str, Any]:
        return {"name": "until", "label": label, "widget": "date", "min": least.isoformat(), "required": True,
                "value": value.isoformat() if value else ""}

    confirms = allowed(Action.RECORD_CONFIRM, of_others=True)
    in_time = record.entered_at is None and record.due_on >= today
    waiting, later = rulings.waits_for(record), record.due_on + ONE_DAY
    return {
        "rule": [drawn("rule", OPINION, key=f"rule-{each.value}", matter=each.value,
                       title=f"{MATTERS[each]}，请您确认或退回") for each in waiting] if confirms else [],
        "waits": [MATTERS[each] for each in waiting if each is Ask.late] if not confirms else [],
        "extend": drawn("extend", days("延期到", later, record.asked_until), REASON, asked=record.asked_until)
        if in_time and allowed(Action.RECORD_EXTEND, of_others=True) else None,
        "ask": drawn("ask_extension", days("希望延到", later, None), REASON, asked=record.asked_until)
        if in_time and allowed(Action.RECORD_UPDATE) else None,
        "reopen": drawn("reopen", days("开放到", today, today + DEFAULT_REOPENING), REASON)
        if locked and allowed(Action.RECORD_REOPEN, of_others=True) else None,
    }


def _drawn(key: str, tried: Tried | None, fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of a form by name, each with an id of its own; with what was typed where this one was refused."""
    refused = tried.attempt if tried is not None and tried.form == key else None
    found = {each["name"]: {**each, "id": f"f-{each['name']}-{key}"} for each in fields}
    if refused is not None:
        for name, each in found.items():
            each |= {"value": request.form.get(name, ""), "errors": list(refused.errors.get(name, ()))}
    return {"fields": found, "listed": list(found.values()), "open": refused is not None,
            "general": refused.general_beside(found) if refused is not None else []}


def _reason() -> Mapping[str, Any]:
    """The words alone; the day that stands beside them in the form is not meant."""
    return load(ReasonBody(), {"reason": request.form.get("reason", "").strip() or None})


def sent(schema: Strict) -> Mapping[str, Any]:
    """The form, checked. Raises Invalid."""
    raw = schema.from_form(request.form)
    return load(schema, {name: value for name, value in raw.items() if value is not None})


def _told(form: str, tried: Attempt[Any], done: str) -> Tried | None:
    """Say what was done; what was not goes back into its form."""
    if tried.failed:
        return Tried(form, tried)
    flash(done, "success")
    return None


def rule(about: About) -> Tried | None:
    """Confirm or return, as the button says."""
    verb = RETURNED if request.form.get("act") == "return" else "confirmed"
    tried = attempt(lambda: rulings.rule(about, verb, lambda: sent(RulingBody())))
    return _told(f"rule-{request.form.get('matter', '')}", tried,
                 "已退回，写明的意见下级可以看到。" if verb == RETURNED else "已确认。")


def extend(about: About) -> Tried | None:
    """Give more time, or none, as the button says."""
    if request.form.get("act") == "decline":
        return _told("extend", attempt(lambda: rulings.decline(about, lambda: _reason())), "已答复：不同意延期。")
    return _told("extend", attempt(lambda: rulings.extend(about, lambda: sent(UntilBody()))), "已批准延期。")


def ask_extension(about: About) -> Tried | None:
    """Ask the superior for more time."""
    return _told("ask_extension", attempt(lambda: rulings.ask_extension(about, lambda: sent(UntilBody()))),
                 "已向上级申请延期。")


def reopen(about: About) -> Tried | None:
    """Open a locked record until a day."""
    return _told("reopen", attempt(lambda: rulings.reopen(about, lambda: sent(UntilBody()))), "已重新开放。")
