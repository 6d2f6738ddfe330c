"""Lists of cadres, and a cadre as it goes out: sensitive fields masked."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, and_, select, true, type_coerce
from sqlalchemy_utils import StringEncryptedType

from app.counters import totals
from app.paging import Page, decode, page_of
from app.people import search
from app.people.model import LIFE_STATUSES, RETIREMENT_TYPES, Cadre
from app.people.schema import CadreSchema
from app.schemas.fields import Code
from app.values.id_number import mask_id_number
from app.values.names import mask_text
from permissions.phone import mask_phone
from tenants import in_order, keys
from tenants.in_order import Aisle
from tenants.prepared import Prepared, Row, Within, among, padded
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
    inside, found, total = _found(scope, filters, cursor, limit)
    rows = in_order.fetched(Cadre, found, inside)
    return page_of(rows, limit, lambda row: (row.unit_number, row.name_reading, row.id), total)


def shown(scope: Scope, filters: Filters, *, cursor: str | None, limit: int) -> Page[dict[str, Any]]:
    """The same page as it goes out: rows, no entities."""
    inside, found, total = _found(scope, filters, cursor, limit)
    known = {}
    if found:
        size, ids = padded([row_id for _number, _reading, row_id in found], in_order.LIMITS)
        known = {row[0]: row for row in _ROWS.rows(inside, size, **ids)}
    rows = [(key, known[key[2]]) for key in found if key[2] in known]
    page = page_of(rows, limit, lambda row: row[0], total)
    return Page([out_of_row(row) for _key, row in page.items], page.next, page.total)


def _found(scope: Scope, filters: Filters, cursor: str | None, limit: int) -> tuple[Scope, list[in_order.Key], int]:
    inside = scope.narrowed(filters.within) if filters.within is not None else scope
    aisle = aisle_of(filters, inside)
    found = in_order.first(aisle, inside, limit + 1, decode(cursor, (int, str, str)))
    kept = totals.cadres_total(inside) if filters == Filters(within=filters.within) else None
    return inside, found, kept if kept is not None else in_order.total(aisle, inside)


def _rows_of(within: Within, size: int) -> Any:
    return select(*columns()).where(Cadre.id.in_(among(size)), within.of_known(Cadre))


_ROWS = Prepared(_rows_of)


def aisle_of(filters: Filters, scope: Scope) -> Aisle:
    """The stretches of an index that hold what the filters select."""
    asked = ((Cadre.retirement_type, filters.retirement_type), (Cadre.life_status, filters.life_status))
    if filters.q:
        return search.cadres(filters.q, scope, tuple(column == value for column, value in asked if value))
    if not (filters.retirement_type or filters.life_status):
        return _EVERYBODY
    kinds = [filters.retirement_type] if filters.retirement_type else RETIREMENT_TYPES
    states = [filters.life_status] if filters.life_status else LIFE_STATUSES
    return Aisle(Cadre, Cadre.name_reading, Cadre.id, tuple(
        and_(Cadre.retirement_type == kind, Cadre.life_status == state) for kind in kinds for state in states))


_EVERYBODY = Aisle(Cadre, Cadre.name_reading, Cadre.id, (true(),), shape=Cadre)
MASKS = {"id_number": mask_id_number, "mobile": mask_phone}


def out(cadre: Cadre) -> dict[str, Any]:
    """The JSON of a file; sensitive values never leave in clear (F5)."""
    return _shown({name: getattr(cadre, name) for name in _NAMES})


def out_of_row(row: Row) -> dict[str, Any]:
    """The same from a row of `columns()`. What is only shown as a mask is opened too: a swapped value is found."""
    values = dict(zip(_NAMES, row, strict=False))
    for name, context in _SEALED:
        if values[name] is not None:
            values[name] = keys.ring().decrypt(values[name], context).decode()
    return _shown(values)


def columns() -> list[Any]:
    """What a row is made of; encrypted ones as they lie there."""
    mapped = [getattr(Cadre, name) for name in _NAMES]
    return [type_coerce(each, String) if isinstance(each.type, StringEncryptedType) else each for each in mapped]


def _shown(shown: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, sensitive, choices in _FIELDS:
        value = shown[name]
        if sensitive:
            made[name] = MASKS[name](value) if value and name in MASKS else (MASK if value else None)
        else:
            made[name] = value
        if choices is not None:
            made[f"{name}_label"] = None if not value else MASK if sensitive else choices.get(value)
    return made


_FIELDS: tuple[tuple[str, bool, Any], ...] = (
    ("id", False, None), ("version", False, None),
    *((name, bool(field.metadata.get("sensitive")), field.choices if isinstance(field, Code) else None)
      for name, field in CadreSchema.kept().named().items()),
)
_NAMES = tuple(name for name, _sensitive, _choices in _FIELDS)
_SEALED = tuple((name, kind.engine.context) for name in _NAMES
                if isinstance(kind := Cadre.__mapper__.columns[name].type, StringEncryptedType))


def log_facts(cadre: Cadre) -> dict[str, Any]:
    """What the log keeps of a file: masked; no ID number beside the birth date it hides, and the name shortened."""
    kept = {name: value for name, value in out(cadre).items() if not name.endswith("_label") and value is not None}
    return kept | {"id_number": MASK, "birth_date": str(kept["birth_date"])[:4], "name": mask_text(cadre.name)}
