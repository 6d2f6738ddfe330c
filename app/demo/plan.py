"""The whole demonstration province as one plan, from one seed: what the loader writes, before any database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from app.demo.accounts import DemoAccount, demo_accounts
from app.demo.people import CadrePlan, cadres
from app.demo.province import UnitPlan, units
from app.demo.records import RecordPlan, records
from app.demo.staff import StaffPlan, staff

SEED = "yinling"


@dataclass(frozen=True, slots=True)
class ProvincePlan:
    """Everything to load, each list in an order in which what is referred to comes first."""

    units: list[UnitPlan]
    staff: list[StaffPlan]
    cadres: list[CadrePlan]
    accounts: list[DemoAccount]
    records: list[RecordPlan]


def build(today: date, due: Callable[[date], date], *, cadre_total: int = 20_000, record_total: int = 60_000,
          seed: str = SEED) -> ProvincePlan:
    """The plan as of `today`; the same arguments give the same plan, another `today` the same structure.

    `due` is the deadline rule: day of ending to due day. Each part has its own stream drawn from the seed, so that
    one more draw in a part leaves the others as they were.
    """
    unit_plans = units()
    staff_plans = staff(unit_plans, today, Random(f"{seed}/staff"))
    cadre_plans = cadres(unit_plans, today, Random(f"{seed}/cadres"), cadre_total)
    record_plans = records(unit_plans, cadre_plans, staff_plans, today, Random(f"{seed}/records"), due, record_total)
    return ProvincePlan(unit_plans, staff_plans, cadre_plans, demo_accounts(staff_plans, cadre_plans), record_plans)
