"""What is exported: which list, narrowed how, with what in clear, and what for; kept in a job and read back from it."""

import dataclasses
from dataclasses import dataclass
from datetime import date
from typing import Any

from app import registry
from app.administration import units
from app.deadlines.rules import Timeliness
from app.people import listing as people
from app.records import listing as records
from app.records.module import Module
from permissions import guard
from permissions.actions import Action
from tenants import keys, tree
from tenants.models import Unit
from tenants.scope import NOTHING, Scope

CADRES = "cadres"
Filters = people.Filters | records.Filters
_CONTEXT = "jobs.params.q"  # a search may be somebody's ID number
_DAYS = ("first", "last", "due_first", "due_last")


@dataclass(frozen=True)
class Wanted:
    """One export as it was asked for; `module` is None for the roster, `unit` None for all I may see."""

    module: Module | None
    filters: Filters
    unit: Unit | None = None
    alone: bool = False
    clear: bool = False
    purpose: str = ""

    @property
    def list(self) -> str:
        return self.module.key if self.module is not None else CADRES

    @property
    def action(self) -> Action:
        return Action.CADRE_EXPORT if self.module is None else Action.RECORD_EXPORT

    @property
    def title(self) -> str:
        return title_of(self.list)

    def scope(self) -> Scope:
        """Where I may export this list: never more than I may read of it. Raises Forbidden when nowhere."""
        if self.module is None:
            return guard.my_scope(Action.CADRE_EXPORT).narrowed(guard.sight(Action.CADRE_READ))
        column = self.module.column
        return guard.my_scope(Action.RECORD_EXPORT, column).narrowed(guard.sight(Action.RECORD_READ, column))

    def inside(self) -> Scope:
        """The same, narrowed to the unit asked for."""
        if self.unit is None:
            return self.scope()
        return self.scope().narrowed(tree.here(self.unit) if self.alone else units.subtree(self.unit))

    def clear_scope(self) -> Scope:
        """Where sensitive values may stand in clear: as on the screen, and only when asked for."""
        return may_be_clear(self.module) if self.clear else NOTHING


def title_of(which: str) -> str:
    """What a list is called: the roster, or records of a kind."""
    return "离退休干部名册" if which == CADRES else f"{registry.module(which).title}记录"


def may_be_clear(module: Module | None) -> Scope:
    """Where I may see sensitive values of this list in clear; empty when nowhere."""
    if module is None:
        return guard.sight(Action.CADRE_UNMASK)
    return guard.sight(Action.RECORD_UPDATE, module.column)


def as_params(wanted: Wanted) -> dict[str, Any]:
    """What a job keeps; nothing somebody searched for stands there in clear."""
    said = {each.name: getattr(wanted.filters, each.name) for each in dataclasses.fields(wanted.filters)}
    kept = {name: value.isoformat() if isinstance(value, date) else value
            for name, value in said.items() if value is not None and name != "within"}
    if "q" in kept:
        kept["q"] = keys.ring().encrypt(str(kept["q"]).encode(), _CONTEXT)
    return {"list": wanted.list, "filters": kept,
            "unit": wanted.unit.id if wanted.unit is not None else None, "alone": wanted.alone,
            "clear": wanted.clear, "purpose": wanted.purpose}


def from_params(params: dict[str, Any]) -> Wanted:
    """The same again. Raises NotFound when its unit is out of my sight now."""
    module = None if params["list"] == CADRES else registry.module(params["list"])
    unit = units.seen(params["unit"]) if params["unit"] else None
    return Wanted(module, _filters(module, params["filters"]), unit, params["alone"], params["clear"],
                  params["purpose"])


def _filters(module: Module | None, kept: dict[str, Any]) -> Filters:
    said: dict[str, Any] = {name: date.fromisoformat(value) if name in _DAYS else value for name, value in kept.items()}
    if "q" in said:
        said["q"] = keys.ring().decrypt(said["q"], _CONTEXT).decode()
    if "timeliness" in said:
        said["timeliness"] = Timeliness(said["timeliness"])
    return people.Filters(**said) if module is None else records.Filters(**said)
