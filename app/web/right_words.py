"""What the pages say of rights: which column is open on which end, what became of each right, where it came from."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.columns import COLUMNS
from permissions import explain, lineage
from permissions.guard import open_on
from permissions.identity import Principal
from permissions.narrowing import channel_of
from permissions.roles import CHANNEL_LABELS, Channel
from permissions.standing import WORDS, Standing, Why
from tenants.scope import Scope

ENDS = {Channel.pc: "电脑端", Channel.mobile: "手机端"}


def columns_said(columns: Sequence[str] | frozenset[str] | None) -> str:
    """Columns in words, in the order of the regulation."""
    if columns is None or set(columns) >= set(COLUMNS):
        return "全部栏目"
    return "、".join(name for key, name in COLUMNS.items() if key in columns) or "没有栏目"


def role_said(standing: Standing) -> str:
    """A role with the unit it is held in."""
    return f"{standing.held.role.label}（{standing.held.unit.name}）"


def days_said(standing: Standing) -> str:
    """From when till when."""
    since, until = standing.right.since, standing.right.until
    if since is None and until is None:
        return "长期"
    return f"{since or '即日'} 至 {until or '长期'}"


def matrix(ends: Mapping[Channel, Principal]) -> list[dict[str, Any]]:
    """Rows of columns × ends: what is effective today and from where."""
    return [{"cells": {"column": name, **{end.value: _cell(ends[end], column) for end in ENDS}}}
            for column, name in COLUMNS.items()]


def _cell(principal: Principal, column: str) -> dict[str, Any]:
    held = [each for each in principal.rights if each.why is None
            and (each.held.columns is None or column in each.held.columns)]
    sources = "；".join(role_said(each) + (" 按模板" if each.right.template_id else "") for each in held)
    if not held:
        return {"badge": {"text": "没有权限", "tone": "plain"}}
    if not open_on(principal, principal.channel):
        return {"badge": {"text": f"有权限，但{ENDS[principal.channel]}未开通", "tone": "warn"}, "sub": sources}
    return {"badge": {"text": "可用", "tone": "good"}, "sub": sources}


def state_of(on_ends: Sequence[Standing]) -> dict[str, Any]:
    """What became of one right, seen from both ends."""
    if any(each.why is None for each in on_ends):
        return {"badge": {"text": "生效", "tone": "good"}}
    why = next((each.why for each in on_ends if each.why is not None and each.why is not Why.channel), Why.channel)
    tone = "warn" if why in (Why.not_yet, Why.frozen) else "plain"
    said = {Why.not_yet: "未到起始日", Why.frozen: "已冻结", Why.ended: "已到期", Why.template: "模板不适用",
            Why.closed: "单位已撤销", Why.suspended: "账号停用", Why.channel: "不能使用"}[why]
    return {"badge": {"text": said, "tone": tone}, "sub": WORDS[why]}


def ends_of(on_ends: Sequence[Standing], ends: Sequence[Channel]) -> str:
    """On which ends a right would count by itself and its template."""
    open_ends = frozenset(end for end, each in zip(ends, on_ends, strict=True) if each.why is not Why.channel)
    return CHANNEL_LABELS[channel_of(open_ends)] if open_ends else "没有"


def origins(right_ids: Sequence[str], sight: Scope) -> dict[str, list[str]]:
    """The chain of each right in words, from itself upwards."""
    found = {right_id: [explain.told(step, sight) for step in steps]
             for right_id, steps in lineage.chains(right_ids).items()}
    return {right_id: found.get(right_id) or ["来源没有记录。"] for right_id in right_ids}
