"""The scheduler told a second time, in plain dictionaries: no rows, no product code. What it expects is a ledger."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

HOLIDAYS = (("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"),
            ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"),
            ("2026-04-04", "2026-04-06"), ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"),
            ("2026-09-25", "2026-09-27"), ("2026-10-01", "2026-10-07"))
MAKEUP = ("2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09",
          "2026-09-20", "2026-10-10")


@cache
def worked(day: date) -> bool:
    """A working day by the notices of 2025 and 2026."""
    if day.isoformat() in MAKEUP:
        return True
    return day.weekday() < 5 and not any(first <= day.isoformat() <= last for first, last in HOLIDAYS)


@cache
def walk(day: date, count: int) -> date:
    """So many working days on, or back."""
    while count:
        day += timedelta(days=1 if count > 0 else -1)
        count -= worked(day) * (1 if count > 0 else -1)
    return day


@dataclass
class Item:
    """Something owed: `column` None for a filing, whose holders are administrators."""

    unit: str
    column: str | None
    born: date
    started: date
    due: date
    open: bool = True
    always: bool = False  # watched from the first day


@dataclass
class Watched:
    """What the scheduler knows of an item."""

    generation: int
    armed: date
    due: date
    open: bool = True
    done: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Line:
    """One step that must have been taken: when, with which outcome, and whom it told."""

    item: str
    generation: int
    step: str
    outcome: str
    at: datetime
    told: frozenset[str]


@dataclass
class Model:
    """Units by parent, seats, clerks (account, columns, until), who is absent, and everything owed."""

    parents: dict[str, str | None]
    seats: dict[str, list[str]]
    clerks: dict[str, list[tuple[str, list[str] | None, date | None]]]
    today: date = date.min
    absent: set[str] = field(default_factory=set)
    quiet: set[str] = field(default_factory=set)
    items: dict[str, Item] = field(default_factory=dict)
    watched: dict[str, Watched] = field(default_factory=dict)
    ledger: list[Line] = field(default_factory=list)
    news: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)
    digests: dict[tuple[str, date], str] = field(default_factory=dict)

    def returned(self, item: str, today: date) -> None:
        """Given back with the scheduler told."""
        known = self.watched.get(item)
        self.watched[item] = Watched(known.generation + 1 if known else 2, today, self.items[item].due)

    def look(self, at: datetime) -> bool:
        """What one look must do; whether it did anything."""
        today, minute = at.date(), at.hour * 60 + at.minute
        if not worked(today) or not (510 <= minute < 720 or 840 <= minute < 1080):
            return False
        for name, known in self.watched.items():
            known.open = known.open and self.items[name].open
        for name, item in self.items.items():
            if item.open and item.started <= today:
                self._watch(name, item, today)
        before = len(self.ledger)
        for name, known in self.watched.items():
            if known.open:
                self._step(name, known, at)
        return bool(self._digest(today) or len(self.ledger) > before)

    def _watch(self, name: str, item: Item, today: date) -> None:
        near = item.always or item.due <= walk(today, 2)
        known = self.watched.get(name)
        if known is None and near:
            self.watched[name] = Watched(1, max(item.born, item.started), item.due)
        elif known is not None and known.open:
            known.due = item.due
        elif known is not None and near:
            self.watched[name] = Watched(known.generation + 1, today, item.due)

    def _step(self, name: str, known: Watched, at: datetime) -> None:
        first = known.generation == 1
        anchor = known.due if first else max(known.due, known.armed)
        own = [] if first else [("returned", known.armed)]
        own += [(key, day) for key, day in (("remind-2", walk(known.due, -2)), ("remind+0", known.due))
                if day >= known.armed]
        own = sorted([each for each in own if each[1] <= at.date() and each[0] not in known.done],
                     key=lambda each: each[1])
        unit = self.items[name].unit
        for place, (key, _day) in enumerate(own):
            sent = key == "returned" or place == len(own) - 1
            self._take(name, known, key, self._holders(name) if sent else None, at)
        for level, days in enumerate((1, 3, 5)):
            key = f"tell{level}"
            if walk(anchor, days) <= at.date() and key not in known.done:
                self._take(name, known, key, self._above(unit, level), at)

    def _take(self, name: str, known: Watched, key: str, told: list[str] | None, at: datetime) -> None:
        known.done.add(key)
        outcome = "missed" if told is None else "sent" if told else "nobody"
        self.ledger.append(Line(name, known.generation, key, outcome, at, frozenset(told or ())))
        for who in told or ():
            self.news.setdefault(who, []).append((name, known.generation, key))

    def _holders(self, name: str) -> list[str]:
        item = self.items[name]
        able = {who for who, columns in self._present_clerks(item.unit)
                if item.column and (columns is None or item.column in columns)}
        return sorted(able) or self._above(item.unit, 0)

    def _present_clerks(self, unit: str) -> list[tuple[str, list[str] | None]]:
        return [(who, columns) for who, columns, until in self.clerks.get(unit, [])
                if who not in self.absent and (until is None or until >= self.today)]

    def _above(self, unit: str, level: int) -> list[str]:
        here = unit
        while level and (up := self.parents[here]) is not None:
            here, level = up, level - 1
        while True:
            present = [who for who in self.seats.get(here, []) if who not in self.absent]
            up = self.parents[here]
            if present or up is None:
                return present
            here = up

    def _digest(self, today: date) -> bool:
        did = False
        for who in [who for who in self.news if (who, today) not in self.digests]:
            heaps: dict[str, set[str]] = {"overdue": set(), "today": set(), "soon": set(), "returned": set(),
                                          "above": set()}
            for name, generation, key in self.news.pop(who):
                known = self.watched[name]
                if known.open and known.generation == generation and who not in self.absent:
                    heaps[self._heap(name, key, known, today)].add(name)
            if who in self.quiet:
                heaps |= {key: set() for key in heaps if key != "above"}
            if text := said(heaps):
                self.digests[who, today] = text
                did = True
        return did

    def _heap(self, name: str, key: str, known: Watched, today: date) -> str:
        if key.startswith("tell"):
            return "above"
        if key == "returned" and name.startswith("back "):
            return key
        return "overdue" if known.due < today else "today" if known.due == today else "soon"


def said(heaps: dict[str, set[str]]) -> str:
    """The digest's numbers in words; each thing counts once, in the first heap it is in."""
    texts = {"overdue": "项已经逾期", "today": "项今天到期", "soon": "项将要到期", "returned": "项被退回"}
    seen: set[str] = set()
    parts = []
    for key, text in texts.items():
        fresh = heaps[key] - seen
        seen |= fresh
        if fresh:
            parts.append(f"{len(fresh)} {text}")
    own = "您有 " + "，".join(parts) if parts else ""
    above = len(heaps["above"] - seen)
    return "；".join(each for each in (own, f"所辖单位有 {above} 项逾期未办" if above else "") if each)
