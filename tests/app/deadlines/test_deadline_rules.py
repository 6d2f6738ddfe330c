"""Rules: which is in force, that old work keeps the old rule, and the four outcomes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.deadlines.calendar import Due, WorkCalendar
from app.deadlines.notices import shipped
from app.deadlines.rules import (
    MOST,
    Measure,
    NoRule,
    Timeliness,
    Within,
    due,
    due_all,
    due_by,
    explain_by,
    in_force,
    judge,
)

CALENDAR = WorkCalendar(shipped())
FIVE = Within(5)
THREE = Within(3, since=date(2026, 7, 1), article="通知第三条")


@pytest.mark.parametrize("rules", [(FIVE, THREE), (THREE, FIVE)])
def test_the_rule_in_force_on_the_day_the_work_ended(rules: tuple[Within, ...]) -> None:
    assert in_force(rules, date(2026, 6, 30)) is FIVE
    assert in_force(rules, date(2026, 7, 1)) is THREE
    assert due(rules, CALENDAR, date(2026, 6, 30)) == Due(date(2026, 7, 7), False)
    assert due(rules, CALENDAR, date(2026, 7, 1)) == Due(date(2026, 7, 6), False)


def test_five_days_become_three_from_2027_and_2026_keeps_five() -> None:
    rules = (FIVE, Within(3, since=date(2027, 1, 1)))
    for day in (date(2026, 1, 5), date(2026, 12, 31)):
        assert due(rules, CALENDAR, day) == due((FIVE,), CALENDAR, day)
    assert due(rules, CALENDAR, date(2027, 1, 4)) == Due(date(2027, 1, 7), True)


def test_defaults_are_those_of_the_regulation() -> None:
    assert (FIVE.days, FIVE.after, FIVE.since, FIVE.article) == (5, "ended_on", None, "第十八条")


def test_no_rule_two_rules_no_days() -> None:
    with pytest.raises(NoRule):
        in_force((), date(2026, 1, 1))
    with pytest.raises(NoRule):
        due((THREE,), CALENDAR, date(2026, 6, 30))
    with pytest.raises(ValueError, match="same day"):
        in_force((FIVE, Within(4)), date(2026, 1, 1))
    with pytest.raises(ValueError, match="at least one"):
        Within(0)
    with pytest.raises(TypeError):
        in_force((FIVE,), datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("entered_on", "today", "outcome", "label"),
    [
        (None, "2026-02-27", "pending", "待录入"),
        (None, "2026-02-28", "pending", "待录入"),
        (None, "2026-03-01", "overdue", "逾期未录"),
        ("2026-02-20", "2026-12-01", "on_time", "按时录入"),
        ("2026-02-28", "2026-12-01", "on_time", "按时录入"),
        ("2026-03-01", "2026-12-01", "late", "逾期补录"),
    ],
)
def test_judge(entered_on: str | None, today: str, outcome: str, label: str) -> None:
    entered = entered_on and date.fromisoformat(entered_on)
    found = judge(date(2026, 2, 28), entered or None, date.fromisoformat(today))
    assert found is Timeliness(outcome)
    assert found.label == label


def test_judge_takes_dates_only() -> None:
    moment, day = datetime(2026, 2, 28, tzinfo=UTC), date(2026, 2, 28)
    for arguments in ((moment, day, day), (day, moment, day), (day, None, moment)):
        with pytest.raises(TypeError):
            judge(*arguments)


@pytest.mark.parametrize(("rule", "words"), [
    (FIVE, "5 个工作日"), (Within(30, measure=Measure.calendar_days), "30 天（自然日）"),
    (Within(4, measure=Measure.working_hours), "4 个工作小时"),
])
def test_an_amount_is_told_in_its_measure(rule: Within, words: str) -> None:
    assert rule.words == words


@pytest.mark.parametrize("measure", list(Measure))
def test_an_amount_has_its_bounds_in_every_measure(measure: Measure) -> None:
    assert Within(MOST[measure], measure=measure).days == MOST[measure]
    for days in (0, MOST[measure] + 1):
        with pytest.raises(ValueError, match=r"at least|at most"):
            Within(days, measure=measure)


@pytest.mark.parametrize("rules", [
    (FIVE,), (FIVE, THREE), (Within(3, measure=Measure.calendar_days),), (Within(4, measure=Measure.working_hours),),
])
def test_many_days_at_once_are_due_as_one_by_one(rules: tuple[Within, ...]) -> None:
    first, _last = CALENDAR.numbered
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(0, 330, 3)]
    wanted = [due(rules, CALENDAR, day) for day in days]
    assert list(due_all(rules, CALENDAR, [(day - first).days for day in days])) == wanted


@pytest.mark.parametrize(("rule", "counted", "skipped"), [
    # from Wednesday, 30 September 2026: closed from 1 to 7 October, and worked on Saturday the 10th
    (Within(2), ["2026-10-08", "2026-10-09"], [f"2026-10-0{n}" for n in range(1, 8)]),
    (Within(4, measure=Measure.working_hours), ["2026-10-08"], [f"2026-10-0{n}" for n in range(1, 8)]),
    (Within(3, measure=Measure.calendar_days), ["2026-10-01", "2026-10-02", "2026-10-03"],
     [f"2026-10-0{n}" for n in range(4, 9)]),
    (Within(8, measure=Measure.calendar_days), [f"2026-10-0{n}" for n in range(1, 9)], []),
])
def test_the_way_to_the_due_day_is_told_day_by_day(rule: Within, counted: list[str], skipped: list[str]) -> None:
    start = date(2026, 9, 30)
    told = explain_by(rule, CALENDAR, start)
    assert tuple([day.date.isoformat() for day in days] for days in told) == (counted, skipped)
    assert max(day.date for days in told for day in days) == due_by(rule, CALENDAR, start).on
