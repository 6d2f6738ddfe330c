"""A cadre's file in words: its groups of fields, its line in the roster, what may be revealed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import url_for

from app.people.files import SENSITIVE
from app.people.listing import out
from app.people.model import Cadre
from app.people.schema import CadreSchema
from app.schemas.fields import Code

GROUPS: Mapping[str, tuple[str, ...]] = {
    "基本情况": ("name", "id_number", "sex", "birth_date", "ethnicity", "political_status", "joined_party_on",
             "life_status"),
    "离退休情况": ("retirement_type", "retired_on", "started_work_on", "former_unit", "former_post", "rank",
              "treatment_level", "branch"),
    "联系与生活": ("mobile", "address", "living_arrangement", "health_status"),
}
OTHERS = "其他"


def groups() -> dict[str, list[str]]:
    """Every field of the schema but the unit by group; one that is new falls into the last."""
    names = [name for name in CadreSchema().named() if name != "unit_id"]
    made = {title: [name for name in members if name in names] for title, members in GROUPS.items()}
    known = {name for members in made.values() for name in members}
    rest = [name for name in names if name not in known]
    return made | ({OTHERS: rest} if rest else {})


def label(name: str) -> str:
    """What a field is called."""
    return str(CadreSchema().named()[name].metadata["label"])


def word(name: str, value: Any) -> str:
    """A clear value as people read it."""
    field = CadreSchema().named()[name]
    return field.choices.get(value, "") if isinstance(field, Code) else str(value or "")


def life_badge(cadre: Cadre) -> dict[str, str] | None:
    """Only the deceased are marked."""
    return {"text": "已离世", "tone": "plain", "icon": "flag"} if cadre.life_status == "deceased" else None


def items(cadre: Cadre, names: Sequence[str], revealing: Collection[str]) -> list[dict[str, Any]]:
    """Fields for the macro `details`; those in `revealing` get a way to ask for the whole value."""
    shown, found = out(cadre), []
    for name in names:
        value = shown.get(f"{name}_label", shown[name])
        item: dict[str, Any] = {"label": label(name), "value": value, "wide": name == "address"}
        if value and name in revealing:
            item["reveal_href"] = url_for("desk_cadres.unmask", cadre_id=cadre.id, field=name)
        found.append(item)
    return found


def revealing(allowed: bool) -> Collection[str]:
    """The fields with a way to see the whole value."""
    return SENSITIVE if allowed else ()


def line(cadre: Cadre, units: Mapping[str, str] | None) -> dict[str, Any]:
    """A row of the roster."""
    shown = out(cadre)
    badge = life_badge(cadre)
    who = " · ".join(each for each in (shown["sex_label"], cadre.birth_date) if each)
    return {
        "href": url_for("desk_cadres.show", cadre_id=cadre.id),
        "cells": {
            "name": {"text": cadre.name, "sub": who},
            "unit": (units or {}).get(cadre.unit_id), "type": shown["retirement_type_label"],
            "post": {"text": cadre.former_unit, "sub": cadre.former_post},
            "treatment": shown["treatment_level_label"], "branch": cadre.branch, "mobile": shown["mobile"],
            "life": {"badge": badge} if badge else shown["life_status_label"],
        },
    }


def columns(*, units: bool) -> list[dict[str, Any]]:
    """The head of the roster."""
    made: list[dict[str, Any]] = [{"key": "name", "label": "姓名", "nowrap": True}]
    made += [{"key": "unit", "label": "现管单位"}] if units else []
    return [
        *made,
        {"key": "type", "label": "类型", "nowrap": True}, {"key": "post", "label": "原工作单位和职务"},
        {"key": "treatment", "label": "现享受待遇", "nowrap": True},
        {"key": "mobile", "label": "手机号码", "nowrap": True},
        {"key": "life", "label": "状态", "nowrap": True},
    ]
