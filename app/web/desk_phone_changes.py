"""换号申请 on the console: what waits, one request with the word on it, asking on an old cadre's behalf."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, overview, phone_changes, units
from app.administration.phone_changes import Seen
from app.administration.phone_request import STATES, PhoneChange
from app.schemas.bodies import PhoneChangeForCadre
from app.schemas.fields import Code, Line
from app.schemas.strict import Strict
from app.web import words
from app.web.account_rows import KINDS
from app.web.forms import Attempt, attempt, fields_of, submitted, typed
from app.web.own_phone import TONES
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.guard import me, my_scope
from permissions.phone import mask_phone
from permissions.roles import PC
from tenants.models import Unit

blueprint = Blueprint("desk_phone_changes", __name__, url_prefix="/desk")
Answer = str | Response | tuple[str, int]
COLUMNS = [{"key": "name", "label": "姓名", "wide": True}, {"key": "unit", "label": "单位"},
           {"key": "phone", "label": "新号码", "nowrap": True}, {"key": "by", "label": "谁申请"},
           {"key": "at", "label": "申请时间", "nowrap": True}]


class Verdict(Strict):
    """What is said to a request."""

    verdict = Code("答复", {"accepted": "同意", "refused": "不同意", "withdrawn": "撤回"}, required=True)
    answer = Line("说明", longest=200)


def _by(row: PhoneChange) -> str:
    if row.asked_by == row.account_id:
        return "本人"
    return "我代为申请" if row.asked_by == me().account.id else "单位代为申请"


def _row(seen: Seen) -> dict[str, Any]:
    row = seen.row
    return {"href": url_for("desk_phone_changes.show", request_id=row.id), "cells": {
        "name": {"text": seen.account.name, "sub": KINDS[seen.account.kind]}, "unit": seen.unit.name,
        "phone": row.masked, "by": _by(row), "at": words.moment(row.asked_at)}}


@blueprint.get("/phone-changes")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def index() -> str:
    """What waits for my word, and what waits for others'."""
    found = phone_changes.waiting(my_scope(Action.ACCOUNT_UPDATE))
    return page("desk/phone_changes.html", title="换号申请", columns=COLUMNS,
                sub="本人申请，或由单位代老同志申请；另一名管理员核对后生效",
                waiting=[_row(each) for each in found if each.mine],
                rest=[_row(each) for each in found if not each.mine],
                crumbs=unit_crumbs(units.own(), units.sight(), {"title": "换号申请"}))


def _shown(seen: Seen, failed: Attempt[Any] | None = None) -> str:
    row, account = seen.row, seen.account
    names = overview.names_of_accounts([row.asked_by, row.decided_by], guard.sight(Action.ACCOUNT_READ))
    facts = [{"label": "姓名", "value": account.name,
              "href": url_for("desk_accounts.show", account_id=account.id)},
             {"label": "单位", "value": seen.unit.name}, {"label": "类别", "value": KINDS[account.kind]},
             {"label": "现在的号码", "value": mask_phone(account.phone)}, {"label": "新号码", "value": row.masked},
             {"label": "谁申请", "value": f"{_by(row)}（{names.get(row.asked_by, words.SUPERIOR)}）"},
             {"label": "申请时间", "value": words.moment(row.asked_at)}, {"label": "原因", "value": row.reason},
             {"label": "状态", "badge": {"text": STATES[row.state], "tone": TONES[row.state]}}]
    if row.answer:
        facts.append({"label": "答复", "value": row.answer})
    return page("desk/phone_change.html", unit=seen.unit, title=f"换号：{account.name}", facts=facts, seen=seen,
                general=failed.general_beside({"answer": 1}) if failed else [],
                errors=failed.errors if failed else {}, answer=request.form.get("answer", ""),
                waits=row.state == "asked", by_me=row.asked_by == me().account.id,
                back=url_for("desk_phone_changes.index"),
                crumbs=unit_crumbs(seen.unit, units.sight(), {"title": "换号申请", "href": url_for(
                    "desk_phone_changes.index")}, {"title": account.name}))


@blueprint.get("/phone-changes/<request_id>")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def show(request_id: str) -> str:
    """One request, and the word on it where it is mine."""
    my_scope(Action.ACCOUNT_UPDATE)
    return _shown(phone_changes.seen(request_id))


@blueprint.post("/phone-changes/<request_id>")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def answer(request_id: str) -> Answer:
    """Accept, refuse or take back."""
    my_scope(Action.ACCOUNT_UPDATE)
    seen = phone_changes.seen(request_id)
    accounts.require_over(seen.account)

    def do() -> Seen:
        body = submitted(Verdict())
        return phone_changes.decide(request_id, body["verdict"], (body.get("answer") or "").strip())

    done = attempt(do)
    if done.value is None:
        return _shown(phone_changes.seen(request_id), done), done.status
    flash(f"{done.value.account.name} 的换号申请：{STATES[done.value.row.state]}。", "success")
    return redirect(url_for("desk_phone_changes.index"), 303)


def _form(account: Account, unit: Unit, failed: Attempt[Any] | None = None) -> str:
    schema = PhoneChangeForCadre()
    fields = fields_of(schema, typed(schema) if failed else {}, failed.errors if failed else {})
    back, now = url_for("desk_accounts.show", account_id=account.id), mask_phone(account.phone)
    return page("desk/form.html", unit=unit, title=f"代 {account.name} 申请换号", sub=unit.name,
                all_fields=list(fields.values()),
                crumbs=unit_crumbs(unit, units.sight(), {"title": account.name, "href": back}, {"title": "换号"}),
                groups=[{"title": "新号码", "fields": list(fields.values()), "help":
                         f"现在的号码是 {now}。您提出以后，由本单位另一名管理员或上级管理员审核。"}],
                form_of={"action": request.path, "submit": "送出申请", "cancel_href": back,
                         "general": failed.general_beside(fields) if failed else []})


@blueprint.get("/accounts/<account_id>/phone")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def form(account_id: str) -> str:
    """The form on a cadre's behalf."""
    account = accounts.seen(account_id)
    return _form(account, accounts.require_over(account))


@blueprint.post("/accounts/<account_id>/phone")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def ask(account_id: str) -> Answer:
    """Ask on a cadre's behalf."""
    account = accounts.seen(account_id)
    unit = accounts.require_over(account)

    def do() -> PhoneChange:
        body = submitted(PhoneChangeForCadre())
        return phone_changes.ask_for(account, body["phone"], body["reason"])

    done = attempt(do)
    if done.value is None:
        return _form(account, unit, done), done.status
    flash("申请已送出，等另一名管理员或上级管理员审核。", "success")
    return redirect(url_for("desk_phone_changes.show", request_id=done.value.id), 303)
