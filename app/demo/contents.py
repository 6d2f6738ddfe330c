"""What each kind of record says, put together for a unit, its people and the season."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from random import Random

from app.demo import wording
from app.demo.people import CadrePlan
from app.demo.seasons import festival_near

People = tuple[tuple[str, str | int | None], ...]

ORDINARY_VISITS = (("birthday", 26), ("hospital", 24), ("routine", 38), ("relocated", 4), ("survivor", 8))
FESTIVAL_VISITS = (("festival", 80), ("birthday", 6), ("hospital", 7), ("routine", 5), ("survivor", 2))
AID_REASONS = (("family_misfortune", 22), ("serious_illness", 55), ("special", 23))
ATTENDANCE = (("present", 74), ("leave", 9), ("immobile", 10), ("absent", 4), ("other", 3))
MODES = (("onsite", 84), ("online", 7), ("home_study", 9))
MEETING_SIZES = {"committee_meeting": (3, 7), "group_meeting": (4, 10)}
USUAL_MEETING, SMALLEST_MEETING = (6, 16), 3
HEALTHY = ("1", "2")
YUAN = 100
KNOWN_SHARE = 0.12
KNOWN_AFTERWARDS = ("feedback", "demand", "note")


@dataclass(frozen=True)
class UnitPeople:
    """A unit as its records see it. `authors` maps a module to the keys of the staff who may enter it."""

    key: str
    name: str
    place: str
    living: list[CadrePlan]
    deceased: list[CadrePlan]
    staff_names: list[str]
    authors: dict[str, list[str]]

    @cached_property
    def branches(self) -> dict[str, list[CadrePlan]]:
        """The members by branch."""
        found: dict[str, list[CadrePlan]] = {}
        for cadre in self.living:
            if cadre.branch is not None:
                found.setdefault(cadre.branch, []).append(cadre)
        return found or {f"{self.name}离退休干部党支部": self.living}

    @cached_property
    def active(self) -> list[CadrePlan]:
        """Those well enough to serve; everybody where nobody is."""
        return [cadre for cadre in self.living if cadre.health_status in HEALTHY] or self.living

    @cached_property
    def known(self) -> list[CadrePlan]:
        """Those who have a demonstration account and should find something done for them."""
        return [cadre for cadre in self.living if cadre.known]


@dataclass(frozen=True, slots=True)
class Content:
    """The fields and people of one record.

    `better_day` is the day it should have ended on if that lies in the period (a birthday); `days_before` tells how
    long before that day a service began, None for kinds without a beginning.
    """

    fields: dict[str, object]
    people: People
    better_day: date | None = None
    days_before: int | None = None


def _draw(rng: Random, table: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([value for value, _ in table], [share for _, share in table])[0]


def _some(rng: Random, people: list[CadrePlan], low: int, high: int) -> list[CadrePlan]:
    return rng.sample(people, min(len(people), rng.randint(low, high)))


def _birthday(cadre: CadrePlan, near: date) -> date:
    born = cadre.birth_date
    return date(near.year, born.month, min(born.day, 28) if born.month == 2 else born.day)


def _visitors(rng: Random, unit: UnitPeople) -> str:
    names = rng.sample(unit.staff_names, min(len(unit.staff_names), rng.randint(1, 2)))
    return "、".join(f"{name}{rng.choice(wording.TITLES)}" for name in names)


def _goods(rng: Random, kind: str, season: str | None, day: date) -> str:
    if kind == "festival" and season is not None:
        return rng.choice(wording.FESTIVAL_GOODS[season])
    if rng.random() < 0.3:
        return ""
    return rng.choice(wording.SUMMER_GOODS if day.month in (7, 8) and rng.random() < 0.5 else wording.VISIT_GOODS)


def _cash(rng: Random, kind: str, cadre: CadrePlan) -> int:
    """Fen: festivals and illness bring money, 离休 more than 退休; most other visits none."""
    if rng.random() > {"festival": 0.6, "hospital": 0.55, "survivor": 0.5}.get(kind, 0.06):
        return 0
    yuan = rng.choice((300, 500, 500, 600, 800, 1000))
    return (yuan * 2 if cadre.retirement_type == "lixiu" else yuan) * YUAN


def visit(rng: Random, unit: UnitPeople, day: date) -> Content:
    """A visit; several people at once only at festivals, the birthday visit on the birthday."""
    season = festival_near(day)
    kind = _draw(rng, ORDINARY_VISITS if season is None else FESTIVAL_VISITS)
    mourned = [cadre for cadre in unit.deceased if cadre.died_on is not None and cadre.died_on < day]
    if kind == "survivor" and not mourned:
        kind = "routine"
    people = mourned if kind == "survivor" else unit.living
    chosen = _some(rng, people, 1, 4 if kind == "festival" and rng.random() < 0.2 else 1)
    if unit.known and kind != "survivor" and rng.random() < KNOWN_SHARE:
        chosen = [rng.choice(unit.known)]
    fields: dict[str, object] = {
        "type": kind,
        "place": rng.choice(wording.VISIT_PLACES[kind]).format(place=unit.place),
        "visitors": _visitors(rng, unit),
        "goods": _goods(rng, kind, season, day),
        "cash_fen": _cash(rng, kind, chosen[0]),
        "feedback": rng.choice(wording.FEEDBACK[kind]),
        "demand": rng.choice(wording.DEMANDS) if rng.random() < 0.14 and kind != "survivor" else "",
    }
    better = _birthday(chosen[0], day) if kind == "birthday" else None
    return Content(fields, tuple((cadre.key, None) for cadre in chosen), better)


def hardship_aid(rng: Random, unit: UnitPeople, day: date) -> Content:
    """Aid handed over on the day, between 500 and 10,000 yuan."""
    reason = _draw(rng, AID_REASONS)
    yuan = rng.choice((2000, 3000, 5000, 8000, 10000) if reason == "serious_illness" else (500, 1000, 2000, 3000))
    fields: dict[str, object] = {
        "reason": reason,
        "amount_fen": yuan * YUAN,
        "fund_source": rng.choice(wording.AID_FUNDS),
        "handed_over_by": rng.choice(unit.staff_names),
        "note": rng.choice(wording.AID_NOTES[reason]),
    }
    return Content(fields, ((rng.choice(unit.living).key, None),))


def _topic_kind(rng: Random, day: date) -> str:
    shares = dict(wording.TOPIC_SHARES)
    if day.month in (1, 2, 12):
        shares |= wording.YEARLY_TOPICS
    return rng.choices(list(shares), list(shares.values()))[0]


def _meeting(rng: Random, day: date, members: int) -> tuple[str, str, str, str]:
    """Type, mode, place and topic of an activity; very small branches have study brought to the home."""
    kind, mode = _topic_kind(rng, day), _draw(rng, MODES)
    if members < SMALLEST_MEETING:
        kind, mode = "party_lecture", "home_study"
    if mode != "onsite":
        place = "线上会议" if mode == "online" else "老同志家中"
        return kind, mode, place, rng.choice(wording.TOPICS[kind])
    if kind == "theme_party_day" and rng.random() < 0.5:
        return kind, mode, rng.choice(wording.OUTING_PLACES), rng.choice(wording.OUTING_TOPICS)
    return kind, mode, rng.choice(wording.MEETING_PLACES), rng.choice(wording.TOPICS[kind])


def branch_activity(rng: Random, unit: UnitPeople, day: date) -> Content:
    """An activity of one branch with the roll of those who belong to the meeting."""
    branch = rng.choice(list(unit.branches))
    members = unit.branches[branch]
    kind, mode, place, topic = _meeting(rng, day, len(members))
    called = _some(rng, members, *MEETING_SIZES.get(kind, USUAL_MEETING))
    fields: dict[str, object] = {
        "branch": branch, "type": kind, "host": called[0].name, "place": place, "topic": topic, "mode": mode,
    }
    statuses = rng.choices([s for s, _ in ATTENDANCE], [share for _, share in ATTENDANCE], k=len(called))
    statuses[0] = "present"
    return Content(fields, tuple((cadre.key, status) for cadre, status in zip(called, statuses, strict=True)))


def volunteer_service(rng: Random, unit: UnitPeople, day: date) -> Content:
    """A service of a team, mostly of one day; each participant with minutes in half hours."""
    direction = rng.choice(list(wording.DIRECTIONS))
    taking_part = _some(rng, unit.active, 1, 6)
    minutes = rng.choice((60, 90, 120, 120, 150, 180, 240))
    people = tuple((cadre.key, minutes if rng.random() < 0.8 else 60) for cadre in taking_part)
    fields: dict[str, object] = {
        "team": f"{unit.place}{rng.choice(wording.TEAM_NAMES)}",
        "direction": direction,
        "place": rng.choice(wording.SERVICE_PLACES),
        "content": rng.choice(wording.DIRECTIONS[direction]),
    }
    return Content(fields, people, days_before=0 if rng.random() < 0.85 else rng.randint(1, 3))


def planned(module: str, content: Content) -> Content:
    """The same content as a plan for a day to come: what can only be known afterwards is left open."""
    fields = {name: "" if name in KNOWN_AFTERWARDS else value for name, value in content.fields.items()}
    people = content.people if module in ("visits", "hardship_aid") else ()
    return replace(content, fields=fields, people=people)


WRITERS = {"visits": visit, "hardship_aid": hardship_aid, "branch_activities": branch_activity,
           "volunteer_service": volunteer_service}


def write(rng: Random, module: str, unit: UnitPeople, day: date) -> Content:
    """The content of one record of the module. Raises KeyError for an unknown module."""
    return WRITERS[module](rng, unit, day)
