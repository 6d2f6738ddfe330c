"""Who may do what, read a second time from the contract's words and decided by walking parents: no product code."""

from dataclasses import dataclass, field
from datetime import date

from tree_model import TreeModel

# The contract's roles: H in the unit, B there and below, U strictly below, V as U and in the province itself.
MAY = {
    "clerk": {
        "H": "cadre:export cadre:read cadre:unmask opinion:answer opinion:read record:create record:delete "
             "record:export record:read record:update report:timeliness unit:read",
        "B": "deadline:explain",
    },
    "chief": {"B": "administrator:read cadre:export cadre:read deadline:explain filing:read opinion:read "
                   "record:export record:oversee record:read report:freeze report:timeliness unit:read",
              "H": "administrator:nominate nomination:read opinion:answer",
              "V": "record:confirm record:extend record:reopen"},
    "reviewer": {"H": "unit:read", "B": "deadline:explain"},
    "auditor": {"B": "administrator:read audit:read cadre:export cadre:read deadline:explain filing:read "
                     "record:export record:oversee record:read report:timeliness unit:read"},
    "administrator": {
        "H": "administrator:nominate cadre:unmask",
        "B": "account:open account:read account:update administrator:read audit:read cadre:create "
             "cadre:export cadre:import cadre:read cadre:update calendar:update deadline:explain filing:read "
             "grant:create grant:delete grant:read nomination:read opinion:answer opinion:read record:export "
             "record:oversee "
             "record:read report:freeze report:timeliness rule:update unit:open unit:read",
        "U": "administrator:appoint administrator:remove filing:acknowledge unit:close unit:move unit:update",
        "V": "record:confirm record:extend record:reopen",
    },
    "cadre": {},
}
# Bound to no column: a right for some columns is a right here.
WHATEVER_COLUMN = {"administrator:read", "cadre:export", "cadre:read", "cadre:unmask", "deadline:explain",
                   "filing:read", "opinion:read", "unit:read", "administrator:nominate", "nomination:read"}
REACH = {(role, action): cell for role, cells in MAY.items() for cell, words in cells.items()
         for action in words.split()}


@dataclass
class Template:
    """A role template of a unit, perhaps the copy of another."""

    role: str
    unit: str
    actions: frozenset[str] | None = None
    columns: frozenset[str] | None = None
    channel: str = "both"
    withdrawn: bool = False
    copies: "Template | None" = None


@dataclass
class Right:
    """A role at a unit: for columns or all, on a channel or both, from a day to a day, frozen, by a template."""

    role: str
    unit: str
    columns: frozenset[str] | None = None
    channel: str = "both"
    until: date | None = None
    since: date | None = None
    frozen: bool = False
    template: Template | None = None

    def line(self) -> list[Template]:
        """Its template and all that one was copied from."""
        found, last = [], self.template
        while last is not None:
            found.append(last)
            last = last.copies
        return found


@dataclass
class Person:
    """A staff member: rights, and whether the account is suspended."""

    rights: list[Right] = field(default_factory=list)
    suspended: bool = False


def live(person: Person, tree: TreeModel, channel: str, today: date) -> list[Right]:
    """The rights that count today on this channel: none of a suspended account, none at a closed unit."""
    if person.suspended:
        return []
    return [right for right in person.rights
            if right.unit not in tree.closed and right.channel in ("both", channel)
            and (right.until is None or right.until >= today) and (right.since is None or right.since <= today)
            and not right.frozen and all(each.channel in ("both", channel) for each in right.line())
            and _held_by_its_templates(right, tree)]


def _held_by_its_templates(right: Right, tree: TreeModel) -> bool:
    """Each template alive, of the role, above what it is used for, and together they leave something."""
    below = right.unit
    for each in right.line():
        if each.withdrawn or each.role != right.role or each.unit not in tree.upward(below):
            return False
        below = each.unit
    ends = {"pc", "mobile"}
    for each in (right, *right.line()):
        ends &= {"pc", "mobile"} if each.channel == "both" else {each.channel}
    return bool(ends) and all(limits is None or limits for limits in (_left(right, "columns"), _left(right, "actions")))


def _left(right: Right, what: str) -> frozenset[str] | None:
    """What all templates, and the right itself, have in common; None: everything."""
    named = [limits for each in (right, *right.line()) if (limits := getattr(each, what, None)) is not None]
    return frozenset(word for word in named[0] if all(word in limits for limits in named)) if named else None


def allows(rights: list[Right], upward: list[str], action: str, column: str | None) -> bool:
    """Whether any right will do at the unit whose chain of ids upwards is given."""
    for right in rights:
        cell = REACH.get((right.role, action))
        if cell is None or right.unit not in upward:
            continue
        if (cell == "H" and right.unit != upward[0]) or (cell == "U" and right.unit == upward[0]):
            continue
        if cell == "V" and right.unit == upward[0] and len(upward) > 1:
            continue
        columns, actions = _left(right, "columns"), _left(right, "actions")
        if actions is not None and action not in actions:
            continue
        if columns is None or action in WHATEVER_COLUMN or column in columns:
            return True
    return False
