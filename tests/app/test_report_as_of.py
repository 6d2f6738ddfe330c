"""The report by the tree of a past day, against a count by hand over random moves; and the tree of that day itself."""

import random
from datetime import date, timedelta

import pytest
from statements import counting
from test_reports import NAMES, OUTCOMES, PARENT, TODAY, Fact, counts, report, scatter, within

from app import registry
from app.counters import folding
from app.reports import asking
from permissions import transaction
from tenants import clock, history, provision, tree
from tenants.scope import Scope
from tenants.tree import unit_by_id
from world import World

ALL = Scope.everything("a test moves units about")
MOVES = {"合德镇": ("射阳", "东台"), "射阳": ("盐城", "南通"), "射阳教育局": ("射阳", "东台"), "海安": ("南通", "盐城"),
         "黄沙港镇": ("射阳", "海安"), "射阳中学": ("射阳教育局", "盐城市直"), "省直下属": ("省直片组", "合德镇")}
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def under(parents: dict[str, str], name: str, top: str) -> bool:
    """Whether a unit lay below another in the tree given."""
    while name != top and name in parents:
        name = parents[name]
    return name == top


def wander(world: World, seed: int, days: int = 6) -> dict[date, dict[str, str]]:
    """Some moves a day, to and fro; the parents at the end of each day."""
    walk, parents, seen = random.Random(seed), dict(PARENT), {TODAY: dict(PARENT)}
    for place in range(days):
        day = TODAY + timedelta(days=1 + 3 * place)
        clock.configure(f"{day}T09:00:00+08:00")
        with world.app.app_context(), transaction.act("tests"):
            for name in walk.sample(list(MOVES), walk.randint(0, 4)):
                for _again in range(walk.randint(1, 3)):
                    parent = walk.choice(MOVES[name])
                    if not under(parents, parent, name):
                        provision.move_unit(*(unit_by_id(world.units[each], ALL) for each in (name, parent)))
                        parents[name] = parent
            transaction.audit.record("tests:wander", "unit", None, unit_by_id(world.units["江苏"], ALL))
        seen[day] = dict(parents)
    clock.configure("2026-06-10T10:00:00+08:00")
    return seen


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_report_of_a_day_equals_a_count_by_hand(world: World, seed: int) -> None:
    facts, seen = scatter(world, 80, seed), wander(world, seed)
    last = max(seen)
    later = world.at(f"{last}T12:00:00+08:00")
    if seed == 1:
        with world.app.app_context():
            folding.fold_all()
    for day, parents in seen.items():
        for unit in ("江苏", "盐城", "南通", "射阳", "东台"):
            told = report(later, "province auditor", unit, *YEAR, as_of=str(day))
            wanted = {}
            for child in (name for name, parent in parents.items() if parent == unit):
                inside = [fact for fact in facts if under(parents, fact.unit, child)]
                wanted |= {(world.units[child], key): _by_hand(inside, key, last) for key in registry.modules()}
            got = {(row["unit_id"], row["module"]): {key: row[key] for key in ("total", *OUTCOMES)}
                   for row in told["rows"] if not row["own"]}
            assert got == wanted, (day, unit)
            own = [fact for fact in facts if fact.unit == unit]
            assert {row["module"]: row["total"] for row in told["rows"] if row["own"]} == {
                module: sum(fact.module == module for fact in own) for module in registry.modules()}
            assert told["tree_on"] == str(day) and told["left_out"] == 0


def _by_hand(facts: list[Fact], module: str, today: date) -> dict[str, int]:
    judged = [Fact(fact.unit, fact.module, fact.due_on, "overdue" if fact.outcome == "pending" and fact.due_on < today
                   else fact.outcome) for fact in facts if fact.module == module]
    return counts(judged)


def move(world: World, name: str, parent: str, day: str) -> World:
    """Moved by the province on a day."""
    later = world.at(f"{day}T09:00:00+08:00")
    done = later.api("江苏 administrator").post(f"/units/{world.units[name]}/move", {"parent_id": world.units[parent]})
    assert done.status_code == 200, done.text
    return later


def test_a_county_that_moved_stands_in_its_old_city_as_of_june(world: World) -> None:
    facts = scatter(world, 80, 4)
    county = [fact for fact in facts if within(fact.unit, "射阳")]
    later = move(world, "射阳", "南通", "2026-07-06")
    now = report(later, "province auditor", "盐城", *YEAR)["total_row"]["total"]
    then = report(later, "province auditor", "盐城", *YEAR, as_of="2026-06-30")
    assert then["total_row"]["total"] == now + len(county)
    assert sum(row["total"] for row in then["rows"] if row["unit_id"] == world.units["射阳"]) == len(county)
    south = report(later, "province auditor", "南通", *YEAR, as_of="2026-06-30")
    assert world.units["射阳"] not in {row["unit_id"] for row in south["rows"]}
    # What may be seen is decided today: the old superior is told how many units are left out of the sum.
    old = report(later, "盐城 administrator", "盐城", *YEAR, as_of="2026-06-30")
    assert old["total_row"]["total"] == now and old["left_out"] == 6
    assert report(later, "射阳 administrator", "射阳", *YEAR, as_of="2026-06-30")["total_row"]["total"] == len(county)
    clerk = [fact for fact in county if fact.unit == "射阳"]
    assert report(later, "clerk", "射阳", *YEAR, as_of="2026-06-30")["total_row"]["total"] == len(clerk)


@pytest.mark.parametrize(("day", "status"), [("2026-06-09", 400), ("2026-06-11", 400), ("2026-06-10", 200), ("x", 400)])
def test_only_a_day_whose_tree_is_known_is_asked_for(world: World, day: str, status: int) -> None:
    answer = world.api("chief").get("/reports/timeliness", query_string={
        "unit": world.units["射阳"], "from": "2026-01-01", "to": "2026-12-31", "as_of": day})
    assert answer.status_code == status, answer.text


def test_a_later_unit_keeps_its_place_and_no_figure_is_lost(world: World) -> None:
    scatter(world, 40, 5)
    later = world.at("2026-06-20T09:00:00+08:00")
    made = later.api("射阳 administrator").post("/units", {"parent_id": world.units["射阳"], "kind": "township",
                                                         "name": "新镇", "code": "N-1"}).json["id"]
    then = report(later, "province auditor", "射阳", *YEAR, as_of="2026-06-15")
    assert made not in {row["unit_id"] for row in then["rows"]}
    with world.app.app_context():
        known = history.tree_on(date(2026, 6, 15)).units
        assert (known[made].status, known[made].parent_id) == ("coming", world.units["射阳"])
        assert [known[world.units[name]].name for name in ("射阳", "合德镇")] == ["射阳", "合德镇"]


def test_the_tree_of_a_day_is_the_tree_that_was_and_today_is_now(world: World) -> None:
    seen = wander(world, 7)
    world.at(f"{max(seen)}T12:00:00+08:00")
    names = {unit_id: name for name, unit_id in world.units.items()}
    with world.app.app_context():
        for day, parents in seen.items():
            whole = history.tree_on(day)
            assert {names[each.id]: names.get(each.parent_id or "") for each in whole.units.values()} == {
                name: parents.get(name) for name in NAMES}
            for top in ("盐城", "射阳", "南通"):
                part = history.tree_on(day, tree.unit_by_id(world.units[top], ALL))
                assert {names[each.id] for each in part.below(world.units[top])} == {
                    name for name in NAMES if under(parents, name, top)}


def test_however_many_units_moved_it_is_one_statement_for_the_figures(world: World) -> None:
    scatter(world, 30, 6)
    seen = wander(world, 8)
    later = world.at(f"{max(seen)}T12:00:00+08:00")
    with counting(world) as sent:
        report(later, "province auditor", "江苏", *YEAR, as_of=str(TODAY))
    assert len([each for each in sent if "counters" in each]) == 1


def only_what_is_held(world: World, seed: int) -> None:
    """Everybody's report of every day names and counts what lay there then and is in reach today, and no more."""
    facts, seen = scatter(world, 60, seed), wander(world, seed)
    last = max(seen)
    later, names = world.at(f"{last}T12:00:00+08:00"), {unit_id: name for name, unit_id in world.units.items()}
    for day, parents in seen.items():
        for own in ("盐城", "南通", "射阳", "东台"):
            told = report(later, f"{own} administrator", own, *YEAR, as_of=str(day))
            then = {name for name in NAMES if under(parents, name, own)}
            held = {name for name in then if under(seen[last], name, own)}
            assert {names[row["unit_id"]] for row in told["rows"]} == {own} | {
                name for name in held if parents.get(name) == own}, (day, own)
            assert told["left_out"] == len(then - held)
            assert told["total_row"]["total"] == sum(fact.unit in held for fact in facts)


@pytest.mark.parametrize("seed", [4, 5])
def test_todays_rights_decide_whatever_day_is_asked_for(world: World, seed: int) -> None:
    only_what_is_held(world, seed)


def test_the_reach_of_then_would_be_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: who may read the report of a unit is shown all that lay below it on the day."""
    honest = asking.timeliness_on
    monkeypatch.setattr(asking, "timeliness_on", lambda unit, scopes, *args, **kwargs: honest(
        unit, dict.fromkeys(scopes, Scope.everything("planted")), *args, **kwargs))
    with pytest.raises(AssertionError):
        only_what_is_held(world, 4)
