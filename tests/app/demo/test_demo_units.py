"""The units of the demonstration: real divisions, legal pairs, every kind, unique codes."""

from collections import Counter

import pytest

from app.demo.divisions import read_divisions
from app.demo.plan import ProvincePlan
from app.demo.province import UnitPlan

# Written out from the contract, not imported: the generator must fit the rule, not the code.
PAIRS = {
    "province_bureau": {"city_bureau", "province_group_unit"},
    "city_bureau": {"county_bureau", "development_zone", "city_direct_unit"},
    "county_bureau": {"township", "county_direct_unit"},
    "development_zone": {"township", "county_direct_unit"},
    "province_group_unit": {"subordinate_unit"},
    "city_direct_unit": {"subordinate_unit"},
    "county_direct_unit": {"subordinate_unit"},
    "township": {"subordinate_unit"},
    "subordinate_unit": {"subordinate_unit"},
}


def misplaced(units: list[UnitPlan]) -> list[str]:
    """Keys of units that come before their parent, stand under an impossible one, or are a second root."""
    kinds: dict[str, str] = {}
    wrong = []
    for unit in units:
        if unit.parent_key is None:
            fits = unit.kind == "province_bureau" and not kinds
        else:
            fits = unit.kind in PAIRS.get(kinds.get(unit.parent_key, ""), set())
        if not fits:
            wrong.append(unit.key)
        kinds[unit.key] = unit.kind
    return wrong


def depths(units: list[UnitPlan]) -> dict[str, int]:
    found: dict[str | None, int] = {None: 0}
    for unit in units:
        found[unit.key] = found[unit.parent_key] + 1
    return {unit.key: found[unit.key] for unit in units}


def test_pairs_are_those_of_the_contract(plan: ProvincePlan) -> None:
    assert misplaced(plan.units) == []


@pytest.mark.parametrize("planted", [
    UnitPlan("x", "320900", "township", "某镇", "x"),
    UnitPlan("x", "320924", "county_bureau", "某县委老干部局", "x"),
    UnitPlan("x", None, "province_bureau", "另一省委老干部局", "x"),
    UnitPlan("x", "nowhere", "subordinate_unit", "某单位", "x"),
])
def test_a_planted_wrong_pair_is_seen(plan: ProvincePlan, planted: UnitPlan) -> None:
    assert misplaced([*plan.units, planted]) == ["x"]


def test_every_division_is_a_unit_and_every_kind_occurs(plan: ProvincePlan) -> None:
    kinds = Counter(unit.kind for unit in plan.units)
    assert set(kinds) == set(PAIRS)
    assert (kinds["province_bureau"], kinds["city_bureau"], kinds["township"]) == (1, 13, 1487)
    assert kinds["county_bureau"] + kinds["development_zone"] == 104
    assert 1950 <= len(plan.units) <= 2100
    codes = {unit.code for unit in plan.units}
    assert {division.padded_code for division in read_divisions()} <= codes


def test_codes_keys_and_names_are_usable(plan: ProvincePlan) -> None:
    codes = [unit.code for unit in plan.units]
    assert len(set(codes)) == len(codes)
    assert all(unit.key == unit.code and len(unit.code) <= 32 and unit.code.isascii() for unit in plan.units)
    assert all(unit.name and unit.name == unit.name.strip() and len(unit.name) <= 100 for unit in plan.units)
    assert len({(unit.parent_key, unit.name) for unit in plan.units}) == len(plan.units)


def test_names_that_visitors_look_for(plan: ProvincePlan) -> None:
    units = {unit.key: unit for unit in plan.units}
    assert units["320000"].name == "江苏省委老干部局"
    assert units["320900"].name == "盐城市委老干部局"
    assert units["320924"].name == "射阳县委老干部局"
    assert units["320971"].name == "盐城经济技术开发区党工委组织人事部"
    assert units["320971"].kind == "development_zone"
    assert units["320981"].name == "东台市委老干部局"
    direct = {unit.name for unit in plan.units if unit.parent_key == "320924" and unit.kind == "county_direct_unit"}
    assert {"射阳县教育局", "射阳县人民医院"} <= direct
    assert len(direct) >= 5


def test_one_branch_of_the_tree_is_deep(plan: ProvincePlan) -> None:
    assert max(depths(plan.units).values()) >= 7


def test_a_file_with_an_orphan_is_refused(tmp_path) -> None:
    bad = tmp_path / "divisions.csv"
    bad.write_text("code,name,level,parent_code\n32,江苏省,province,\n320924,射阳县,county,3209\n", encoding="utf-8")
    with pytest.raises(ValueError, match="320924"):
        read_divisions(bad)
