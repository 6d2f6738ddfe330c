"""What a right may be narrowed to: role templates (角色模板) and their copies. Pure; nothing here can widen.

A template is a role limited to some of its actions, some columns, some ends. A copy lies at or below its original
and within it; but whatever was written, a right is worth no more than what all templates above it have in common,
at every evaluation. So a superior who narrows a template narrows every copy and every right given through them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from permissions import table
from permissions.roles import BOTH, Channel, Role
from tenants.place import Place


def actions_of(role: Role) -> frozenset[str]:
    """Every action the table gives a role."""
    return frozenset(action.value for action in table.TABLE if table.reach(action, role) is not table.Reach.NO)


def channels_of(channel: str) -> frozenset[Channel]:
    """pc, mobile or both, as a set."""
    return BOTH if channel == "both" else frozenset({Channel(channel)})


def channel_of(channels: frozenset[Channel]) -> str:
    """The other way; there is no word for no channel."""
    return "both" if channels == BOTH else next(iter(channels)).value


def _meet(mine: frozenset[str] | None, theirs: frozenset[str] | None) -> frozenset[str] | None:
    if mine is None or theirs is None:
        return mine if theirs is None else theirs
    return mine & theirs


def _inside(mine: frozenset[str] | None, theirs: frozenset[str] | None) -> bool:
    return theirs is None or (mine is not None and mine <= theirs)


@dataclass(frozen=True, slots=True)
class Limits:
    """A role's actions, columns and ends; None stands for all of them."""

    role: Role
    actions: frozenset[str] | None = None
    columns: frozenset[str] | None = None
    channels: frozenset[Channel] = BOTH

    def meet(self, other: "Limits") -> "Limits":
        """What both allow; only of one role."""
        return replace(self, actions=_meet(self.actions, other.actions), columns=_meet(self.columns, other.columns),
                       channels=self.channels & other.channels)

    def faults_within(self, other: "Limits") -> dict[str, str]:
        """Where this goes beyond another, by field; empty when it is as narrow."""
        faults = {}
        if self.role is not other.role:
            faults["role"] = "角色须与上级模板相同。"
        if not _inside(self.actions, other.actions):
            faults["actions"] = "只能从上级模板已有的操作里选，不能增加。"
        if not _inside(self.columns, other.columns):
            faults["columns"] = "只能从上级模板已有的栏目里选，不能增加。"
        if not self.channels <= other.channels:
            faults["channel"] = "上级模板没有开放这个使用端。"
        return faults

    @property
    def nothing(self) -> bool:
        """Whether no act is left."""
        return not self.channels or (self.actions is not None and not self.actions) or (
            self.columns is not None and not self.columns)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A template as it was read: where it was made, what it copies, what it allows, whether it was withdrawn."""

    id: str
    parent_id: str | None
    unit: Place
    limits: Limits
    withdrawn: bool = False


def chain(template_id: str | None, known: Mapping[str, Pattern]) -> list[Pattern] | None:
    """A template and those it was copied from, the lowest first. None where one is missing or copies itself."""
    found: list[Pattern] = []
    while template_id is not None:
        pattern = known.get(template_id)
        if pattern is None or pattern in found:
            return None
        found.append(pattern)
        template_id = pattern.parent_id
    return found


def along(own: Limits, unit_path: str, patterns: Iterable[Pattern] | None) -> Limits | None:
    """What is left of a right at a unit after all templates above it; None when nothing is.

    Each template must be alive, of the same role, and made at or above what it is used for: one that a move has left
    beside the unit is in the hand of somebody who has no say there.
    """
    if patterns is None:
        return None
    left, below = own, unit_path
    for pattern in patterns:
        if pattern.withdrawn or pattern.limits.role is not own.role or not below.startswith(pattern.unit.path):
            return None
        left, below = left.meet(pattern.limits), pattern.unit.path
    return None if left.nothing else left
