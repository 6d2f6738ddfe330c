"""Splitting a unit on the console (第六条): choose what goes over, read what will happen line by line, then confirm."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import seats, units
from app.people.model import Cadre
from app.plans import ordering
from app.plans.model import PlannedChange
from app.schemas.changes import SplitBody, SplitForm
from app.schemas.strict import load
from app.splits.preview import SplitPreview, split_preview
from app.splits.splitting import Chosen, require_split, split
from app.web.desk_unit_acts import Answer, back, mine, ordered
from app.web.forms import Attempt, attempt, fields_of, submitted, typed
from app.web.merge_words import CHANGED, seal
from app.web.render import page, unit_crumbs
from app.web.split_words import split_rows
from app.web.unit_frame import kind_label
from permissions import guard
from permissions.accounts import Account, AccountState
from permissions.actions import Action
from permissions.roles import PC
from tenants import tree
from tenants.db import db
from tenants.errors import Conflict
from tenants.models import Unit

blueprint = Blueprint("desk_unit_split", __name__, url_prefix="/desk/units")
SHOWN = 300
TITLE = "拆分"
CHOICES = ("unit_ids", "cadre_ids", "account_ids")


def _offered(unit: Unit) -> dict[str, list[tuple[str, str]]]:
    """What could go over: sub-units, files of cadres, staff without a seat; as far as I may see each."""
    here, below = tree.here(unit), tree.below(unit)
    cadres = guard.sight(Action.CADRE_READ, any_column=True).narrowed(here)
    staff = guard.sight(Action.ACCOUNT_READ).narrowed(here)
    seated = {account.id for _seat, account in seats.listing(unit)}
    found = {"unit_ids": [(each.id, each.name) for each in tree.children(unit, units.sight().narrowed(below))]}
    found["cadre_ids"] = [(each.id, each.name) for each in db.session.execute(
        cadres.select(Cadre).order_by(Cadre.name_reading, Cadre.id).limit(SHOWN)).scalars()]
    found["account_ids"] = [(each.id, each.name) for each in db.session.execute(
        staff.select(Account).where(Account.kind == "staff", Account.state != AccountState.closed)
        .order_by(Account.name, Account.id).limit(SHOWN)).scalars() if each.id not in seated]
    return found


def _choose(unit: Unit, failed: Attempt[Any] | None = None) -> str:
    schema, offered = SplitBody(), _offered(unit)
    fields = fields_of(schema, typed(schema) if failed is not None else {"records": "none"},
                       failed.errors if failed is not None else {}, offered)
    fields.pop("dry_run")
    for name in CHOICES:
        fields[name] |= {"widget": "checkboxes", "value": fields[name]["value"] or []}
        if not offered[name]:
            fields.pop(name)
    own = {"fields": [fields[name] for name in ("name", "code")], "title": "新单位"}
    rest = [each for name, each in fields.items() if name not in ("name", "code")]
    gone = {"fields": rest, "title": "转入新单位的内容"}
    return page("desk/form.html", unit=unit, title=f"{TITLE}：从“{unit.name}”分出一个新单位",
                sub=f"新单位与“{unit.name}”同级、同类（{kind_label(unit)}），“{unit.name}”继续存在",
                crumbs=unit_crumbs(unit, units.sight(), {"title": TITLE}), all_fields=list(fields.values()),
                groups=[own, gone], form_of={
                    "cancel_href": back(unit), "submit": "看会发生什么", "hidden": {"step": "look"},
                    "action": url_for("desk_unit_split.choose", unit_id=unit.id),
                    "general": failed.general_beside(fields) if failed is not None else []})


def _confirm(unit: Unit, found: dict[str, Any], told: SplitPreview, failed: Attempt[Any] | None = None) -> str:
    schema = SplitForm()
    fields = fields_of(schema, typed(schema) if failed is not None else {}, failed.errors if failed is not None else {})
    shown = {name: fields[name] for name in ("effective_on", "sure")}
    hidden = {name: found.get(name) or [] for name in CHOICES} | {
        name: found[name] for name in ("name", "code", "records")} | {"told": seal([told.as_dict()])}
    ask = {"cancel_href": url_for("desk_unit_split.choose", unit_id=unit.id), "submit": "确定拆分", "danger": True,
           "action": url_for("desk_unit_split.choose", unit_id=unit.id), "fields": list(shown.values()),
           "hidden": hidden, "general": failed.general_beside(shown) if failed is not None else []}
    return page("desk/units/preview.html", unit=unit, title=f"从“{unit.name}”分出“{told.name}”",
                lead="拆分之后，需要时可以用“合并”并回来。", ask=ask, rows=split_rows(told, unit),
                crumbs=unit_crumbs(unit, units.sight(), {"title": TITLE}))


@blueprint.get("/<unit_id>/split")
@guard.guard(Action.UNIT_MOVE, channels=PC)
def choose(unit_id: str) -> Answer:
    """What the new unit is called, and what goes over to it."""
    unit = mine(unit_id, Action.UNIT_MOVE)
    require_split(unit)
    return _choose(unit)


@blueprint.post("/<unit_id>/split")
@guard.guard(Action.UNIT_MOVE, channels=PC)
def chosen(unit_id: str) -> Answer | Response:
    """Read what will happen; or, once that is ticked and still so, split."""
    unit = mine(unit_id, Action.UNIT_MOVE)
    require_split(unit)
    body = SplitBody()
    read = attempt(lambda: load(body, typed(body)))
    found = read.value or {}
    told = attempt(lambda: split_preview(unit, Chosen.named(found), found["name"])) if not read.failed else read
    if told.failed:
        return _choose(unit, told), told.status
    preview: SplitPreview = told.value  # type: ignore[assignment]
    if request.form.get("step") == "look":
        return _confirm(unit, found, preview)

    def act() -> Unit | PlannedChange:
        sent = submitted(SplitForm())
        if sent.get("told") not in (None, seal([preview.as_dict()])):
            raise Conflict(CHANGED, code="stale")
        if (day := sent.get("effective_on")) is not None:
            return ordering.order("split", unit, {name: sent.get(name) for name in ordering.WANTED["split"]}, day)
        return split(unit, Chosen.named(sent), name=sent["name"], code=sent["code"])

    done = attempt(act)
    if done.value is None:
        if done.errors.keys() & {"name", "code"}:
            return _choose(unit, done), done.status
        return _confirm(unit, found, preview, done), done.status
    if isinstance(done.value, PlannedChange):
        return ordered(done.value, f"从“{unit.name}”分出“{preview.name}”")
    flash(f"已分出“{done.value.name}”。接下来请为它任命系统管理员，并按需要重新授权。", "success")
    return redirect(back(done.value), 303)
