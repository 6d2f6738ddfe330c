"""Deadline rules on the console: what holds for a unit and where it comes from, and a unit's own word."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import registry
from app.administration import units
from app.deadlines.rules import MEASURES, MOST, Measure, Within
from app.records.redating import Sum
from app.records.rulebook import DeadlineRule
from app.schemas.fields import Day, Reference
from app.schemas.strict import Strict
from app.timing import rules
from app.timing.asking import unit_asked
from app.timing.kinds import Kind, kind
from app.timing.rules import Effective, Word
from app.web import words
from app.web.desk_records import due_days
from app.web.forms import Attempt, asked, attempt
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, may, require
from permissions.roles import PC
from tenants import clock
from tenants.errors import Invalid
from tenants.models import Unit

blueprint = Blueprint("desk_rules", __name__, url_prefix="/desk")
TITLE = "时限规则"
VERBS = {"set": "规定", "end": "停止", "withdraw": "撤回"}
LEVELS = ("本单位管理员", "上级管理员", "再上一级管理员")
Answer = str | Response | tuple[str, int]


class RulesQuery(Strict):
    """The unit in view."""

    unit = Reference("单位")


class ExampleQuery(Strict):
    """The day an example counts from."""

    ended_on = Day("起算日期")


def reminders(steps: tuple[int, ...]) -> str:
    """`提前 2 个工作日、当天`."""
    said = [f"提前 {-step} 个工作日" if step < 0 else f"逾期 {step} 个工作日" if step else "当天" for step in steps]
    return "、".join(said) or "不提醒"


def escalations(steps: tuple[int, ...]) -> str:
    """`逾期 1 个工作日告知本单位管理员；…`."""
    return "；".join(f"逾期 {step} 个工作日告知{who}" for step, who in zip(steps, LEVELS, strict=False)) or "不升级"


@blueprint.get("/rules")
@guard(Action.DEADLINE_EXPLAIN, channels=PC)
def index() -> str:
    """Every kind of work and its deadline in a unit today."""
    unit, today = unit_asked(asked(RulesQuery.kept()).get("unit")), clock.today()
    rows = [{"href": url_for("desk_rules.show", unit_id=unit.id, kind_key=each.kind.key), "cells": {
        "kind": {"text": each.kind.title, "sub": f"从{each.kind.trigger}起算"},
        "rule": each.decided.by.rule.words, "source": _source(each), "since": each.decided.by.since or "一直",
        "reminders": {"text": reminders(each.ladder.reminders), "sub": escalations(each.ladder.escalations)},
    }} for each in rules.effective(unit, today)]
    return page("desk/rules/index.html", title=TITLE, unit=unit, owner=unit, rows=rows, today=today,
                crumbs=[{"title": TITLE}, {"title": unit.name}])


def _source(found: Effective) -> dict[str, Any]:
    return {"text": found.source, "sub": found.decided.by.rule.article}


@blueprint.get("/units/<unit_id>/rules/<kind_key>")
@guard(Action.DEADLINE_EXPLAIN, channels=PC)
def show(unit_id: str, kind_key: str) -> str:
    """One kind in one unit: what decides, what else applies, an example, the unit's own words."""
    unit, about = unit_asked(unit_id), kind(kind_key)
    return _show(unit, about, None)


def _show(unit: Unit, about: Kind, tried: Attempt[Any] | None) -> str:
    today = clock.today()
    day = (asked(ExampleQuery.kept()).get("ended_on") if request.method == "GET" else None) or today
    (found,) = rules.effective(unit, day, [about.key])
    module = registry.modules().get(about.key)
    return page(
        "desk/rules/show.html", title=f"{about.title}的时限", unit=unit, owner=unit, kind=about, day=day.isoformat(),
        found=found, reminders=reminders(found.ladder.reminders), escalations=escalations(found.ladder.escalations),
        rows=[{"tone": "good" if applied is found.decided.by else None, "cells": {
            "who": name, "rule": applied.rule.words, "since": applied.since or "一直", "basis": applied.rule.article,
            "state": {"badge": {"text": "起作用", "tone": "good"}} if applied is found.decided.by else "较宽，未起作用",
        }} for applied, name in found.sources],
        example=due_days(module, day, unit) if module is not None else None,
        own=[_own(row) for row in rules.own_words(unit, about.key)],
        fields=_fields(tried) if may(Action.RULE_UPDATE, unit) else None,
        general=tried.general_beside(dict.fromkeys(NAMES)) if tried is not None and tried.failed else [],
        crumbs=[{"title": TITLE, "href": url_for("desk_rules.index", unit=unit.id)}, {"title": about.title}])


def _own(row: DeadlineRule) -> dict[str, Any]:
    rule = row.rule
    return {"cells": {"since": row.since, "verb": VERBS[row.verb], "rule": rule.words if rule is not None else "",
                      "basis": row.basis, "at": words.moment(row.set_at)}}


NAMES = ("verb", "since", "amount", "measure", "reminders", "escalations", "basis")


def _fields(tried: Attempt[Any] | None) -> list[dict[str, Any]]:
    errors = tried.errors if tried is not None else {}
    given = {"verb": "set", "since": clock.today().isoformat(), "measure": "working_days", "amount": "",
             "reminders": "-2, 0", "escalations": "1, 3, 5", "basis": ""}
    given |= {name: request.form[name] for name in NAMES if name in request.form}
    shapes: dict[str, dict[str, Any]] = {
        "verb": {"label": "做法", "widget": "select", "no_blank": True, "choices": [
            ("set", "规定时限"), ("end", "从这一天起不再另行规定"), ("withdraw", "撤回还没开始施行的规定")]},
        "since": {"label": "起始日期", "widget": "date", "required": True, "help": "从这一天起结束的工作按它算。"},
        "amount": {"label": "数量", "widget": "number", "min": 1, "max": 366},
        "measure": {"label": "计量", "widget": "select", "no_blank": True,
                    "choices": [(each.value, label) for each, label in MEASURES.items()]},
        "reminders": {"label": "提醒", "help": "离截止日的工作日数，负数是提前，如 -2, 0。"},
        "escalations": {"label": "升级", "help": "逾期几个工作日依次告知本单位、上级、再上一级管理员，如 1, 3, 5。"},
        "basis": {"label": "依据或文号", "maxlength": 100, "wide": True},
    }
    return [shape | {"name": name, "value": given[name], "errors": list(errors.get(name, ()))}
            for name, shape in shapes.items()]


def _steps(name: str, least: int, most: int, longest: int) -> tuple[int, ...]:
    parts = [each.strip() for each in request.form.get(name, "").replace("，", ",").split(",") if each.strip()]
    try:
        steps = tuple(int(each) for each in parts)
    except ValueError as error:
        raise Invalid(fields={name: ["请用逗号隔开的整数，如 -2, 0。"]}) from error
    if len(steps) > longest or any(not least <= step <= most for step in steps) or list(steps) != sorted(set(steps)):
        raise Invalid(fields={name: [f"最多 {longest} 个，从小到大，在 {least} 到 {most} 之间。"]})
    return steps


def _word() -> Word:
    """What the form says. Raises Invalid."""
    form = request.form
    verb, basis = form.get("verb", ""), form.get("basis", "").strip()
    try:
        since = date.fromisoformat(form.get("since", ""))
    except ValueError as error:
        raise Invalid(fields={"since": ["请填写起始日期。"]}) from error
    if not 2000 <= since.year <= 2100:
        raise Invalid(fields={"since": ["起始日期不在 2000—2100 年之间。"]})
    if verb in ("end", "withdraw"):
        return Word(verb, since, None, basis)
    amount, measure = form.get("amount", "").strip(), form.get("measure", "")
    if verb != "set" or measure not in set(Measure):
        raise Invalid(fields={"measure": ["请选择计量。"]})
    most = MOST[Measure(measure)]
    if not (amount.isascii() and amount.isdigit() and 1 <= int(amount) <= most):
        raise Invalid(fields={"amount": [f"请填写 1 到 {most} 之间的整数。"]})
    rule = Within(int(amount), since=since, article=basis[:100], measure=Measure(measure),
                  reminders=_steps("reminders", -30, 30, 6), escalations=_steps("escalations", 1, 60, len(LEVELS)))
    return Word(verb, since, rule, basis)


@blueprint.post("/units/<unit_id>/rules/<kind_key>")
@guard(Action.RULE_UPDATE, channels=PC)
def say(unit_id: str, kind_key: str) -> Answer:
    """First what it would move, then, confirmed, the unit's word."""
    unit = _mine(unit_id)
    about = kind(kind_key)
    if request.form.get("confirmed") != "yes":
        tried = attempt(lambda: rules.preview(unit, about.key, _word()))
        if tried.value is None:
            return _show(unit, about, tried), tried.status
        return _ask(unit, about, _word(), tried.value)
    done = attempt(lambda: rules.say(unit, about.key, _word()))
    if done.failed:
        return _show(unit, about, done), done.status
    flash("已保存，正在重算本单位及下级待录记录的截止日。" if done.value is not None else "已保存。", "success")
    return redirect(url_for("desk_rules.show", unit_id=unit.id, kind_key=about.key), 303)


def _mine(unit_id: str) -> Unit:
    unit = units.seen(unit_id)
    require(Action.RULE_UPDATE, unit)
    return unit


def _ask(unit: Unit, about: Kind, word: Word, moved: Sum) -> str:
    facts = [{"label": "单位", "value": f"{unit.name}及所有下级"}, {"label": "事项", "value": about.title},
             {"label": "做法", "value": VERBS[word.verb]},
             {"label": "时限", "value": word.rule.words if word.rule else "不再另行规定"},
             {"label": "起始日期", "value": word.since.isoformat()},
             {"label": "截止日会变的待录记录", "value": f"{moved.changed:,} 件（共 {moved.seen:,} 件待录）"}]
    hidden = {name: request.form.get(name, "")[:200] for name in NAMES} | {"confirmed": "yes"}
    here = url_for("desk_rules.show", unit_id=unit.id, kind_key=about.key)
    return page("desk/rules/ask.html", title="核对时限规则", unit=unit, facts=facts, hidden=hidden, back=here,
                crumbs=[{"title": TITLE, "href": url_for("desk_rules.index", unit=unit.id)},
                        {"title": about.title, "href": here}, {"title": "核对"}])
