"""The cadres and staff of the demonstration: nobody real, nothing twice, plausible lives."""

from collections import Counter
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from app.demo.names import KNOWN_PEOPLE
from app.demo.people import CadrePlan
from app.demo.plan import ProvincePlan

SYNTHETIC_REGION = "320999"


def id_faults(cadre: CadrePlan) -> list[str]:
    """What is wrong with the ID number, by the congruence of the standard: sum of a_i * 2^(i-1) is 1 mod 11."""
    number, faults = cadre.id_number, []
    if len(number) != 18 or not number[:17].isdigit() or number[17] not in "0123456789X":
        return ["shape"]
    if number[:6] != SYNTHETIC_REGION:
        faults.append("region")
    values = [10 if character == "X" else int(character) for character in number]
    if sum(value * 2 ** (17 - place) for place, value in enumerate(values)) % 11 != 1:
        faults.append("check digit")
    if number[6:14] != cadre.birth_date.strftime("%Y%m%d"):
        faults.append("birth date")
    if (int(number[16]) % 2 == 1) != (cadre.sex == "1"):
        faults.append("sex")
    return faults


def earliest(text: str) -> date:
    """The first day an imprecise date may mean."""
    return date.fromisoformat(text + "-01-01"[len(text) - 4:] if len(text) < 10 else text)


def test_id_numbers_are_valid_unique_and_of_nobody(plan: ProvincePlan) -> None:
    assert [cadre.key for cadre in plan.cadres if id_faults(cadre)] == []
    assert len({cadre.id_number for cadre in plan.cadres}) == 20_000


@pytest.mark.parametrize(("number", "fault"), [
    ("320999193801155018", "check digit"), ("320924193801155015", "region"), ("32099919380115501", "shape"),
])
def test_a_planted_wrong_id_is_seen(plan: ProvincePlan, number: str, fault: str) -> None:
    planted = replace(plan.cadres[0], id_number=number, birth_date=date(1938, 1, 15), sex="1")
    assert fault in id_faults(planted)


def test_no_phone_occurs_twice_and_all_are_synthetic(plan: ProvincePlan) -> None:
    of_cadres = [cadre.mobile for cadre in plan.cadres if cadre.mobile is not None]
    of_staff = [person.phone for person in plan.staff]
    phones = of_cadres + of_staff
    assert len(set(phones)) == len(phones)
    assert all(len(phone) == 11 and phone.startswith("199") and phone.isdigit() for phone in phones)
    assert not {phone[:4] for phone in of_cadres} & {phone[:4] for phone in of_staff}
    assert len(of_cadres) > 17_000


def test_nobody_bears_the_name_of_somebody_known(plan: ProvincePlan) -> None:
    names = Counter(cadre.name for cadre in plan.cadres)
    names.update(person.name for person in plan.staff)
    assert not names.keys() & KNOWN_PEOPLE
    assert names.most_common(1)[0][1] <= 30
    assert all(2 <= len(name) <= 4 for name in names)


def test_lives_are_in_order(plan: ProvincePlan, rule: SimpleNamespace) -> None:
    for cadre in plan.cadres:
        started, retired = earliest(cadre.started_work_on), earliest(cadre.retired_on)
        assert 1925 <= cadre.birth_date.year <= 1966
        assert 13 <= started.year - cadre.birth_date.year <= 25
        assert started < retired < rule.today
        assert retired.year - cadre.birth_date.year >= 49
        if cadre.retirement_type == "lixiu":
            assert cadre.started_work_on <= "1949-09-30"
            assert len(cadre.started_work_on) > 4 or cadre.started_work_on < "1949"
        else:
            assert started.year >= 1950
        if cadre.joined_party_on is not None:
            assert earliest(cadre.joined_party_on).year - cadre.birth_date.year >= 18


def test_parts_of_a_file_agree(plan: ProvincePlan, rule: SimpleNamespace) -> None:
    for cadre in plan.cadres:
        assert (cadre.political_status == "01") == (cadre.joined_party_on is not None) == (cadre.branch is not None)
        assert (cadre.life_status == "deceased") == (cadre.died_on is not None)
        assert cadre.died_on is None or (cadre.died_on < rule.today and cadre.mobile is None)
    shapes = Counter(len(cadre.joined_party_on) for cadre in plan.cadres if cadre.joined_party_on)
    assert set(shapes) == {4, 7, 10}
    assert min(shapes.values()) > 1_000


def test_cadres_are_spread_unevenly(plan: ProvincePlan) -> None:
    kinds = {unit.key: unit.kind for unit in plan.units}
    by_kind = Counter(kinds[cadre.unit_key] for cadre in plan.cadres)
    assert by_kind["county_bureau"] + by_kind["county_direct_unit"] > 0.55 * len(plan.cadres)
    sizes = Counter(cadre.unit_key for cadre in plan.cadres)
    bureaus = [sizes[key] for key, kind in kinds.items() if kind == "county_bureau"]
    assert max(bureaus) > 3 * min(bureaus)
    assert 300 < sum(cadre.life_status == "deceased" for cadre in plan.cadres) < 600
    assert 400 < sum(cadre.retirement_type == "lixiu" for cadre in plan.cadres) < 1_200


def test_seats_are_two_at_most_and_held_by_eligible_staff(plan: ProvincePlan) -> None:
    seats = [(person.unit_key, person.seat) for person in plan.staff if person.seat is not None]
    assert len(set(seats)) == len(seats)
    assert {seat for _, seat in seats} == {1, 2}
    for person in plan.staff:
        if person.seat is not None:
            assert person.on_establishment and person.in_service and person.trained_on is not None


def test_gaps_to_find_and_places_that_have_none(plan: ProvincePlan) -> None:
    held = Counter(person.unit_key for person in plan.staff if person.seat is not None)
    counties = [unit.key for unit in plan.units if unit.kind == "county_bureau"]
    spread = Counter(held[key] for key in counties)
    assert 2 <= spread[0] <= 8
    assert 5 <= spread[1] <= 25
    assert spread[2] > 60
    assert all(held[unit.key] >= 1 for unit in plan.units if unit.kind in ("province_bureau", "city_bureau"))
    assert sum(held[unit.key] for unit in plan.units if unit.kind == "township") > 200


def test_demo_accounts_are_those_of_the_contract(plan: ProvincePlan) -> None:
    ready = Counter((each.role, each.unit_key) for each in plan.accounts if not each.first_login)
    assert ready[("auditor", "320000")] == 1
    for key in ("320000", "320900", "320600", "320924", "320981", "320924100", "320924-Z01"):
        assert ready[("administrator", key)] == 1
    assert ready[("clerk", "320924")] == 2
    assert ready[("chief", "320924")] == ready[("reviewer", "320924")] == ready[("clerk", "320981")] == 1
    assert (ready[("cadre", "320924")], ready[("cadre", "320981")]) == (3, 1)
    waiting = Counter(each.role for each in plan.accounts if each.first_login)
    assert waiting == {"clerk": 1, "cadre": 1}


def test_demo_accounts_fit_the_plans_they_point_at(plan: ProvincePlan) -> None:
    staff = {person.key: person for person in plan.staff}
    cadres = {cadre.key: cadre for cadre in plan.cadres}
    for each in plan.accounts:
        assert (each.staff_key is None) != (each.cadre_key is None)
        if each.staff_key is not None:
            person = staff[each.staff_key]
            assert (person.unit_key, person.name, person.phone) == (each.unit_key, each.name, each.phone)
            assert person.pc_grant == (each.channel == "pc")
            assert person.signs_in != each.first_login
            if each.role == "administrator":
                assert person.seat is not None
            else:
                assert each.role in {grant.role for grant in person.grants}
        else:
            cadre = cadres[each.cadre_key or ""]
            assert (cadre.unit_key, cadre.name, cadre.mobile) == (each.unit_key, each.name, each.phone)
            assert cadre.known and cadre.life_status == "living" and each.channel == "mobile"
    assert len({each.phone for each in plan.accounts}) == len(plan.accounts)
