"""Changes of the tree ordered for a day to come, by the written rules: checked today, and asked again on the day."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta

from written_rules import FINE, Faults, Session, either, when
from written_transfers import Transfers

WORKER = "worker"


@dataclass
class Plan:
    """What was ordered, by whom, for when, and what became of it."""

    kind: str
    unit: str
    other: str | None
    name: str
    day: date
    account: str
    state: str = "waiting"


@dataclass
class Written(Transfers):
    """All acts there are."""

    plans: dict[str, Plan] = field(default_factory=dict)

    def order_change(self, who: str, kind: str, unit: str, other: str | None, name: str, days: int,
                     new: str) -> Faults:
        """Refused as it would be today, and where the like waits for that day; nothing happens before its day."""
        if faults := self.shut_out(who) or self.at(who, unit, "change units"):
            return faults
        plan = Plan(kind, unit, other, name, self.today + timedelta(days=days), self.sessions[who].account)
        faults = either(when(days < 1, 422), deepcopy(self)._done(who, plan)) or when(self._ordered_already(plan), 409)
        if not faults:
            self.plans[new] = plan
        return faults

    def _ordered_already(self, plan: Plan) -> bool:
        """Whether the same is to become of a unit on the same day already: to where, or how it is called, or not."""
        return any((each.kind, each.unit, each.day, each.state) == (plan.kind, plan.unit, plan.day, "waiting")
                   for each in self.plans.values())

    def _done(self, who: str, plan: Plan) -> Faults:
        if plan.kind == "rename":
            return self.rename_unit(who, plan.unit, plan.name)
        if plan.kind == "close":
            return self.close_unit(who, plan.unit, plan.other)
        return self.move_unit(who, plan.unit, str(plan.other))

    def cancel_change(self, who: str, plan: str) -> Faults:
        """By who ordered it, or could order it now; what is done stays done."""
        found = self.plans[plan]
        if faults := self.shut_out(who):
            return faults
        mine = found.account == self.sessions[who].account
        if not mine and not {found.unit, found.other} & self.reach(who, "see administrators"):
            return frozenset({404})
        changing = self.reach(who, "change units")
        if not changing or not (mine or found.unit in changing):
            return frozenset({403})
        if found.state not in ("waiting", "failed"):
            return frozenset({409})
        found.state = "cancelled"
        return FINE

    def next_day(self, days: int) -> Faults:
        """What was ordered takes effect with the rights its orderer has by then, in the order of days and orders."""
        super().next_day(days)
        due = [each for each in self.plans.values() if each.state == "waiting" and each.day <= self.today]
        for plan in sorted(due, key=lambda each: each.day):
            person = self.accounts[plan.account]
            waits, person.must_change = person.must_change, False  # the worker types no password
            self.sessions[WORKER] = Session(plan.account, "pc")
            plan.state = "failed" if self._done(WORKER, plan) else "done"
            del self.sessions[WORKER]
            person.must_change = waits
        return FINE
