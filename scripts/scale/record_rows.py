"""Rows of records of the four kinds with their people and log entries, one run of days at a time."""

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import accumulate
from random import Random

from app.demo import wording
from app.demo.people import place_names
from app.demo.records import MODULE_SHARES, REASON_GIVEN
from app.modules import visits, volunteer_service
from scale.cadre_rows import branch_of
from scale.plan import Plan, random_ids
from scale.record_words import Words
from scale.rows import Block, Row
from scale.season_days import YEARS_BACK, Chunk, Day
from scale.staff import Person
from tenants import keys

RECORD = ("id", "module", "state", "ended_on", "due_on", "first_due_on", "due_provisional", "entered_at", "entered_on",
          "entered_by", "late_reason", "summary", "search", "created_at", "created_by", "deleted_at", "version",
          "unit_id", "unit_number")
OWN = {
    "visits": ("id", "type", "place", "visitors", "goods", "cash_fen", "feedback", "demand"),
    "hardship_aid": ("id", "reason", "amount_fen", "fund_source", "handed_over_by", "note"),
    "branch_activities": ("id", "branch", "type", "host", "place", "topic", "mode"),
    "volunteer_service": ("id", "team", "direction", "place", "started_on", "content"),
}
PERSON = ("record_id", "cadre_id", "place", "status", "minutes", "unit_id", "unit_number")
ENTRY = ("id", "at", "actor", "actor_name", "actor_role", "actor_unit", "actor_number", "action", "object_type",
         "object_id", "unit_path", "result", "reason", "before", "after", "request_id", "address", "unit_id",
         "unit_number")
DELETED_SHARE = 0.002
# Working hours in Asia/Shanghai, told in UTC.
CLOCKS = tuple(f"{minute // 60:02d}:{minute % 60:02d}:{minute * 7 % 60:02d}.000000" for minute in range(40, 620))

# (own fields after the id, people as (position, status, minutes), summary, what is searched beside it and the names)
Content = tuple[list[str | None], list[tuple[int, str | None, str | None]], str, str]


class RecordRows:
    """Makes records; what every process shares is prepared once."""

    def __init__(self, plan: Plan, days: list[Day]) -> None:
        self.plan, self.days = plan, days
        self.words = Words(plan.rng("words"))
        self.cumulated = list(accumulate(plan.weights))
        self.authors = {
            module: [[each for each in staff if each.may_enter(module)] for staff in plan.by_unit]
            for module in MODULE_SHARES
        }
        names = place_names()
        self.division = [names[place.key[:6]] for place in plan.places]
        self.encrypt = keys.ring().encrypt
        per_day = plan.size.records / (YEARS_BACK * 365)
        self.logged_from = (plan.today - timedelta(days=round(plan.size.entries / per_day))).isoformat()
        self.writers: dict[str, Callable[[Random, int, Day], Content]] = {
            "visits": self._visit, "hardship_aid": self._aid, "branch_activities": self._meeting,
            "volunteer_service": self._service,
        }

    def blocks(self, index: int, chunk: Chunk) -> list[Block]:
        """Every row of a run of days, what is referred to first."""
        rng = self.plan.rng(f"records {index}")
        made = _Made(rng, sum(sum(counts.values()) for _, counts in chunk))
        for place, counts in chunk:
            drawn = [module for module, count in counts.items() for _ in range(count)]
            rng.shuffle(drawn)
            for module, unit in zip(drawn, rng.choices(range(len(self.cumulated)), cum_weights=self.cumulated,
                                                       k=len(drawn)), strict=True):
                self._add(made, module, unit, self.days[place])
        return made.blocks()

    def _add(self, made: "_Made", module: str, unit: int, day: Day) -> None:
        plan, draw = self.plan, made.rng.random
        place = plan.places[unit]
        authors = self.authors[module][unit]
        author = authors[int(draw() * len(authors))]
        own, people, summary, searched = self.writers[module](made.rng, unit, day)
        record_id, author_id, entered_on, reason = made.next_id(), plan.staff_id(author), None, None
        if not day.ahead:
            if draw() < plan.shares[unit]:
                entered_on = day.on_time[int(draw() * 100)]
            elif draw() >= day.owed and (entered_on := day.late[int(draw() * 100)]):
                chosen = wording.LATE_REASONS[int(draw() * len(wording.LATE_REASONS))]
                reason = chosen if draw() < REASON_GIVEN else None
        clock = CLOCKS[int(draw() * len(CLOCKS))]
        created = f"{entered_on or day.begun[int(draw() * 3)]} {clock}"
        due_on, provisional = day.due[module]
        names = " ".join([plan.pool_of(position)[0] for position, _, _ in people])
        search = " ".join([each for each in (summary, names, searched) if each]).lower()
        made.records.append((
            record_id, module, "entered" if entered_on else "draft", day.iso, due_on, due_on, provisional,
            created if entered_on else None, entered_on, author_id if entered_on else None, reason, summary, search,
            created, author_id, created if draw() < DELETED_SHARE else None, "1", place.id, place.number,
        ))
        made.own[module].append([record_id, *own])
        for turn, (position, status, minutes) in enumerate(people):
            made.people.append((record_id, plan.people.id_of(position), str(turn), status, minutes, place.id,
                                place.number))
        if created >= self.logged_from:
            made.entries.append(self._entry(made, module, record_id, author, unit, created, day, due_on))

    def _entry(self, made: "_Made", module: str, record_id: str, author: Person, unit: int, at: str, day: Day,
               due_on: str) -> Row:
        place = self.plan.places[unit]
        after = json.dumps({"ended_on": day.iso, "due_on": due_on})  # dates only, as the act itself writes it
        return (made.next_id(), at, self.plan.staff_id(author), author.name, author.title, place.id, place.number,
                "record:create", module, record_id, place.path, "ok", None, None, after, record_id,
                f"198.51.100.{author.serial % 200 + 10}", place.id, place.number)

    def _living(self, rng: Random, unit: int, wanted: int) -> list[int]:
        """So many living cadres who stand next to each other on the list, from any place on."""
        people = self.plan.people
        living = people.living[unit]
        first = int(rng.random() * living)
        return [people.start[unit] + (first + turn) % living for turn in range(min(wanted, living))]

    def _visit(self, rng: Random, unit: int, day: Day) -> Content:
        pool = self.words.visits[day.season]
        drawn = pool[int(rng.random() * len(pool))]
        people = self._living(rng, unit, drawn.people)
        if drawn.type == "survivor" and (gone := self.plan.people.count[unit] - self.plan.people.living[unit]):
            people = [self.plan.people.start[unit] + self.plan.people.living[unit] + int(rng.random() * gone)]
        place = drawn.place.replace("{place}", self.division[unit])
        staff = self.plan.by_unit[unit]
        visitors = staff[int(rng.random() * len(staff))].name + wording.TITLES[int(rng.random() * len(wording.TITLES))]
        told = not day.ahead
        feedback = self.encrypt(drawn.feedback, "visits.feedback") if told else None
        demand = self.encrypt(drawn.demand, "visits.demand") if told and drawn.demand else None
        return ([drawn.type, place, visitors, drawn.goods, drawn.cash_fen, feedback, demand],
                [(each, None, None) for each in people], f"{visits.TYPES[drawn.type]} · {place}",
                " ".join([each for each in (place, visitors, drawn.goods) if each]))

    def _aid(self, rng: Random, unit: int, day: Day) -> Content:
        drawn = self.words.aids[int(rng.random() * len(self.words.aids))]
        staff = self.plan.by_unit[unit]
        by = staff[int(rng.random() * len(staff))].name
        note = None if day.ahead else self.encrypt(drawn.note, "hardship_aid.note")
        return ([self.encrypt(drawn.reason, "hardship_aid.reason"), drawn.amount_fen, drawn.fund_source, by, note],
                [(self._living(rng, unit, 1)[0], None, None)], drawn.summary, f"{drawn.fund_source} {by}")

    def _meeting(self, rng: Random, unit: int, day: Day) -> Content:
        drawn = self.words.meetings[int(rng.random() * len(self.words.meetings))]
        people, place = self.plan.people, self.plan.places[unit]
        called = self._living(rng, unit, len(drawn.statuses))
        host = self.plan.pool_of(called[0])[0]
        branch = branch_of(place.name, called[0] - people.start[unit], people.count[unit])
        present = [(each, status, None) for each, status in zip(called, drawn.statuses, strict=False)]
        own: list[str | None] = [branch, drawn.type, host, drawn.place, drawn.topic, drawn.mode]
        return (own, [] if day.ahead else present, drawn.summary,
                f"{branch} {host} {drawn.place} {drawn.topic}")

    def _service(self, rng: Random, unit: int, day: Day) -> Content:
        drawn = self.words.services[int(rng.random() * len(self.words.services))]
        team = self.division[unit] + drawn.team
        taking = [] if day.ahead else self._living(rng, unit, len(drawn.minutes))
        started = day.iso if not drawn.days_before else (day.date - timedelta(days=drawn.days_before)).isoformat()
        return ([team, drawn.direction, drawn.place, started, drawn.content],
                [(each, None, minutes) for each, minutes in zip(taking, drawn.minutes, strict=False)],
                volunteer_service.summary({"direction": drawn.direction, "team": team}),
                f"{team} {drawn.direction} {drawn.place} {drawn.content}")


class _Made:
    """The rows of one run of days as they come."""

    def __init__(self, rng: Random, count: int) -> None:
        self.rng = rng
        # Twice as many: a record of the last days has an entry in the log.
        self.ids, self.used = random_ids(rng, 2 * count), 0
        self.records: list[Row] = []
        self.own: dict[str, list[Row]] = {module: [] for module in OWN}
        self.people: list[Row] = []
        self.entries: list[Row] = []

    def next_id(self) -> str:
        """The next id of the stream."""
        self.used += 22
        return self.ids[self.used - 22:self.used].decode()

    def blocks(self) -> list[Block]:
        """Blocks in an order in which what is referred to comes first."""
        found = [Block("records", RECORD, self.records)]
        found += [Block(module, OWN[module], rows) for module, rows in self.own.items()]
        found += [Block("record_people", PERSON, self.people), Block("audit_entries", ENTRY, self.entries)]
        return [block for block in found if block.rows]
