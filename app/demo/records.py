"""Record plans of the four kinds over fifteen months: who, where, when it ended and when, if ever, it was entered."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from app.demo import contents, seasons, timing
from app.demo.contents import Content, UnitPeople
from app.demo.people import DECEASED, CadrePlan, place_names
from app.demo.province import DONGTAI, SHEYANG, UnitPlan
from app.demo.shares import apportion
from app.demo.staff import StaffPlan
from app.demo.wording import LATE_REASONS

MODULE_SHARES = {"visits": 52, "branch_activities": 24, "volunteer_service": 15, "hardship_aid": 9}
DAYS_BACK, DAYS_AHEAD = 427, 30
AHEAD_SHARE = 0.012
REASON_GIVEN = 0.85
UNIT_BOOSTS = {SHEYANG: 2.2, DONGTAI: 1.8}


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """One record to write.

    `entered_at` None means owed (or still ahead): such a record is a draft, begun at `created_at`. Entered records
    have equal `created_at` and `entered_at`. `fields` holds the module's own fields but the people, with the
    contract's names; `people` holds (cadre key, value): the value is None for visits and hardship aid, the
    attendance status for branch activities, the minutes for volunteer service (the last two have nobody yet in a plan
    for a day to come). Times are Asia/Shanghai, before
    `today`. `late_reason` None on a late record: the reason is still owed.
    """

    key: str
    module: str
    unit_key: str
    ended_on: date
    entered_at: datetime | None
    created_at: datetime
    author_key: str
    late_reason: str | None
    fields: dict[str, object]
    people: tuple[tuple[str, str | int | None], ...] = field(default=())

    @property
    def draft(self) -> bool:
        """Whether the record is not entered."""
        return self.entered_at is None


class _Calendar:
    """Draws days of finished work for a module, and days a little ahead for plans."""

    def __init__(self, rng: Random, today: date) -> None:
        self.rng = rng
        self.today = today
        self.days = [today - timedelta(days=back) for back in range(DAYS_BACK, -1, -1)]
        self.sums = {module: list(accumulate(seasons.weights(module, self.days))) for module in MODULE_SHARES}

    def done(self, module: str) -> date:
        return self.rng.choices(self.days, cum_weights=self.sums[module])[0]

    def ahead(self) -> date:
        return self.today + timedelta(days=self.rng.randint(1, DAYS_AHEAD))

    def last_time(self, day: date) -> date | None:
        """The latest return of this date up to today, if it lies in the period."""
        if day > self.today:
            day = day.replace(year=day.year - 1)
        return day if day >= self.days[0] else None


class _Writer:
    def __init__(self, rng: Random, today: date, due: Callable[[date], date], shares: dict[str, float]) -> None:
        self.rng = rng
        self.today = today
        self.calendar = _Calendar(rng, today)
        self.work_days = timing.WorkDays(due)
        self.shares = shares
        self.number = 0

    def record(self, module: str, unit: UnitPeople) -> RecordPlan:
        """One record; it is drawn whole whether or not it turns out to be ahead, so that none shifts another."""
        self.number += 1
        ahead = self.rng.random() < AHEAD_SHARE
        day = self.calendar.ahead() if ahead else self.calendar.done(module)
        content = contents.write(self.rng, module, unit, day)
        if ahead:
            content = contents.planned(module, content)
        elif content.better_day is not None:
            day = self.calendar.last_time(content.better_day) or day
        author = self.rng.choice(unit.authors[module])
        share = self.shares.get(unit.key[:6], 0.93)
        entry = timing.entry(self.rng, self.work_days, day, share, self.today)
        reason = self.rng.choice(LATE_REASONS) if self.rng.random() < REASON_GIVEN else None
        entered_at = None if ahead else entry.entered_at
        return RecordPlan(
            key=f"r{self.number:06d}", module=module, unit_key=unit.key, ended_on=day, entered_at=entered_at,
            created_at=entered_at or self.begun(day), author_key=author,
            late_reason=reason if entered_at is not None and entry.late else None,
            fields=self.fields(content, day), people=content.people,
        )

    def fields(self, content: Content, day: date) -> dict[str, object]:
        """The content's fields; a service begins on its last day or the days before."""
        if content.days_before is None:
            return content.fields
        return content.fields | {"started_on": day - timedelta(days=content.days_before)}

    def begun(self, day: date) -> datetime:
        """When a draft was begun: within days of its own day, for a plan within the last days; before today."""
        yesterday, some_days = self.today - timedelta(days=1), timedelta(days=self.rng.randrange(3))
        begun_on = yesterday - some_days if day > self.today else min(day + some_days, yesterday)
        return timing.at_work(self.rng, begun_on)


def _unit_people(units: list[UnitPlan], cadres: list[CadrePlan], staff: list[StaffPlan]) -> list[UnitPeople]:
    """The units that can have records: those with a living cadre and somebody who may enter every kind."""
    by_unit: defaultdict[str, list[CadrePlan]] = defaultdict(list)
    for cadre in cadres:
        by_unit[cadre.unit_key].append(cadre)
    offices: defaultdict[str, list[StaffPlan]] = defaultdict(list)
    for person in staff:
        offices[person.unit_key].append(person)
    places = place_names()
    found = []
    for unit in units:
        people = UnitPeople(
            key=unit.key, name=unit.name, place=places[unit.key[:6]],
            living=[each for each in by_unit[unit.key] if each.life_status != DECEASED],
            deceased=[each for each in by_unit[unit.key] if each.life_status == DECEASED],
            staff_names=[each.name for each in offices[unit.key] if each.signs_in],
            authors={module: [each.key for each in offices[unit.key] if each.may_enter(module)]
                     for module in MODULE_SHARES},
        )
        if people.living and all(people.authors.values()):
            found.append(people)
    return found


def records(units: list[UnitPlan], cadres: list[CadrePlan], staff: list[StaffPlan], today: date, rng: Random,
            due: Callable[[date], date], total: int = 60_000) -> list[RecordPlan]:
    """`total` records, unit by unit. `due` gives the due day for a day of ending; nothing is entered on or after today.

    How many records of which kind a unit has depends on `rng` and the people only, not on `today`.
    """
    able = _unit_people(units, cadres, staff)
    county_keys = [unit.key for unit in units if unit.kind in ("county_bureau", "development_zone")]
    weights = [
        len(unit.living) ** 0.85 * rng.lognormvariate(0, 0.3) * UNIT_BOOSTS.get(unit.key, 1.0) for unit in able
    ]
    writer = _Writer(rng, today, due, timing.punctuality(rng, county_keys))
    modules, shares = list(MODULE_SHARES), list(accumulate(MODULE_SHARES.values()))
    counts = apportion(weights, total)
    kinds = [rng.choices(modules, cum_weights=shares, k=count) for count in counts]
    return [writer.record(module, unit) for unit, drawn in zip(able, kinds, strict=True) for module in drawn]
