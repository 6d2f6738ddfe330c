"""What somebody might try next: mostly what could be allowed, often what must not be."""

from datetime import timedelta
from typing import Any

from drawing import Act, Drawing
from ground import any_right

from tree_model import UNDER


class Chooser(Drawing):
    """Every act there is, by its weight."""

    def act(self) -> Act:
        """The next thing tried."""
        weights = [weight * (8 if name in self.often else 1) for name, weight in WEIGHTS.items()]
        name = self.drawn.choices(list(WEIGHTS), weights=weights)[0]
        if name == "answer_transfer" and not self.rules.transfers:
            name = self.drawn.choice(["ask_out", "ask_in"])
        if not {"acknowledge": self.rules.filings, "take_back": self.rules.grants, "change_right": self.rules.grants,
                "write_record": self.rules.records, "cancel_change": self.rules.plans, "freeze": self.rules.grants,
                "thaw": self.rules.grants}.get(name, True) or (
                    name.endswith("_nominee") and not self.rules.nominations):
            name = "give"
        return Act(name, getattr(self, f"_{name}")())

    def _open_unit(self) -> dict[str, Any]:
        who = self._who()
        parent = self._unit(who, "open units")
        kinds = UNDER[self.rules.units[parent].kind] if self._flag(0.85) else tuple(UNDER)
        new = f"u{len(self.rules.units)}"
        return {"who": who, "parent": parent, "kind": self.drawn.choice(kinds), "code_taken": self._flag(0.05),
                "new": new, "name": f"单位{new}"}

    def _rename_unit(self) -> dict[str, Any]:
        who = self._who()
        return {"who": who, "unit": self._unit(who, "change units"), "name": f"单位改{self.number}"}

    def _move_unit(self) -> dict[str, Any]:
        who = self._who()
        unit = self._unit(who, "change units")
        fits = [each for each in self.rules.units if self.rules.may_hold(each, self.rules.units[unit].kind)]
        near = [each for each in fits if each in self.rules.reach(who, "see units")]
        chance = self.drawn.random()
        parent = self.drawn.choice(near if near and chance < 0.6 else fits) if fits and chance < 0.85 else self._unit(
            who, "open units")
        return {"who": who, "unit": unit, "parent": parent}

    def _close_unit(self) -> dict[str, Any]:
        who = self._who()
        unit = self._unit(who, "change units")
        beside = [each for each, there in self.rules.units.items() if each != unit and there.open
                  and there.kind == self.rules.units[unit].kind and each in self.rules.reach(who, "open units")]
        successor = self.drawn.choice(beside) if beside and self._flag(0.6) else self._unit(who, "open units")
        return {"who": who, "unit": unit, "successor": successor if self._flag(0.8) else None}

    def _appoint(self) -> dict[str, Any]:
        who = self._who()
        unit = self._unit(who, "appoint")
        sitting = set(self.rules.seats.values())
        own = [name for name, each in self.rules.accounts.items()
               if each.unit == unit and each.kind == "staff" and (
                   self._flag(0.3) or (each.fit and name not in sitting))]
        account = self.drawn.choice(own) if own and self._flag(0.85) else self._account(who)
        return {"who": who, "unit": unit, "account": account}

    def _remove(self) -> dict[str, Any]:
        who = self._who()
        taken = sorted(self.rules.seats)
        mine = [place for place in taken if place[0] in self.rules.reach(who, "appoint")]
        if not taken or self._flag(0.1):
            return {"who": who, "unit": self._unit(who, "appoint"), "account": self._account(who)}
        place = self.drawn.choice(mine if mine and self._flag(0.75) else taken)
        return {"who": who, "unit": place[0], "account": self.rules.seats[place]}

    def _nominate(self) -> dict[str, Any]:
        who = self._who()
        unit = self._unit(who, "nominate")
        own = [name for name, each in self.rules.accounts.items() if each.unit == unit and each.kind == "staff"]
        account = self.drawn.choice(own) if own and self._flag(0.85) else self._account(who)
        return {"who": who, "unit": unit, "account": account, "new": f"n{self.number}"}

    def _seat_nominee(self) -> dict[str, Any]:
        return {"who": self._who(), "nomination": self.drawn.choice(sorted(self.rules.nominations))}

    _refuse_nominee = _withdraw_nominee = _seat_nominee

    def _acknowledge(self) -> dict[str, Any]:
        return {"who": self._who(), "filing": self.drawn.randrange(len(self.rules.filings))}

    def _open_account(self) -> dict[str, Any]:
        who = self._who()
        phone = f"1988{self.number:07d}" if self._flag(0.8) else self.drawn.choice(
            [each.phone for each in self.rules.accounts.values()])
        return {"who": who, "unit": self._unit(who, "keep accounts"), "new": f"a{len(self.rules.accounts)}",
                "phone": phone, "fit": self._flag(0.7), "pc": self._flag(0.8), "password": f"{self.number:016d}"}

    def _amend_account(self) -> dict[str, Any]:
        who = self._who()
        facts = self.drawn.sample(["pc", "mobile", "on_establishment", "in_service", "trained"], 2)
        account = self._account(who)
        if self.rules.accounts[account].kind == "cadre" and self._flag(0.7):
            facts = ["mobile"]
        orderers = [each.account for each in self.rules.plans.values() if each.state == "waiting"]
        if orderers and self._flag(0.3):
            account, facts = self.drawn.choice(orderers), ["pc"]
        return {"who": who, "account": account, "changes": {fact: self._flag(0.7) for fact in facts}}

    def _suspend(self) -> dict[str, Any]:
        who = self._who()
        return {"who": who, "account": self._account(who)}

    def _reactivate(self) -> dict[str, Any]:
        who = self._who()
        return {"who": who, "account": self._account(who, lambda name: not self.rules.accounts[name].lives)}

    def _resend(self) -> dict[str, Any]:
        return self._suspend() | {"password": f"{self.number:016d}"}

    _sign_out = _suspend

    def _give(self) -> dict[str, Any]:
        who = self._who()
        sitting = set(self.rules.seats.values())
        account = self._account(who, lambda name: name not in sitting and self.rules.accounts[name].kind == "staff")
        right = any_right(self.drawn, account, self._unit(who, "hand out rights"), self.rules.today)
        dead = [name for name, each in self.rules.units.items() if not each.open]
        if dead and self._flag(0.08):
            right.unit = self.drawn.choice(dead)
        if self._flag(0.05):
            right.until = self.rules.today - timedelta(days=1)
        return {"who": who, "account": account, "new": f"g{self.number}-", "right": right}

    def _merge_units(self) -> dict[str, Any]:
        who = self._who()
        unit = self._unit(who, "change units")
        alike = [each for each, there in self.rules.units.items() if each != unit
                 and there.kind == self.rules.units[unit].kind]
        return {"who": who, "unit": unit,
                "into": self.drawn.choice(alike) if alike and self._flag(0.85) else self._unit(who, "open units")}

    def _freeze(self) -> dict[str, Any]:
        return self._take_back()

    def _thaw(self) -> dict[str, Any]:
        found = self._take_back()
        frozen = [name for name, each in self.rules.grants.items() if each.frozen]
        dead = [name for name in frozen if not self.rules.units[self.rules.grants[name].unit].open]
        frozen = dead if dead and self._flag(0.6) else frozen
        if frozen and self._flag(0.8):
            found["grant"] = self.drawn.choice(frozen)
            found["account"] = self.rules.grants[found["grant"]].account
        return found

    def _hand_over(self) -> dict[str, Any]:
        who = self._who()
        holding = {each.account for each in self.rules.grants.values()}
        giver = self._account(who, lambda name: name in holding)
        unit = self.rules.accounts[giver].unit
        beside = [name for name, each in self.rules.accounts.items()
                  if each.unit == unit and name != giver and each.kind == "staff" and each.lives]
        taker = self.drawn.choice(beside) if beside and self._flag(0.85) else self._account(who)
        return {"who": who, "giver": giver, "taker": taker, "new": f"h{self.number}-"}

    def _replace_administrator(self) -> dict[str, Any]:
        who, seated = self._who(), set(self.rules.seats.values())
        gave = {each.giver for each in self.rules.grants.values()} | set(self.rules.seat_givers.values())
        heirs = {place: [name for name, each in self.rules.accounts.items() if each.unit == place[0] and each.fit
                         and name not in seated] for place in sorted(self.rules.seats)}
        likely = [place for place, fit in heirs.items() if fit and place[0] in self.rules.reach(who, "appoint")]
        busy = [place for place in likely if self.rules.seats[place] in gave]
        drawn = busy if busy and self._flag(0.6) else likely if likely and self._flag(0.9) else list(heirs)
        if not drawn:
            return {"who": who, "unit": self._unit(who, "appoint"), "leaving": self._account(who),
                    "successor": self._account(who), "fate": "freeze"}
        place = self.drawn.choice(drawn)
        fit = heirs[place] if heirs[place] and self._flag(0.85) else [self._account(who)]
        return {"who": who, "unit": place[0], "leaving": self.rules.seats[place],
                "fate": self.drawn.choice(["rehome", "freeze"]), "successor": self.drawn.choice(fit)}

    def _order_change(self) -> dict[str, Any]:
        kind = self.drawn.choice(["move", "move", "close", "rename"])
        asked = {"move": self._move_unit, "close": self._close_unit, "rename": self._rename_unit}[kind]()
        waiting = [each for each in self.rules.plans.values() if each.state == "waiting"]
        if waiting and self._flag(0.2):  # the same once more, by whomever
            same = self.drawn.choice(waiting)
            return {"who": asked["who"], "kind": same.kind, "unit": same.unit, "new": f"p{self.number}",
                    "other": same.other, "name": same.name, "days": (same.day - self.rules.today).days}
        return {"who": asked["who"], "kind": kind, "unit": asked["unit"], "new": f"p{self.number}",
                "other": asked.get("parent") or asked.get("successor"), "name": f"单位改{self.number}",
                "days": self.drawn.choice([0, 1, 1, 1, 2])}

    def _cancel_change(self) -> dict[str, Any]:
        plan = self.drawn.choice(sorted(self.rules.plans))
        own = [name for name, each in self.rules.sessions.items()
               if each.account == self.rules.plans[plan].account and each.lives]
        return {"who": self.drawn.choice(own) if own and self._flag(0.4) else self._who(), "plan": plan}

    def _log_in(self) -> dict[str, Any]:
        account = self.drawn.choice(list(self.rules.accounts))
        fresh = [name for name, each in self.rules.accounts.items() if each.given_on is not None]
        if fresh and self._flag(0.6):
            account = self.drawn.choice(fresh)
        return {"account": account, "password": self.rules.accounts[account].password if self._flag(0.93) else "wrong",
                "channel": self.drawn.choice(["pc", "pc", "mobile"]), "new": f"s{len(self.rules.sessions)}"}

    def _change_password(self) -> dict[str, Any]:
        waiting = [name for name, each in self.rules.sessions.items()
                   if each.lives and self.rules.accounts[each.account].must_change]
        who = self.drawn.choice(waiting) if waiting and self._flag(0.8) else self._who()
        old = self.rules.accounts[self.rules.sessions[who].account].password
        return {"who": who, "old": old if self._flag(0.9) else "something else",
                "password": f"kqz-{self.number}-vw8h"}

    def _log_out(self) -> dict[str, Any]:
        return {"who": self._who()}

    def _write_record(self) -> dict[str, Any]:
        record = self.drawn.choice(sorted(self.rules.records))
        _module, unit = self.rules.records[record]
        near = [name for name, each in self.rules.sessions.items() if each.lives and any(
            at == unit for _role, at, _columns in self.rules.rights(each.account, each.channel))]
        return {"who": self.drawn.choice(near) if near and self._flag(0.7) else self._who(), "record": record,
                "text": f"地点{self.number}"}

    def _next_day(self) -> dict[str, Any]:
        return {"days": self.drawn.choice([1, 1, 1, 4])}


WEIGHTS = {
    "open_unit": 6, "rename_unit": 3, "move_unit": 12, "close_unit": 7, "appoint": 12, "remove": 7, "acknowledge": 4,
    "nominate": 6, "seat_nominee": 4, "refuse_nominee": 2, "withdraw_nominee": 2,
    "open_account": 6, "amend_account": 8, "suspend": 6, "reactivate": 6, "resend": 3, "sign_out": 2, "give": 14,
    "take_back": 7, "log_in": 6, "change_password": 4, "log_out": 2, "write_record": 6, "next_day": 5,
    "merge_units": 5, "freeze": 4, "thaw": 4, "hand_over": 6, "replace_administrator": 7, "order_change": 8,
    "cancel_change": 6, "change_right": 6, "ask_out": 5, "ask_in": 3, "answer_transfer": 6,
}
