"""What every list page needs: the unit filter, units by name, and links to other pages of the same list."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import request

from app.administration import units
from app.paging import Page
from tenants import tree
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

MOST_CHOICES = 300
ROWS = 20
PLACE = ("cursor", "limit")
INDENT = "\u3000"


def here(**changes: Any) -> str:
    """This page's address with some parameters changed; None drops one, and a change begins at the first page."""
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if value and name != "cursor"}
    return address(request.path, kept | changes)


def address(path: str, query: Mapping[str, Any]) -> str:
    """A path with those parameters that are not None."""
    said = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{path}?{said}" if said else path


def whole_list(path: str) -> str:
    """Another page's address with what narrows this list, but not the place in it."""
    return address(path, {name: value for name, value in request.args.items() if value and name not in PLACE})


def pager(page: Page[Any], unit: str = "条") -> dict[str, Any]:
    """What the pager macro draws; there is no way back but to the first page."""
    return {"total": page.total, "unit": unit, "next_href": here(cursor=page.next) if page.next else None,
            "first_href": here() if request.args.get("cursor") else None}


def several(scope: Scope) -> bool:
    """Whether a scope reaches beyond one unit."""
    return scope.because is not None or len(scope.ranges) > 1 or any(low != high for low, high in scope.ranges)


def unit_names(unit_ids: Iterable[str]) -> dict[str, str]:
    """Names of units I may see, by id."""
    rows = db.session.execute(units.sight().select(Unit, Unit.id, Unit.name).where(Unit.id.in_(set(unit_ids))))
    return {row.id: row.name for row in rows}


def unit_field(scope: Scope, chosen: Unit | None) -> dict[str, Any]:
    """The unit filter: the units above the chosen one, itself, and the next level below, inside the scope."""
    visible = units.sight().narrowed(scope)
    line = tree.ancestors(chosen, visible) if chosen is not None else tree.topmost(visible)
    offered = [(unit, place if chosen is not None else 0) for place, unit in enumerate(line)]
    parent = chosen or (line[0] if len(line) == 1 else None)
    if parent is not None:
        offered += [(unit, len(line)) for unit in tree.children(parent, visible, with_closed=True)]
    choices = [(unit.id, INDENT * depth + unit.name) for unit, depth in offered[:MOST_CHOICES]]
    return {"name": "unit", "label": "单位（含下级）", "widget": "select", "placeholder": "全部",
            "choices": choices, "value": chosen.id if chosen is not None else ""}


def narrowed(unit_id: str | None, scope: Scope, *, alone: bool = False) -> tuple[Unit | None, Scope]:
    """The unit asked for, and the scope narrowed to its subtree or to the unit alone. NotFound outside my sight."""
    if not unit_id:
        return None, scope
    unit = units.seen(unit_id)
    return unit, scope.narrowed(tree.here(unit) if alone else units.subtree(unit))


def chips(labels: Mapping[str, str | None]) -> list[dict[str, str]]:
    """The conditions set now, each with a link that drops it; None stands for one that is not set."""
    return [{"label": text, "href": here(**{name: None})} for name, text in labels.items() if text]
