"""What can be ordered ahead: each kind finds its units, says beforehand what it will do, and does it on its day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.administration import merging, overview, units
from app.splits.preview import split_preview
from app.splits.splitting import Chosen, split
from permissions import guard
from permissions.actions import Action
from tenants import provision, tree
from tenants.errors import Conflict, Invalid
from tenants.models import Unit, UnitStatus

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """`concerned` are the units in the body; `check` refuses or tells; `perform` does it, rights asked anew.

    `firm` are parts of what was told, with their names, that must be the same on the day, or nothing is done.
    """

    title: str
    concerned: Callable[[Body], list[str]]
    check: Callable[[Unit, Body], dict[str, Any]]
    perform: Callable[[Unit, Body], Unit]
    firm: Mapping[str, str] = field(default_factory=dict)


def _check_move(unit: Unit, body: Body) -> dict[str, Any]:
    return units.preview(unit, _other(body, "parent_id")).as_dict()


def _other(body: Body, name: str) -> Unit:
    if not body.get(name):
        raise Invalid(fields={name: ["请选择单位。"]})
    return units.seen(str(body[name]))


def _successor(body: Body) -> Unit | None:
    return units.seen(str(body["successor_id"])) if body.get("successor_id") else None


def _check_close(unit: Unit, body: Body) -> dict[str, Any]:
    successor = _successor(body)
    units.require_close(unit, successor)
    _open(unit)
    if successor is not None:
        provision.require_successor(unit, successor)
    load = overview.load_to_hand_over(unit)
    if successor is None and not load.empty:
        raise Conflict("该单位还有下级单位、人员或记录，请先选定接收单位。", code="not_empty")
    return {"units": load.units, "cadres": load.cadres, "accounts": load.accounts, "records": load.records}


def _open(unit: Unit) -> None:
    if unit.status != UnitStatus.open:
        raise Conflict("该单位已经撤销。", code="closed")


def _check_rename(unit: Unit, body: Body) -> dict[str, Any]:
    guard.require(Action.UNIT_UPDATE, unit)
    _open(unit)
    if not body.get("name"):
        raise Invalid(fields={"name": ["请填写新名称。"]})
    return {"before": unit.name, "after": body["name"]}


def _others(body: Body) -> list[Unit]:
    return [units.seen(str(unit_id)) for unit_id in body.get("unit_ids") or ()]


def _check_merge(unit: Unit, body: Body) -> dict[str, Any]:
    return {"units": [each.as_dict() for each in merging.preview(_others(body), unit)]}


def _new(body: Body) -> tuple[str, str]:
    """What a unit that is split off is called. Invalid without."""
    missing = [name for name in ("name", "code") if not body.get(name)]
    if missing:
        raise Invalid(fields={name: ["请填写新单位的名称和代码。"] for name in missing})
    return str(body["name"]), str(body["code"])


def _check_split(unit: Unit, body: Body) -> dict[str, Any]:
    name, code = _new(body)
    told = split_preview(unit, Chosen.named(body), name).as_dict()
    tree.require_free_code(code)
    return told


def _split(unit: Unit, body: Body) -> Unit:
    name, code = _new(body)
    return split(unit, Chosen.named(body), name=name, code=code)


# Counts of what goes along (people, records, due days) grow from day to day; whom and what a split names is looked up.
SPLIT_FIRM = {"superior_id": "上级单位", "units": "转走的下级单位", "rights": "收回的权限", "rules": "录入时限",
              "losing": "不再看得到的人"}
KINDS: Mapping[str, Kind] = {
    "move": Kind("移动", lambda body: [body["parent_id"]], _check_move,
                 lambda unit, body: units.move(unit, _other(body, "parent_id"))),
    "close": Kind("撤销", lambda body: [body["successor_id"]] if body.get("successor_id") else [], _check_close,
                  lambda unit, body: units.close(unit, _successor(body))),
    "rename": Kind("更名", lambda _body: [], _check_rename,
                   lambda unit, body: units.amend(unit, {"name": body["name"]})),
    "merge": Kind("合并", lambda body: list(body["unit_ids"]), _check_merge,
                  lambda unit, body: merging.merge(_others(body), unit, body.get("name"))),
    "split": Kind("拆分", lambda body: list(body.get("unit_ids") or ()), _check_split, _split, SPLIT_FIRM),
}
