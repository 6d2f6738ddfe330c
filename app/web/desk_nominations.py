"""Nominations (提名) on the console: the unit proposes a colleague, the superior seats him or says why not."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, nominations, seats, units
from app.administration.nomination import STATES, Nomination
from app.handover import seats as leaving
from app.schemas.bodies import NominationBody
from app.schemas.fields import Code, Line, Reference
from app.schemas.rulings import ReasonBody
from app.schemas.strict import Strict
from app.web import words
from app.web.forms import Attempt, asked, attempt, fields_of, submitted, typed
from app.web.list_page import ROWS, chips, narrowed, pager, several, unit_field
from app.web.nomination_rows import COLUMNS, nomination_rows, said, seat_href
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.guard import checked_id, my_scope, require
from permissions.roles import PC
from tenants.models import Unit

blueprint = Blueprint("desk_nominations", __name__, url_prefix="/desk")
Answer = str | Response | tuple[str, int]
LIST = {"title": "提名"}


class NominationListQuery(Strict):
    """The list of nominations."""

    unit = Reference("单位")
    state = Code("情况", STATES)
    cursor = Line("翻页标记", longest=400)


class StaffQuery(Strict):
    """Staff of my unit."""

    q = Line("姓名", longest=50)
    cursor = Line("翻页标记", longest=400)


@blueprint.get("/nominations")
@guard.guard(Action.NOMINATION_READ, channels=PC)
def index() -> str:
    """Nominations in my reach, newest first."""
    scope = my_scope(Action.NOMINATION_READ)
    found = asked(NominationListQuery.kept())
    unit, inside = narrowed(found.get("unit"), scope)
    result = nominations.listing(inside, state=found.get("state"), cursor=found.get("cursor"), limit=ROWS)
    fields = [{"name": "state", "label": "情况", "widget": "select", "placeholder": "全部",
               "choices": list(STATES.items()), "value": found.get("state")}]
    if several(scope):
        fields.insert(0, unit_field(scope, unit))
    return page(
        "desk/list.html", title="提名", unit=unit, filter_fields=fields, columns=COLUMNS,
        sub="各单位提名本单位的系统管理员人选，由上级管理单位任命（第六、七条）",
        rows=nomination_rows(result.items), page_of=pager(result, "件"),
        reset_href=url_for("desk_nominations.index") if found else None,
        active=chips({"unit": unit.name if unit is not None else None, "state": STATES.get(found.get("state", ""))}),
        empty={"title": "没有提名", "icon": "person", "text": "在单位的“管理员”一栏可以提名本单位人选。"})


@blueprint.get("/units/<unit_id>/nominate")
@guard.guard(Action.ADMINISTRATOR_NOMINATE, channels=PC)
def choose(unit_id: str) -> str:
    """My colleagues, with what speaks against each; names only."""
    unit = units.seen(unit_id)
    scope = nominations.staff_of(unit)
    found = asked(StaffQuery.kept())
    result = accounts.listing(scope, accounts.Filters(kind="staff", q=found.get("q"), living=True),
                              cursor=found.get("cursor"), limit=ROWS)
    sitting = {account.id for _seat, account in seats.listing(unit)}
    title = "提名系统管理员"
    return page(
        "desk/units/choose.html", unit=unit, title=title, sub=unit.name, facts=(), more=False,
        lead="提名只是建议，由上级管理单位的系统管理员任命；本单位不能自己任命（第六、七条）。",
        crumbs=unit_crumbs(unit, units.sight(), {"title": title}),
        cancel_href=url_for("desk_seats.index", unit_id=unit.id),
        rows=[_colleague(unit, account, sitting) for account in result.items],
        columns=[{"key": "name", "label": "工作人员", "wide": True}, {"key": "state", "label": "条件（第七条）"},
                 {"key": "act", "label": "办理"}],
        filter_fields=[{"name": "q", "label": "姓名", "widget": "search", "value": found.get("q"), "maxlength": 50}],
        reset_href=url_for("desk_nominations.choose", unit_id=unit.id) if found else None,
        empty={"title": "没有找到工作人员", "icon": "person", "text": "先由系统管理员开通工作人员账号，再来提名。"})


def _colleague(unit: Unit, account: Account, sitting: set[str]) -> dict[str, Any]:
    faults = seats.eligibility(account, unit)
    state: dict[str, Any] = {"badge": {"text": "符合", "tone": "good"}}
    act = {"text": "提名", "href": url_for("desk_nominations.nominate", unit_id=unit.id, account_id=account.id)}
    if account.id in sitting:
        state = {"badge": {"text": "已是系统管理员", "tone": "gold"}}
    elif faults:
        state = {"badge": {"text": "不符合", "tone": "bad"}, "sub": " ".join(faults)}
    return {"cells": {"name": account.name, "state": state, "act": None if account.id in sitting or faults else act}}


def _form(unit: Unit, account: Account, failed: Attempt[Any] | None = None) -> str:
    schema = NominationBody()
    fields = fields_of(schema, typed(schema) if failed else {}, failed.errors if failed else {},
                       {"replaces_id": [(each.id, each.name) for _seat, each in seats.listing(unit)]})
    fields["replaces_id"] |= {"widget": "select", "placeholder": "不接替谁，补空缺的席位"}
    shown = [fields["replaces_id"], fields["reason"]]
    return page("desk/form.html", unit=unit, title=f"提名 {account.name}", sub=f"{unit.name}的系统管理员人选",
                crumbs=unit_crumbs(unit, units.sight(), {"title": "提名系统管理员"}), all_fields=shown,
                groups=[{"title": "提名", "fields": shown,
                         "help": "提交后由上级管理单位办理，结果显示在“管理员”一栏。"}],
                form_of={"action": request.path, "submit": "提交提名",
                         "cancel_href": url_for("desk_nominations.choose", unit_id=unit.id),
                         "general": failed.general_beside({"reason": 1, "replaces_id": 1}) if failed else []})


@blueprint.get("/units/<unit_id>/nominate/<account_id>")
@guard.guard(Action.ADMINISTRATOR_NOMINATE, channels=PC)
def nominate(unit_id: str, account_id: str) -> str:
    """The form."""
    checked_id(account_id)
    unit = units.seen(unit_id)
    return _form(unit, nominations.candidate(unit, account_id))


@blueprint.post("/units/<unit_id>/nominate/<account_id>")
@guard.guard(Action.ADMINISTRATOR_NOMINATE, channels=PC)
def nominated(unit_id: str, account_id: str) -> Answer:
    """Propose."""
    checked_id(account_id)
    unit = units.seen(unit_id)
    account = nominations.candidate(unit, account_id)

    def do() -> Nomination:
        body = submitted(NominationBody(), account_id=account.id)
        return nominations.nominate(unit, account, reason=body.get("reason"), replaces=body.get("replaces_id"))

    done = attempt(do)
    if done.failed:
        return _form(unit, account, done), done.status
    flash(f"已提名 {account.name}，等上级管理单位办理。", "success")
    return redirect(url_for("desk_seats.index", unit_id=unit.id), 303)


def _facts(nomination: Nomination, unit: Unit) -> list[dict[str, Any]]:
    facts = [{"label": "单位", "value": unit.name},
             {"label": "人选", "value": said(nomination, nominations.names_of([nomination]))},
             {"label": "提名时间", "value": words.moment(nomination.made_at)}]
    return [*facts, {"label": "理由", "value": nomination.reason}] if nomination.reason else facts


ASKS: dict[str, dict[str, Any]] = {
    "seat": {"title": "按提名任命？", "submit": "确定任命", "consequences": [
        "可以设立和管理下级单位、任命下级的系统管理员；", "可以开通和管理本单位及下级的账号与权限；",
        "任命当场报备给上级管理单位；您就是上级的管理员时，视同已确认。"]},
    "refuse": {"title": "不同意这项提名？", "submit": "确定，不同意", "consequences": [
        "提名单位会看到您写的理由；", "可以另行提名。"]},
    "withdraw": {"title": "撤回这项提名？", "submit": "确定撤回", "consequences": [
        "上级不再办理这项提名；", "可以重新提名。"]},
}


def _ask(what: str, nomination: Nomination, unit: Unit, failed: Attempt[Any] | None = None) -> str:
    fields = []
    if what == "refuse":
        schema = ReasonBody()
        fields = list(fields_of(schema, typed(schema) if failed else {}, failed.errors if failed else {}).values())
    back = url_for("desk_nominations.index", state="open")
    return page("desk/confirm.html", unit=unit, title=ASKS[what]["title"],
                crumbs=[{**LIST, "href": back}, {"title": "办理"}], ask={
                    **ASKS[what], "facts": _facts(nomination, unit), "fields": fields, "action": request.path,
                    "cancel_href": back,
                    "general": failed.general_beside({"reason": 1} if fields else {}) if failed else []})


@blueprint.get("/nominations/<nomination_id>/<any(seat, refuse):what>")
@guard.guard(Action.ADMINISTRATOR_APPOINT, channels=PC)
def answer(nomination_id: str, what: str) -> str | Response:
    """The question before seating or refusing; who is to follow somebody is put in his place on the page for that."""
    nomination, unit = nominations.seen(nomination_id)
    require(Action.ADMINISTRATOR_APPOINT, unit)
    if what == "seat" and nomination.state == "open" and leaving.follows(nomination, unit) is not None:
        return redirect(seat_href(nomination, follows=True))
    return _ask(what, nomination, unit)


@blueprint.post("/nominations/<nomination_id>/<any(seat, refuse):what>")
@guard.guard(Action.ADMINISTRATOR_APPOINT, channels=PC)
def answered(nomination_id: str, what: str) -> Answer:
    """The superior's word."""
    nomination, unit = nominations.seen(nomination_id)
    require(Action.ADMINISTRATOR_APPOINT, unit)

    def do() -> Any:
        if what == "seat":
            return leaving.seat_nominee(nomination, unit)
        return nominations.refuse(nomination, unit, submitted(ReasonBody())["reason"])

    done = attempt(do)
    if done.failed:
        return _ask(what, nomination, unit, done), done.status
    flash("已按提名任命，并已报备。" if what == "seat" else "已答复：不同意。", "success")
    return redirect(url_for("desk_nominations.index", state="open"), 303)


@blueprint.get("/nominations/<nomination_id>/withdraw")
@guard.guard(Action.ADMINISTRATOR_NOMINATE, channels=PC)
def withdraw(nomination_id: str) -> str:
    """The question before taking it back."""
    nomination, unit = nominations.seen(nomination_id)
    require(Action.ADMINISTRATOR_NOMINATE, unit)
    return _ask("withdraw", nomination, unit)


@blueprint.post("/nominations/<nomination_id>/withdraw")
@guard.guard(Action.ADMINISTRATOR_NOMINATE, channels=PC)
def withdrawn(nomination_id: str) -> Answer:
    """Take it back."""
    nomination, unit = nominations.seen(nomination_id)
    require(Action.ADMINISTRATOR_NOMINATE, unit)
    done = attempt(lambda: nominations.withdraw(nomination, unit))
    if done.failed:
        return _ask("withdraw", nomination, unit, done), done.status
    flash("提名已撤回。", "success")
    return redirect(url_for("desk_seats.index", unit_id=unit.id), 303)
