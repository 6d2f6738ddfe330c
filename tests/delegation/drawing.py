"""Who tries something, and on whom: mostly somebody who may; and people who change their unit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from ground import any_right
from written_plans import Written


@dataclass(frozen=True)
class Act:
    """An act's name and what it is told."""

    name: str
    told: dict[str, Any]


@dataclass
class Drawing:
    """Draws from what there is just now, so that the same numbers mean something after a step was left out."""

    rules: Written
    drawn: Random
    number: int
    often: Sequence[str] = ()

    def _who(self) -> str:
        """Mostly an administrator at a PC; sometimes anybody."""
        living = [name for name, each in self.rules.sessions.items()
                  if each.lives and self.rules.accounts[each.account].lives]
        seated = [name for name in living if self.rules.sessions[name].channel == "pc"
                  and self.rules.seat_of(self.rules.sessions[name].account) is not None]
        chance = self.drawn.random()
        if seated and chance < 0.8:
            return self.drawn.choice(seated)
        return self.drawn.choice(living if living and chance < 0.95 else list(self.rules.sessions))

    def _unit(self, who: str, doing: str) -> str:
        reached, chance = self.rules.reach(who, doing), self.drawn.random()
        only_seen = self.rules.reach(who, "see units") - reached
        drawn = only_seen if only_seen and chance > 0.8 else reached if reached and chance < 0.9 else self.rules.units
        return self.drawn.choice(sorted(drawn))

    def _account(self, who: str, wanted: Callable[[str], bool] = lambda _name: True) -> str:
        everybody = list(self.rules.accounts)
        near = [name for name in everybody if wanted(name)
                and self.rules.accounts[name].unit in self.rules.reach(who, "see accounts")]
        return self.drawn.choice(near if near and self.drawn.random() < 0.8 else everybody)

    def _flag(self, chance: float) -> bool:
        return self.drawn.random() < chance

    def _take_back(self) -> dict[str, Any]:
        who = self._who()
        reach = self.rules.reach(who, "hand out rights")
        mine = [name for name, each in self.rules.grants.items() if each.unit in reach]
        grant = self.drawn.choice(mine if mine and self._flag(0.75) else list(self.rules.grants))
        account = self.rules.grants[grant].account if self._flag(0.95) else self._account(who)
        return {"who": who, "account": account, "grant": grant}

    def _change_right(self) -> dict[str, Any]:
        found = self._take_back()
        held = self.rules.grants[found["grant"]]
        right = any_right(self.drawn, held.account, held.unit, self.rules.today)
        if self._flag(0.05):
            right.until = self.rules.today - timedelta(days=1)
        return found | {"right": right}

    def _ask_out(self) -> dict[str, Any]:
        who, seated = self._who(), set(self.rules.seats.values())
        holding = {each.account for each in self.rules.grants.values()} - seated
        wanted = holding if self._flag(0.5) else set(self.rules.accounts) - seated
        account = self._account(who, lambda name: name in wanted)
        near = sorted(self.rules.reach(who, "keep accounts"))
        to = self.drawn.choice(near if near and self._flag(0.4) else list(self.rules.units))
        return {"who": who, "account": account, "to": to, "new": f"t{self.number}"}

    def _ask_in(self) -> dict[str, Any]:
        who, seated = self._who(), set(self.rules.seats.values())
        to = self._unit(who, "keep accounts")
        away = [name for name, each in self.rules.accounts.items() if each.unit != to and name not in seated]
        account = self.drawn.choice(away if away and self._flag(0.85) else list(self.rules.accounts))
        return {"who": who, "to": to, "account": account, "named": self._flag(0.8), "new": f"t{self.number}"}

    def _answer_transfer(self) -> dict[str, Any]:
        """Mostly by somebody at one of the two ends."""
        waiting = [name for name, each in self.rules.transfers.items() if each.state == "asked"]
        transfer = self.drawn.choice(waiting if waiting and self._flag(0.9) else sorted(self.rules.transfers))
        found = self.rules.transfers[transfer]
        ends = {found.to} | ({self.rules.accounts[found.account].unit} if found.account is not None else set())
        near = [name for name, each in self.rules.sessions.items() if each.lives and each.channel == "pc"
                and ends & self.rules.reach(name, "keep accounts")]
        who = self.drawn.choice(near) if near and self._flag(0.85) else self._who()
        return {"who": who, "transfer": transfer,
                "verdict": self.drawn.choice(["accepted", "accepted", "accepted", "refused", "withdrawn"])}
