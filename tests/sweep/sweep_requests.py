"""From a row of the route file and a position to the request that is sent, and to what the rules are asked."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sweep_bodies import QUERIES, api_body, page_form
from sweep_reference import COLUMN_OF, ON_ACCOUNTS, Asked, Person
from sweep_routes import Row
from sweep_world import NOWHERE, Place, SweepWorld

FIXED = "合德镇"
HOME = "射阳"
OPTIONAL = ("?unit", "?parent")  # a list may be asked for without the filter too


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
    for module in modules_of(row):
        if row.aim in ("-", "province"):
            yield _cell(world, row, world.places[HOME], module, "staff")
            continue
        for place in world.places.values():
            if place.name == "旧镇" and (row.aim == "seat" or row.path == "/desk/accounts/open-cadre"):
                continue  # a closed unit has no seats and no cadres
            for variant in _variants(row):
                yield _cell(world, row, place, module, variant)
        if row.aim in OPTIONAL:
            yield _cell(world, row, None, module, "")


def modules_of(row: Row) -> list[str]:
    """All kinds of record on the API; on pages one of each column, since the views are the same."""
    if not row.of_records:
        return [""]
    return [each for each in COLUMN_OF if not (row.is_page and each in ("hardship_aid", "volunteer_service"))]


def own_account_cell(world: SweepWorld, row: Row, person: Person) -> Cell | None:
    """The same act on the account of the one who asks: always refused."""
    mine = world.accounts.get(person.name)
    if mine is None or person.kind != "staff" or row.aim != "account" or row.second or row.act not in ON_ACCOUNTS:
        return None
    home = world.places[person.unit]
    place = Place("oneself", person.unit, defaultdict(lambda: mine, home.ids | {"staff": mine}))
    cell = _cell(world, row, place, "", "staff")
    return replace(cell, asked=replace(cell.asked, oneself=True))


def _variants(row: Row) -> tuple[str, ...]:
    if row.aim in ("record", "photo") and row.method == "GET":
        return ("staff", "deleted")
    if row.act not in ("update account", "give grant") or row.aim != "account" or row.second:
        return ("staff",)
    return ("staff", "seated") if row.path.endswith("/edit") else ("staff", "seated", "cadre account")


def _cell(world: SweepWorld, row: Row, place: Place | None, module: str, variant: str) -> Cell:
    """The cell of a row at a place; None is a list without a filter."""
    here = world.places[FIXED] if row.second else place
    rows_of = here or world.places[HOME]
    path = row.path
    for name, value in _values(row, rows_of, module, variant).items():
        path = path.replace(f"<{name}>", value)
    path = re.sub(r"<any\((\w+)[^>]*>", r"\1", path)
    query = dict(QUERIES.get(row.path, {}))
    if place is not None and row.aim[0] in "?=":
        query[row.aim[1:]] = place["unit"]
    if row.path.endswith("/move-preview"):
        query["parent_id"] = world.places[HOME]["unit"]
    if row.path.endswith("/merge-preview"):
        query["unit_ids"] = world.places[FIXED]["unit"]
    if row.path == "/desk/accounts/open-cadre" and row.method == "POST":
        query["cadre"] = rows_of["cadre without account"]
    cell = Cell(row, place.name if place else "-", _asked(row, here, module, variant, place), path, query,
                variant=" ".join(part for part in (module, variant if variant != "staff" else "") if part))
    if row.method == "GET":
        return cell
    second = place or world.places[HOME]
    if row.is_page or row.path.endswith(("/attachments", "/import", "/<training_id>/proof")):
        return replace(cell, form=page_form(row, rows_of, second, module))
    return replace(cell, json=api_body(world, row, rows_of, second, module))


def _values(row: Row, place: Place, module: str, variant: str) -> dict[str, str]:
    record = row.aim if row.aim in ("draft", "locked") else "deleted" if variant == "deleted" else "entered"
    photo = place["photo of a deleted record" if variant == "deleted" else "photo"]
    account = place["seated"] if row.aim == "seat" else place[variant if variant in place.ids else "staff"]
    return {"unit_id": place["unit"], "account_id": account, "grant_id": place["grant"], "cadre_id": place["cadre"],
            "filing_id": place["filing"], "nomination_id": place["nomination"], "opinion_id": place["opinion"],
            "transfer_id": place["transfer"], "template_id": place["template"], "request_id": place["request"],
            "training_id": place["training"],
            "job_id": place["job"], "module_key": module, "attachment_id": photo,
            "kind_key": "visits", "report_id": place["frozen"], "change_id": place["change"],
            "record_id": place[f"{module or 'visits'} {record}"], "path:filename": "desk.css"}


FOUND_AS = {"unit": "unit", "seat": "unit", "candidate": "unit", "account": "account", "grant": "account",
            "training": "account",
            "cadre": "cadre", "record": "record", "draft": "record", "locked": "record", "photo": "record",
            "filing": "filing", "nomination": "nomination", "opinion": "opinion", "template": "template", "job": "job",
            "frozen": "frozen", "transfer": "transfer", "request": "request", "change": "change",
            "?unit": "unit", "?parent": "unit", "=unit": "unit", ">unit_id": "unit", ">parent_id": "unit"}
BY_NAME = ("unit", "unit_id", "parent", "parent_id", "seat", "filing", "nomination", "candidate", "job", "frozen",
           "transfer", "request", "change")


def _asked(row: Row, here: Place | None, module: str, variant: str, second: Place | None) -> Asked:
    column = COLUMN_OF[module or "visits"] if row.of_records or row.aim in ("photo", "frozen") else None
    if row.aim == "province":
        return Asked(row.act, row.end, "calendar", "江苏")
    if row.aim == "-" or here is None:
        return Asked(row.act, row.end, column=column)
    at = here.name if row.aim.strip("?=>") in BY_NAME else here.owner
    if here.name == NOWHERE or variant == "deleted":
        at = None
    seated = here.name if variant == "seated" and here.name not in (NOWHERE, "旧镇") else None
    asked = Asked(row.act, row.end, FOUND_AS[row.aim], at, column, row.aim[0] != "?", seated)
    asker = "county administrator" if row.aim == "job" and here.name == HOME else None
    return replace(asked, asker=asker, also=_also(row, second))


def _also(row: Row, second: Place | None) -> tuple[tuple[str, str | None], ...]:
    """What else the request needs a right to."""
    at = None if second is None or second.name == NOWHERE else second.name
    if row.second:
        return (({"unit_id": "give grant", "unit_ids": "close unit"}.get(row.second, "open unit"), at),)
    if row.path.endswith("/merge-preview"):
        return (("close unit", FIXED),)
    placed = (row.method == "POST" and not row.path.endswith("/split")) or row.path.endswith("/move-preview")
    return (("open unit", HOME),) if row.act == "move unit" and placed else ()
