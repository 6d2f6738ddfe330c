"""Administrators' seats (第七条) on the console: who sits, who may be appointed and why not, the two confirmations."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, nominations, seats, units
from app.administration.tenures import tenures
from app.records.calendar import timing
from app.schemas.fields import Line
from app.schemas.strict import Strict
from app.web import right_words, tenure_rows
from app.web.forms import Attempt, asked, attempt
from app.web.list_page import ROWS, pager
from app.web.nomination_rows import IN_UNIT, nomination_rows
from app.web.render import page, unit_crumbs
from app.web.unit_frame import frame, is_open
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import SEATS
from permissions.guard import checked_id, may, require
from permissions.phone import mask_phone
from permissions.roles import PC
from tenants.errors import Conflict
from tenants.models import Unit
from tenants.tree import here

blueprint = Blueprint("desk_seats", __name__, url_prefix="/desk/units")
RULE = ("系统管理员应为编制内在职工作人员，具备计算机操作基础和网络安全知识，一般不超过 2 人；"
        "任免须及时向上级管理单位报备（第七条）。")
LATEST = 10
Answer = str | Response | tuple[str, int]


class StaffQuery(Strict):
    """Staff of one unit."""

    q = Line("姓名或手机号码", longest=50)
    cursor = Line("翻页标记", longest=400)


def _back(unit: Unit) -> str:
    return url_for("desk_seats.index", unit_id=unit.id)


@blueprint.get("/<unit_id>/administrators")
@guard.guard(Action.ADMINISTRATOR_READ, channels=PC)
def index(unit_id: str) -> str:
    """Who sits in the two seats."""
    unit = units.seen(unit_id)
    require(Action.ADMINISTRATOR_READ, unit)
    # Asked together what is asked in one scope, so that the database is told each only once.
    shown, found, taken, proposed = frame(unit), tenures(unit), seats.listing(unit), _nominations(unit)
    living = [one for one in found if one.until is None]
    told = right_words.origins([one.right_id for one in living], guard.sight(Action.ADMINISTRATOR_READ))
    now = timing()
    names = tenure_rows.names_of(found)
    rows = tenure_rows.sitting_rows(unit, taken, found, names, now)
    under = []
    if is_open(unit) and len(rows) < len(SEATS) and may(Action.ADMINISTRATOR_APPOINT, unit):
        under = [{"label": "任命系统管理员", "icon": "plus", "primary": True,
                  "href": url_for("desk_seats.candidates", unit_id=unit.id)}]
    if is_open(unit) and may(Action.ADMINISTRATOR_NOMINATE, unit):
        under = [{"label": "提名人选", "icon": "plus", "href": url_for("desk_nominations.choose", unit_id=unit.id)}]
    return page("desk/units/administrators.html", **shown, rows=rows, caption="系统管理员", under=under,
                nominations=proposed, nomination_columns=IN_UNIT, columns=tenure_rows.SITTING,
                lead={"text": RULE}, former_columns=tenure_rows.FORMER, former=tenure_rows.former_rows(found, names),
                origins=[{"name": names.get(one.account_id, tenure_rows.AWAY), "lines": told[one.right_id]}
                         for one in living],
                empty={"title": "还没有系统管理员", "text": "由上级管理单位的系统管理员任命。", "icon": "person"})


def _nominations(unit: Unit) -> list[dict[str, Any]]:
    """Whom the unit proposed lately, and what became of it; for its own and for those who answer."""
    if not may(Action.NOMINATION_READ, unit):
        return []
    return nomination_rows(nominations.listing(here(unit), state=None, cursor=None, limit=LATEST).items)


def _appointing(unit_id: str) -> Unit:
    unit = units.seen(unit_id)
    require(Action.ADMINISTRATOR_APPOINT, unit)
    if not is_open(unit):
        raise Conflict("该单位已撤销。", code="closed")
    return unit


@blueprint.get("/<unit_id>/appoint")
@guard.guard(Action.ADMINISTRATOR_APPOINT, channels=PC)
def candidates(unit_id: str) -> str:
    """The unit's staff, with what speaks against each."""
    unit = _appointing(unit_id)
    found = asked(StaffQuery.kept())
    result = accounts.listing(guard.sight(Action.ACCOUNT_READ),
                              accounts.Filters(within=here(unit), kind="staff", q=found.get("q"), living=True),
                              cursor=found.get("cursor"), limit=ROWS)
    seated = {account.id for _seat, account in seats.listing(unit)}
    full = len(seated) >= len(SEATS)
    title = "任命系统管理员"
    return page(
        "desk/units/candidates.html", unit=unit, title=title, sub=unit.name, rule=RULE,
        crumbs=unit_crumbs(unit, units.sight(), {"title": title}), cancel_href=_back(unit),
        rows=[_candidate(unit, account, seated, full) for account in result.items],
        columns=[{"key": "name", "label": "工作人员", "wide": True}, {"key": "post", "label": "编制与在职"},
                 {"key": "trained", "label": "培训日期", "nowrap": True}, {"key": "state", "label": "条件（第七条）"},
                 {"key": "act", "label": "办理"}],
        page_of=pager(result, "人"), reset_href=url_for("desk_seats.candidates", unit_id=unit.id) if found else None,
        filter_fields=[{"name": "q", "label": "姓名或手机号码", "widget": "search", "value": found.get("q")}],
        warning=seats.FULL if full else None, opens_at=url_for("desk_accounts.open_staff", unit=unit.id),
        empty={"title": "这个单位还没有工作人员账号", "text": "先开通账号，再来任命。", "icon": "person",
               "action": {"label": "开通工作人员账号", "icon": "plus",
                          "href": url_for("desk_accounts.open_staff", unit=unit.id)}})


def _candidate(unit: Unit, account: Account, seated: set[str], full: bool) -> dict[str, Any]:
    faults = seats.eligibility(account, unit)
    state: dict[str, Any] = {"badge": {"text": "符合", "tone": "good"}}
    act = None
    if account.id in seated:
        state = {"badge": {"text": "已是系统管理员", "tone": "gold"}}
    elif faults:
        state = {"badge": {"text": "不符合", "tone": "bad"}, "sub": " ".join(faults)}
        act = {"text": "修改人员信息", "href": url_for("desk_account_acts.edit", account_id=account.id)}
    elif not full:
        act = {"text": "任命", "href": url_for("desk_seats.appoint", unit_id=unit.id, account_id=account.id)}
    post = f"{'编制内' if account.on_establishment else '非编制'} · {'在职' if account.in_service else '不在职'}"
    return {"cells": {"name": {"text": account.name, "sub": mask_phone(account.phone),
                               "href": url_for("desk_accounts.show", account_id=account.id)},
                      "post": post, "trained": account.trained_on.isoformat() if account.trained_on else "未登记",
                      "state": state, "act": act}}


def _ask_appoint(unit: Unit, account: Account, failed: Attempt[Any] | None = None) -> str:
    faults = seats.eligibility(account, unit)
    if failed is not None:
        faults = [text for texts in failed.errors.values() for text in texts] or failed.general
    return page("desk/confirm.html", unit=unit, title="任命系统管理员",
                crumbs=unit_crumbs(unit, units.sight(), {"title": "任命系统管理员"}), ask={
        "title": f"任命 {account.name} 为“{unit.name}”的系统管理员？", "submit": "确定任命", "general": faults,
        "action": url_for("desk_seats.appoint", unit_id=unit.id, account_id=account.id),
        "cancel_href": url_for("desk_seats.candidates", unit_id=unit.id),
        "facts": [{"label": "手机号码", "value": mask_phone(account.phone)}, {"label": "单位", "value": unit.name}],
        "consequences": ["可以设立和管理下级单位、任命下级的系统管理员；", "可以开通和管理本单位及下级的账号与权限；",
                         "任命当场报备给上级管理单位；您就是上级的管理员时，视同已确认。"]})


@blueprint.get("/<unit_id>/appoint/<account_id>")
@guard.guard(Action.ADMINISTRATOR_APPOINT, channels=PC)
def appoint(unit_id: str, account_id: str) -> str:
    """The question."""
    checked_id(account_id)
    unit = _appointing(unit_id)
    return _ask_appoint(unit, accounts.seen(account_id))


@blueprint.post("/<unit_id>/appoint/<account_id>")
@guard.guard(Action.ADMINISTRATOR_APPOINT, channels=PC)
def appointed(unit_id: str, account_id: str) -> Answer:
    """Appoint and file."""
    checked_id(account_id)
    unit = _appointing(unit_id)
    account = accounts.seen(account_id)
    done = attempt(lambda: seats.appoint(unit, account))
    if done.failed:
        return _ask_appoint(unit, account, done), done.status
    flash(f"已任命 {account.name} 为“{unit.name}”的系统管理员，并已报备。", "success")
    return redirect(_back(unit), 303)
