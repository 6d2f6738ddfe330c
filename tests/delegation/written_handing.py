"""Rights frozen, handed over and re-homed, administrators replaced, units merged: by the written rules."""

from collections.abc import Sequence
from dataclasses import replace

from written_acts import Acts
from written_rules import FINE, Faults, Grant, either, when


class Handing(Acts):
    """What becomes of rights when people leave, and of units when they become one."""

    def merge_units(self, who: str, into: str, unit: str) -> Faults:
        """By a common superior only, of one kind; the other closes and all it holds goes over (合并)."""
        if faults := self.shut_out(who) or self.at(who, into, "open units") or self.at(who, unit, "change units"):
            return faults
        unlike = self.units[unit].kind != self.units[into].kind
        faults = either(when(unlike or into in self.below(unit), 422),
                        when(not (self.units[unit].open and self.units[into].open), 409))
        if not faults:
            self.closed(who, unit, into)
        return faults

    def freeze(self, who: str, account: str, grant: str) -> Faults:
        """It gives nothing until somebody who could hand it out thaws it."""
        if faults := self._in_hand(who, account, grant):
            return faults
        if self.grants[grant].frozen:
            return frozenset({409})
        self.grants[grant].frozen = True
        return FINE

    def thaw(self, who: str, account: str, grant: str) -> Faults:
        """Given anew, by whoever thaws it."""
        if faults := self._in_hand(who, account, grant):
            return faults
        right = self.grants[grant]
        if not right.frozen or not self.units[right.unit].open:
            return frozenset({409})
        right.frozen, right.giver = False, self.sessions[who].account
        return FINE

    def change_right(self, who: str, account: str, grant: str, right: Grant) -> Faults:
        """Other columns, ends, days: as much a giving as the first. What changes nothing gives nothing."""
        if faults := self._in_hand(who, account, grant):
            return faults
        if self.as_it_is(grant, right):
            return FINE
        held = self.grants[grant]
        faults = either(when(held.frozen or not self.units[held.unit].open, 409), self.apart(account, held.role),
                        when(right.until is not None and right.until < max(self.today, right.since or self.today), 422))
        if not faults:
            held.columns, held.channel, held.since, held.until = right.columns, right.channel, right.since, right.until
            held.giver = self.sessions[who].account
        return faults

    def as_it_is(self, grant: str, right: Grant) -> bool:
        """Whether these terms are those of the right."""
        held = self.grants[grant]
        return (held.columns, held.channel, held.since, held.until) == (
            right.columns, right.channel, right.since, right.until)

    def _in_hand(self, who: str, account: str, grant: str) -> Faults:
        if faults := self.shut_out(who) or self.over(who, account):
            return faults
        right = self.grants.get(grant)
        lost = right is None or right.account != account or right.unit not in self.reach(who, "hand out rights")
        return when(lost, 404)

    def hand_over(self, who: str, giver: str, taker: str, new: str) -> Faults:
        """岗位交接: a colleague of the same unit has it all from now on, and the giver nothing of it."""
        if faults := self.shut_out(who) or self.over(who, giver):
            return faults
        one, other = self.accounts[giver], self.accounts[taker]
        unseen = other.unit not in self.reach(who, "see accounts")
        unfit = giver == taker or one.unit != other.unit or "cadre" in (one.kind, other.kind) or not other.lives
        mine = self.reach(who, "hand out rights")
        rights, held = self._living(giver, mine), [_same(each) for each in self._living(taker, mine).values()]
        added = in_order([each for each in rights.values() if _same(each) not in held])
        faults = either(when(unseen or unfit, 422), FINE if unseen else self.over(who, taker),
                        when(any(not self.units[each.unit].open for each in added), 409),
                        when(any(each.since and each.until and each.until < each.since for each in added), 422),
                        when(len({each.role == "auditor" for each in added}) == 2, 422),
                        *(self.apart(taker, each.role) for each in added))
        if not faults:
            for name in rights:
                del self.grants[name]
            for place, right in enumerate(added):
                self.grants[f"{new}{place}"] = replace(right, account=taker, giver=self.sessions[who].account)
        return faults

    def _living(self, account: str, mine: set[str]) -> dict[str, Grant]:
        return {name: each for name, each in self.grants.items() if each.account == account and each.unit in mine
                and not each.frozen and (each.until is None or each.until >= self.today)}

    def replace_administrator(self, who: str, unit: str, leaving: str, successor: str, fate: str) -> Faults:
        """Out and in at once, both filed; what the one who leaves gave is answered for by another, or frozen."""
        if faults := self.shut_out(who) or self.at(who, unit, "appoint"):
            return faults
        place = next((place for place, sitting in self.seats.items() if place[0] == unit and sitting == leaving), None)
        if place is None:
            return frozenset({404})
        person = self.accounts[successor]
        unseen = person.unit not in self.reach(who, "see accounts")
        faults = either(when(unseen or not person.fit or person.unit != unit or successor == leaving, 422),
                        when(self.seat_of(successor) == unit, 409),
                        when(self.sessions[who].account == successor, 403), self.apart(successor, "administrator"))
        if not faults:
            gave = [each for each in self.grants.values() if each.giver == leaving and not each.frozen]
            seats = [each for each in self.seats if self.seat_givers.get(each) == leaving]
            self.remove(who, unit, leaving)
            self.appoint(who, unit, successor)
            self._settle_grants(who, gave, successor, fate)
            self._settle_seats(who, [each for each in seats if each in self.seats and each != place], successor)
        return faults

    def _settle_grants(self, who: str, gave: Sequence[Grant], successor: str, fate: str) -> None:
        me = self.sessions[who].account
        for right in gave:
            if not self._may_take(who, right.account) or right.unit not in self.reach(who, "hand out rights"):
                continue  # of somebody nobody here may act upon: it lives on under the old name
            heirs = [] if fate == "freeze" or not self._may_touch(who, right.account) else [
                heir for heir in (successor, me) if heir != right.account
                and right.unit in self.reach_of(heir, "pc", "hand out rights")]
            if heirs:
                right.giver = heirs[0]
            else:
                right.frozen = True

    def _settle_seats(self, who: str, seats: Sequence[tuple[str, int]], successor: str) -> None:
        """A seat is never frozen."""
        me = self.sessions[who].account
        for place in seats:
            heirs = [heir for heir in (successor, me) if heir != self.seats[place]
                     and place[0] in self.reach_of(heir, "pc", "appoint")]
            if self._may_touch(who, self.seats[place]) and place[0] in self.reach(who, "appoint") and heirs:
                self.seat_givers[place] = heirs[0]

    def _may_take(self, who: str, account: str) -> bool:
        """What lies in one's own reach is taken from whomever, but oneself, a fellow and a superior."""
        seat = self.seat_of(account)
        return account != self.sessions[who].account and (seat is None or seat in self.reach(who, "appoint"))

    def _may_touch(self, who: str, account: str) -> bool:
        return self._may_take(who, account) and self.accounts[account].unit in self.reach(who, "hand out rights")


def _same(right: Grant) -> tuple[str, str, frozenset[str] | None, str]:
    return right.role, right.unit, right.columns, right.channel


def in_order(rights: Sequence[Grant]) -> list[Grant]:
    """So that two who know the same rights name them alike."""
    return sorted(rights, key=lambda each: (each.unit, each.role, sorted(each.columns or ["-"]), each.channel,
                                            str(each.until), str(each.since)))
