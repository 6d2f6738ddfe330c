"""Who may say what about a deadline, and what of it decides: tables, properties and planted faults."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.deadlines.calendar import WorkCalendar
from app.deadlines.notices import shipped
from app.deadlines.rulebook import Applied, Ladder, Rulebook, Stated, ladder, tightens
from app.deadlines.rules import MOST, Measure, Within, due_by, explain_by

CALENDAR = WorkCalendar(shipped())
FIVE = (Within(5),)
UP = ["省", "市", "县", "乡"]
steady = settings(derandomize=True, deadline=None, database=None, max_examples=80)
measures = st.sampled_from(Measure)
rules = measures.flatmap(lambda measure: st.integers(1, min(20, MOST[measure])).map(
    lambda days: Within(days, measure=measure)))
days = st.dates(date(2022, 11, 1), date(2027, 3, 1))


def said(unit: str, since: str, days: int | None, serial: int, *, kind: str = "visits", withdrawn: bool = False,
         measure: Measure = Measure.working_days) -> Stated:
    """One word."""
    rule = Within(days, since=date.fromisoformat(since), measure=measure) if days else None
    return Stated(unit, kind, date.fromisoformat(since), serial, rule, withdrawn)


def decided(book: Rulebook, day: str, upward: list[str] | None = None) -> tuple[str | None, int]:
    """Whose rule decides, and its amount."""
    found = book.decide("visits", FIVE, upward or UP, CALENDAR, date.fromisoformat(day)).by
    return found.unit_id, found.rule.days


def test_without_a_word_the_default_decides() -> None:
    assert decided(Rulebook([]), "2026-06-08") == (None, 5)
    assert decided(Rulebook([said("省", "2026-01-01", 3, 1, kind="hardship_aid")]), "2026-06-08") == (None, 5)


def test_the_province_sets_and_may_also_loosen() -> None:
    book = Rulebook([said("省", "2026-07-01", 7, 1), said("省", "2027-01-01", 3, 2)])
    assert decided(book, "2026-06-30") == (None, 5)
    assert decided(book, "2026-07-01") == ("省", 7)
    assert decided(book, "2027-01-01") == ("省", 3)
    assert decided(book, "2026-12-31") == ("省", 7), "Art. 27: later rules leave earlier work alone"


def test_below_the_strictest_wins_and_only_below() -> None:
    book = Rulebook([said("市", "2026-01-01", 4, 1), said("县", "2026-03-01", 2, 2)])
    assert decided(book, "2026-06-08") == ("县", 2)
    assert decided(book, "2026-02-02") == ("市", 4)
    assert decided(book, "2026-06-08", ["省", "市", "别县"]) == ("市", 4)
    assert decided(book, "2026-06-08", ["省", "别市"]) == (None, 5)


def test_a_superior_that_tightens_later_overtakes_those_below() -> None:
    book = Rulebook([said("县", "2026-01-01", 4, 1), said("省", "2026-06-01", 2, 2)])
    assert decided(book, "2026-05-31") == ("县", 4)
    assert decided(book, "2026-06-01") == ("省", 2)
    assert [each.unit_id for each in book.applied("visits", FIVE, UP, date(2026, 6, 1))] == ["省", "县"]


def test_ending_replacing_and_withdrawing() -> None:
    words = [said("县", "2026-01-01", 3, 1), said("县", "2026-06-01", None, 2)]
    assert decided(Rulebook(words), "2026-05-31") == ("县", 3)
    assert decided(Rulebook(words), "2026-06-01") == (None, 5)
    replaced = [*words[:1], said("县", "2026-01-01", 2, 2)]
    assert decided(Rulebook(replaced), "2026-05-31") == ("县", 2)
    planned = [*words[:1], said("县", "2026-06-01", 1, 2), said("县", "2026-06-01", None, 3, withdrawn=True)]
    assert decided(Rulebook(planned), "2026-07-01") == ("县", 3), "a plan taken back leaves what was before"
    assert [word.serial for word in Rulebook(planned).words("县", "visits")] == [1]


def test_equal_days_name_the_higher_unit_and_serials_are_single() -> None:
    assert decided(Rulebook([said("县", "2026-01-01", 5, 1)]), "2026-06-08") == (None, 5)
    with pytest.raises(ValueError, match="one serial"):
        Rulebook([said("县", "2026-01-01", 5, 1), said("市", "2026-01-01", 5, 1)])


def test_the_ladder_of_several_rules_is_the_strictest_of_each_step() -> None:
    applied = [Applied(None, Within(5, reminders=(-2, 0), escalations=(1, 3, 5))),
               Applied("县", Within(5, reminders=(-3, 0), escalations=(2, 2)))]
    assert ladder(applied) == Ladder((-3, -2, 0), (1, 2, 5))
    assert ladder([]) == Ladder((), ())


@pytest.mark.parametrize(("ended_on", "amount", "due_on"), [
    ("2026-06-08", 5, "2026-06-15"),  # the 13th is a Saturday: Civil Code 203
    ("2026-09-25", 7, "2026-10-08"),  # the 2nd of October lies in the holiday
    ("2026-02-10", 4, "2026-02-14"),  # a Saturday that is worked
    ("2026-06-08", 1, "2026-06-09"),
])
def test_calendar_days_end_on_a_working_day(ended_on: str, amount: int, due_on: str) -> None:
    rule = Within(amount, measure=Measure.calendar_days)
    start = date.fromisoformat(ended_on)
    assert due_by(rule, CALENDAR, start).on.isoformat() == due_on
    counted, skipped = explain_by(rule, CALENDAR, start)
    assert len(counted) == amount
    assert [day.date for day in (*counted, *skipped)] == [
        start + timedelta(days=n) for n in range(1, (date.fromisoformat(due_on) - start).days + 1)]


def test_amounts_have_a_floor_and_a_ceiling() -> None:
    for measure, most in MOST.items():
        Within(most, measure=measure)
        with pytest.raises(ValueError, match="at most"):
            Within(most + 1, measure=measure)


def loosened(judge: Callable[[Within, Within], bool], new: Within, old: Within, start: date) -> bool:
    """Whether a pair called a tightening gives a later day somewhere."""
    return judge(new, old) and due_by(new, CALENDAR, start).on > due_by(old, CALENDAR, start).on


@steady
@given(rules, rules, days)
def test_what_tightens_is_never_due_later(new: Within, old: Within, start: date) -> None:
    assert not loosened(tightens, new, old, start)


def by_amount(new: Within, old: Within) -> bool:
    """A planted fault: numbers compared without what they count."""
    return new.days <= old.days


def never_mixed(new: Within, old: Within) -> bool:
    """A planted fault: working and calendar days taken for the same from seven on."""
    return new.days <= old.days * 7 // 5


@pytest.mark.parametrize("fault", [by_amount, never_mixed])
def test_a_wrong_idea_of_tightening_is_seen(fault: Callable[[Within, Within], bool]) -> None:
    starts = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    some = [Within(n, measure=measure) for measure in Measure for n in (1, 3, 5, 7)]
    assert any(loosened(fault, new, old, start) for new in some for old in some for start in starts)
    assert not any(loosened(tightens, new, old, start) for new in some for old in some for start in starts)


words = st.lists(st.tuples(st.sampled_from(UP[1:]), days, st.integers(1, 9), measures), max_size=6)


@steady
@given(words, days)
def test_one_more_word_below_never_gives_a_later_day(parts, day: date) -> None:
    stated = [Stated(unit, "visits", since, serial, Within(min(n, MOST[measure]), since=since, measure=measure))
              for serial, (unit, since, n, measure) in enumerate(parts, start=1)]
    kept: dict[tuple[str, date], Stated] = {(each.unit_id, each.since): each for each in stated}
    only_first = list(kept.values())[:1]
    none = Rulebook([]).decide("visits", FIVE, UP, CALENDAR, day).due.on
    few = Rulebook(only_first).decide("visits", FIVE, UP, CALENDAR, day)
    every = Rulebook(stated).decide("visits", FIVE, UP, CALENDAR, day)
    assert few.due.on <= none and every.due.on <= none
    assert every.due.on == min(due_by(each.rule, CALENDAR, day).on for each in every.applied)
