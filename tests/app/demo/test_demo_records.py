"""The records of the demonstration: believable days, delays and people, the same each time."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from app.demo.plan import ProvincePlan, build
from app.demo.records import RecordPlan
from app.demo.shares import apportion

FIELDS = {
    "visits": {"type", "place", "visitors", "goods", "cash_fen", "feedback", "demand"},
    "hardship_aid": {"reason", "amount_fen", "fund_source", "handed_over_by", "note"},
    "branch_activities": {"branch", "type", "host", "place", "topic", "mode"},
    "volunteer_service": {"team", "direction", "place", "started_on", "content"},
}
CODES = {
    ("visits", "type"): {"birthday", "hospital", "festival", "survivor", "routine", "relocated"},
    ("hardship_aid", "reason"): {"family_misfortune", "serious_illness", "special"},
    ("branch_activities", "type"): {
        "member_assembly", "committee_meeting", "group_meeting", "party_lecture", "theme_party_day",
        "democratic_review", "org_life_meeting", "democratic_life_meeting", "other",
    },
    ("branch_activities", "mode"): {"onsite", "online", "home_study"},
}
ATTENDANCE = {"present", "absent", "leave", "immobile", "other"}


def timeliness(record: RecordPlan, rule: SimpleNamespace) -> str:
    if record.entered_at is not None:
        return "on_time" if record.entered_at.date() <= rule.due(record.ended_on) else "late"
    if record.ended_on > rule.today:
        return "ahead"
    return "pending" if rule.today <= rule.due(record.ended_on) else "overdue"


@pytest.fixture(scope="session")
def outcomes(plan: ProvincePlan, rule: SimpleNamespace) -> Counter[str]:
    return Counter(timeliness(record, rule) for record in plan.records)


def test_the_same_arguments_give_the_same_plan(rule: SimpleNamespace) -> None:
    first, second = (build(rule.today, rule.due, cadre_total=3_000, record_total=2_000) for _ in range(2))
    assert first == second
    assert build(rule.today, rule.due, cadre_total=3_000, record_total=2_000, seed="other") != first


def test_another_day_keeps_the_structure_and_moves_the_dates(rule: SimpleNamespace) -> None:
    first = build(rule.today, rule.due, cadre_total=3_000, record_total=2_000)
    later = build(date(2027, 2, 10), rule.due, cadre_total=3_000, record_total=2_000)
    assert first.units == later.units
    assert [(each.key, each.name, each.phone) for each in first.staff] == [
        (each.key, each.name, each.phone) for each in later.staff]
    assert [(each.key, each.name) for each in first.cadres] == [(each.key, each.name) for each in later.cadres]
    assert [(each.key, each.unit_key, each.module) for each in first.records] == [
        (each.key, each.unit_key, each.module) for each in later.records]
    assert max(each.ended_on for each in later.records) > max(each.ended_on for each in first.records)


def test_count_and_kinds(plan: ProvincePlan) -> None:
    assert len(plan.records) == len({record.key for record in plan.records}) == 60_000
    kinds = Counter(record.module for record in plan.records)
    assert set(kinds) == set(FIELDS)
    assert min(kinds.values()) > 4_000


def test_most_is_entered_in_time(outcomes: Counter[str]) -> None:
    total = outcomes.total()
    assert 0.84 < outcomes["on_time"] / total < 0.92
    assert 0.05 < outcomes["late"] / total < 0.11
    assert 0.02 < (outcomes["overdue"] + outcomes["pending"]) / total < 0.06
    assert 0 < outcomes["ahead"] / total < 0.03
    assert outcomes["pending"] > 50


def test_counties_differ(plan: ProvincePlan, rule: SimpleNamespace) -> None:
    by_county: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in plan.records:
        if record.unit_key[4:6] != "00":
            by_county[record.unit_key[:6]][timeliness(record, rule)] += 1
    shares = [found["on_time"] / found.total() for found in by_county.values() if found.total() > 200]
    assert len(shares) > 80
    assert min(shares) < 0.75
    assert max(shares) > 0.95


def test_days_and_moments(plan: ProvincePlan, rule: SimpleNamespace) -> None:
    first = rule.today - timedelta(days=427)
    for record in plan.records:
        assert first <= record.ended_on <= rule.today + timedelta(days=30)
        assert record.draft == (record.entered_at is None)
        assert record.created_at.date() < rule.today
        if record.entered_at is not None:
            assert record.created_at == record.entered_at
            assert record.entered_at.date() >= record.ended_on
            assert rule.is_working(record.entered_at.date())
            assert 8 <= record.entered_at.hour < 19
            assert record.entered_at.utcoffset() == timedelta(hours=8)


def test_reasons_stand_at_late_records_only(plan: ProvincePlan, rule: SimpleNamespace) -> None:
    late = [record for record in plan.records if timeliness(record, rule) == "late"]
    assert all(timeliness(record, rule) == "late" for record in plan.records if record.late_reason)
    given = sum(record.late_reason is not None for record in late)
    assert 0.75 < given / len(late) < 0.95


def test_festivals_stand_out(plan: ProvincePlan) -> None:
    days = Counter(record.ended_on for record in plan.records if record.module == "visits")
    before_spring = sum(days[date(2026, 2, 2) + timedelta(days=offset)] for offset in range(14))
    ordinary = sum(days[date(2026, 4, 6) + timedelta(days=offset)] for offset in range(14))
    assert before_spring > 2.5 * ordinary


def test_fields_are_those_of_the_contract(plan: ProvincePlan) -> None:
    for record in plan.records:
        assert record.fields.keys() == FIELDS[record.module]
        for name, value in record.fields.items():
            assert value in CODES.get((record.module, name), {value})
            if name.endswith("_fen"):
                assert isinstance(value, int) and value >= 0
            elif name == "started_on":
                assert isinstance(value, date) and value <= record.ended_on
            else:
                assert isinstance(value, str) and len(value) <= 200
        assert record.module != "hardship_aid" or record.fields["amount_fen"]


def test_people_belong_to_the_unit_and_are_named_once(plan: ProvincePlan, rule: SimpleNamespace) -> None:
    cadres = {cadre.key: cadre for cadre in plan.cadres}
    for record in plan.records:
        keys = [key for key, _ in record.people]
        assert len(set(keys)) == len(keys) <= 50
        assert keys or record.ended_on > rule.today
        assert {cadres[key].unit_key for key in keys} <= {record.unit_key}
        survivors = record.fields.get("type") == "survivor"
        assert all((cadres[key].life_status == "deceased") == survivors for key in keys)


def test_values_beside_people_fit_the_kind(plan: ProvincePlan) -> None:
    for record in plan.records:
        for _, value in record.people:
            if record.module == "branch_activities":
                assert value in ATTENDANCE
            elif record.module == "volunteer_service":
                assert isinstance(value, int) and 0 < value <= 480
            else:
                assert value is None
        if record.module == "hardship_aid":
            assert len(record.people) == 1


def test_authors_may_enter_the_column(plan: ProvincePlan) -> None:
    staff = {person.key: person for person in plan.staff}
    for record in plan.records:
        author = staff[record.author_key]
        assert author.unit_key == record.unit_key
        assert author.may_enter(record.module)


def test_plans_for_a_day_to_come_know_nothing_of_it_yet(plan: ProvincePlan, rule: SimpleNamespace) -> None:
    ahead = [record for record in plan.records if record.ended_on > rule.today]
    assert ahead
    for record in ahead:
        assert record.draft
        assert not record.fields.get("feedback") and not record.fields.get("demand")
        assert record.module in ("visits", "hardship_aid") or not record.people


def test_known_cadres_find_something_done_for_them(plan: ProvincePlan) -> None:
    done = Counter(key for record in plan.records if not record.draft for key, _ in record.people)
    assert all(done[cadre.key] >= 5 for cadre in plan.cadres if cadre.known)


def test_parts_add_up() -> None:
    assert apportion([1, 1, 1], 10) == [4, 3, 3]
    assert sum(apportion([0.3, 7.7, 0.0, 2.0], 1001)) == 1001
    assert apportion([0.0], 0) == [0]
    with pytest.raises(ValueError, match="nothing"):
        apportion([0.0, 0.0], 1)
