"""Splitting a unit on the console (第六条): choose what goes over, read what will happen line by line, then confirm."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import registry
from app.administration import seats, units
from app.people.model import Cadre
from app.schemas.changes import SplitBody, SplitForm
from app.schemas.strict import load
from app.splits.preview import SplitPreview, split_preview
from app.splits.splitting import Chosen, require_split, split
from app.web.desk_unit_acts import Answer, back, mine
from app.web.forms import Attempt, attempt, fields_of, submitted, typed
from app.web.merge_words import CHANGED, rights_told, seal
from app.web.move_words import named, people, row
from app.web.render import page, unit_crumbs
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


def chosen_of(found: dict[str, Any]) -> Chosen:
    """What a form or a body names."""
    units_, cadres, accounts = (found.get(name) or () for name in CHOICES)
    return Chosen(units_, cadres, accounts, found.get("records") == "theirs")


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
    fields = fields_of(SplitForm(), {}, failed.errors if failed is not None else {})
    hidden = {name: found.get(name) or [] for name in CHOICES} | {
        name: found[name] for name in ("name", "code", "records")} | {"told": seal([told.as_dict()])}
    ask = {"cancel_href": url_for("desk_unit_split.choose", unit_id=unit.id), "submit": "确定拆分", "danger": True,
           "action": url_for("desk_unit_split.choose", unit_id=unit.id), "fields": [fields["sure"]], "hidden": hidden,
           "general": failed.general_beside({"sure": None}) if failed is not None else []}
    return page("desk/units/preview.html", unit=unit, title=f"从“{unit.name}”分出“{told.name}”",
                lead="拆分之后，需要时可以用“合并”并回来。", ask=ask, rows=_rows(told, unit),
                crumbs=unit_crumbs(unit, units.sight(), {"title": TITLE}))


def _rows(told: SplitPreview, unit: Unit) -> list[dict[str, Any]]:
    """What the table 会发生什么 says."""
    to, many = f"“{told.name}”", sum(told.records.values())
    lost = rights_told([told.rights])
    return [
        row("新单位", f"新设{to}，与“{unit.name}”同级，由同一个上级管理；还没有系统管理员，请随后任命", changes=True),
        row("下级单位", f"{told.units:,} 个（含它们的下级）改由{to}管理" if told.units else "没有",
            changes=bool(told.units)),
        row("人员", f"离退休干部 {told.cadres:,} 人、工作人员账号 {told.staff:,} 个、老同志账号 "
                    f"{told.cadre_accounts:,} 个转到{to}及其下级，照常登录", changes=True),
        row("系统管理员", f"下级单位的 {len(told.administrators):,} 名留任" if told.administrators else "没有变化",
            told.administrators),
        row("收回的权限", f"{len(lost):,} 项，跨在两个单位之间，拆分后没有人管得了" if lost else "没有", lost,
            changes=bool(lost)),
        row("服务记录", f"{many:,} 条转到{to}及其下级，今后计入它的统计；办理经过照样查得到" if many
            else f"没有转走的，都留在“{unit.name}”", changes=bool(many)),
        row("没有录入的记录", f"{told.open_records:,} 条随之转走" if told.open_records else "没有转走的",
            changes=bool(told.open_records)),
        row("改变的截止日", f"{told.redated_records:,} 条" if told.redated else "没有", [
            f"{registry.module(each.module).title} {each.records:,} 条：{each.before.isoformat()} → "
            f"{each.after.isoformat()}" for each in told.redated], changes=bool(told.redated)),
        row("录入时限", f"“{unit.name}”自己的规定不随去，{to}按上级的规定执行" if told.rules else "不变", [
            f"{registry.module(each.module).title}：由“{each.before}”改为“{each.after}”" for each in told.rules],
            changes=bool(told.rules)),
        row("报备", f"下级单位 {told.filings:,} 份等待确认的，改由{to}确认" if told.filings else "没有等待确认的",
            changes=bool(told.filings)),
        row("不再看得到的人", people(told.losing), named(told.losing), changes=bool(told.losing)),
        row("报表", "封存的报表一字不变；可以按以前的日子统计，那时的记录仍在原单位"),
    ]


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
    told = attempt(lambda: split_preview(unit, chosen_of(found), found["name"])) if not read.failed else read
    if told.failed:
        return _choose(unit, told), told.status
    preview: SplitPreview = told.value  # type: ignore[assignment]
    if request.form.get("step") == "look":
        return _confirm(unit, found, preview)

    def act() -> Unit:
        sent = submitted(SplitForm())
        if sent.get("told") not in (None, seal([preview.as_dict()])):
            raise Conflict(CHANGED, code="stale")
        return split(unit, chosen_of(sent), name=sent["name"], code=sent["code"])

    done = attempt(act)
    if done.value is None:
        if done.errors.keys() & {"name", "code"}:
            return _choose(unit, done), done.status
        return _confirm(unit, found, preview, done), done.status
    flash(f"已分出“{done.value.name}”。接下来请为它任命系统管理员，并按需要重新授权。", "success")
    return redirect(back(done.value), 303)
