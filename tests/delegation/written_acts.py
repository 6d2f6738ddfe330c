"""Every act of administration by the written rules: what stands in its way, or what becomes of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from written_nominations import Nominations
from written_rules import COLUMN_OF, FINE, Account, Faults, Grant, Session, Unit, either, when

INITIAL_DAYS = 3


@dataclass
class Acts(Nominations):
    """Each act takes the session that acts and gives back what stands in the way; when nothing does, it is done."""

    def open_unit(self, who: str, parent: str, kind: str, code_taken: bool, new: str, name: str) -> Faults:
        """第六条: in one's own unit and below."""
        if faults := self.shut_out(who) or self.at(who, parent, "open units"):
            return faults
        closed = not self.units[parent].open
        faults = either(when(code_taken, 409), when(not self.may_hold(parent, kind), 422), when(closed, 409),
                        when(closed, 422))
        if not faults:
            self.units[new] = Unit(parent, kind, name)
        return faults

    def rename_unit(self, who: str, unit: str, name: str) -> Faults:
        """Strictly below."""
        if faults := self.shut_out(who) or self.at(who, unit, "change units"):
            return faults
        if not self.units[unit].open:
            return frozenset({409})
        self.units[unit].name = name
        return FINE

    def move_unit(self, who: str, unit: str, parent: str) -> Faults:
        """Strictly below, to where one may open units; never under itself."""
        if faults := self.shut_out(who) or self.at(who, unit, "change units"):
            return faults
        elsewhere = not self.units[parent].open
        faults = either(self.at(who, parent, "open units"), when(not self.units[unit].open, 409),
                        when(parent in self.below(unit), 422), when(elsewhere, 409), when(elsewhere, 422),
                        when(not self.may_hold(parent, self.units[unit].kind), 422))
        if not faults:
            rights = self.touching(unit)
            self.hang(unit, parent)
            self.settle(rights)
        return faults

    def hang(self, unit: str, parent: str) -> None:
        """Under another superior, who now waits for what is still to be acknowledged about it (第七条)."""
        self.units[unit].parent = parent
        for filing in self.filings:
            if filing.unit == unit and not filing.acknowledged:
                filing.receiver = parent

    def close_unit(self, who: str, unit: str, successor: str | None) -> Faults:
        """Strictly below; empty, or with a successor that takes everything over but seats and rights."""
        if faults := self.shut_out(who) or self.at(who, unit, "change units"):
            return faults
        faults = when(not self.units[unit].open, 409)
        if successor is None:
            full = self.children(unit) or any(each.unit == unit for each in self.accounts.values()) or any(
                at == unit for _module, at in self.records.values())
            faults = either(faults, when(full, 409))
        else:
            gone = not self.units[successor].open
            faults = either(faults, self.at(who, successor, "open units"), when(successor in self.below(unit), 422),
                            when(gone, 409), when(gone, 422), when(any(
                                not self.may_hold(successor, self.units[each].kind) for each in self.children(unit)),
                                422))
        if not faults:
            self.closed(who, unit, successor)
        return faults

    def closed(self, who: str, unit: str, successor: str | None) -> None:
        """What becomes of all that the unit had."""
        rights = self.touching(unit)
        for place in [place for place in sorted(self.seats) if place[0] == unit]:
            account = self.seats.pop(place)
            self.file("remove", unit, account, who)
        if successor is not None:
            self.heirs[unit] = successor
            for child in self.children(unit):
                self.hang(child, successor)
            for account in self.accounts.values():
                account.unit = successor if account.unit == unit else account.unit
            self.records = {name: (module, successor if at == unit else at)
                            for name, (module, at) in self.records.items()}
        self.answer_nominations("withdrawn", unit)
        self.units[unit].open = False
        self.settle(rights)

    def appoint(self, who: str, unit: str, account: str) -> Faults:
        """第七条: strictly below, at most two, the unit's own staff, fit for it."""
        if faults := self.shut_out(who) or self.at(who, unit, "appoint"):
            return faults
        person = self.accounts[account]
        taken = [number for at, number in self.seats if at == unit]
        unseen = person.unit not in self.reach(who, "see accounts")
        faults = either(when(unseen or not person.fit or person.unit != unit, 422), when(len(taken) == 2, 409),
                        when(not self.units[unit].open, 409), when(self.seat_of(account) == unit, 409),
                        when(self.sessions[who].account == account, 403), self.apart(account, "administrator"))
        if not faults:
            place = unit, min({1, 2} - set(taken))
            self.seats[place], self.seat_givers[place] = account, self.sessions[who].account
            self.file("appoint", unit, account, who)
            self.answer_nominations("seated", unit, account)
        return faults

    def remove(self, who: str, unit: str, account: str) -> Faults:
        """Strictly below."""
        if faults := self.shut_out(who) or self.at(who, unit, "appoint"):
            return faults
        place = next((place for place, sitting in self.seats.items() if place[0] == unit and sitting == account), None)
        if place is None:
            return frozenset({404})
        del self.seats[place]
        self.file("remove", unit, account, who)
        return FINE

    def acknowledge(self, who: str, filing: int) -> Faults:
        """By the superior; while nobody sits there, by the next above."""
        found = self.filings[filing]
        if faults := self.shut_out(who) or self.at(who, found.unit, "appoint", "see filings"):
            return faults
        if found.acknowledged or not self.answers_for(who, found.unit):
            return either(when(found.acknowledged, 409), when(not self.answers_for(who, found.unit), 403))
        found.acknowledged = True
        return FINE

    def open_account(self, who: str, unit: str, new: str, phone: str, fit: bool, pc: bool, password: str) -> Faults:
        """第九条: by an administrator of the unit or above; one number, one account."""
        if faults := self.shut_out(who) or self.at(who, unit, "keep accounts"):
            return faults
        taken = any(each.phone == phone for each in self.accounts.values())
        faults = either(when(taken, 409), when(not self.units[unit].open, 409))
        if not faults:
            self.accounts[new] = Account(unit, "staff", phone, "opened", pc, True, fit, fit, fit, been_in=False,
                                         must_change=True, password=password, given_on=self.today)
        return faults

    def amend_account(self, who: str, account: str, changes: dict[str, bool]) -> Faults:
        """Doors and facts; who sits in a seat stays fit for it."""
        if faults := self.shut_out(who) or self.over(who, account):
            return faults
        person = self.accounts[account]
        cadre = person.kind == "cadre" and set(changes) != {"mobile"}
        doors = self.all_given(who, account) if {"pc", "mobile"} & set(changes) else FINE
        unfit = self.seat_of(account) is not None and not all(
            changes.get(fact, True) for fact in ("on_establishment", "in_service", "trained"))
        faults = either(when(cadre, 422), doors, when(unfit, 409))
        if not faults:
            for name, value in changes.items():
                setattr(person, name, value)
        return faults

    def suspend(self, who: str, account: str) -> Faults:
        """Every session ends; a seat is vacated first."""
        if faults := self.shut_out(who) or self.over(who, account):
            return faults
        if not self.accounts[account].lives or self.seat_of(account) is not None:
            return frozenset({409})
        self.accounts[account].state = "suspended"
        self.end_sessions(account)
        return FINE

    def reactivate(self, who: str, account: str) -> Faults:
        """Hands back all the account holds."""
        if faults := self.shut_out(who) or self.over(who, account):
            return faults
        person = self.accounts[account]
        faults = either(when(person.state != "suspended", 409), self.all_given(who, account))
        if not faults:
            person.state = "active" if person.been_in else "opened"
        return faults

    def resend(self, who: str, account: str, password: str) -> Faults:
        """A new password of the system's; the old one and every session end."""
        if faults := self.shut_out(who) or self.over(who, account):
            return faults
        person = self.accounts[account]
        if not person.lives:
            return frozenset({409})
        person.password, person.given_on, person.must_change, person.used_up = password, self.today, True, False
        self.end_sessions(account)
        return FINE

    def sign_out(self, who: str, account: str) -> Faults:
        """Every session of a subordinate ends."""
        if faults := self.shut_out(who) or self.over(who, account):
            return faults
        self.end_sessions(account)
        return FINE

    def give(self, who: str, account: str, new: str, right: Grant) -> Faults:
        """Only what is mine to hand out, where it is mine, and to nobody beside or above me."""
        if faults := self.shut_out(who) or when(
                self.accounts[account].unit not in self.reach(who, "see accounts"), 404):
            return faults
        faults = either(self.at(who, right.unit, "hand out rights"), self.over(who, account),
                        self.apart(account, right.role),
                        when(not self.units[right.unit].open, 409), when(self.accounts[account].kind == "cadre", 422),
                        when(right.until is not None and right.until < max(self.today, right.since or self.today), 422))
        if not faults:
            right.giver = self.sessions[who].account
            self.grants[new] = right
        return faults

    def take_back(self, who: str, account: str, grant: str) -> Faults:
        """Gone at the next request."""
        if faults := self.shut_out(who) or self.over(who, account):
            return faults
        found = self.grants.get(grant)
        if found is None or found.account != account or found.unit not in self.reach(who, "hand out rights"):
            return frozenset({404})
        del self.grants[grant]
        return FINE

    def log_in(self, account: str, password: str, channel: str, new: str) -> Faults:
        """The same answer for whatever is wrong; 403 only for who has proved to be the owner."""
        person = self.accounts[account]
        stale = person.given_on is not None and (
            person.used_up or self.today > person.given_on + timedelta(days=INITIAL_DAYS))
        if password != person.password or not person.lives or stale:
            return frozenset({401})
        if not (person.kind == "staff" and person.pc if channel == "pc" else person.mobile):
            return frozenset({403})
        person.state, person.been_in = "active", True
        person.used_up = person.given_on is not None
        self.sessions[new] = Session(account, channel)
        return FINE

    def change_password(self, who: str, old: str, password: str) -> Faults:
        """One's own; all other sessions end."""
        if faults := self.shut_out(who, pc=False, before_change=True):
            return faults
        person = self.accounts[self.sessions[who].account]
        if old != person.password or password == person.password:
            return frozenset({422})
        person.password, person.must_change, person.given_on, person.used_up = password, False, None, False
        self.end_sessions(self.sessions[who].account, but=who)
        return FINE

    def log_out(self, who: str) -> Faults:
        """This session ends."""
        if faults := self.shut_out(who, pc=False, before_change=True):
            return faults
        self.sessions[who].lives = False
        return FINE

    def write_record(self, who: str, record: str, text: str) -> Faults:
        """By a clerk of the unit with the column, on either end."""
        module, unit = self.records[record]
        return self.shut_out(who, pc=False) or self.at(who, unit, "write records", "see records", COLUMN_OF[module])

    def next_day(self, days: int) -> Faults:
        """Rights that ended yesterday count no more."""
        self.today += timedelta(days=days)
        return FINE


def seen(rules: Acts, who: str, doing: str, column: str | None = None) -> set[str] | Faults:
    """What a list holds for somebody, by unit; or what they are told instead."""
    if faults := rules.shut_out(who, pc=False):
        return faults
    return rules.reach(who, doing, column) or frozenset({403})


Day = date
Facts = dict[str, Any]
