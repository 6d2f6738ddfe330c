"""What somebody leaves behind, on the pages that ask what shall become of it."""

from collections.abc import Sequence
from typing import Any

from app.handover.gave import Left
from app.web import words
from permissions.roles import Role

COLUMNS: list[dict[str, Any]] = [
    {"key": "who", "label": "授予给", "wide": True}, {"key": "what", "label": "权限"}, {"key": "unit", "label": "单位"},
    {"key": "since", "label": "授予时间", "nowrap": True},
]
SHOWN = 50


def left_rows(found: Sequence[Left]) -> list[dict[str, Any]]:
    """One row each, the first ones."""
    return [{"cells": {"who": each.holder, "what": Role(each.given.role).label, "unit": each.unit,
                       "since": words.moment(each.given.given_at)}} for each in found[:SHOWN]]


def left_facts(found: Sequence[Left]) -> dict[str, Any]:
    """The variables of `desk/units/leaving.html` about what he gave."""
    return {"left": left_rows(found), "left_columns": COLUMNS, "left_total": len(found),
            "left_more": max(0, len(found) - SHOWN)}
