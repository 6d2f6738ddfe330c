"""What a planned change would do as things are now, in the words of the page on which it was ordered."""

from dataclasses import dataclass, field
from typing import Any

from app.administration import merging, units
from app.plans import effect
from app.plans.kinds import KINDS
from app.plans.model import PlannedChange
from app.splits.preview import split_preview
from app.splits.splitting import Chosen
from app.web.merge_words import merge_rows
from app.web.move_words import preview_rows, row
from app.web.split_words import split_rows
from tenants import tree
from tenants.errors import Refusal
from tenants.models import Unit


@dataclass(frozen=True)
class Now:
    """Lines of the table, or why it could not be done today."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    wrong: str | None = None


def foretold(change: PlannedChange, unit: Unit) -> Now:
    """Worked out anew, by reading alone, with the rights of who looks."""
    try:
        return Now(_rows(change, unit))
    except Refusal as refusal:
        return Now(wrong=" ".join(dict.fromkeys(effect.told(refusal))))


def _rows(change: PlannedChange, unit: Unit) -> list[dict[str, Any]]:
    body = change.body
    if change.kind == "move":
        return preview_rows(units.preview(unit, units.seen(body["parent_id"])))
    if change.kind == "merge":
        return merge_rows(merging.preview([units.seen(each) for each in body["unit_ids"]], unit), unit)
    if change.kind == "split":
        told = split_preview(unit, Chosen.named(body), body["name"])
        effect.require_unchanged(change, told.as_dict())
        tree.require_free_code(body["code"])
        return split_rows(told, unit)
    load = KINDS[change.kind].check(unit, body)
    if change.kind == "rename":
        return [row("名称", f"由“{unit.name}”改为“{body['name']}”；原来的名称留在沿革里", changes=True)]
    return _closing(unit, load, units.seen(body["successor_id"]).name if body.get("successor_id") else "")


def _closing(unit: Unit, load: dict[str, int], to: str) -> list[dict[str, Any]]:
    counted = (("下级单位", "units", "个"), ("离退休干部", "cadres", "人"), ("账号", "accounts", "个"),
               ("服务记录", "records", "条"))
    return [row("单位", f"“{unit.name}”撤销，它的系统管理员同时免去并报备；撤销之后不能恢复", changes=True),
            *(row(label, f"{load[name]:,} {measure}，转给“{to}”" if load[name] else "没有", changes=bool(load[name]))
              for label, name, measure in counted)]
