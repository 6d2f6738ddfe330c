"""Lists of cadres, and a cadre as it goes out: sensitive fields masked."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_

from app.counters import totals
from app.paging import Page, decode, like, page_of
from app.people.model import Cadre
from app.people.schema import CadreSchema
from app.people.store import search_clause
from app.schemas.fields import Code
from app.values.id_number import mask_id_number
from app.values.names import mask_text
from permissions.phone import mask_phone
from tenants.db import db
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
    """Cadres by pinyin of their names."""
    wanted = []
    if filters.retirement_type:
        wanted.append(Cadre.retirement_type == filters.retirement_type)
    if filters.life_status:
        wanted.append(Cadre.life_status == filters.life_status)
    if filters.q:
        wanted.append(search_clause(filters.q, like(filters.q)))
    inside = scope.narrowed(filters.within) if filters.within is not None else scope
    statement = inside.select(Cadre).where(*wanted)
    after = decode(cursor, (str, str))
    if after is not None:
        reading, cadre_id = after
        statement = statement.where(
            or_(Cadre.name_reading > reading, and_(Cadre.name_reading == reading, Cadre.id > cadre_id))
        )
    rows = list(db.session.execute(statement.order_by(Cadre.name_reading, Cadre.id).limit(limit + 1)).scalars())
    kept = totals.cadres_total(inside) if not wanted else None
    total = kept if kept is not None else db.session.execute(
        inside.select(Cadre, func.count()).where(*wanted)).scalar_one()
    return page_of(rows, limit, lambda row: (row.name_reading, row.id), total)


_MASKS = {"id_number": mask_id_number, "mobile": mask_phone}


def out(cadre: Cadre) -> dict[str, Any]:
    """The JSON of a file; sensitive values never leave in clear (F5)."""
    shown: dict[str, Any] = {"id": cadre.id, "version": cadre.version}
    for name, field in CadreSchema().named().items():
        value = getattr(cadre, name)
        if field.metadata.get("sensitive"):
            shown[name] = _MASKS[name](value) if value and name in _MASKS else (MASK if value else None)
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
