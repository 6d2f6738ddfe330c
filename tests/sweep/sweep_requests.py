"""From a row of the route file and a position to the request that is sent, and to what the rules are asked."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sweep_reference import COLUMN_OF, Asked
from sweep_routes import Row
from sweep_world import NOWHERE, Place, SweepWorld

import factories

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGM8ISfHwMDAxMDAwMDAAAANBAEIfXHKZgAAAABJRU5ErkJggg==")
FIXED = "合德镇"
HOME = "射阳"
CHILD_KIND = {"江苏": "city_bureau", "盐城": "county_bureau", "南通": "county_bureau", "射阳": "township",
              "东台": "township", "海安": "township"}
PERIOD = {"from": "2026-04-01", "to": "2026-06-30"}
NEW_PHONE, NEW_ID = "19600000001", factories.id_number(serial=999_999)


@dataclass(frozen=True)
class Cell:
    """One request of the sweep, before it is known who sends it."""

    row: Row
    place: str
    asked: Asked
    url: str
    query: dict[str, str]
    json: dict[str, Any] | None = None
    form: dict[str, Any] | None = None
    variant: str = ""

    @property
    def name(self) -> str:
        return f"{self.row.name} @{self.place}{' ' + self.variant if self.variant else ''}"


def cells_of(world: SweepWorld, row: Row) -> Iterator[Cell]:
    """Every cell of a row: positions × kinds of record × kinds of account."""
    modules = list(COLUMN_OF) if row.of_records else [""]
    for module in modules:
        if row.aim == "-":
            yield _cell(world, row, world.places[HOME], module, "staff")
            continue
        for place in world.places.values():
            if row.aim == "seat" and place.name == "旧镇":
                continue  # a closed unit has no seats
            for variant in _variants(row):
                yield _cell(world, row, place, module, variant)
        if row.aim in ("?unit", "?parent"):
            yield _cell(world, row, None, module, "")


def _variants(row: Row) -> tuple[str, ...]:
    changes = row.act in ("update account", "give grant") and row.aim == "account" and not row.second
    return ("staff", "seated", "cadre account") if changes else ("staff",)


def _cell(world: SweepWorld, row: Row, place: Place | None, module: str, variant: str) -> Cell:
    """The cell of a row at a place; None is a list without a filter."""
    here = world.places[FIXED] if row.second else place
    asked = _asked(row, here, module, variant, place)
    path = row.path
    for name, value in _values(row, here or world.places[HOME], module, variant).items():
        path = path.replace(f"<{name}>", value)
    query = dict(QUERIES.get(row.path, {}))
    if place is not None and row.aim[0] in "?=":
        query[row.aim[1:]] = place["unit"]
    cell = Cell(row, place.name if place else "-", asked, path, query,
                variant=" ".join(part for part in (module, variant if variant != "staff" else "") if part))
    return _with_body(world, cell, here or world.places[HOME], place or world.places[HOME], module)


def _values(row: Row, place: Place, module: str, variant: str) -> dict[str, str]:
    record = "draft" if row.aim == "draft" else "entered"
    account = place["seated"] if row.aim == "seat" else place[variant or "staff"]
    return {"unit_id": place["unit"], "account_id": account, "grant_id": place["grant"], "cadre_id": place["cadre"],
            "filing_id": place["filing"], "module_key": module, "attachment_id": place["photo"],
            "record_id": place[f"{module or 'visits'} {record}"], "path:filename": "desk.css"}


FOUND_AS = {"unit": "unit", "seat": "unit", "account": "account", "grant": "account", "cadre": "cadre",
            "record": "record", "draft": "record", "photo": "record", "filing": "filing", "?unit": "unit",
            "?parent": "unit", "=unit": "unit", ">unit_id": "unit", ">parent_id": "unit"}


def _asked(row: Row, here: Place | None, module: str, variant: str, second: Place | None) -> Asked:
    column = COLUMN_OF[module or "visits"] if row.of_records or row.aim == "photo" else None
    if row.aim == "-" or here is None:
        return Asked(row.act, row.end, column=column)
    by_name = row.aim.strip("?=>") in ("unit", "unit_id", "parent", "parent_id", "seat", "filing")
    at = None if here.name == NOWHERE else here.name if by_name else here.owner
    seated = here.name if variant == "seated" and here.name not in (NOWHERE, "旧镇") else None
    asked = Asked(row.act, row.end, FOUND_AS[row.aim], at, column, row.aim[0] != "?", seated)
    return replace(asked, also=_also(row, second))


def _also(row: Row, second: Place | None) -> tuple[tuple[str, str | None], ...]:
    """What else the request needs a right to."""
    at = None if second is None or second.name == NOWHERE else second.name
    if row.second:
        return (("give grant" if row.second == "unit_id" else "open unit", at),)
    return (("open unit", HOME),) if row.act == "move unit" and not row.second and not row.is_page else ()


QUERIES: dict[str, dict[str, str]] = {
    "/api/v1/deadlines/explain": {"ended_on": "2026-06-08", "module": "visits"},
    "/api/v1/reports/timeliness": PERIOD, "/api/v1/reports/timeliness.xlsx": PERIOD,
}


def _with_body(world: SweepWorld, cell: Cell, here: Place, second: Place, module: str) -> Cell:
    row = cell.row
    if row.method == "GET":
        return cell
    if row.path.endswith("/attachments"):
        return replace(cell, form={"file": PNG})
    if row.is_page:
        return replace(cell, form={})
    return replace(cell, json=api_body(world, row, here, second, module))


def api_body(world: SweepWorld, row: Row, here: Place, second: Place, module: str) -> dict[str, Any] | None:
    """A body that would be accepted, as far as the place allows."""
    unit = here["unit"]
    bodies: dict[str, dict[str, Any]] = {
        "POST /api/v1/units": {"parent_id": unit, "kind": CHILD_KIND.get(here.name, "subordinate_unit"),
                               "name": "新设单位", "code": "NEW-1"},
        "PATCH /api/v1/units/<unit_id>": {"name": "改名"},
        "POST /api/v1/units/<unit_id>/move": {"parent_id": second["unit"] if row.second
                                              else world.places[HOME]["unit"]},
        "POST /api/v1/units/<unit_id>/close": {"successor_id": second["unit"]} if row.second else {},
        "POST /api/v1/units/<unit_id>/administrators": {"account_id": here["staff"]},
        "POST /api/v1/accounts": {"unit_id": unit, "kind": "staff", "name": "新人", "phone": NEW_PHONE},
        "PATCH /api/v1/accounts/<account_id>": {"mobile_access": False},
        "POST /api/v1/accounts/<account_id>/grants": {"role": "clerk", "unit_id": second["unit"]},
        "POST /api/v1/cadres": {"unit_id": unit, "name": "新老", "id_number": NEW_ID, "retirement_type": "tuixiu"},
        "PATCH /api/v1/cadres/<cadre_id>": {"former_post": "改"},
        "PATCH /api/v1/records/<module_key>/<record_id>": {"late_reason": "补录"},
        "POST /api/v1/me/opinions": {"text": "路灯不亮"},
    }
    if f"{row.method} {row.path}" == "POST /api/v1/records/<module_key>":
        return {"unit_id": unit, "ended_on": "2026-06-08", **factories.FIELDS[module],
                **factories.people_value(module, here["cadre"])}
    if row.method == "DELETE":
        return None
    return bodies.get(f"{row.method} {row.path}", {})
