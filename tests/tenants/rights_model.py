"""Who may do what, read a second time from the contract's words and decided by walking parents: no product code."""

from dataclasses import dataclass, field
from datetime import date

from tree_model import TreeModel

# The contract's roles: H in the unit, B there and below, U strictly below.
MAY = {
    "clerk": {
        "H": "cadre:export cadre:read cadre:unmask opinion:read record:create record:delete record:export "
             "record:read record:update report:timeliness unit:read",
        "B": "deadline:explain",
    },
    "chief": {"B": "administrator:read cadre:export cadre:read deadline:explain filing:read opinion:read "
                   "record:export record:oversee record:read report:timeliness unit:read",
              "H": "administrator:nominate nomination:read", "U": "record:confirm record:extend record:reopen"},
    "reviewer": {"H": "unit:read", "B": "deadline:explain"},
    "auditor": {"B": "administrator:read audit:read cadre:export cadre:read deadline:explain filing:read "
                     "record:export record:oversee record:read report:timeliness unit:read"},
    "administrator": {
        "H": "administrator:nominate cadre:unmask",
        "B": "account:open account:read account:update administrator:read audit:read cadre:create "
             "cadre:export cadre:import cadre:read cadre:update calendar:update deadline:explain filing:read "
             "grant:create grant:delete grant:read nomination:read opinion:read record:export record:oversee "
             "record:read report:timeliness rule:update unit:open unit:read",
        "U": "administrator:appoint administrator:remove filing:acknowledge record:confirm record:extend "
             "record:reopen unit:close unit:move unit:update",
    },
    "cadre": {},
}
# Bound to no column: a right for some columns is a right here.
WHATEVER_COLUMN = {"administrator:read", "cadre:export", "cadre:read", "cadre:unmask", "deadline:explain",
                   "filing:read", "opinion:read", "unit:read", "administrator:nominate", "nomination:read"}
REACH = {(role, action): cell for role, cells in MAY.items() for cell, words in cells.items()
         for action in words.split()}


@dataclass
class Right:
    """A role at a unit: for columns or all, on a channel or both, until a day or for ever."""

    role: str
    unit: str
    columns: frozenset[str] | None = None
    channel: str = "both"
    until: date | None = None


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
            and (right.until is None or right.until >= today)]


def allows(rights: list[Right], upward: list[str], action: str, column: str | None) -> bool:
    """Whether any right will do at the unit whose chain of ids upwards is given."""
    for right in rights:
        cell = REACH.get((right.role, action))
        if cell is None or right.unit not in upward:
            continue
        if (cell == "H" and right.unit != upward[0]) or (cell == "U" and right.unit == upward[0]):
            continue
        if right.columns is None or action in WHATEVER_COLUMN or column in right.columns:
            return True
    return False
