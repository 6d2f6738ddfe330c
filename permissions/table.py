"""THE TABLE: who may do what, how far down the tree; and who may hand out which role, how far.

Rows are actions, columns are roles, cells are reaches. A new verb is a line in `actions.py` and a row here.
No cell, no right: an action without a row is refused to everybody.
"""

from collections.abc import Mapping
from enum import StrEnum

from permissions.actions import Action as A
from permissions.roles import Role


class Reach(StrEnum):
    """How far a right goes from the unit it is held in."""

    HERE = "H"  # that unit
    BELOW = "B"  # that unit and everything below it
    UNDER = "U"  # only what is strictly below it (第六条: 下级单位)
    OVER = "V"  # the same; and the province's own, since nobody is above it
    SELF = "S"  # one's own data, wherever one belongs
    NO = "_"


H, B, U, V, S, _ = Reach.HERE, Reach.BELOW, Reach.UNDER, Reach.OVER, Reach.SELF, Reach.NO

# fmt: off
#                          clerk chief reviewer auditor administrator cadre
TABLE: Mapping[A, tuple[Reach, ...]] = {
    A.ACCOUNT_OPEN:          (_, _, _, _, B, _),
    A.ACCOUNT_READ:          (_, _, _, _, B, _),
    A.ACCOUNT_UPDATE:        (_, _, _, _, B, _),
    A.ADMINISTRATOR_APPOINT: (_, _, _, _, U, _),
    A.ADMINISTRATOR_NOMINATE: (_, H, _, _, H, _),
    A.ADMINISTRATOR_READ:    (_, B, _, B, B, _),
    A.ADMINISTRATOR_REMOVE:  (_, _, _, _, U, _),
    A.AUDIT_READ:            (_, _, _, B, B, _),
    A.CADRE_CREATE:          (_, _, _, _, B, _),
    A.CADRE_EXPORT:          (H, B, _, B, B, _),
    A.CADRE_IMPORT:          (_, _, _, _, B, _),
    A.CADRE_READ:            (H, B, _, B, B, _),
    A.CADRE_UNMASK:          (H, _, _, _, H, _),
    A.CADRE_UPDATE:          (_, _, _, _, B, _),
    A.CALENDAR_UPDATE:       (_, _, _, _, B, _),
    A.DEADLINE_EXPLAIN:      (B, B, B, B, B, _),
    A.FILING_ACKNOWLEDGE:    (_, _, _, _, U, _),
    A.FILING_READ:           (_, B, _, B, B, _),
    A.GRANT_CREATE:          (_, _, _, _, B, _),
    A.GRANT_DELETE:          (_, _, _, _, B, _),
    A.GRANT_READ:            (_, _, _, _, B, _),
    A.NOMINATION_READ:       (_, H, _, _, B, _),
    A.OPINION_ANSWER:        (H, H, _, _, B, _),
    A.OPINION_LEAVE:         (_, _, _, _, _, S),
    A.OPINION_READ:          (H, B, _, _, B, _),
    A.OWN_FILE_READ:         (_, _, _, _, _, S),
    A.RECORD_CONFIRM:        (_, V, _, _, V, _),
    A.RECORD_CREATE:         (H, _, _, _, _, _),
    A.RECORD_DELETE:         (H, _, _, _, _, _),
    A.RECORD_EXPORT:         (H, B, _, B, B, _),
    A.RECORD_EXTEND:         (_, V, _, _, V, _),
    A.RECORD_OVERSEE:        (_, B, _, B, B, _),
    A.RECORD_READ:           (H, B, _, B, B, _),
    A.RECORD_REOPEN:         (_, V, _, _, V, _),
    A.RECORD_UPDATE:         (H, _, _, _, _, _),
    A.REPORT_FREEZE:         (_, B, _, _, B, _),
    A.REPORT_TIMELINESS:     (H, B, _, B, B, _),
    A.RULE_UPDATE:           (_, _, _, _, B, _),
    A.UNIT_CLOSE:            (_, _, _, _, U, _),
    A.UNIT_MOVE:             (_, _, _, _, U, _),
    A.UNIT_OPEN:             (_, _, _, _, B, _),
    A.UNIT_READ:             (H, B, H, B, B, _),
    A.UNIT_UPDATE:           (_, _, _, _, U, _),
}

# Who may hand out which role, at which units seen from the giver's own seat; nobody hands anything to themselves
# or to a fellow administrator of the same unit. The administrator's seat is handed out strictly below only.
#                          clerk chief reviewer auditor administrator cadre
HANDS_OUT: Mapping[Role, tuple[Reach, ...]] = {
    Role.administrator:      (B, B, B, B, U, _),
}
# fmt: on

# What is bound to no column: here a right limited to some columns counts like one for all of them.
UNIT_WIDE = frozenset({
    A.ADMINISTRATOR_NOMINATE, A.ADMINISTRATOR_READ, A.CADRE_EXPORT, A.CADRE_READ, A.CADRE_UNMASK, A.DEADLINE_EXPLAIN,
    A.FILING_READ, A.NOMINATION_READ, A.OPINION_READ, A.UNIT_READ,
})

# What ends in a right, opens an end, or changes the tree that rights hang on, at once or ordered ahead. Every path of
# these is tried with each right its caller may not give, and whoever is told no stands in the log, also for how he
# filled it in (422).
GIVES_RIGHTS = frozenset({
    A.ACCOUNT_OPEN, A.ACCOUNT_UPDATE, A.ADMINISTRATOR_APPOINT, A.ADMINISTRATOR_NOMINATE, A.ADMINISTRATOR_REMOVE,
    A.CADRE_IMPORT, A.GRANT_CREATE, A.GRANT_DELETE, A.UNIT_CLOSE, A.UNIT_MOVE, A.UNIT_OPEN, A.UNIT_UPDATE,
})

# What asks for the password again when it was typed more than a quarter of an hour ago: all of that, and what shows or
# takes away what is masked.
PROVED = GIVES_RIGHTS | {A.CADRE_EXPORT, A.CADRE_UNMASK, A.RECORD_EXPORT}

_ROLES = tuple(Role)


def reach(action: A, role: Role) -> Reach:
    """The cell, or NO where there is no row."""
    row = TABLE.get(action)
    return row[_ROLES.index(role)] if row is not None else Reach.NO


def roles_for(action: A) -> dict[Role, Reach]:
    """The roles that hold the action at all, with their reach."""
    return {role: cell for role in _ROLES if (cell := reach(action, role)) is not Reach.NO}


def may_hand_out(giver: Role, given: Role) -> Reach:
    """How far from their seat a holder of one role may hand out another."""
    row = HANDS_OUT.get(giver)
    return row[_ROLES.index(given)] if row is not None else Reach.NO


def covers(cell: Reach, held_path: str, at_path: str) -> bool:
    """Whether a right held at one unit reaches another, both given by path (`/a/b/`)."""
    if cell is Reach.HERE:
        return held_path == at_path
    if cell is Reach.BELOW:
        return at_path.startswith(held_path)
    if cell is Reach.OVER and at_path.count("/") == 2:
        return at_path == held_path
    if cell in (Reach.UNDER, Reach.OVER):
        return at_path != held_path and at_path.startswith(held_path)
    return False
