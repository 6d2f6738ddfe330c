"""Lists of cadres, and a cadre as it goes out: sensitive fields masked."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, true
from sqlalchemy.sql.elements import ColumnElement

from app.counters import totals
from app.paging import Page, decode, page_of
from app.people import search
from app.people.model import LIFE_STATUSES, RETIREMENT_TYPES, Cadre
from app.people.schema import CadreSchema
from app.schemas.fields import Code
from app.values.id_number import mask_id_number
from app.values.names import mask_text
from permissions.phone import mask_phone
from tenants import in_order
from tenants.in_order import Aisle
from tenants.scope import Scope

MASK = "***"


@dataclass(frozen=True)
class Filters:
    """What the list may be narrowed by."""

    within: Scope | None = None
    q: str | None = None
    retirement_type: str | None = None
    life_status: str | None = None


def listing(scope: Scope, filters: Filters, *, cursor: str | None, limit: int) -> Page[Cadre]:
    """Cadres unit by unit in the order of the tree, in each unit by pinyin of their names."""
    inside = scope.narrowed(filters.within) if filters.within is not None else scope
    aisle = aisle_of(filters, inside)
    keys = in_order.first(aisle, inside, limit + 1, decode(cursor, (int, str, str)))
    rows = in_order.fetched(Cadre, keys, inside)
    kept = totals.cadres_total(inside) if filters == Filters(within=filters.within) else None
    total = kept if kept is not None else in_order.total(aisle, inside)
    return page_of(rows, limit, lambda row: (row.unit_number, row.name_reading, row.id), total)


def aisle_of(filters: Filters, scope: Scope) -> Aisle:
    """The stretches of an index that hold what the filters select."""
    asked = ((Cadre.retirement_type, filters.retirement_type), (Cadre.life_status, filters.life_status))
    if filters.q:
        return search.cadres(filters.q, scope, tuple(column == value for column, value in asked if value))
    stretches: tuple[ColumnElement[bool], ...] = (true(),)
    if filters.retirement_type or filters.life_status:
        kinds = [filters.retirement_type] if filters.retirement_type else RETIREMENT_TYPES
        states = [filters.life_status] if filters.life_status else LIFE_STATUSES
        stretches = tuple(and_(Cadre.retirement_type == kind, Cadre.life_status == state)
                          for kind in kinds for state in states)
    return Aisle(Cadre, Cadre.name_reading, Cadre.id, stretches)


MASKS = {"id_number": mask_id_number, "mobile": mask_phone}


def out(cadre: Cadre) -> dict[str, Any]:
    """The JSON of a file; sensitive values never leave in clear (F5)."""
    shown: dict[str, Any] = {"id": cadre.id, "version": cadre.version}
    for name, field in CadreSchema().named().items():
        value = getattr(cadre, name)
        if field.metadata.get("sensitive"):
            shown[name] = MASKS[name](value) if value and name in MASKS else (MASK if value else None)
            if isinstance(field, Code):
                shown[f"{name}_label"] = MASK if value else None
            continue
        shown[name] = value
        if isinstance(field, Code):
            shown[f"{name}_label"] = field.choices.get(value) if value else None
    return shown


def log_facts(cadre: Cadre) -> dict[str, Any]:
    """What the log keeps of a file: masked; no ID number beside the birth date it hides, and the name shortened."""
    kept = {name: value for name, value in out(cadre).items() if not name.endswith("_label") and value is not None}
    return kept | {"id_number": MASK, "birth_date": str(kept["birth_date"])[:4], "name": mask_text(cadre.name)}
