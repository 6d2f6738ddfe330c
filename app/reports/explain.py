"""Why a date is due: the rule, and every counted and skipped day by name."""

from dataclasses import dataclass
from datetime import date

from app.deadlines.calendar import Day, Due
from app.deadlines.rules import in_force
from app.records.calendar import work_calendar
from app.records.module import Module


@dataclass(frozen=True)
class Explained:
    """The due date with its reasons."""

    due: Due
    rule: str
    counted: list[Day]
    skipped: list[Day]


def explain(module: Module, ended_on: date) -> Explained:
    """For a kind of record and the day its work ended (Asia/Shanghai)."""
    rule = in_force(module.deadlines, ended_on)
    calendar = work_calendar()
    counted, skipped = calendar.explain(ended_on, rule.days)
    words = (f"{rule.article}：{module.title}应在工作结束后 {rule.days} 个工作日内录入，"
             "结束当日不计，截至截止日 24 时（北京时间）。")
    return Explained(calendar.add(ended_on, rule.days), words, counted, skipped)
