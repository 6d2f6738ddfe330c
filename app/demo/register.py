"""Who and what has been loaded so far: ids by the plan's keys, and who administers which unit."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from app.demo.people import LIVING, CadrePlan
from app.demo.plan import SEED, ProvincePlan
from app.demo.province import UnitPlan
from app.demo.staff import CLERK, StaffPlan
from app.demo.timing import SHANGHAI
from tenants.fields import new_id
from tenants.place import Place

# Everything was set up before the oldest record (427 days back) was written.
OPENED_DAYS_AGO = 480
CADRE_ACCOUNT_SHARE = 1 / 3


@dataclass(frozen=True)
class Moment:
    """When the load takes place: an instant, and its day in Asia/Shanghai."""

    now: datetime
    today: date

    def days_ago(self, days: int, clock: time = time(9)) -> datetime:
        """A time of day so many days ago, Asia/Shanghai."""
        return datetime.combine(self.today - timedelta(days=days), clock, SHANGHAI)


class Register:
    """The loaded units and the ids given to everybody in the plan; the draws of a part have a stream of their own."""

    def __init__(self, plan: ProvincePlan, units: dict[str, Place], moment: Moment) -> None:
        self.plan = plan
        self.units = units
        self.moment = moment
        self.parents: dict[str, str | None] = {each.key: each.parent_key for each in plan.units}
        self.staff = {person.key: person for person in plan.staff}
        self.account_ids = {person.key: new_id() for person in plan.staff}
        self.cadre_ids = {cadre.key: new_id() for cadre in plan.cadres}
        self.first_login = {each.staff_key or each.cadre_key for each in plan.accounts if each.first_login}
        self.administrators: dict[str, StaffPlan] = {}
        self.clerks: defaultdict[str, list[StaffPlan]] = defaultdict(list)
        for person in plan.staff:
            if person.seat is not None:
                self.administrators.setdefault(person.unit_key, person)
            elif person.signs_in and any(grant.role == CLERK for grant in person.grants):
                self.clerks[person.unit_key].append(person)
        self.users = self._users()
        self.account_ids |= {cadre.key: new_id() for cadre in self.users}

    @staticmethod
    def rng(part: str) -> Random:
        """The stream of random numbers of one part of the load, the same each time."""
        return Random(f"{SEED}/load/{part}")

    def _users(self) -> list[CadrePlan]:
        """The cadres who have an account: the known ones and a third of those who have a mobile."""
        rng = self.rng("cadre accounts")
        return [
            cadre for cadre in self.plan.cadres
            if (rng.random() < CADRE_ACCOUNT_SHARE or cadre.known) and cadre.mobile and cadre.life_status == LIVING
        ]

    def place(self, unit_key: str) -> dict[str, str | int]:
        """The two columns that say whose a row is."""
        unit = self.units[unit_key]
        return {"unit_id": unit.id, "unit_number": unit.number}

    def above(self, unit_key: str) -> list[str]:
        """Keys of the superior units, the nearest first; none for the root."""
        found = []
        parent = self.parents[unit_key]
        while parent is not None:
            found.append(parent)
            parent = self.parents[parent]
        return found

    def administrator_above(self, unit_key: str) -> StaffPlan | None:
        """The administrator of the nearest superior unit that has one; None for the root."""
        return next((self.administrators[key] for key in self.above(unit_key) if key in self.administrators), None)

    def administrator_of(self, unit_key: str) -> StaffPlan | None:
        """The unit's own administrator, else the nearest one above."""
        return self.administrators.get(unit_key) or self.administrator_above(unit_key)

    def account_of(self, person: StaffPlan | None) -> str | None:
        """The account id of a member of staff."""
        return self.account_ids[person.key] if person is not None else None

    def seated_below(self, unit_key: str, plans: list[UnitPlan]) -> list[str]:
        """Keys of the direct subordinate units that have an administrator, in the order of the plan."""
        return [each.key for each in plans if each.parent_key == unit_key and each.key in self.administrators]
