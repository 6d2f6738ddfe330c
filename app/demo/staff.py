"""The staff of the demonstration province: seats, roles and columns, with the gaps a superior should find."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from app.demo.identity import staff_mobile
from app.demo.names import staff_name
from app.demo.province import DONGTAI, HEDE, NANTONG, ROOT, SHEYANG, YANCHENG, UnitPlan

ADMINISTRATOR, AUDITOR, CHIEF, CLERK, REVIEWER = "administrator", "auditor", "chief", "clerk", "reviewer"
PC, MOBILE, BOTH = "pc", "mobile", "both"
FULL_TIME, PART_TIME = "full_time", "part_time"

PRECISION_SERVICE, PARTY_GARDEN, SILVER_BRILLIANCE = "precision_service", "party_garden", "silver_brilliance"
MODULE_COLUMNS = {"visits": PRECISION_SERVICE, "hardship_aid": PRECISION_SERVICE,
                  "branch_activities": PARTY_GARDEN, "volunteer_service": SILVER_BRILLIANCE}

DIRECT_UNIT = "320924-Z01"
COUNTY_KINDS = ("county_bureau", "development_zone")
# Left without an administrator or with one only, so that an inspection has something to find.
NO_ADMINISTRATOR = frozenset({"320305", "320723", "320831", "321322"})
ONE_ADMINISTRATOR = frozenset({"320104", "320211", "320324", "320413", "320509", "320623", "320707", "320826",
                               "320922", DONGTAI, "321023", "321181", "321203", "321324"})
TWO_SEATS, ONE_SEAT = ("province_bureau", "city_bureau", "province_group_unit"), ("development_zone",)
SEAT_SHARES = {"city_direct_unit": 0.6, "county_direct_unit": 0.35, "township": 0.25}
SEATED = frozenset({HEDE, DIRECT_UNIT})
NAMED_SEATS = (ROOT, YANCHENG, NANTONG, SHEYANG, DONGTAI, HEDE, DIRECT_UNIT)
CHIEFS = (*TWO_SEATS, *COUNTY_KINDS, "city_direct_unit")
REVIEWERS = ("province_bureau", "city_bureau", "county_bureau")
AUDITORS = ("province_bureau", "city_bureau")
SPLIT_COLUMNS = ((PRECISION_SERVICE,), (PARTY_GARDEN, SILVER_BRILLIANCE))


@dataclass(frozen=True, slots=True)
class GrantPlan:
    """A role in the person's own unit; `columns` None means every column (栏目)."""

    role: str
    columns: tuple[str, ...] | None
    channel: str


@dataclass(frozen=True, slots=True)
class StaffPlan:
    """One member of staff with an account; `seat` is 1 or 2 for an administrator of the unit, else None.

    `signs_in` is False for the one who has yet to change the first password and so has done nothing.
    """

    key: str
    unit_key: str
    name: str
    phone: str
    employment: str
    on_establishment: bool
    in_service: bool
    trained_on: date | None
    pc_grant: bool
    mobile_access: bool
    seat: int | None
    grants: tuple[GrantPlan, ...]
    signs_in: bool = True

    def may_enter(self, module: str) -> bool:
        """Whether the plan lets this person enter records of the module in the own unit."""
        return self.signs_in and any(
            grant.role == CLERK and (grant.columns is None or MODULE_COLUMNS[module] in grant.columns)
            for grant in self.grants
        )


class _Office:
    def __init__(self, today: date, rng: Random) -> None:
        self.today = today
        self.rng = rng
        self.made: list[StaffPlan] = []

    def hire(self, unit: UnitPlan, label: str, grants: tuple[GrantPlan, ...] = (), *, seat: int | None = None,
             pc: bool = True, signs_in: bool = True) -> None:
        """Add a person; who holds a seat is on the establishment, in service and trained (第七条)."""
        rng = self.rng
        name = staff_name(rng, woman=rng.random() < 0.55)
        small = unit.kind in ("township", "subordinate_unit")
        trained, established = rng.random() < 0.8, rng.random() < 0.86
        part_time = rng.random() < (0.9 if small else 0.2)
        trained_on = self.today - timedelta(days=rng.randrange(30, 700))
        self.made.append(StaffPlan(
            key=f"{unit.key}/{label}", unit_key=unit.key, name=name, phone=staff_mobile(len(self.made) + 1),
            employment=PART_TIME if part_time and seat is None else FULL_TIME,
            on_establishment=established or seat is not None, in_service=True,
            trained_on=trained_on if trained or seat is not None else None,
            pc_grant=pc, mobile_access=True, seat=seat, grants=grants, signs_in=signs_in,
        ))

    def seats(self, unit: UnitPlan) -> int:
        drawn = self.rng.random()
        if unit.key in NO_ADMINISTRATOR:
            return 0
        if unit.key in ONE_ADMINISTRATOR or unit.key in SEATED or unit.kind in ONE_SEAT:
            return 1
        if unit.kind in TWO_SEATS or unit.kind == "county_bureau":
            return 2
        return 1 if drawn < SEAT_SHARES.get(unit.kind, 0.0) else 0

    def clerks(self, unit: UnitPlan) -> None:
        if unit.key == SHEYANG:
            self.hire(unit, "clerk1", (GrantPlan(CLERK, None, BOTH),))
            self.hire(unit, "clerk2", (GrantPlan(CLERK, None, MOBILE),), pc=False)
            self.hire(unit, "clerk3", (GrantPlan(CLERK, None, BOTH),), signs_in=False)
        elif unit.key == DONGTAI or unit.kind not in (*TWO_SEATS, "county_bureau"):
            pc = unit.key == DONGTAI or self.rng.random() < (0.4 if unit.kind == "township" else 0.7)
            self.hire(unit, "clerk1", (GrantPlan(CLERK, None, BOTH if pc else MOBILE),), pc=pc)
        else:
            for number, columns in enumerate(SPLIT_COLUMNS, 1):
                self.hire(unit, f"clerk{number}", (GrantPlan(CLERK, columns, BOTH),))

    def staff(self, unit: UnitPlan) -> None:
        for seat in range(1, self.seats(unit) + 1):
            self.hire(unit, f"admin{seat}", seat=seat)
        for kinds, role in ((AUDITORS, AUDITOR), (CHIEFS, CHIEF), (REVIEWERS, REVIEWER)):
            if unit.kind in kinds:
                self.hire(unit, f"{role}1", (GrantPlan(role, None, BOTH if role == CHIEF else PC),))
        self.clerks(unit)


def staff(units: list[UnitPlan], today: date, rng: Random) -> list[StaffPlan]:
    """Everybody with a staff account, in the order of the units; every unit has at least one clerk."""
    office = _Office(today, rng)
    for unit in units:
        office.staff(unit)
    return office.made
