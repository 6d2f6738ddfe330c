"""调动 on the console: what waits for my word, what my unit asked, asking for somebody, sending somebody."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, transfers, units
from app.administration.transfers import STATES, Seen
from app.schemas.fields import Code, Line, Reference
from app.schemas.person import PersonName
from app.schemas.strict import Strict
from app.web import words
from app.web.forms import Attempt, asked, attempt, fields_of, submitted, typed
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.guard import my_scope, require
from permissions.phone import mask_phone
from permissions.roles import PC
from tenants.models import Unit

blueprint = Blueprint("desk_transfers", __name__, url_prefix="/desk")
Answer = str | Response | tuple[str, int]
TONES = {"asked": "warn", "accepted": "good", "refused": "bad", "withdrawn": "plain"}
SENT = "申请已发出。号码和姓名都对得上的，对方单位会在“人员调动”里看到。"


class OutBody(Strict):
    """Somebody is to go."""

    unit_code = Line("调入单位的代码", longest=32, required=True, help="请向对方单位核对，如 320981")
    reason = Line("事由", longest=200, required=True)


class InBody(Strict):
    """Somebody is to come."""

    name = PersonName("姓名", required=True)
    phone = Line("手机号码", longest=64, required=True, widget="tel", help="本人的登录号码")
    reason = Line("事由", longest=200, required=True)


class Verdict(Strict):
    """What is said to a request."""

    verdict = Code("答复", {"accepted": "同意", "refused": "不同意", "withdrawn": "撤回"}, required=True)
    answer = Line("说明", longest=200)


class PlaceQuery(Strict):
    """Where somebody is to come."""

    unit = Reference("单位")


def _row(seen: Seen) -> dict[str, Any]:
    row = seen.row
    gone = {"text": STATES[row.state], "tone": TONES[row.state]}
    return {"href": url_for("desk_transfers.show", transfer_id=row.id), "cells": {
        "name": {"text": row.name, "sub": row.reason}, "to": seen.to.name,
        "side": "调出单位申请" if row.side == "from" else "调入单位申请",
        "at": words.moment(row.asked_at), "state": {"badge": gone}}}


@blueprint.get("/transfers")
@guard.guard(Action.ACCOUNT_OPEN, channels=PC)
def index() -> str:
    """Both lists."""
    my_scope(Action.ACCOUNT_OPEN)
    waiting = transfers.listing(waiting=True)
    ids = {each.row.id for each in waiting}
    rest = [each for each in transfers.listing(waiting=False) if each.row.id not in ids]
    return page("desk/transfers.html", title="人员调动", sub="一方申请，另一方同意才生效；老同志的档案随账号一起转",
                waiting=[_row(each) for each in waiting], rest=[_row(each) for each in rest],
                crumbs=unit_crumbs(units.own(), units.sight(), {"title": "人员调动"}),
                new_href=url_for("desk_transfers.come"))


def _form(title: str, unit: Unit, fields: dict[str, Any], back: str, failed: Attempt[Any] | None, help_: str) -> str:
    general = failed.general_beside(fields) if failed is not None else []
    return page("desk/form.html", unit=unit, title=title, sub=unit.name, all_fields=list(fields.values()),
                crumbs=unit_crumbs(unit, units.sight(), {"title": title}),
                groups=[{"title": "申请", "fields": list(fields.values()), "help": help_}],
                form_of={"action": request.full_path.rstrip("?"), "submit": "发出申请", "cancel_href": back,
                         "general": general})


def _in_form(unit: Unit, failed: Attempt[Any] | None = None) -> str:
    schema = InBody()
    fields = fields_of(schema, typed(schema) if failed else {}, failed.errors if failed else {})
    return _form("调入人员", unit, fields, url_for("desk_transfers.index"), failed,
                 f"调入 {unit.name}；要调入别的单位，请先在左侧的单位树里选。")


def _place() -> Unit:
    found = asked(PlaceQuery.kept())
    unit = units.seen(found["unit"]) if found.get("unit") else units.own()
    require(Action.ACCOUNT_OPEN, unit)
    return unit


@blueprint.get("/transfers/new")
@guard.guard(Action.ACCOUNT_OPEN, channels=PC)
def come() -> str:
    """The form for asking for somebody."""
    return _in_form(_place())


@blueprint.post("/transfers/new")
@guard.guard(Action.ACCOUNT_OPEN, channels=PC)
def asked_to_come() -> Answer:
    """Ask; the answer is the same whether there is such a person."""
    unit = _place()

    def do() -> transfers.AccountTransfer:
        body = submitted(InBody())
        return transfers.ask_in(unit, body["phone"], body["name"], body["reason"])

    done = attempt(do)
    if done.failed:
        return _in_form(unit, done), done.status
    flash(SENT, "success")
    return redirect(url_for("desk_transfers.index"), 303)


def _out_form(account: Account, unit: Unit, failed: Attempt[Any] | None = None) -> str:
    schema = OutBody()
    fields = fields_of(schema, typed(schema) if failed else {}, failed.errors if failed else {})
    along = "档案一起转去，" if account.kind == "cadre" else "原有权限收回，电脑端关闭，"
    return _form(f"调出 {account.name}", unit, fields, url_for("desk_accounts.show", account_id=account.id), failed,
                 f"对方同意后生效：{along}所有设备退出；做过的记录留在原单位。两个单位都归您管的，马上生效。")


@blueprint.get("/accounts/<account_id>/transfer")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def go(account_id: str) -> str:
    """The form for sending somebody."""
    account = accounts.seen(account_id)
    return _out_form(account, accounts.require_over(account))


@blueprint.post("/accounts/<account_id>/transfer")
@guard.guard(Action.ACCOUNT_UPDATE, channels=PC)
def asked_to_go(account_id: str) -> Answer:
    """Ask the other unit, or do it where both are mine."""
    account = accounts.seen(account_id)
    unit = accounts.require_over(account)

    def do() -> transfers.AccountTransfer:
        body = submitted(OutBody())
        return transfers.ask_out(account, body["unit_code"], body["reason"])

    done = attempt(do)
    if done.value is None:
        return _out_form(account, unit, done), done.status
    flash("已调动。" if done.value.state == "accepted" else "申请已发出，等对方单位答复。", "success")
    return redirect(url_for("desk_transfers.index"), 303)


def _shown(seen: Seen, failed: Attempt[Any] | None = None) -> str:
    row = seen.row
    facts = [{"label": "姓名", "value": row.name}, {"label": "调入单位", "value": seen.to.name},
             {"label": "事由", "value": row.reason}, {"label": "状态", "value": STATES[row.state]}]
    if seen.account is not None:
        facts.insert(1, {"label": "手机号码", "value": mask_phone(seen.account.phone)})
    if row.answer:
        facts.append({"label": "答复", "value": row.answer})
    return page("desk/transfer.html", title=f"调动：{row.name}", seen=seen, facts=facts, general=failed.general if
                failed else [], errors=failed.errors if failed else {}, back=url_for("desk_transfers.index"),
                answer=request.form.get("answer", ""), waits=row.state == "asked",
                crumbs=unit_crumbs(units.own(), units.sight(), {"title": "人员调动"}))


@blueprint.get("/transfers/<transfer_id>")
@guard.guard(Action.ACCOUNT_OPEN, channels=PC)
def show(transfer_id: str) -> str:
    """One request, and the answer where it is mine to give."""
    my_scope(Action.ACCOUNT_OPEN)
    return _shown(transfers.seen(transfer_id))


@blueprint.post("/transfers/<transfer_id>")
@guard.guard(Action.ACCOUNT_OPEN, channels=PC)
def answer(transfer_id: str) -> Answer:
    """Accept, refuse or withdraw."""
    my_scope(Action.ACCOUNT_OPEN)
    seen = transfers.seen(transfer_id)

    def do() -> Seen:
        body = submitted(Verdict())
        return transfers.decide(transfer_id, body["verdict"], body.get("answer") or "")

    done = attempt(do)
    if done.failed:
        return _shown(transfers.seen(transfer_id), done), done.status
    flash(f"{seen.row.name} 的调动申请：{STATES[seen.row.state]}。", "success")
    return redirect(url_for("desk_transfers.index"), 303)
