"""Whether a right that was read counts today on this end, and why not: one judgement for requests and explanations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from permissions.narrowing import Limits, Pattern, along, chain, channels_of
from permissions.roles import Channel, Role
from tenants.models import UnitStatus
from tenants.place import Place


class Why(StrEnum):
    """Why a right gives nothing now."""

    suspended = "suspended"
    closed = "closed"
    frozen = "frozen"
    not_yet = "not_yet"
    ended = "ended"
    channel = "channel"
    template = "template"


WORDS = {
    Why.suspended: "账号已停用或注销，停用期间没有任何权限",
    Why.closed: "所在单位已撤销",
    Why.frozen: "权限已冻结，要由上级系统管理员解冻或改由他人授予",
    Why.not_yet: "还没有到起始日期",
    Why.ended: "已过截止日期",
    Why.channel: "这项权限不能在这个使用端使用",
    Why.template: "所用的角色模板已停用、已不管到这个单位，或已收窄到没有内容",
}


@dataclass(frozen=True)
class Held:
    """One right: a role in a unit, for some columns and some of its actions (None = all)."""

    role: Role
    unit: Place
    columns: frozenset[str] | None = None
    actions: frozenset[str] | None = None
    right_id: str | None = None


@dataclass(frozen=True, slots=True)
class Right:
    """A right as it was read: a seat, or a grant with everything that may limit it."""

    id: str
    role: Role
    unit: Place
    columns: frozenset[str] | None = None
    channel: str = "both"
    since: date | None = None
    until: date | None = None
    frozen_at: datetime | None = None
    template_id: str | None = None


@dataclass(frozen=True)
class Standing:
    """A right and what has become of it: what is held, and why it gives nothing (None: it counts)."""

    right: Right
    held: Held
    why: Why | None = None


def judge(right: Right, *, alive: bool, channel: str | None, today: date,
          patterns: Mapping[str, Pattern]) -> Standing:
    """Judge one right of an account that is alive or not, on an end (None: on either) today."""
    whole = Limits(right.role, None, right.columns, channels_of(right.channel))
    left = along(whole, right.unit.path, chain(right.template_id, patterns))
    worth = left or whole
    held = Held(right.role, right.unit, worth.columns, worth.actions, right.id)
    return Standing(right, held, _why(right, left, alive=alive, channel=channel, today=today))


def _why(right: Right, left: Limits | None, *, alive: bool, channel: str | None, today: date) -> Why | None:
    if not alive:
        return Why.suspended
    if right.unit.status != UnitStatus.open:
        return Why.closed
    if right.frozen_at is not None:
        return Why.frozen
    if right.since is not None and right.since > today:
        return Why.not_yet
    if right.until is not None and right.until < today:
        return Why.ended
    if left is None:
        return Why.template
    if channel is not None and Channel(channel) not in left.channels:
        return Why.channel
    return None
