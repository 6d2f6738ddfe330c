"""调动 by the written rules: one end asks, the other answers; with the move all rights, sessions and the PC end."""

from dataclasses import dataclass, field

from written_handing import Handing
from written_rules import FINE, Faults, either, when


@dataclass
class Transfer:
    """Who is to go where, and which end asked; nobody, where no such person was found."""

    account: str | None
    to: str
    side: str
    state: str = "asked"


@dataclass
class Transfers(Handing):
    """People who change their unit."""

    transfers: dict[str, Transfer] = field(default_factory=dict)

    def ask_out(self, who: str, account: str, to: str, new: str) -> Faults:
        """By who is over somebody; done at once where the other end is his too."""
        if faults := self.shut_out(who) or self.over(who, account):
            return faults
        asked = Transfer(account, to, "from")
        faults = either(when(self.seat_of(account) is not None or self._waits(account), 409),
                        when(self.accounts[account].unit == to or not self.units[to].open, 422))
        if not faults:
            self.transfers[new] = asked
            if to in self.reach(who, "keep accounts"):
                self._moved(asked)
        return faults

    def ask_in(self, who: str, to: str, account: str, named: bool, new: str) -> Faults:
        """The answer is the same whether there is such a person."""
        if faults := self.shut_out(who) or self.at(who, to, "keep accounts"):
            return faults
        if not self.units[to].open:
            return frozenset({409})
        found = named and self.accounts[account].unit != to and not self._waits(account)
        self.transfers[new] = Transfer(account if found else None, to, "to")
        return FINE

    def answer_transfer(self, who: str, transfer: str, verdict: str) -> Faults:
        """By the end that was asked; taken back by the end that asked."""
        if faults := self.shut_out(who):
            return faults
        found, mine = self.transfers[transfer], self.reach(who, "keep accounts")
        home = self.accounts[found.account].unit if found.account is not None else None
        if not {home, found.to} & mine:
            return when(not mine, 403) or frozenset({404})
        gives = (found.side == "to") == (verdict != "withdrawn")
        if not gives:
            faults = when(found.to not in mine, 403)
        else:
            faults = frozenset({403}) if found.account is None or home not in mine else self.over(who, found.account)
        faults = either(faults, when(found.state != "asked", 409))
        if not faults and verdict == "accepted" and found.account is not None:
            there = home == found.to or not self.units[found.to].open
            faults = when(there or self.seat_of(found.account) is not None, 409)
        if not faults:
            found.state = verdict
            if verdict == "accepted":
                self._moved(found)
        return faults

    def closed(self, who: str, unit: str, successor: str | None) -> None:
        """Whoever was asked to come there comes to the successor."""
        super().closed(who, unit, successor)
        for each in self.transfers.values():
            each.to = successor if successor is not None and each.to == unit else each.to

    def _waits(self, account: str) -> bool:
        return any((each.account, each.state) == (account, "asked") for each in self.transfers.values())

    def _moved(self, transfer: Transfer) -> None:
        """Records stay where they were made."""
        assert transfer.account is not None
        person = self.accounts[transfer.account]
        transfer.state, person.unit, person.pc = "accepted", transfer.to, False
        self.grants = {name: each for name, each in self.grants.items() if each.account != transfer.account}
        self.end_sessions(transfer.account)
