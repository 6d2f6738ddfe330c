"""Opening and changing cadre files on the console; a sensitive value stays masked unless it is typed anew."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for

from app.administration import units
from app.people import files
from app.people.listing import out
from app.people.model import Cadre
from app.people.schema import CadreSchema
from app.schemas.fields import is_id
from app.schemas.strict import load
from app.versions import check_version
from app.web import cadre_words as words
from app.web.desk_cadres import crumbs
from app.web.forms import Attempt, attempt, beside_theirs, fields_of, typed
from app.web.list_page import unit_field
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, me, my_scope, require
from permissions.roles import PC
from tenants import tree
from tenants.errors import Invalid
from tenants.models import Unit

blueprint = Blueprint("desk_cadre_edit", __name__, url_prefix="/desk/cadres")
KEPT = "含 * 的内容保持不变；要改请全部重新填写。"
FROM_ID = ("sex", "birth_date")  # never empty in a file: left empty they follow the ID number


def _unit(unit_id: str) -> Unit:
    """Where a file is opened: seen first (404), then allowed (403)."""
    scope = my_scope(Action.CADRE_CREATE)
    if not unit_id:
        return units.own() if scope.covers(me().at.number) else tree.topmost(scope)[0]
    if not is_id(unit_id):
        raise Invalid(fields={"unit_id": ["请选择单位。"]})
    unit = units.seen(unit_id)
    require(Action.CADRE_CREATE, unit)
    return unit


def _form(values: dict[str, Any], tried: Attempt[Any] | None, unit: Unit, cadre: Cadre | None) -> str:
    drawn = fields_of(CadreSchema(), values, tried.errors if tried is not None else {})
    if cadre is None:
        drawn["unit_id"] = unit_field(my_scope(Action.CADRE_CREATE), unit) | {
            "name": "unit_id", "label": drawn["unit_id"]["label"], "required": True, "no_blank": True,
            "errors": drawn["unit_id"]["errors"], "help": "更下一级的单位，先在左边的单位栏里选好再新建。"}
    else:
        drawn.pop("unit_id")
        for name in files.SENSITIVE:
            _keep_mask(drawn[name])
        tried = beside_theirs(tried, drawn, fields_of(CadreSchema(), out(cadre), {}))
    for each in drawn.values():
        each["wide"] = each["widget"] == "radio" or each["name"] == "address"
    first = [drawn["unit_id"]] if cadre is None else []
    groups = [{"title": title, "fields": (first if not place else []) + [drawn[name] for name in names]}
              for place, (title, names) in enumerate(words.groups().items())]
    title = "新建档案" if cadre is None else f"修改{cadre.name}的档案"
    back = url_for("desk_cadres.index", unit=unit.id) if cadre is None else \
        url_for("desk_cadres.show", cadre_id=cadre.id)
    kept = None if tried is not None and tried.stale else request.form.get("version")
    hidden = {"version": kept or cadre.version} if cadre is not None else {}
    general = tried.general_beside(drawn) if tried is not None and tried.failed else []
    return page("desk/form.html", title=title, sub=unit.name, unit=unit, crumbs=crumbs({"title": title}), groups=groups,
                all_fields=list(drawn.values()),
                form_of={"action": request.path, "submit": "保存", "cancel_href": back, "hidden": hidden,
                         "general": general, "icon": "check"})


def _keep_mask(field: dict[str, Any]) -> None:
    if isinstance(field["value"], str) and "*" in field["value"]:
        field["help"] = KEPT
        if field["choices"] is not None:
            field["choices"] = [(field["value"], "保持不变"), *field["choices"]]
            field["help"] = ""


@blueprint.get("/new")
@guard(Action.CADRE_CREATE, channels=PC)
def new() -> str:
    """An empty file."""
    return _form({}, None, _unit(request.args.get("unit", "")), None)


@blueprint.post("/new")
@guard(Action.CADRE_CREATE, channels=PC)
def create() -> Any:
    """Open a file."""
    unit = _unit(request.form.get("unit_id", ""))
    raw = typed(CadreSchema()) | {"unit_id": unit.id}
    tried = attempt(lambda: files.create(_loaded(raw), unit))
    if tried.value is None:
        return _form(raw, tried, unit, None), tried.status
    flash("档案已建立。", "success")
    return redirect(url_for("desk_cadres.show", cadre_id=tried.value.id), 303)


def _loaded(raw: dict[str, Any]) -> dict[str, Any]:
    """Checked values of a whole form; an empty field that cannot be empty takes its default."""
    schema = CadreSchema()
    unset = {name for name, value in raw.items() if value is None and not schema.fields[name].allow_none}
    return load(schema, {name: value for name, value in raw.items() if name not in unset})


@blueprint.get("/<cadre_id>/edit")
@guard(Action.CADRE_UPDATE, channels=PC)
def edit(cadre_id: str) -> str:
    """The file as it stands, masked."""
    cadre, unit = files.seen(cadre_id)
    require(Action.CADRE_UPDATE, unit)
    return _form(out(cadre), None, unit, cadre)


@blueprint.post("/<cadre_id>/edit")
@guard(Action.CADRE_UPDATE, channels=PC)
def amend(cadre_id: str) -> Any:
    """Change a file; only what differs is written and logged."""
    cadre, unit = files.seen(cadre_id)
    require(Action.CADRE_UPDATE, unit)
    raw = {name: value for name, value in typed(CadreSchema()).items() if name != "unit_id"}

    def act() -> Cadre:
        check_version(cadre, request.form.get("version") or None)
        changed = _changes(cadre, raw)
        return files.amend(cadre, unit, changed) if changed else cadre

    tried = attempt(act)
    if tried.value is None:
        return _form(raw, tried, unit, cadre), tried.status
    flash("已保存。", "success")
    return redirect(url_for("desk_cadres.show", cadre_id=cadre.id), 303)


def _changes(cadre: Cadre, raw: dict[str, Any]) -> dict[str, Any]:
    """Checked values that differ from the file; masked ones and those that follow the ID number stay out."""
    kept = {name for name, value in raw.items()
            if (name in files.SENSITIVE and isinstance(value, str) and "*" in value)
            or (name in FROM_ID and value is None)}
    values = load(CadreSchema(exclude=("unit_id",)), {name: each for name, each in raw.items() if name not in kept},
                  partial=True)
    return {name: value for name, value in values.items() if value != getattr(cadre, name)}
