"""Rows of the files of cadres: believable lives, encrypted fields, keyed indexes, made unit by unit."""

from datetime import date, timedelta
from random import Random

from app.demo.careers import career
from app.demo.identity import UNASSIGNED_REGION, cadre_mobile, check_digit
from app.demo.people import (
    BRANCH_SIZE,
    ESTATES,
    ETHNICITIES,
    HEALTH,
    LIVING_ARRANGEMENTS,
    POLITICAL,
    STREETS,
    place_names,
)
from app.demo.province import UnitPlan
from app.people.model import id_number_key, mobile_key, mobile_tail_key
from scale.plan import Place, Plan
from scale.rows import Block, Row, instant
from tenants import keys

CADRE = ("id", "name", "name_initials", "name_reading", "name_words", "id_number", "id_number_key", "sex", "birth_date",
         "ethnicity", "political_status", "joined_party_on", "started_work_on", "retirement_type", "retired_on",
         "former_unit", "former_post", "rank", "treatment_level", "mobile", "mobile_key", "mobile_tail_key", "address",
         "living_arrangement", "health_status", "life_status", "branch", "contact_account_id", "created_at",
         "created_by", "version", "unit_id", "unit_number")
MEMBER = "01"
CREATED_DAYS_AGO = 1195


def spread(table: tuple[tuple[str, int], ...], size: int = 1024) -> tuple[str, ...]:
    """The codes of a weighted table, each as often as its weight, so that a draw is one look-up."""
    whole = sum(weight for _, weight in table)
    return tuple(code for code, weight in table for _ in range(max(1, round(size * weight / whole))))


POLITICS, ETHNIC, WELL, LIVES = (spread(table) for table in (POLITICAL, ETHNICITIES, HEALTH, LIVING_ARRANGEMENTS))
YEAR = timedelta(days=365.2425)


def branch_of(name: str, place_in_unit: int, size: int) -> str:
    """The branch of the cadre at this place of a unit of this size."""
    if size <= BRANCH_SIZE:
        return f"{name}离退休干部党支部"
    return f"{name}离退休干部第{place_in_unit // BRANCH_SIZE + 1}党支部"


class CadreRows:
    """Makes the files of one unit after the other; each unit draws from a stream of its own."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.divisions = place_names()
        self.created = instant((plan.today - timedelta(days=CREATED_DAYS_AGO)).isoformat())
        self.encrypt = keys.ring().encrypt

    def block(self, units: range) -> Block:
        """The files of these units."""
        return Block("cadres", CADRE, [row for unit in units for row in self._of(unit)])

    def _of(self, unit: int) -> list[Row]:
        plan, place = self.plan, self.plan.places[unit]
        rng = plan.rng(f"cadres of {place.key}")
        start, living, count = plan.people.start[unit], plan.people.living[unit], plan.people.count[unit]
        clerks = [plan.staff_id(each) for each in plan.by_unit[unit] if each.role == "clerk"]
        unit_plan = UnitPlan(place.key, None, place.kind, place.name, place.key)
        division = self.divisions[place.key[:6]]
        return [
            self._row(rng, unit_plan, place, division, start + turn, branch_of(place.name, turn, count),
                      alive=turn < living, contact=clerks[int(rng.random() * len(clerks))] if clerks else None)
            for turn in range(count)
        ]

    def _row(self, rng: Random, unit: UnitPlan, place: Place, division: str, position: int, branch: str, *,
             alive: bool, contact: str | None) -> Row:
        people, draw = self.plan.people, rng.random
        woman, lixiu = people.marks[position] & 1, bool(people.marks[position] & 2)
        born = date.fromordinal(people.born[position])
        retired = date(born.year + (55 if woman else 60), born.month, 1)
        started = born + YEAR * (16 if lixiu else 20)
        politics = MEMBER if lixiu else POLITICS[int(draw() * len(POLITICS))]
        former_unit, post, rank, treatment = career(rng, unit, division, lixiu=lixiu, retired_in=retired.year)
        stem = f"{UNASSIGNED_REGION}{born:%Y%m%d}{people.sequence[position]:03d}"
        number = stem + check_digit(stem)
        has_mobile = alive and draw() < (0.72 if born.year < 1940 else 0.95)
        address = (f"{division}{STREETS[int(draw() * len(STREETS))]}{int(draw() * 288) + 1}号"
                   f"{ESTATES[int(draw() * len(ESTATES))]}{int(draw() * 36) + 1}幢{int(draw() * 18) + 1}0"
                   f"{int(draw() * 4) + 1}室")
        mobile = cadre_mobile(position + 1)
        return [
            people.id_of(position), *self.plan.pool_of(position), self._sealed(number, "id_number"),
            id_number_key(number), "2" if woman else "1", born.isoformat(), ETHNIC[int(draw() * len(ETHNIC))], politics,
            f"{(born + YEAR * (21 + int(draw() * 20))):%Y-%m}" if politics == MEMBER else None,
            f"{min(started, date(1949, 9, 1)) if lixiu else started:%Y-%m}", "lixiu" if lixiu else "tuixiu",
            f"{max(retired, date(1983, 1, 1)) if lixiu else retired:%Y-%m}", former_unit, post, rank, treatment,
            self._sealed(mobile, "mobile") if has_mobile else None, mobile_key(mobile) if has_mobile else None,
            mobile_tail_key(mobile) if has_mobile else None,
            self._sealed(address, "address"), LIVES[int(draw() * len(LIVES))],
            self._sealed(WELL[int(draw() * len(WELL))], "health_status"), "living" if alive else "deceased",
            branch if politics == MEMBER else None, contact if draw() < 0.75 else None, self.created, None, "1",
            place.id, place.number,
        ]

    def _sealed(self, text: str, column: str) -> str:
        return self.encrypt(text.encode(), f"cadres.{column}")
