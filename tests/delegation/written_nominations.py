"""提名 by the written rules: a unit proposes, its superior seats or says why not; nobody is seated by it."""

from written_rules import FINE, Faults, Nomination, Rules, either, when


class Nominations(Rules):
    """The acts about whom a unit would like to see in a seat."""

    def nominate(self, who: str, unit: str, account: str, new: str) -> Faults:
        """By the unit's own chief or administrator; nobody is seated by it."""
        if faults := self.shut_out(who) or self.at(who, unit, "nominate"):
            return faults
        person = self.accounts[account]
        waiting = any(each.state == "open" and (each.unit, each.account) == (unit, account)
                      for each in self.nominations.values())
        faults = either(when(person.unit != unit or not person.fit, 422), when(not self.units[unit].open, 409),
                        when(self.seat_of(account) == unit or waiting, 409))
        if not faults:
            self.nominations[new] = Nomination(unit, account)
        return faults

    def seat_nominee(self, who: str, nomination: str) -> Faults:
        """An appointment like any other."""
        found = self.nominations[nomination]
        if faults := self.shut_out(who) or self.at(who, found.unit, "appoint", "see nominations"):
            return faults
        if found.state != "open":
            return frozenset({409})
        return self.appoint(who, found.unit, found.account)

    def appoint(self, who: str, unit: str, account: str) -> Faults:
        """第七条; written with the other acts."""
        raise NotImplementedError

    def refuse_nominee(self, who: str, nomination: str) -> Faults:
        """The superior says why not."""
        found = self.nominations[nomination]
        return self._answered(who, nomination, "refused") if (
            faults := self.shut_out(who) or self.at(who, found.unit, "appoint", "see nominations")) == FINE else faults

    def withdraw_nominee(self, who: str, nomination: str) -> Faults:
        """The unit takes it back."""
        found = self.nominations[nomination]
        return self._answered(who, nomination, "withdrawn") if (
            faults := self.shut_out(who) or self.at(who, found.unit, "nominate", "see nominations")) == FINE else faults

    def _answered(self, _who: str, nomination: str, state: str) -> Faults:
        if self.nominations[nomination].state != "open":
            return frozenset({409})
        self.nominations[nomination].state = state
        return FINE

    def answer_nominations(self, state: str, unit: str, account: str | None = None) -> None:
        """Whoever sits is proposed no longer; a closed unit proposes nobody."""
        for each in self.nominations.values():
            if each.unit == unit and each.state == "open" and account in (None, each.account):
                each.state = state
