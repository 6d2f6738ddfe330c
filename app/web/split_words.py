"""A split's preview in words: what goes over to the new unit, and what stays or ends at the border between the two."""

from typing import Any

from app import registry
from app.splits.preview import SplitPreview
from app.web.merge_words import rights_told
from app.web.move_words import named, people, row
from tenants.models import Unit


def split_rows(told: SplitPreview, unit: Unit) -> list[dict[str, Any]]:
    """What the table 会发生什么 says."""
    to, many = f"“{told.name}”", sum(told.records.values())
    lost = rights_told([told.rights])
    return [
        row("新单位", f"新设{to}，与“{unit.name}”同级，由同一个上级管理；还没有系统管理员，请随后任命", changes=True),
        row("下级单位", f"{told.units:,} 个（含它们的下级）改由{to}管理" if told.units else "没有",
            changes=bool(told.units)),
        row("人员", f"离退休干部 {told.cadres:,} 人、工作人员账号 {told.staff:,} 个、老同志账号 "
                    f"{told.cadre_accounts:,} 个转到{to}及其下级，照常登录", changes=True),
        row("系统管理员", f"下级单位的 {len(told.administrators):,} 名留任" if told.administrators else "没有变化",
            told.administrators),
        row("收回的权限", f"{len(lost):,} 项，跨在两个单位之间，拆分后没有人管得了" if lost else "没有", lost,
            changes=bool(lost)),
        row("服务记录", f"{many:,} 条转到{to}及其下级，今后计入它的统计；办理经过照样查得到" if many
            else f"没有转走的，都留在“{unit.name}”", changes=bool(many)),
        row("没有录入的记录", f"{told.open_records:,} 条随之转走" if told.open_records else "没有转走的",
            changes=bool(told.open_records)),
        row("改变的截止日", f"{told.redated_records:,} 条" if told.redated else "没有", [
            f"{registry.module(each.module).title} {each.records:,} 条：{each.before.isoformat()} → "
            f"{each.after.isoformat()}" for each in told.redated], changes=bool(told.redated)),
        row("录入时限", f"“{unit.name}”自己的规定不随去，{to}按上级的规定执行" if told.rules else "不变", [
            f"{registry.module(each.module).title}：由“{each.before}”改为“{each.after}”" for each in told.rules],
            changes=bool(told.rules)),
        row("报备", f"下级单位 {told.filings:,} 份等待确认的，改由{to}确认" if told.filings else "没有等待确认的",
            changes=bool(told.filings)),
        row("不再看得到的人", people(told.losing), named(told.losing), changes=bool(told.losing)),
        row("报表", "封存的报表一字不变；可以按以前的日子统计，那时的记录仍在原单位"),
    ]
