"""The unit tree at the left of every console page: opened down to the unit in view, the rest read when asked for.

On a list the links of the tree narrow the list to a unit; on every other page they lead to the unit's own page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from app import registry
from app.administration import units
from app.schemas.fields import is_id
from tenants import tree
from tenants.db import db
from tenants.models import KIND_LABELS, Unit, UnitKind, UnitStatus
from tenants.scope import Scope

# Lists that take `unit=`: a short name for the address, and the page.
LISTS: Mapping[str, str] = {
    "accounts": "desk_accounts.index", "cadres": "desk_cadres.index", "defects": "desk_defects.index",
    "filings": "desk_filings.index",
    "log": "desk_log.index", "nominations": "desk_nominations.index", "opinions": "desk_opinions.index",
    "reports": "desk_reports.index",
    "staff": "desk_accounts.open_staff", "cadre": "desk_accounts.open_cadre", "import": "desk_import.index",
}
RECORDS = "desk_records.index"
UNITS = "units"


@dataclass(frozen=True)
class Leads:
    """Where the links of the tree go: a page of the unit, or a list narrowed to it."""

    to: str

    def href(self, unit: Unit) -> str:
        """The page of one node."""
        if self.to in LISTS:
            return url_for(LISTS[self.to], unit=unit.id)
        if self.to in registry.modules():
            return url_for(RECORDS, module_key=self.to, unit=unit.id)
        return url_for("desk_units.show", unit_id=unit.id)

    def more(self, unit: Unit) -> str:
        """Where the level below a node is read from."""
        return url_for("desk_units.branch", parent=unit.id, to=self.to)


def leads_from_here() -> Leads:
    """By the page in view: a list keeps its own kind, everything else leads to units."""
    if request.endpoint == RECORDS:
        return Leads(str((request.view_args or {}).get("module_key", UNITS)))
    found = next((name for name, endpoint in LISTS.items() if endpoint == request.endpoint), UNITS)
    return Leads(found)


def leads_to(wanted: str | None) -> Leads:
    """From the address of a branch; what it does not know leads to units."""
    known = wanted is not None and (wanted in LISTS or wanted in registry.modules())
    return Leads(wanted if known and wanted is not None else UNITS)


def nodes(found: Sequence[Unit], parents: set[str], leads: Leads, *, notes: bool = False) -> list[dict[str, Any]]:
    """One level of the tree; `notes` says the kind of unit beside each, where they come from all over the tree."""
    return [
        {"id": unit.id, "name": unit.name, "href": leads.href(unit), "kind": KIND_LABELS[UnitKind(unit.kind)],
         "has_children": unit.id in parents, "children_url": leads.more(unit), "children": [], "active": False,
         "closed": unit.status == UnitStatus.closed,
         "note": KIND_LABELS[UnitKind(unit.kind)] if notes else None}
        for unit in found
    ]


def branch(parent: Unit, leads: Leads) -> list[dict[str, Any]]:
    """The level below a unit."""
    scope = units.sight()
    found = tree.children(parent, scope)
    return nodes(found, tree.parents_among(found, scope), leads)


def top(leads: Leads) -> list[dict[str, Any]]:
    """Where my tree begins."""
    scope = units.sight()
    found = tree.topmost(scope)
    return nodes(found, tree.parents_among(found, scope), leads)


def _unit_in_view(scope: Scope) -> Unit | None:
    """The unit the address names, if I may see it."""
    wanted = (request.view_args or {}).get("unit_id") or request.args.get("unit", "")
    if not is_id(wanted):
        return None
    return db.session.execute(scope.select(Unit).where(Unit.id == wanted)).scalar_one_or_none()


def side_tree(active: Unit | None = None) -> dict[str, Any] | None:
    """The left column of a page, in four statements whatever the size of the tree; None when it has but one unit."""
    scope = units.sight()
    if not scope or (all(low == high for low, high in scope.ranges) and len(scope.ranges) == 1):
        return None
    active = active or _unit_in_view(scope)
    leads = leads_from_here()
    roots = tree.topmost(scope)
    opened = tree.ancestor_ids(active.path) if active is not None else [roots[0].id] if len(roots) == 1 else []
    below = list(db.session.execute(
        scope.select(Unit).where(Unit.parent_id.in_(opened), Unit.status == UnitStatus.open).order_by(Unit.number)
    ).scalars())
    drawn = nodes([*roots, *below], tree.parents_among([*roots, *below], scope), leads)
    by_id = {node["id"]: node for node in drawn}
    for unit, node in zip([*roots, *below], drawn, strict=True):
        if unit.parent_id in by_id and unit.parent_id in opened:
            by_id[unit.parent_id]["children"].append(node)
    if active is not None and active.id in by_id:
        by_id[active.id]["active"] = True
    return {"nodes": [by_id[unit.id] for unit in roots], "search_url": url_for("desk_units.branch", to=leads.to)}
