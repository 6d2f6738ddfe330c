"""Synthetic retired cadres, spread unevenly over the units; nobody in here exists."""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from app.demo.careers import COUNTY, career, level_of
from app.demo.divisions import read_divisions
from app.demo.identity import IdNumbers, cadre_mobile
from app.demo.names import cadre_name
from app.demo.province import DONGTAI, SHEYANG, UnitPlan
from app.demo.shares import apportion

MAN, WOMAN = "1", "2"
LIXIU, TUIXIU = "lixiu", "tuixiu"
LIVING, DECEASED = "living", "deceased"
PARTY_MEMBER = "01"
LIXIU_LAST_START = date(1949, 9, 30)
LIXIU_RULE = date(1982, 4, 10)  # 国发〔1982〕62号: nobody retired as 离休 before it
OLDEST, YOUNGEST, LIXIU_YOUNGEST = 1925, 1966, 1933

POLITICAL = (("01", 930), ("13", 45), ("05", 8), ("10", 6), ("08", 6), ("12", 5))
ETHNICITIES = (("01", 985), ("03", 9), ("11", 2), ("06", 2), ("08", 2))
HEALTH = (("1", 38), ("2", 27), ("3", 30), ("6", 5))
LIVING_ARRANGEMENTS = (("alone", 12), ("empty_nest", 48), ("with_children", 34), ("with_carer", 6))
# Streets are invented: none of the names is taken from a map.
STREETS = ("长青路", "松鹤路", "银龄路", "夕霞路", "橘红路", "杏林巷", "槐荫巷", "芳馨里", "同春街",
           "安颐街", "秋实路", "暖阳路")
ESTATES = ("颐和苑", "常春园", "松鹤新村", "安康花园", "金秋家园", "桂香苑", "怡景新村", "和乐园")
BRANCH_SIZE = 35
DIGITS = "一二三四五六七八九十"

UNIT_WEIGHTS = {
    "province_bureau": 60.0, "city_bureau": 55.0, "county_bureau": 62.0, "development_zone": 26.0,
    "province_group_unit": 50.0, "city_direct_unit": 30.0, "county_direct_unit": 26.0, "township": 1.8,
    "subordinate_unit": 6.0,
}
# Units that people look at first: enough in them to page, search and drill down.
UNIT_BOOSTS = {SHEYANG: 160.0, DONGTAI: 110.0, "320924100": 22.0, "320924-Z01": 60.0}
KNOWN = {SHEYANG: 4, DONGTAI: 1}


@dataclass(frozen=True, slots=True)
class CadrePlan:
    """One cadre file, with the field names and codes of the contract; dates given as text may be imprecise.

    `known` marks those that have a demonstration account; `died_on` is set with life_status `deceased` only.
    """

    key: str
    unit_key: str
    name: str
    id_number: str
    sex: str
    birth_date: date
    ethnicity: str
    political_status: str
    joined_party_on: str | None
    started_work_on: str
    retirement_type: str
    retired_on: str
    former_unit: str
    former_post: str
    rank: str
    treatment_level: str
    mobile: str | None
    address: str
    living_arrangement: str
    health_status: str
    life_status: str
    died_on: date | None
    branch: str | None
    known: bool = False


def place_names() -> dict[str, str]:
    """Division name by the first six characters of a unit's key: 320924 is 射阳县."""
    return {each.padded_code: each.name for each in read_divisions() if each.level != "township"}


def _pick(rng: Random, table: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([code for code, _ in table], [weight for _, weight in table])[0]


def _years_later(day: date, years: int) -> date:
    last = calendar.monthrange(day.year + years, day.month)[1]
    return date(day.year + years, day.month, min(day.day, last))


def _as_known(rng: Random, day: date, year_share: float, month_share: float) -> str:
    """The day as the file knows it: to the year, to the month, or whole."""
    drawn = rng.random()
    if drawn < year_share:
        return f"{day:%Y}"
    return f"{day:%Y-%m}" if drawn < year_share + month_share else day.isoformat()


def _birth_date(rng: Random, today: date, *, woman: bool, lixiu: bool) -> date:
    if lixiu:
        year = min(OLDEST + int(rng.triangular(0, 9, 7)), LIXIU_YOUNGEST)
    else:
        year = min(int(rng.triangular(1934, YOUNGEST + 1, 1957)), YOUNGEST, today.year - (58 if woman else 63))
    return date(year, 1, 1) + timedelta(days=rng.randrange(365))


def _working_life(rng: Random, born: date, *, woman: bool, lixiu: bool) -> tuple[date, date]:
    """The first day of work and the day of retirement: women at 55, men at 60, as the rules then stood."""
    started = _years_later(born, rng.randint(14, 17) if lixiu else rng.randint(17, 23)) + timedelta(rng.randrange(300))
    retired = _years_later(born, 55 if woman else 60)
    if lixiu:
        first_war_years = LIXIU_LAST_START - timedelta(days=rng.randrange(20, 500))
        return min(started, first_war_years), max(retired, LIXIU_RULE + timedelta(days=rng.randrange(30, 900)))
    return started, retired


def _started_text(rng: Random, started: date, *, lixiu: bool) -> str:
    # The year 1949 alone would leave open whether work began before the first of October.
    whole_year = 0.0 if lixiu and started.year == LIXIU_LAST_START.year else 0.1
    return _as_known(rng, started, whole_year, 0.75)


def _joined_party(rng: Random, born: date, started: date, retired: date) -> str:
    first = _years_later(born, 18)
    spread = max((retired - first).days - 400, 1)
    joined = first + timedelta(days=int(spread * rng.random() ** 2))
    return _as_known(rng, max(joined, min(started, joined)), 0.15, 0.45)


def _address(rng: Random, place: str) -> str:
    town = "南京市" if place == "江苏省" else place
    return (f"{town}{rng.choice(STREETS)}{rng.randint(1, 288)}号{rng.choice(ESTATES)}"
            f"{rng.randint(1, 36)}幢{rng.randint(1, 18)}0{rng.randint(1, 4)}室")


def _branch(unit: UnitPlan, place_in_unit: int, size: int) -> str:
    number = place_in_unit // BRANCH_SIZE
    if size <= BRANCH_SIZE:
        return f"{unit.name}离退休干部党支部"
    serial = DIGITS[number] if number < 10 else f"十{DIGITS[number - 10]}"
    return f"{unit.name}离退休干部第{serial}党支部"


def _head_count(units: list[UnitPlan], total: int, rng: Random) -> list[int]:
    """How many cadres each unit has: heavy at the bureaus and direct units, and nowhere even."""
    weights = []
    for unit in units:
        drawn = rng.lognormvariate(0, 0.45)
        weights.append(UNIT_BOOSTS.get(unit.key, UNIT_WEIGHTS[unit.kind] * drawn))
    counts = apportion(weights, total - sum(KNOWN.values()))
    return [count + KNOWN.get(unit.key, 0) for unit, count in zip(units, counts, strict=True)]


class _Population:
    def __init__(self, today: date, rng: Random) -> None:
        self.today = today
        self.rng = rng
        self.places = place_names()
        self.ids = IdNumbers()
        self.serial = 0

    def cadre(self, unit: UnitPlan, position: int, size: int) -> CadrePlan:
        rng = self.rng
        self.serial += 1
        woman = rng.random() < 0.32
        lixiu = rng.random() < (0.05 if level_of(unit.key) != COUNTY else 0.03)
        born = _birth_date(rng, self.today, woman=woman, lixiu=lixiu)
        started, retired = _working_life(rng, born, woman=woman, lixiu=lixiu)
        political = PARTY_MEMBER if lixiu else _pick(rng, POLITICAL)
        place = self.places[unit.key[:6]]
        former_unit, former_post, rank, treatment = career(
            rng, unit, place, lixiu=lixiu, retired_in=retired.year)
        died_on = self.today - timedelta(days=rng.randrange(20, 900))
        deceased, has_mobile = rng.random() < 0.022, rng.random() < (0.72 if born.year < 1940 else 0.95)
        member = political == PARTY_MEMBER
        return CadrePlan(
            key=f"{unit.key}/c{position + 1:04d}", unit_key=unit.key,
            name=cadre_name(rng, woman=woman, birth_year=born.year),
            id_number=self.ids.draw(born, woman=woman), sex=WOMAN if woman else MAN, birth_date=born,
            ethnicity=_pick(rng, ETHNICITIES), political_status=political,
            joined_party_on=_joined_party(rng, born, started, retired) if member else None,
            started_work_on=_started_text(rng, started, lixiu=lixiu),
            retirement_type=LIXIU if lixiu else TUIXIU, retired_on=_as_known(rng, retired, 0.0, 0.6),
            former_unit=former_unit, former_post=former_post, rank=rank, treatment_level=treatment,
            mobile=cadre_mobile(self.serial) if has_mobile and not deceased else None,
            address=_address(rng, place), living_arrangement=_pick(rng, LIVING_ARRANGEMENTS),
            health_status=_pick(rng, HEALTH), life_status=DECEASED if deceased else LIVING,
            died_on=died_on if deceased else None, branch=_branch(unit, position, size) if member else None,
        )

    def known(self, plan: CadrePlan, unit: UnitPlan, position: int, size: int, serial: int) -> CadrePlan:
        """The same cadre, certainly alive, a party member and with a mobile, for a demonstration account."""
        joined = plan.joined_party_on or str(plan.birth_date.year + 25)
        return replace(plan, known=True, life_status=LIVING, died_on=None, political_status=PARTY_MEMBER,
                       joined_party_on=joined, branch=_branch(unit, position, size),
                       mobile=plan.mobile or cadre_mobile(serial))


def cadres(units: list[UnitPlan], today: date, rng: Random, total: int = 20_000) -> list[CadrePlan]:
    """`total` cadres over the units, in the order of the units; the first of 射阳 (4) and 东台 (1) are the known ones.

    Ages and deaths are set relative to `today`; who there is, and where, does not depend on it.
    """
    counts = _head_count(units, total, rng)
    population = _Population(today, rng)
    made: list[CadrePlan] = []
    for unit, size in zip(units, counts, strict=True):
        for position in range(size):
            plan = population.cadre(unit, position, size)
            if position < KNOWN.get(unit.key, 0):
                plan = population.known(plan, unit, position, size, population.serial)
            made.append(plan)
    return made
