"""What each unit has said about deadlines, and which of it decides: the strictest that applies (Art. 27, 第十八条).

The province's word replaces the default a kind of work comes with. A unit below may only tighten, for itself and
everything below it; so of what the units from the root down have said, what gives the earliest day wins.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.deadlines.calendar import Due, WorkCalendar
from app.deadlines.rules import Measure, Within, due_by, in_force


@dataclass(frozen=True)
class Stated:
    """A unit's word about one kind of work from a day on. `rule` None ends what it said before.

    Of two words with one beginning the later `serial` counts. `withdrawn` takes the word of that beginning back as
    if it had never been said.
    """

    unit_id: str
    kind: str
    since: date
    serial: int
    rule: Within | None
    withdrawn: bool = False


@dataclass(frozen=True)
class Applied:
    """A rule that applies, and the unit whose word it is; None for the default the kind of work comes with."""

    unit_id: str | None
    rule: Within
    since: date | None = None


@dataclass(frozen=True)
class Decided:
    """The due day, the rule that gives it, and every rule that was asked."""

    due: Due
    by: Applied
    applied: tuple[Applied, ...]


@dataclass(frozen=True)
class Ladder:
    """When to remind (working days from the due day) and to tell those above (working days overdue, nearest first)."""

    reminders: tuple[int, ...]
    escalations: tuple[int, ...]


def tightens(new: Within, old: Within) -> bool:
    """Whether `new` gives no later a day than `old` for every beginning and every calendar.

    So many calendar days never end after as many working days. Working days are never promised to end within any
    number of calendar days, whatever the holidays.
    """
    if new.measure is old.measure:
        return new.days <= old.days
    if new.measure is Measure.working_hours:
        return True  # the first working day: nothing gives an earlier one
    return new.measure is Measure.calendar_days and old.measure is Measure.working_days and new.days <= old.days


class Rulebook:
    """Every word said, looked up by unit, kind of work and day."""

    def __init__(self, stated: Iterable[Stated]) -> None:
        """Read the words in any order; ValueError when two bear the same serial."""
        words = sorted(stated, key=lambda each: each.serial)
        if len({each.serial for each in words}) != len(words):
            raise ValueError("two words with one serial")
        self.stated = tuple(words)
        latest: dict[tuple[str, str, date], Stated] = {(each.unit_id, each.kind, each.since): each for each in words}
        self._words: defaultdict[str, dict[str, list[Stated]]] = defaultdict(dict)
        for each in sorted(latest.values(), key=lambda word: word.since):
            if not each.withdrawn:
                self._words[each.kind].setdefault(each.unit_id, []).append(each)

    def words(self, unit_id: str, kind: str) -> list[Stated]:
        """What a unit has said about a kind of work and not taken back, the earliest beginning first."""
        return list(self._words[kind].get(unit_id, ())) if kind in self._words else []

    def bearing(self, kind: str) -> frozenset[str]:
        """The units that have said anything about a kind of work."""
        return frozenset(self._words[kind]) if kind in self._words else frozenset()

    def own(self, unit_id: str, kind: str, day: date) -> Stated | None:
        """The word of a unit itself that is in force on a day; None without one or after its end."""
        begun = [each for each in self.words(unit_id, kind) if each.since <= day]
        return begun[-1] if begun and begun[-1].rule is not None else None

    def applied(self, kind: str, declared: Sequence[Within], upward: Sequence[str], day: date) -> tuple[Applied, ...]:
        """Every rule that applies on a day to a unit given by the ids from the root down to itself.

        The first is the province's, or the declared default where the province has said nothing.
        """
        said = [(unit_id, word) for unit_id in upward if (word := self.own(unit_id, kind, day)) is not None]
        found = [Applied(unit_id, word.rule, word.since) for unit_id, word in said if word.rule is not None]
        if found and found[0].unit_id == upward[0]:
            return tuple(found)
        default = in_force(declared, day)
        return (Applied(None, default, default.since), *found)

    def silent(self, kind: str) -> bool:
        """Whether nobody has ever said anything about a kind of work: what it comes with holds everywhere."""
        return kind not in self._words

    def decide(self, kind: str, declared: Sequence[Within], upward: Sequence[str], calendar: WorkCalendar,
               day: date) -> Decided:
        """The due day of work of a kind that ended on `day` in that unit; of equals the highest unit's."""
        if self.silent(kind):
            rule = in_force(declared, day)
            only = Applied(None, rule, rule.since)
            return Decided(due_by(rule, calendar, day), only, (only,))
        applied = self.applied(kind, declared, upward, day)
        days = [due_by(each.rule, calendar, day) for each in applied]
        first = min(range(len(days)), key=lambda place: days[place].on)
        return Decided(days[first], applied[first], applied)


def ladder(applied: Sequence[Applied]) -> Ladder:
    """The steps under several rules: every reminder any of them asks for, and of each escalation the earliest."""
    reminders = {step for each in applied for step in each.rule.reminders}
    levels = max((len(each.rule.escalations) for each in applied), default=0)
    steps = [[each.rule.escalations[level] for each in applied if level < len(each.rule.escalations)]
             for level in range(levels)]
    return Ladder(tuple(sorted(reminders)), tuple(min(each) for each in steps))
