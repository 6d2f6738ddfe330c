"""From the table to Flask-Principal needs and to scopes: get and list read the same cell.

The only module that imports Flask-Principal. Its traps: an empty Permission allows everybody, `|` is a
difference and `&` a union; so permissions are built here only, and no right is the need nobody holds.
"""

from collections.abc import Iterable
from functools import reduce

from flask_principal import Identity, Need, Permission

from permissions import table
from permissions.actions import Action
from permissions.identity import Held, Principal
from permissions.roles import Role
from permissions.table import Reach
from tenants import numbering, tree
from tenants.errors import Forbidden
from tenants.place import Placed
from tenants.scope import NOTHING, Scope

NOBODY = Need("grant", "nobody")
ALL_COLUMNS = "*"
SOME_COLUMN = "?"
ALL_ACTIONS = "*"
_MOST_ANSWERS = 64  # kept of one principal


def _need(role: Role, unit_id: str, column: str, action: str) -> Need:
    return Need("grant", (role.value, unit_id, column, action))


def identity(principal: Principal) -> Identity:
    """What Flask-Principal knows of a principal: one need per right, unit and column, and one for any column.

    A right that a template narrows to some actions gives them one by one, any other gives all of its role's.
    """
    known: Identity | None = principal.kept.get("identity")
    if known is not None:
        return known
    known = principal.kept["identity"] = Identity(principal.account.id, "session")
    for held in principal.held:
        for column in (SOME_COLUMN, *(held.columns if held.columns is not None else (ALL_COLUMNS,))):
            known.provides.update(_need(held.role, held.unit.id, column, action)
                                  for action in (held.actions if held.actions is not None else (ALL_ACTIONS,)))
    return known


def permission(action: Action, unit: Placed, column: str | None = None) -> Permission:
    """Any of the rights that would do for the action at the unit: asked from the unit upwards.

    Without a column only rights for all columns will do; with one, rights limited to it as well; for what is bound
    to no column (`table.UNIT_WIDE`) any right of the role.
    """
    upward = tree.ancestor_ids(unit.path)
    columns = (ALL_COLUMNS,) if column is None else (ALL_COLUMNS, column)
    if action in table.UNIT_WIDE:
        columns = (SOME_COLUMN,)
    needs: set[Need] = {NOBODY}
    for role, cell in table.roles_for(action).items():
        if cell in (Reach.HERE, Reach.SELF):
            units = upward[-1:] if cell is Reach.HERE else []
        else:
            whole = cell is Reach.BELOW or (cell is Reach.OVER and len(upward) == 1)
            units = upward if whole else upward[:-1]
        needs.update(_need(role, unit_id, each, verb) for unit_id in units for each in columns
                     for verb in (ALL_ACTIONS, action.value))
    return Permission(*needs)


def allows(principal: Principal, action: Action, unit: Placed, column: str | None = None) -> bool:
    """Whether the principal may do this at this unit (for this column).

    What it holds and where the unit hangs decide alone, so that the answer is kept with the one under the other.
    """
    answers: dict[tuple[Action, str, str | None], bool] = principal.kept.setdefault("answers", {})
    found = answers.get((action, unit.path, column))
    if found is None:
        if len(answers) >= _MOST_ANSWERS:
            answers.clear()
        found = answers[action, unit.path, column] = bool(permission(action, unit, column).allows(identity(principal)))
    return found


def require(principal: Principal, action: Action, unit: Placed, column: str | None = None) -> None:
    """Raise Forbidden unless allowed."""
    if not allows(principal, action, unit, column):
        raise Forbidden


def by_one_right(principal: Principal, asked: Iterable[tuple[Action, Placed]]) -> bool:
    """Whether one and the same right allows all of these acts: only a common superior stands above both ends (B5)."""
    wanted = list(asked)
    return any(held.columns is None and held.actions is None and all(
        table.covers(table.reach(action, held.role), held.unit.path, unit.path) for action, unit in wanted)
        for held in principal.held)


def _answers(held: Held, action: Action, column: str | None, any_column: bool) -> bool:
    if held.actions is not None and action not in held.actions:
        return False
    if any_column or action in table.UNIT_WIDE or held.columns is None:
        return True
    return column is not None and column in held.columns


def holds(principal: Principal, action: Action, column: str | None = None, *, any_column: bool = False) -> bool:
    """Whether the principal holds the action anywhere at all."""
    cells = table.roles_for(action)
    return any(held.role in cells and _answers(held, action, column, any_column) for held in principal.held)


def _scope_of(held: Held, cell: Reach) -> Scope:
    if cell is Reach.HERE:
        return tree.here(held.unit)
    if cell is Reach.BELOW or (cell is Reach.OVER and held.unit.parent_id is None):
        return tree.below(held.unit)
    if cell in (Reach.UNDER, Reach.OVER):
        return Scope.of(numbering.without(tree.ranges_below(held.unit), held.unit.number))
    return NOTHING


def scope(principal: Principal, action: Action, column: str | None = None, *, any_column: bool = False) -> Scope:
    """Every unit where the principal may do this: the same cells, as runs of unit numbers.

    `any_column` is for menus, where a right for one column is enough to show the way; records never use it.
    """
    at = tree.settled()
    if at is None:
        return _measured(principal, action, column, any_column)
    key = (at, action, column, any_column)
    found: Scope | None = principal.kept.get(key)
    if found is None:
        found = principal.kept[key] = _measured(principal, action, column, any_column)
    return found


def _measured(principal: Principal, action: Action, column: str | None, any_column: bool) -> Scope:
    cells = table.roles_for(action)
    parts = [
        _scope_of(held, cells[held.role])
        for held in principal.held
        if held.role in cells and _answers(held, action, column, any_column)
    ]
    return reduce(Scope.joined, parts, NOTHING)


def lets_hand_out(held: Held, role: Role, unit: Placed) -> bool:
    """Whether one right lets its holder hand out a role at a unit."""
    return table.covers(table.may_hand_out(held.role, role), held.unit.path, unit.path)


def may_hand_out(giver: Principal, role: Role, unit: Placed) -> bool:
    """The second block of the table: whether a role may be handed out at a unit by this giver."""
    return any(lets_hand_out(held, role, unit) for held in giver.held)
