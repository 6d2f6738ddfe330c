"""Choosing people in a form: those of one unit, found by name, pinyin or initials, as ticks that need no script."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, url_for

from app import registry
from app.administration import units
from app.paging import Page
from app.people.listing import Filters, listing
from app.people.model import Cadre
from app.people.schema import CadreSchema
from app.records.module import Module
from app.records.schema import OneCadre, Rows
from app.schemas.fields import Code, Line, Reference
from app.schemas.strict import Strict
from app.web.forms import asked
from permissions.actions import Action
from permissions.guard import guard, require
from permissions.roles import PC
from tenants.db import db
from tenants.models import Unit
from tenants.tree import here

blueprint = Blueprint("desk_pick", __name__, url_prefix="/desk/pick")
OFFERED = 40
FOUND = 12
Choice = tuple[str, str, str]


class PickQuery(Strict):
    """Whom to look for, in which unit, for which kind of record."""

    module = Line("记录种类", longest=40, required=True)
    unit = Reference("单位", required=True)
    q = Line("姓名、拼音或首字母", longest=50)


def hint(cadre: Cadre) -> str:
    """What tells two people of one name apart, nothing sensitive in it."""
    kinds = CadreSchema().named()["retirement_type"]
    kind = kinds.choices.get(cadre.retirement_type, "") if isinstance(kinds, Code) else ""
    parts = (f"{cadre.birth_date[:4]} 年生", kind, "已离世" if cadre.life_status == "deceased" else "")
    return " · ".join(part for part in parts if part)


def choice(cadre: Cadre) -> Choice:
    """One person as a tick: id, name, hint."""
    return cadre.id, cadre.name, hint(cadre)


def found_in(unit: Unit, q: str | None, *, limit: int = FOUND) -> Page[Cadre]:
    """Cadres of the unit itself, by pinyin; a unit's records are about its own cadres only."""
    return listing(here(unit), Filters(q=q), cursor=None, limit=limit)


def chosen_in(unit: Unit, ids: Iterable[str]) -> list[Cadre]:
    """The unit's cadres among these ids, in the order of the ids."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    by_id = {cadre.id: cadre for cadre in db.session.execute(
        here(unit).select(Cadre).where(Cadre.id.in_(wanted))).scalars()}
    return [by_id[each] for each in wanted if each in by_id]


def offered(unit: Unit, known: Mapping[str, str], q: str | None = None) -> list[Choice]:
    """Ticks to begin with: those chosen (`known`: id to name), then the unit's people where they are few, or found."""
    chosen = {cadre.id: choice(cadre) for cadre in chosen_in(unit, known)}
    page = found_in(unit, q, limit=OFFERED)
    rest = page.items if q or page.next is None else []
    first = [chosen.get(each, (each, name, "")) for each, name in known.items() if each in chosen or name]
    return first + [choice(cadre) for cadre in rest if cadre.id not in chosen]


def search_url(module: Module, unit: Unit) -> str:
    """Where the search box of a form asks."""
    return url_for("desk_pick.cadres", module=module.key, unit=unit.id)


def shape(module: Module) -> dict[str, Any]:
    """How the people of this kind of record are picked: the field's name, one or many, and the part of each row."""
    found = module.schema().people_field()
    if found is None:
        return {"name": "", "many": False, "part": None}
    name, field = found
    part: dict[str, Any] | None = None
    if isinstance(field, Rows):
        codes = field.part_field.choices if isinstance(field.part_field, Code) else None
        part = {"name": f"{name}-", "label": field.part_field.metadata["label"],
                "choices": list(codes.items()) if codes is not None else None}
    return {"name": name, "many": not isinstance(field, OneCadre), "part": part}


def fragment(module: Module, choices: Sequence[Choice]) -> str:
    """The ticks that answer a search."""
    return render_template("desk/records/people_found.html", choices=choices, picker=shape(module))


@blueprint.get("/cadres")
@guard(Action.CADRE_READ, channels=PC)
def cadres() -> str:
    """People of one unit that match what was typed."""
    found = asked(PickQuery.kept())
    module = registry.module(found.get("module", ""))
    unit = units.seen(found.get("unit", ""))
    require(Action.CADRE_READ, unit)
    if not found.get("q"):
        return ""
    return fragment(module, [choice(cadre) for cadre in found_in(unit, found["q"]).items])
