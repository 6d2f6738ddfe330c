"""The written rules a second time, from the contract and not from the code: words, and a tree of parent pointers.

Imports nothing of the product. Slow and plain on purpose: it walks from child to parent for every question.
"""

from dataclasses import dataclass, field

# act: which role may, and how far: `here` that unit, `below` it and everything below, `under` strictly below, `over`
# the same and what is the province's own, `child` directly below (in the sweep every unit has an administrator, so
# nobody stands in for one).
RULES = {
    "read unit": "clerk here, chief below, reviewer here, auditor below, administrator below",
    "open unit": "administrator below",
    "update unit": "administrator under",
    "move unit": "administrator under",
    "close unit": "administrator under",
    "read administrators": "chief below, auditor below, administrator below",
    "appoint administrator": "administrator under",
    "remove administrator": "administrator under",
    "read filing": "chief below, auditor below, administrator below",
    "acknowledge filing": "administrator child",
    "nominate administrator": "chief here, administrator here",
    "read nomination": "chief here, administrator below",
    "read account": "administrator below",
    "open account": "administrator below",
    "update account": "administrator below",
    "read grant": "administrator below",
    "give grant": "administrator below",
    "take grant": "administrator below",
    "read cadre": "clerk here, chief below, auditor below, administrator below",
    "create cadre": "administrator below",
    "export cadres": "clerk here, chief below, auditor below, administrator below",
    "export records": "clerk here, chief below, auditor below, administrator below",
    "import cadres": "administrator below",
    "update cadre": "administrator below",
    "unmask cadre": "clerk here, administrator here",
    "read record": "clerk here, chief below, auditor below, administrator below",
    "create record": "clerk here",
    "update record": "clerk here",
    "delete record": "clerk here",
    "confirm record": "chief over, administrator over",
    "extend record": "chief over, administrator over",
    "reopen record": "chief over, administrator over",
    "oversee records": "chief below, auditor below, administrator below",
    "read report": "clerk here, chief below, auditor below, administrator below",
    "read frozen": "clerk here, chief below, auditor below, administrator below",
    "list frozen": "clerk here, chief below, auditor below, administrator below",
    "freeze report": "chief below, administrator below",
    "read log": "auditor below, administrator below",
    "answer opinion": "clerk here, chief here, administrator below",
    "read opinion": "clerk here, chief below, administrator below",
    "update calendar": "administrator below",
    "update rules": "administrator below",
    "explain deadline": "clerk below, chief below, reviewer below, auditor below, administrator below",
}
OWN = ("own file", "own opinion")  # a cadre's own; everything else is closed to him
COLUMN_OF = {"visits": "precision_service", "hardship_aid": "precision_service", "branch_activities": "party_garden",
             "volunteer_service": "silver_brilliance"}
# A right for some columns is a whole right where nothing belongs to a column; a report shows its columns only.
OF_NO_COLUMN = ("read unit", "read cadre", "export cadres", "unmask cadre", "read administrators", "read filing",
                "read opinion", "read nomination", "nominate administrator", "read report", "list frozen",
                "freeze report", "explain deadline",
                "oversee records")
ON_ACCOUNTS = ("update account", "give grant", "take grant")
# What an object is found by: outside this right it does not exist.
SIGHT = {"unit": "read unit", "account": "read account", "cadre": "read cadre", "record": "read record",
         "filing": "read filing", "nomination": "read nomination", "frozen": "read frozen", "opinion": "read opinion",
         "transfer": "open account", "request": "update account",
         "change": "read administrators", "template": "read grant"}


def cells(act: str) -> dict[str, str]:
    """role -> how far, of one rule."""
    return dict(part.strip().split() for part in RULES[act].split(",")) if act in RULES else {}


@dataclass(frozen=True)
class Right:
    """A role held in a unit; `live` is False when its day has passed, its end is another or its unit is closed."""

    role: str
    unit: str
    columns: tuple[str, ...] | None = None
    live: bool = True


@dataclass(frozen=True)
class Person:
    """Somebody in a session on one end."""

    name: str
    unit: str = ""
    kind: str = "staff"
    end: str = "pc"
    rights: tuple[Right, ...] = ()
    session: str = "live"  # live | none | dead
    door_open: bool = True  # whether the account may use this end (第十条)
    first_login: bool = False


@dataclass(frozen=True)
class Tree:
    """child -> parent by name."""

    parents: dict[str, str | None]

    def upward(self, unit: str) -> list[str]:
        """The unit, its parent, and so on to the root."""
        found = [unit]
        while (parent := self.parents[found[-1]]) is not None:
            found.append(parent)
        return found

    def reaches(self, far: str, held: str, at: str) -> bool:
        """Whether a right held in one unit reaches another."""
        if far == "here":
            return held == at
        if far == "child":
            return self.parents[at] == held
        strictly = far == "under" or (far == "over" and self.parents[at] is not None)
        return held in self.upward(at) and not (strictly and held == at)


@dataclass(frozen=True)
class Asked:
    """One request in the rules' words."""

    act: str
    end: str = "both"
    finds: str = ""  # unit | account | cadre | record | filing; `` when nothing is looked for
    at: str | None = None  # the unit of what is looked for; None when it does not exist
    column: str | None = None
    at_once: bool = True  # False: a list narrowed to the unit, the right is needed somewhere
    seated: str | None = None  # the account is an administrator of this unit
    oneself: bool = False
    asker: str | None = None  # whose job it is: nobody else sees it
    also: tuple[tuple[str, str | None], ...] = field(default=())  # further (act, unit) of the same request


class Rules:
    """Answers what must happen."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def may(self, person: Person, act: str, at: str, column: str | None = None) -> bool:
        """Whether somebody may do something at a unit."""
        return any(self.tree.reaches(cells(act)[right.role], right.unit, at)
                   for right in person.rights if self._counts(right, act, column))

    def anywhere(self, person: Person, act: str, column: str | None = None) -> bool:
        """Whether somebody may do something at some unit: a right `under` needs something below it to reach."""
        return any(self.may(person, act, unit, column) for unit in self.tree.parents)

    def _counts(self, right: Right, act: str, column: str | None) -> bool:
        if not right.live or right.role not in cells(act):
            return False
        return right.columns is None or act in OF_NO_COLUMN or (column is not None and column in right.columns)

    def expected(self, person: Person, asked: Asked) -> str:
        """`401`, `closed`, `password`, `404`, `403` or `ok` (past the rights: done, or 409, or 422)."""
        if asked.act == "public":
            return "ok"
        if person.session != "live":
            return "401"
        own = asked.act in OWN
        staff_only = asked.act not in ("signed in", "before change") and not own
        wrong_end = asked.end not in ("both", person.end) or not person.door_open
        if wrong_end or (person.kind == "cadre" and staff_only):
            return "closed"
        if person.first_login and asked.act != "before change":
            return "password"
        if own and person.kind != "cadre":
            return "403"
        if asked.finds == "job" and asked.asker != person.name:
            return "404"
        return "ok" if not staff_only else self._staff(person, asked)

    def _staff(self, person: Person, asked: Asked) -> str:
        if asked.finds and not self.sees(person, asked.finds, asked.at, asked.column):
            return "404"
        if asked.finds and asked.at_once and asked.at is not None:
            allowed = self.may(person, asked.act, asked.at, asked.column)
        else:
            allowed = self.anywhere(person, asked.act, asked.column)
        if not allowed or (asked.act in ON_ACCOUNTS and not self._over(person, asked)):
            return "403"
        for act, unit in asked.also:
            if not self.sees(person, "unit", unit):
                return "404"
            if unit is None or not self.may(person, act, unit):
                return "403"
        return "ok"

    def sees(self, person: Person, finds: str, at: str | None, column: str | None = None) -> bool:
        """Whether an object of a unit exists for somebody."""
        if finds in ("job", "calendar"):
            return True  # a job is asked before whose it is; that there is a calendar, everybody knows
        return at is not None and self.may(person, SIGHT[finds], at, column if finds in ("record", "frozen") else None)

    def _over(self, person: Person, asked: Asked) -> bool:
        """Nobody changes their own account or rights, nor a fellow administrator's."""
        if asked.oneself:
            return False
        return asked.seated is None or self.may(person, "appoint administrator", asked.seated)
