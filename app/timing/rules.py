"""Deadline rules as people see and change them: the province sets, a unit below may only tighten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app import registry
from app.deadlines.rulebook import Applied, Decided, Ladder, Rulebook, Stated, ladder, tightens
from app.deadlines.rules import Within, in_force
from app.job_rows import Job
from app.records import redating
from app.records.calendar import Timing, changed, timing
from app.records.redating import Sum
from app.records.rulebook import EVERY_WORD, DeadlineRule, history
from app.records.telling import Cause
from app.timing.kinds import Kind, kind, kinds
from app.timing.redate_job import ask_redate
from permissions import audit, guard
from permissions.actions import Action
from tenants import clock, tree
from tenants.db import db
from tenants.errors import Conflict, Invalid
from tenants.fields import new_id
from tenants.models import Unit
from tenants.scope import Scope

_SUPERIORS = Scope.everything("a rule is shown with the name of the superior that set it")
DEFAULT = "管理办法"


@dataclass(frozen=True)
class Effective:
    """The rule of one kind for a unit on a day: what decides, everything that applies, the steps it leads to."""

    kind: Kind
    decided: Decided
    ladder: Ladder
    sources: tuple[tuple[Applied, str], ...]

    @property
    def source(self) -> str:
        """Who said what decides."""
        return next(name for applied, name in self.sources if applied is self.decided.by)


@dataclass(frozen=True)
class Word:
    """What an administrator wants to say: `set` a rule, `end` the own one, or `withdraw` a beginning to come."""

    verb: str
    since: date
    rule: Within | None = None
    basis: str = ""


def _names(ids: set[str]) -> dict[str, str]:
    rows = db.session.execute(_SUPERIORS.select(Unit, Unit.id, Unit.name).where(Unit.id.in_(ids))) if ids else ()
    return {row.id: row.name for row in rows}


def effective(unit: Unit, day: date, keys: Sequence[str] | None = None) -> list[Effective]:
    """The rules in force for a unit on a day, of every kind or of these."""
    now, upward = timing(), tree.ancestor_ids(unit.path)
    decided = {key: now.decide(key, each.declared, upward, day) for key, each in kinds().items()
               if keys is None or key in keys}
    names = _names({applied.unit_id for each in decided.values() for applied in each.applied if applied.unit_id})
    return [Effective(kind(key), each, ladder(each.applied), tuple(
        (applied, names.get(applied.unit_id, "") if applied.unit_id else DEFAULT) for applied in each.applied))
        for key, each in decided.items()]


def own_words(unit: Unit, key: str) -> list[DeadlineRule]:
    """Everything a unit itself has said about a kind, the latest first."""
    return history(unit.id, key)


def refuse_loosening(unit: Unit, about: Kind, word: Word, book: Rulebook) -> None:
    """Invalid when a superior's rule in force on the beginning is stricter; the sentence says whose and what it is."""
    upward = tree.ancestor_ids(unit.path)[:-1]
    if word.rule is None or not upward:
        return
    applied = book.applied(about.key, about.declared, upward, word.since)
    for each in applied:
        if not tightens(word.rule, each.rule):
            who = _names({each.unit_id}).get(each.unit_id, "") if each.unit_id else DEFAULT
            since = f"自 {each.since} 起" if each.since else ""
            raise Invalid(fields={"amount": [
                f"{who}{since}规定为{each.rule.words}（{each.rule.article}），下级单位只能更严，不能放宽。"]})


def _checked(unit: Unit, key: str, word: Word) -> Kind:
    guard.require(Action.RULE_UPDATE, unit)
    about, book = kind(key), timing().rules
    begun = {each.since for each in book.words(unit.id, key)}
    if word.verb == "withdraw" and (word.since <= clock.today() or word.since not in begun):
        raise Conflict("只能撤回还没有开始施行的规定；已经施行的请改为“停止”。", code="not_to_come")
    if word.verb == "end" and book.own(unit.id, key, word.since) is None:
        raise Conflict("这一天本单位没有自己的规定可以停止。", code="nothing_to_end")
    if word.verb == "set" and not word.basis.strip():
        raise Invalid(fields={"basis": ["请写明依据或文号。"]})
    refuse_loosening(unit, about, word, book)
    return about


def _with(book: Rulebook, unit: Unit, key: str, word: Word, serial: int) -> Rulebook:
    said = Stated(unit.id, key, word.since, serial, word.rule, word.verb == "withdraw")
    return Rulebook([*book.stated, said])


def preview(unit: Unit, key: str, word: Word) -> Sum:
    """How many open records of the subtree the word would move. Raises what `say` raises; nothing is written."""
    _checked(unit, key, word)
    now, modules = timing(), registry.modules()
    if key not in modules:
        return Sum()
    then = Timing(now.calendar, _with(now.rules, unit, key, word, _next_serial()))
    return redating.would_move(then, {key: modules[key]}, tree.below(unit))


def _next_serial() -> int:
    last = db.session.execute(EVERY_WORD.mark(select(func.max(DeadlineRule.serial)))).scalar()
    return (last or 0) + 1


def say(unit: Unit, key: str, word: Word) -> Job | None:
    """Keep a word and move the open records of the subtree. Raises Forbidden, NotFound, Conflict, Invalid."""
    about = _checked(unit, key, word)
    before = timing().rules.own(unit.id, key, word.since)
    rule = word.rule
    row = DeadlineRule(
        id=new_id(), unit_id=unit.id, unit_number=unit.number, kind=key, serial=_next_serial(), verb=word.verb,
        since=word.since, after=in_force(about.declared, word.since).after, basis=word.basis.strip()[:100],
        amount=rule.days if rule else None, measure=rule.measure.value if rule else None,
        reminders=list(rule.reminders) if rule else None, escalations=list(rule.escalations) if rule else None,
        set_at=clock.now(), set_by=guard.me().account.id)
    db.session.add(row)
    changed()
    audit.record(Action.RULE_UPDATE, "rule", row.id, unit, before=facts(before.rule if before else None),
                 after={"rule_kind": about.title, "verb": word.verb, "since": word.since.isoformat()} | facts(rule))
    db.session.flush()
    if key not in registry.modules():
        return None
    said = rule.words if rule else "不再另行规定"
    return ask_redate(Cause(row.id, f"{unit.name}：{about.title}自 {word.since} 起{said}"), unit)


def facts(rule: Within | None) -> dict[str, Any]:
    """A rule as the log keeps it."""
    if rule is None:
        return {}
    return {"amount": rule.days, "measure": rule.measure.value, "reminders": list(rule.reminders),
            "escalations": list(rule.escalations), "basis": rule.article}
