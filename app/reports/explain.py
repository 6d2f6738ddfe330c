"""Why a date is due: the rule and whose it is, and every counted and skipped day by name."""

from dataclasses import dataclass
from datetime import date

from app.deadlines.calendar import Day, Due
from app.deadlines.rulebook import Decided
from app.deadlines.rules import explain_by
from app.records.calendar import timing
from app.records.module import Module
from tenants import tree
from tenants.models import Unit
from tenants.scope import Scope

_SUPERIORS = Scope.everything("a rule is told with the name of the superior that set it")


@dataclass(frozen=True)
class Explained:
    """The due date with its reasons."""

    due: Due
    rule: str
    counted: list[Day]
    skipped: list[Day]
    decided: Decided


def explain(module: Module, ended_on: date, unit: Unit) -> Explained:
    """For a kind of record, the day its work ended (Asia/Shanghai) and the unit it is done in."""
    now = timing()
    decided = now.decide(module.key, module.deadlines, tree.ancestor_ids(unit.path), ended_on)
    counted, skipped = explain_by(decided.by.rule, now.calendar, ended_on)
    return Explained(decided.due, _words(module, decided), counted, skipped, decided)


def _words(module: Module, decided: Decided) -> str:
    rule, unit_id = decided.by.rule, decided.by.unit_id
    basis = rule.article if unit_id is None else f"{tree.unit_by_id(unit_id, _SUPERIORS).name}规定（{rule.article}）"
    return (f"{basis}：{module.title}应在工作结束后 {rule.words}内录入，结束当日不计，截至截止日 24 时（北京时间）。")
