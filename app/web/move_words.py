"""A move's preview in words: the plain table 会发生什么, what stays as it is beside what changes."""

from collections.abc import Sequence
from typing import Any

from app import registry
from app.administration.move_preview import MovePreview, Onlooker
from permissions.roles import LABELS, Role

SHOWN = 12


def preview_rows(told: MovePreview) -> list[dict[str, Any]]:
    """Rows of (what, how it will be, lines below it, whether it is a change)."""
    many = sum(told.records.values())
    return [
        row("上级管理单位", f"由“{told.from_name}”改为“{told.to_name}”", changes=True),
        row("单位", f"{told.units:,} 个（含本单位）一起移动，相互的隶属不变"),
        row("人员", f"离退休干部 {told.cadres:,} 人、工作人员账号 {told.staff:,} 个、老同志账号 "
                     f"{told.cadre_accounts:,} 个随单位走，照常登录"),
        row("系统管理员", f"{len(told.administrators):,} 名留任" if told.administrators else "没有系统管理员",
             told.administrators),
        row("收回的权限", f"{len(told.rights):,} 项，跨在新旧上级之间，移动后没有人管得了" if told.rights else "没有",
             [f"{each.name}在“{each.unit_name}”的{LABELS[Role(each.role)]}权限" for each in told.rights],
             changes=bool(told.rights)),
        row("服务记录", f"{many:,} 条随单位走；今后的统计由“{told.from_name}”转入“{told.to_name}”"),
        row("没有录入的记录", f"{told.open_records:,} 条，改由“{told.to_name}”督办" if told.open_records else "没有",
             changes=bool(told.open_records)),
        row("改变的截止日", f"{told.redated_records:,} 条" if told.redated else "没有", [
            f"{registry.module(each.module).title} {each.records:,} 条：{each.before.isoformat()} → "
            f"{each.after.isoformat()}" for each in told.redated], changes=bool(told.redated)),
        row("录入时限", "按新上级的规定执行" if told.rules else "不变", [
            f"{registry.module(each.module).title}：由“{each.before}”改为“{each.after}”" for each in told.rules],
            changes=bool(told.rules)),
        row("报备", f"{told.filings:,} 份等待确认的，改由“{told.to_name}”确认" if told.filings else
             f"没有等待确认的；今后报备给“{told.to_name}”", changes=bool(told.filings)),
        row("不再看得到的人", people(told.losing), named(told.losing), changes=bool(told.losing)),
        row("从此看得到的人", people(told.gaining), named(told.gaining), changes=bool(told.gaining)),
        row("报表", "封存的报表一字不变；可以按以前的日子统计，那时的隶属关系都查得到"),
    ]


def row(what: str, how: str, lines: Sequence[str] = (), *, changes: bool = False) -> dict[str, Any]:
    """A line of the table."""
    more = [f"……共 {len(lines):,} 项"] if len(lines) > SHOWN else []
    return {"what": what, "how": how, "lines": [*lines[:SHOWN], *more], "changes": changes}


def people(found: Sequence[Onlooker]) -> str:
    """How many see it no longer, or from now on."""
    return f"{len(found):,} 名上级的管理、检查人员" if found else "没有变化"


def named(found: Sequence[Onlooker]) -> list[str]:
    """Who they are."""
    return [f"{each.unit_name} {each.name}（{LABELS[Role(each.role)]}）" for each in found]
