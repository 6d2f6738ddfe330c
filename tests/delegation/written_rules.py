"""The written rules a second time: the tree, the accounts, the rights and who may do what, from the regulation alone.

Typed from articles 5 to 10 and from the contract's table of roles; nothing of the product is imported. A verdict is
the set of answers the rules leave open: empty when the act is to be done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from tree_model import UNDER

# The contract's roles: `in` the unit, `below` it and everything below it, `under` strictly below (第六条: 下级).
MAY = {
    "clerk": {"in": ("see units", "see files", "see records", "write records")},
    "chief": {"in": ("nominate", "see nominations"),
              "below": ("see units", "see files", "see records", "see administrators", "see filings")},
    "reviewer": {"in": ("see units",)},
    "auditor": {"below": ("see units", "see files", "see records", "see administrators", "see filings")},
    "administrator": {
        "in": ("nominate",),
        "below": ("see nominations", "see units", "see files", "see records", "see administrators", "see filings",
                  "see accounts", "see rights", "open units", "keep accounts", "hand out rights"),
        "under": ("change units", "appoint"),
    },
}
GRANTABLE = ("clerk", "chief", "reviewer", "auditor")
BY_COLUMN = ("see records", "write records")
COLUMN_OF = {"visits": "precision_service", "branch_activities": "party_garden",
             "volunteer_service": "silver_brilliance"}
Faults = frozenset[int]
FINE: Faults = frozenset()


@dataclass
class Unit:
    """A node of the tree."""

    parent: str | None
    kind: str
    name: str
    open: bool = True


@dataclass
class Account:
    """A person: one number, one account (第九条)."""

    unit: str
    kind: str
    phone: str
    state: str = "active"
    pc: bool = True
    mobile: bool = True
    on_establishment: bool = True
    in_service: bool = True
    trained: bool = True
    been_in: bool = True
    must_change: bool = False
    password: str = ""
    given_on: date | None = None  # the day of a password made by the system
    used_up: bool = False

    @property
    def lives(self) -> bool:
        """Whether it may be used at all."""
        return self.state in ("opened", "active")

    @property
    def fit(self) -> bool:
        """第七条: 编制内、在职、经过培训."""
        return self.kind == "staff" and self.lives and self.on_establishment and self.in_service and self.trained


@dataclass
class Grant:
    """A role at a unit: some columns or all, an end or both, until a day or not."""

    account: str
    unit: str
    role: str
    columns: frozenset[str] | None = None
    channel: str = "both"
    until: date | None = None
    since: date | None = None
    frozen: bool = False
    giver: str | None = None


@dataclass
class Session:
    """Somebody at a PC or on a phone."""

    account: str
    channel: str
    lives: bool = True


@dataclass
class Filing:
    """报备: told to the superior."""

    unit: str
    act: str
    receiver: str
    account: str
    acknowledged: bool


@dataclass
class Nomination:
    """提名: whom a unit would like to see in a seat; it gives no right."""

    unit: str
    account: str
    state: str = "open"


@dataclass
class Rules:
    """All there is, and what the rules say of it."""

    today: date
    units: dict[str, Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    seats: dict[tuple[str, int], str] = field(default_factory=dict)
    seat_givers: dict[tuple[str, int], str] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    filings: list[Filing] = field(default_factory=list)
    nominations: dict[str, Nomination] = field(default_factory=dict)
    records: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> module, unit
    heirs: dict[str, str] = field(default_factory=dict)  # a closed unit -> the one that took everything over

    def upward(self, unit: str) -> list[str]:
        """The unit, its superior, and so on."""
        chain = [unit]
        while (above := self.units[chain[-1]].parent) is not None:
            chain.append(above)
        return chain

    def below(self, unit: str) -> set[str]:
        """The unit and everything below it."""
        return {each for each in self.units if unit in self.upward(each)}

    def children(self, unit: str) -> list[str]:
        """Open units directly below."""
        return [name for name, each in self.units.items() if each.parent == unit and each.open]

    def may_hold(self, parent: str, kind: str) -> bool:
        """第五条."""
        return kind in UNDER[self.units[parent].kind]

    def seat_of(self, account: str) -> str | None:
        """Where somebody is an administrator."""
        return next((unit for (unit, _), who in self.seats.items() if who == account), None)

    def rights(self, account: str, channel: str) -> list[tuple[str, str, frozenset[str] | None]]:
        """What somebody holds today on this end: nothing when suspended, nothing at a closed unit."""
        person = self.accounts[account]
        if not person.lives or person.kind != "staff":
            return []
        held = [("administrator", unit, None) for (unit, _), who in self.seats.items() if who == account]
        held += [(each.role, each.unit, each.columns) for each in self.grants.values()
                 if each.account == account and not each.frozen and each.channel in ("both", channel)
                 and (each.until is None or each.until >= self.today)
                 and (each.since is None or each.since <= self.today)]
        return [right for right in held if self.units[right[1]].open]

    def reach(self, who: str, doing: str, column: str | None = None) -> set[str]:
        """Every unit where somebody in a session may do something."""
        return self.reach_of(self.sessions[who].account, self.sessions[who].channel, doing, column)

    def reach_of(self, account: str, channel: str, doing: str, column: str | None = None) -> set[str]:
        """The same for an account on an end."""
        found = set[str]()
        for role, unit, columns in self.rights(account, channel):
            if doing in BY_COLUMN and columns is not None and column not in columns:
                continue
            if doing in MAY[role].get("in", ()):
                found.add(unit)
            if doing in MAY[role].get("below", ()):
                found |= self.below(unit)
            if doing in MAY[role].get("under", ()):
                found |= self.below(unit) - {unit}
        return found

    def shut_out(self, who: str, *, pc: bool = True, before_change: bool = False) -> Faults:
        """第十条, before anything is looked for: 401 without a live session, 403 on the wrong end."""
        session = self.sessions[who]
        account = self.accounts[session.account]
        if not session.lives or not account.lives:
            return frozenset({401})
        at_pc = session.channel == "pc"
        shut = not (account.kind == "staff" and account.pc if at_pc else account.mobile)
        if shut or (pc and not at_pc) or (account.must_change and not before_change):
            return frozenset({403})
        return frozenset({403}) if account.kind == "cadre" and not before_change else FINE

    def at(self, who: str, unit: str, doing: str, seeing: str = "see units", column: str | None = None) -> Faults:
        """What lies outside one's sight is not there; what one sees may still be forbidden."""
        if unit not in self.reach(who, seeing, column):
            return frozenset({404})
        return FINE if unit in self.reach(who, doing, column) else frozenset({403})

    def over(self, who: str, account: str) -> Faults:
        """Over an account: not one's own, not a fellow administrator's of one's own unit."""
        faults = self.at(who, self.accounts[account].unit, "keep accounts", "see accounts")
        if faults:
            return faults
        seat = self.seat_of(account)
        if account == self.sessions[who].account or (seat is not None and seat not in self.reach(who, "appoint")):
            return frozenset({403})
        return FINE

    def apart(self, account: str, role: str) -> Faults:
        """Whoever audits does nothing else, wherever (职责分离)."""
        held = {each.role for each in self.grants.values() if each.account == account
                and (each.until is None or each.until >= self.today)}
        held |= {"administrator"} if self.seat_of(account) is not None else set()
        return when(any((each == "auditor") != (role == "auditor") for each in held), 422)

    def all_given(self, who: str, account: str) -> Faults:
        """Giving an account its reach back hands out all it holds: each must be mine to hand out."""
        mine = self.reach(who, "hand out rights")
        foreign = [each for each in self.grants.values() if each.account == account and self.units[each.unit].open
                   and (each.until is None or each.until >= self.today) and each.unit not in mine]
        return frozenset({403}) if foreign else FINE

    def file(self, act: str, unit: str, account: str, by: str) -> None:
        """To the superior; when the superior's own administrator acts, acting is acknowledging."""
        receiver = self.units[unit].parent or unit
        own = self.seat_of(self.sessions[by].account) == receiver
        self.filings.append(Filing(unit, act, receiver, account, own))

    def answers_for(self, who: str, unit: str) -> bool:
        """Whether somebody sits in the nearest unit above that has an administrator."""
        seated = [each for each in self.upward(unit)[1:] if any(at == each for at, _number in self.seats)]
        return bool(seated) and self.seat_of(self.sessions[who].account) == seated[0]

    def end_sessions(self, account: str, *, but: str | None = None) -> None:
        """At the next request of each."""
        for name, session in self.sessions.items():
            if session.account == account and name != but:
                session.lives = False

    def touching(self, unit: str) -> list[str]:
        """Rights with an end in this subtree."""
        inside = self.below(unit)
        return [name for name, each in self.grants.items()
                if each.unit in inside or self.accounts[each.account].unit in inside]

    def settle(self, names: Iterable[str]) -> None:
        """After a move or merge a right runs up or down one branch, or it is gone."""
        for name in names:
            grant = self.grants[name]
            home = self.accounts[grant.account].unit
            if self.units[grant.unit].open and grant.unit not in self.upward(home) and home not in self.upward(
                    grant.unit):
                del self.grants[name]


def either(*faults: Faults) -> Faults:
    """Where several things stand in the way, each of them may be named."""
    return frozenset().union(*faults)


def when(condition: object, status: int) -> Faults:
    """A fault, if it is one."""
    return frozenset({status}) if condition else FINE
