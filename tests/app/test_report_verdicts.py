"""Reports and counters against an independent model of the verdict: edits, extensions, rulings, deletes."""

import io
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest

import factories
from app.counters import folding
from app.deadlines import verdict
from app.reports import counter_check
from world import World

DAY = timedelta(days=1)
FIRST, TODAY = date(2026, 4, 1), date(2026, 6, 10)
# 2026 from April to August, from the notice itself.
FREE = {FIRST.replace(month=4, day=day) for day in (4, 5, 6)} | {date(2026, 5, day) for day in range(1, 6)} \
    | {date(2026, 6, day) for day in (19, 20, 21)}
WORKED = {date(2026, 5, 9)}
OUTCOMES = ("on_time", "late", "overdue", "pending")


def due(ended_on: date) -> date:
    """Five working days after, counted one by one."""
    left, day = 5, ended_on
    while left:
        day += DAY
        left -= day in WORKED or (day.weekday() < 5 and day not in FREE)
    return day


@dataclass
class Told:
    """One record as the rules read: what its end was, is, and until when it has time."""

    ended_on: date
    stood: date | None = None
    until: date | None = None
    entered: bool = False
    deleted: bool = False
    version: dict[str, Any] = field(default_factory=dict)

    @property
    def judged_on(self) -> date:
        day = due(self.ended_on) if self.stood is None else min(due(self.ended_on), due(self.stood))
        return max(day, self.until) if self.until else day

    @property
    def outcome(self) -> str:
        if self.entered:
            return "on_time" if self.judged_on >= TODAY else "late"
        return "pending" if self.judged_on >= TODAY else "overdue"


class Walk:
    """Random acts through the API, each told to the model as the rules say."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice, self.told = world, random.Random(seed), dict[str, Told]()
        self.clerk, self.county = world.api("town clerk"), world.api("chief")

    def _some_day(self) -> date:
        """Often one of the last days, where a day more or less is a verdict."""
        return TODAY - DAY * self.dice.randrange(10 if self.dice.random() < 0.6 else (TODAY - FIRST).days + 1)

    def _some(self) -> tuple[str, Told] | None:
        """A living record; mostly one that is still open, for there is more to happen to it."""
        living = [each for each in self.told.items() if not each[1].deleted]
        still = [each for each in living if not each[1].entered]
        return self.dice.choice(still if still and self.dice.random() < 0.8 else living) if living else None

    def create(self) -> None:
        ended_on, draft = self._some_day(), self.dice.random() < 0.8
        body = factories.FIELDS["visits"] | {"unit_id": self.world.units["合德镇"], "ended_on": ended_on.isoformat(),
                                             "cadre_ids": [self.world.cadres["town cadre"]], "draft": draft,
                                             "late_reason": "忙"}
        made = self.clerk.post("/records/visits", body)
        assert made.status_code == 201, made.text
        self.told[made.json["id"]] = Told(ended_on, entered=not draft)

    def edit(self, record_id: str, told: Told) -> None:
        ended_on = self._some_day()
        answer = self.clerk.patch(f"/records/visits/{record_id}", {"ended_on": ended_on.isoformat()})
        assert answer.status_code in (200, 409)
        if answer.status_code == 200 and ended_on != told.ended_on:
            told.stood = told.ended_on if told.stood is None else told.stood
            told.ended_on = ended_on
            told.stood = None if told.stood == ended_on else told.stood

    def confirm(self, record_id: str, told: Told) -> None:
        answer = self.county.post(f"/records/visits/{record_id}/confirm", {"matter": "correction"})
        waits = told.stood is not None and due(told.ended_on) > told.judged_on
        assert answer.status_code in ((200, 409) if waits else (409,)), answer.text
        if answer.status_code == 200:
            told.stood = None

    def send_back(self, record_id: str, _told: Told) -> None:
        assert self.county.post(f"/records/visits/{record_id}/return", {"opinion": "再核实"}).status_code in (200, 409)

    def extend(self, record_id: str, told: Told) -> None:
        until = TODAY + DAY * self.dice.randrange(1, 25)
        answer = self.county.post(f"/records/visits/{record_id}/extension", {"until": until.isoformat(), "reason": "x"})
        wanted = 409 if told.entered or told.judged_on < TODAY else 200 if until > told.judged_on else 422
        assert answer.status_code == wanted, answer.text
        if wanted == 200:
            told.until = until

    def enter(self, record_id: str, told: Told) -> None:
        answer = self.clerk.post(f"/records/visits/{record_id}/submit", {"late_reason": "忙"})
        assert answer.status_code == (409 if told.entered else 200), answer.text
        told.entered = True

    def delete(self, record_id: str, told: Told) -> None:
        answer = self.clerk.delete(f"/records/visits/{record_id}")
        assert answer.status_code in (204, 409)
        told.deleted = answer.status_code == 204

    def step(self) -> None:
        """One act."""
        chosen = self._some()
        if chosen is None or self.dice.random() < 0.3:
            self.create()
        else:
            act = self.dice.choice((*[self.edit] * 4, *[self.confirm] * 2, self.send_back, *[self.extend] * 4,
                                    *[self.enter] * 2, self.delete))
            act(*chosen)

    def disagreements(self) -> list[str]:
        """Where the report, a list or a record says something else than the model."""
        found = []
        for first, last in ((FIRST, date(2026, 8, 31)), (date(2026, 5, 12), date(2026, 6, 17)), (TODAY, TODAY),
                            (date(2026, 6, 1), date(2026, 6, 30)), (date(2026, 6, 11), date(2026, 7, 9))):
            living = [each for each in self.told.values() if not each.deleted and first <= each.judged_on <= last]
            wanted = Counter(each.outcome for each in living)
            for who, unit in (("江苏 administrator", "江苏"), ("town clerk", "合德镇")):
                said = self.world.api(who).get(f"/reports/timeliness?unit={self.world.units[unit]}&from={first}"
                                               f"&to={last}").json["total_row"]
                if [said[each] for each in OUTCOMES] != [wanted[each] for each in OUTCOMES]:
                    found.append(f"{unit} {first}–{last}: {said}, by the rules {dict(wanted)}")
        for outcome in OUTCOMES:
            listed = self.world.api("chief").get(f"/records/visits?timeliness={outcome}&limit=200").json
            ids = {record_id for record_id, each in self.told.items() if not each.deleted and each.outcome == outcome}
            if {each["id"] for each in listed["items"]} != ids or listed["total"] != len(ids):
                found.append(f"list of {outcome}")
            found += [f"{each['ended_on']}: judged on {each['judged_on']}" for each in listed["items"]
                      if each["judged_on"] != self.told[each["id"]].judged_on.isoformat()]
        return found


@pytest.mark.parametrize("seed", [1, 2])
def test_reports_lists_and_counters_agree_with_the_rules(world: World, seed: int) -> None:
    walk = Walk(world, seed)
    for place in range(60):
        walk.step()
        if place % 20 == 19:
            assert walk.disagreements() == []
            with world.app.app_context():
                assert list(counter_check.differences()) == []
                folding.fold()
    kinds = Counter((each.stood is not None, each.until is not None, each.entered) for each in walk.told.values())
    assert len(kinds) >= 4, kinds  # the walk has been where it matters


@pytest.mark.parametrize("planted", ["later", "kept"])
def test_a_verdict_by_the_wrong_day_is_seen(world: World, monkeypatch: pytest.MonkeyPatch, planted: str) -> None:
    """Planted: the corrected day decides at once; an extension is forgotten."""
    real = verdict.decide

    def wrong(due: Any, ended_on: date, held: date | None = None, extended_to: date | None = None) -> Any:
        return real(due, ended_on, None if planted == "later" else held, extended_to if planted == "later" else None)

    monkeypatch.setattr(verdict, "decide", wrong)
    with pytest.raises(AssertionError):
        _go(Walk(world, 1))


def _go(walk: Walk) -> None:
    for _place in range(60):
        walk.step()
    assert walk.disagreements() == []


def test_a_report_says_where_its_days_are_provisional(world: World) -> None:
    api, path = world.api("江苏 administrator"), f"unit={world.units['江苏']}&from=2026-12-01&to=2027-03-31"
    told = api.get(f"/reports/timeliness?{path}").json
    assert (told["provisional"], told["provisional_years"]) == (True, [2027])
    sheet = openpyxl.load_workbook(io.BytesIO(api.get(f"/reports/timeliness.xlsx?{path}").data)).active
    words = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("2027 年" in each and "暂定" in each for each in words)
    sure = api.get(f"/reports/timeliness?unit={world.units['江苏']}&from=2026-01-01&to=2026-12-31").json
    assert (sure["provisional"], sure["provisional_years"]) == (False, [])
