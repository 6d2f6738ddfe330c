"""What records say at full size: drawn once into pools, so that a record is put together with a few look-ups."""

from random import Random
from typing import NamedTuple

from app.demo import wording
from app.demo.contents import AID_REASONS, ATTENDANCE, FESTIVAL_VISITS, MODES, ORDINARY_VISITS
from app.modules import branch_activities, hardship_aid

SIZE = 1500
FESTIVAL_GROUPS = 0.2
YUAN = 100


class Visit(NamedTuple):
    """A visit without its people; `place` may hold a gap for the name of the division."""

    type: str
    place: str
    goods: str | None
    cash_fen: str | None
    feedback: bytes
    demand: bytes | None
    people: int


class Aid(NamedTuple):
    """Aid without its person."""

    reason: bytes
    amount_fen: str
    fund_source: str
    note: bytes
    summary: str


class Meeting(NamedTuple):
    """A branch activity without its branch and people."""

    type: str
    place: str
    topic: str
    mode: str
    summary: str
    statuses: tuple[str, ...]


class Service(NamedTuple):
    """A volunteer service; the team's name begins with the division's."""

    team: str
    direction: str
    place: str
    content: str
    minutes: tuple[str, ...]
    days_before: int


def _pick(rng: Random, table: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([code for code, _ in table], [share for _, share in table])[0]


def visit(rng: Random, season: str | None) -> Visit:
    """A visit of an ordinary week or of a festival."""
    kind = _pick(rng, ORDINARY_VISITS if season is None else FESTIVAL_VISITS)
    if kind == "festival" and season is not None:
        goods: str | None = rng.choice(wording.FESTIVAL_GOODS[season])
    else:
        goods = rng.choice(wording.VISIT_GOODS) if rng.random() < 0.7 else None
    paid = rng.random() < {"festival": 0.6, "hospital": 0.55, "survivor": 0.5}.get(kind, 0.06)
    return Visit(
        kind, rng.choice(wording.VISIT_PLACES[kind]), goods,
        str(rng.choice((300, 500, 500, 600, 800, 1000)) * YUAN) if paid else None,
        rng.choice(wording.FEEDBACK[kind]).encode(),
        rng.choice(wording.DEMANDS).encode() if rng.random() < 0.14 and kind != "survivor" else None,
        rng.randint(2, 4) if kind == "festival" and rng.random() < FESTIVAL_GROUPS else 1,
    )


def aid(rng: Random) -> Aid:
    """Aid for one of the reasons."""
    reason = _pick(rng, AID_REASONS)
    yuan = rng.choice((2000, 3000, 5000, 8000, 10000) if reason == "serious_illness" else (500, 1000, 2000, 3000))
    fund = rng.choice(wording.AID_FUNDS)
    return Aid(reason.encode(), str(yuan * YUAN), fund, rng.choice(wording.AID_NOTES[reason]).encode(),
               hardship_aid.summary({"fund_source": fund}))


def meeting(rng: Random) -> Meeting:
    """A meeting of three to seven, which is what most branches bring together."""
    kind = rng.choices(list(wording.TOPIC_SHARES), list(wording.TOPIC_SHARES.values()))[0]
    mode, topic = _pick(rng, MODES), rng.choice(wording.TOPICS[kind])
    place = {"online": "线上会议", "home_study": "老同志家中"}.get(mode) or rng.choice(wording.MEETING_PLACES)
    statuses = ("present", *(_pick(rng, ATTENDANCE) for _ in range(rng.randint(2, 6))))
    return Meeting(kind, place, topic, mode, branch_activities.summary({"type": kind, "topic": topic}), statuses)


def service(rng: Random) -> Service:
    """A service of one to four people."""
    direction = rng.choice(list(wording.DIRECTIONS))
    minutes = str(rng.choice((60, 90, 120, 120, 150, 180, 240)))
    return Service(rng.choice(wording.TEAM_NAMES), direction, rng.choice(wording.SERVICE_PLACES),
                   rng.choice(wording.DIRECTIONS[direction]), (minutes,) * rng.randint(1, 4),
                   0 if rng.random() < 0.85 else rng.randint(1, 3))


class Words:
    """The pools of one plan."""

    def __init__(self, rng: Random) -> None:
        self.visits = {season: [visit(rng, season) for _ in range(SIZE)] for season in (None, *wording.FESTIVAL_GOODS)}
        self.aids = [aid(rng) for _ in range(SIZE)]
        self.meetings = [meeting(rng) for _ in range(SIZE)]
        self.services = [service(rng) for _ in range(SIZE)]

