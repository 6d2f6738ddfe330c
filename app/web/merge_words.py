"""A merge's preview in words, all units together, and the one word that stands for what was read."""

import json
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any

from app import registry
from app.administration.merge_preview import MergePreview
from app.administration.move_preview import RightLost
from app.web.move_words import named, people, row
from permissions.roles import LABELS, Role
from tenants.models import Unit

CHANGED = "会发生的变化和刚才看到的不一样了，请重新核对下面的内容，再勾选。"


def merge_rows(told: Sequence[MergePreview], into: Unit) -> list[dict[str, Any]]:
    """Rows of (what, how it will be, lines below it, whether it is a change)."""
    def total(of: Callable[[MergePreview], int]) -> int:
        return sum(of(each) for each in told)

    opened, moved = total(lambda each: each.open_records), total(lambda each: each.redated_records)
    administrators = [name for each in told for name in each.administrators]
    ended, lost = rights_told(each.ended for each in told), rights_told(each.rights for each in told)
    filings, to = total(lambda each: each.filings), f"“{into.name}”"
    losing = list(dict.fromkeys(who for each in told for who in each.losing))
    gaining = list(dict.fromkeys(who for each in told for who in each.gaining))
    return [
        row("撤销的单位", f"{len(told)} 个，名称、日志和封存的报表仍然可查；撤销之后不能恢复",
            [f"{each.name}：下级单位 {each.units:,} 个，离退休干部 {each.cadres:,} 人，账号 {each.accounts:,} 个，"
             f"服务记录 {each.records:,} 条" for each in told], changes=True),
        row("下级单位", f"{total(lambda each: each.units):,} 个改由{to}管理"),
        row("人员", f"离退休干部 {total(lambda each: each.cadres):,} 人、账号 {total(lambda each: each.accounts):,} 个"
                    f"转入{to}，照常登录"),
        row("系统管理员", f"{len(administrators):,} 名免去并当场报备，账号转入{to}" if administrators
            else "没有要免去的", administrators, changes=bool(administrators)),
        row("失效的权限", f"{len(ended):,} 项随单位撤销失效；仍然需要的，请在{to}重新授予" if ended else "没有", ended,
            changes=bool(ended)),
        row("收回的权限", f"{len(lost):,} 项，跨在新旧上级之间，合并后没有人管得了" if lost else "没有", lost,
            changes=bool(lost)),
        row("服务记录", f"{total(lambda each: each.records):,} 条转入{to}，今后计入它的统计"),
        row("没有录入的记录", f"{opened:,} 条，改由{to}的上级督办" if opened else "没有", changes=bool(opened)),
        row("改变的截止日", f"{moved:,} 条" if moved else "没有", [
            f"{registry.module(each.module).title} {each.records:,} 条：{each.before.isoformat()} → "
            f"{each.after.isoformat()}" for unit in told for each in unit.redated], changes=bool(moved)),
        row("录入时限", f"按{to}的规定执行" if any(each.rules for each in told) else "不变", [
            f"{unit.name} {registry.module(each.module).title}：由“{each.before}”改为“{each.after}”"
            for unit in told for each in unit.rules], changes=any(each.rules for each in told)),
        row("报备", f"下级单位 {filings:,} 份等待确认的，改由{to}确认" if filings else "没有等待确认的",
            changes=bool(filings)),
        row("不再看得到的人", people(losing), named(losing), changes=bool(losing)),
        row("从此看得到的人", people(gaining), named(gaining), changes=bool(gaining)),
        row("报表", "封存的报表一字不变；可以按以前的日子统计，那时各单位的数字都查得到"),
    ]


def rights_told(found: Iterable[Sequence[RightLost]]) -> list[str]:
    """Rights in words."""
    return [f"{each.name}在“{each.unit_name}”的{LABELS[Role(each.role)]}权限" for some in found for each in some]


def seal(told: Sequence[dict[str, Any]]) -> str:
    """The word for what a preview said: another one when anything in it has changed."""
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
