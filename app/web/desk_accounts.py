"""Accounts on the console (第八、九条): the list, opening one, one account with its switches and rights."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, devices, grants, overview, units
from app.columns import COLUMNS
from app.people import files
from app.people.listing import out as cadre_out
from app.people.model import Cadre
from app.schemas.bodies import EMPLOYMENT, CadreAccountBody, StaffAccountBody
from app.schemas.fields import Line, Reference
from app.schemas.queries import AccountQuery
from app.schemas.strict import Strict
from app.web import words
from app.web.account_rows import KINDS, WITH_UNIT, account_rows, may_seat, state_badge
from app.web.desk_account_life import ending_notice
from app.web.forms import Attempt, asked, attempt, fields_of, submitted, typed
from app.web.list_page import ROWS, chips, narrowed, pager, several, unit_field
from app.web.log_rows import read_log
from app.web.logins import record_rows
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.accounts import STATE_LABELS, Account
from permissions.actions import Action
from permissions.grants import Grant, Seat
from permissions.guard import may, me, my_scope, require
from permissions.phone import mask_phone
from permissions.roles import CHANNEL_LABELS, PC, Role
from tenants import clock
from tenants.errors import Forbidden, NotFound
from tenants.models import Unit
from tenants.tree import here

blueprint = Blueprint("desk_accounts", __name__, url_prefix="/desk/accounts")
SENT = "登录账号和密码已排队，稍后由短信发给本人；密码只能用一次，首次登录必须修改。"
LISTS = (("desk_account_life.dormant", "长期未登录", "clock"), ("desk_commitments.index", "承诺书未签名单", "file"))
OPENINGS = (("open_cadre", "开通老同志账号", False), ("open_staff", "开通工作人员账号", True))
Answer = str | Response | tuple[str, int]


class PlaceQuery(Strict):
    """Where an account is to be opened, and for whom."""

    unit = Reference("单位")
    cadre = Reference("老同志")
    q = Line("姓名或拼音", longest=50)


class CursorQuery(Strict):
    """A list without filters."""

    cursor = Line("翻页标记", longest=400)


@blueprint.get("")
@guard.guard(Action.ACCOUNT_READ, channels=PC)
def index() -> str:
    """Accounts in my reach."""
    scope = my_scope(Action.ACCOUNT_READ)
    found = asked(AccountQuery.kept())
    unit, inside = narrowed(found.get("unit"), scope)
    filters = accounts.Filters(kind=found.get("kind"), q=found.get("q"), state=found.get("state"))
    result = accounts.listing(inside, filters, cursor=found.get("cursor"), limit=ROWS)
    fields = [
        {"name": "q", "label": "姓名或手机号码", "widget": "search", "value": found.get("q"), "maxlength": 50,
         "placeholder": "姓名、拼音、首字母、手机尾号"},
        {"name": "kind", "label": "类别", "widget": "select", "placeholder": "全部", "choices": list(KINDS.items()),
         "value": found.get("kind")},
        {"name": "state", "label": "状态", "widget": "select", "placeholder": "全部",
         "choices": list(STATE_LABELS.items()), "value": found.get("state")}]
    if several(scope):
        fields.insert(1, unit_field(scope, unit))
    at = unit or units.own()
    opens = [{"label": label, "href": url_for(f"desk_accounts.{name}", unit=at.id), "icon": "plus", "primary": primary}
             for name, label, primary in OPENINGS if may(Action.ACCOUNT_OPEN, at)] + [
                 {"label": label, "href": url_for(name), "icon": icon} for name, label, icon in LISTS]
    return page(
        "desk/list.html", title="账号", unit=unit,
        sub="一人一号，账号就是本人手机号码；密码由短信发给本人，这里不显示（第九条）",
        actions=opens, filter_fields=fields, columns=WITH_UNIT, rows=account_rows(result.items),
        page_of=pager(result, "个账号"), reset_href=url_for("desk_accounts.index") if found else None,
        active=chips({"q": found.get("q"), "kind": KINDS.get(found.get("kind", "")),
                      "unit": unit.name if unit else None, "state": STATE_LABELS.get(found.get("state", ""))}),
        empty={"title": "没有找到符合条件的账号", "icon": "search", "text": "姓名可以只输一部分，号码要输全。"})


def _place(found: dict[str, Any]) -> Unit:
    """The unit the address names, else my own; I must be allowed to open accounts there."""
    unit = units.seen(found["unit"]) if found.get("unit") else units.own()
    require(Action.ACCOUNT_OPEN, unit)
    return unit


def _form(unit: Unit, title: str, groups: list[dict[str, Any]], failed: Attempt[Any] | None, action: str,
          hidden: dict[str, str] | None = None) -> str:
    fields = [field for group in groups for field in group["fields"]]
    general = failed.general_beside({field["name"]: field for field in fields}) if failed is not None else []
    where = {"name": "place", "label": "单位", "widget": "static", "value": unit.name,
             "help": "要换单位，请在左侧的单位树里选。"}
    groups[0]["fields"].insert(0, where)
    return page("desk/form.html", unit=unit, title=title, sub="开通后，账号和密码由短信自动发给本人（第九条）",
                crumbs=unit_crumbs(unit, units.sight(), {"title": title}), groups=groups, all_fields=fields,
                form_of={"action": action, "submit": "开通账号", "icon": "plus", "general": general, "hidden": hidden,
                         "cancel_href": url_for("desk_accounts.index", unit=unit.id)})


def _staff_form(unit: Unit, failed: Attempt[Any] | None = None) -> str:
    schema = StaffAccountBody()
    fields = fields_of(schema, typed(schema) if failed is not None else {}, failed.errors if failed is not None else {})
    fields["trained_on"]["help"] = "计算机操作与网络安全培训；任命系统管理员时要用（第七条）"
    who = [fields[name] for name in ("name", "phone", "employment")]
    post = [fields[name] for name in ("trained_on", "on_establishment", "in_service")]
    ends = [fields[name] for name in ("pc_grant", "mobile_access")]
    return _form(unit, "开通工作人员账号", [
        {"title": "人员", "fields": who}, {"title": "编制与培训", "fields": post},
        {"title": "使用端", "help": "工作人员根据工作需要使用电脑端（第六、十条）。", "fields": ends}],
        failed, url_for("desk_accounts.open_staff", unit=unit.id))


@blueprint.get("/open-staff")
@guard.guard(Action.ACCOUNT_OPEN, channels=PC)
def open_staff() -> Answer:
    """The form for a staff account."""
    return _staff_form(_place(asked(PlaceQuery.kept())))


@blueprint.post("/open-staff")
@guard.guard(Action.ACCOUNT_OPEN, channels=PC)
def staff_opened() -> Answer:
    """Open it."""
    unit = _place(asked(PlaceQuery.kept()))
    done = attempt(lambda: accounts.open_account(unit, submitted(StaffAccountBody(), unit_id=unit.id, kind="staff")))
    if done.value is None:
        return _staff_form(unit, done), done.status
    flash(f"已为 {done.value.name} 开通账号。{SENT}", "success")
    return redirect(url_for("desk_accounts.show", account_id=done.value.id), 303)


def _cadre(unit: Unit, cadre_id: str) -> Cadre:
    """A cadre of this unit I may see, or NotFound."""
    cadre, home = files.seen(cadre_id)
    if home.id != unit.id:
        raise NotFound
    return cadre


def _choose_cadre(unit: Unit, q: str | None) -> str:
    rows = []
    for cadre in overview.cadres_without_account(here(unit), q):
        shown = cadre_out(cadre)
        rows.append({"href": url_for("desk_accounts.open_cadre", unit=unit.id, cadre=cadre.id), "cells": {
            "name": cadre.name, "kind": shown["retirement_type_label"], "born": cadre.birth_date[:4],
            "mobile": shown["mobile"] or "未登记"}})
    return page(
        "desk/units/choose.html", unit=unit, title="开通老同志账号：选人", sub=unit.name,
        lead="只列出本单位还没有账号的老同志；换单位请在左侧的单位树里选。", facts=(),
        crumbs=unit_crumbs(unit, units.sight(), {"title": "开通老同志账号"}), rows=rows,
        cancel_href=url_for("desk_accounts.index", unit=unit.id), more=len(rows) >= overview.OFFERED,
        columns=[{"key": "name", "label": "点姓名选定", "wide": True}, {"key": "kind", "label": "离退休类型"},
                 {"key": "born", "label": "出生年"}, {"key": "mobile", "label": "档案里的手机号码"}],
        filter_fields=[{"name": "unit", "widget": "hidden", "value": unit.id},
                       {"name": "q", "label": "姓名、拼音或首字母", "widget": "search", "value": q, "maxlength": 50}],
        reset_href=url_for("desk_accounts.open_cadre", unit=unit.id) if q else None,
        empty={"title": "没有要开通的老同志", "text": "本单位的老同志都已开通，或档案还没有建立。", "icon": "people"})


def _cadre_form(unit: Unit, cadre: Cadre, failed: Attempt[Any] | None = None) -> str:
    schema = CadreAccountBody()
    fields = fields_of(schema, typed(schema) if failed is not None else {}, failed.errors if failed is not None else {})
    known = cadre_out(cadre)["mobile"]
    fields["phone"] |= {"required": not known, "help": f"留空则用档案里的号码 {known}" if known else
                        "档案里没有号码，请填本人手机号码，即登录账号"}
    who = {"name": "who", "label": "老同志", "widget": "static", "value": cadre.name}
    shown = [who, fields["phone"], fields["mobile_access"]]
    return _form(unit, "开通老同志账号", [{"title": "老同志", "fields": shown}], failed,
                 url_for("desk_accounts.open_cadre", unit=unit.id, cadre=cadre.id))


@blueprint.get("/open-cadre")
@guard.guard(Action.ACCOUNT_OPEN, channels=PC)
def open_cadre() -> Answer:
    """Choose a cadre of the unit, then the form."""
    found = asked(PlaceQuery.kept())
    unit = _place(found)
    if not found.get("cadre"):
        return _choose_cadre(unit, found.get("q"))
    return _cadre_form(unit, _cadre(unit, found["cadre"]))


@blueprint.post("/open-cadre")
@guard.guard(Action.ACCOUNT_OPEN, channels=PC)
def cadre_opened() -> Answer:
    """Open it; an empty number stands for the one in the file, which this page never shows."""
    found = asked(PlaceQuery.kept())
    unit = _place(found)
    cadre = _cadre(unit, found.get("cadre", ""))
    fixed: dict[str, Any] = {"unit_id": unit.id, "kind": "cadre", "cadre_id": cadre.id}
    if not request.form.get("phone", "").strip() and cadre.mobile:
        fixed["phone"] = cadre.mobile
    done = attempt(lambda: accounts.open_account(unit, submitted(CadreAccountBody(), **fixed)))
    if done.value is None:
        return _cadre_form(unit, cadre, done), done.status
    flash(f"已为 {done.value.name} 开通账号。{SENT}", "success")
    return redirect(url_for("desk_accounts.show", account_id=done.value.id), 303)


def may_manage(account: Account) -> bool:
    """Whether its switches and buttons are mine: in reach, not my own, not a fellow administrator's."""
    try:
        accounts.require_over(account)
    except Forbidden:
        return False
    return True


def grant_rows(account: Account, manages: bool) -> list[dict[str, Any]]:
    """The rights of an account inside my reach."""
    found = grants.listing(account, my_scope(Action.GRANT_READ))
    names = overview.names_of_units([grant.unit_id for grant in found], units.sight())
    today = clock.today()
    return [{"cells": {
        "role": {"text": Role(grant.role).label, "sub": "已冻结" if grant.frozen_at else None, "href": url_for(
            "desk_rights.show", account_id=account.id, _anchor=f"r-{grant.id}")},
        "unit": names.get(grant.unit_id),
        "columns": columns_text(grant), "channel": CHANNEL_LABELS[grant.channel],
        "until": {"badge": {"text": f"{grant.until} 已到期", "tone": "plain"}} if grant.until and grant.until < today
        else grant.until.isoformat() if grant.until else "长期",
        "act": {"text": "收回", "href": url_for("desk_account_acts.take_back", account_id=account.id,
                                              grant_id=grant.id)} if manages else None}} for grant in found]


def columns_text(grant: Grant) -> str:
    """The columns (栏目) of a right in words."""
    if grant.columns is None:
        return "全部栏目"
    return "、".join(COLUMNS.get(column, column) for column in grant.columns)


def _facts(account: Account, unit: Unit, seat: Seat | None) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"label": "单位", "value": unit.name, "href": url_for("desk_units.show", unit_id=unit.id)},
        {"label": "手机号码", "value": mask_phone(account.phone) or "已释放"},
        {"label": "开通时间", "value": words.moment(account.opened_at)},
        {"label": "最近登录", "value": words.moment(account.last_login_at) or "从未登录"},
        {"label": "密码", "value": "短信密码，首次登录须修改" if account.must_change_password else "本人已设定"}]
    if account.kind != "staff":
        return facts
    return [*facts,
            {"label": "手机验证器", "value": f"{words.moment(account.second_factor_at)} 绑定"
                if account.second_factor_at else "没有绑定"},
            {"label": "专职或兼职", "value": EMPLOYMENT.get(account.employment or "", "")},
            {"label": "编制与在职", "value": f"{'编制内' if account.on_establishment else '非编制'}，"
                                           f"{'在职' if account.in_service else '不在职'}"},
            {"label": "培训日期", "value": account.trained_on.isoformat() if account.trained_on else ""},
            {"label": "系统管理员", "value": f"{seat.seat} 号席位，{words.moment(seat.since)} 起" if seat else "不是"}]


def _switches(account: Account) -> list[dict[str, Any]]:
    ends = [("mobile_access", "手机端", account.mobile_access)]
    if account.kind == "staff":
        ends.insert(0, ("pc_grant", "电脑端", account.pc_grant))
    return [{"name": name, "title": title, "on": on} for name, title, on in ends]


@blueprint.get("/<account_id>")
@guard.guard(Action.ACCOUNT_READ, channels=PC)
def show(account_id: str) -> str:
    """One account."""
    account = accounts.seen(account_id)
    unit = accounts.unit_of(account)
    require(Action.ACCOUNT_READ, unit)
    manages = may_manage(account)
    seat = overview.seat_of(account, guard.sight(Action.ADMINISTRATOR_READ))
    return page(
        "desk/accounts/show.html", unit=unit, title=account.name, account=account, manages=manages,
        sub=f"{KINDS[account.kind]} · {unit.name}", badge=state_badge(account), seated=seat is not None,
        facts=_facts(account, unit, seat),
        crumbs=unit_crumbs(unit, units.sight(), {"title": account.name}), switches=_switches(account),
        own=account.id == me().account.id, grant_rows=grant_rows(account, manages),
        logins=record_rows(devices.of_account(account.id)), reads_log=may(Action.AUDIT_READ, unit),
        ending=ending_notice(account, manages), appoints=may_seat(account, unit, seat))


@blueprint.get("/<account_id>/log")
@guard.guard(Action.AUDIT_READ, channels=PC)
def log(account_id: str) -> str:
    """What was done to this account."""
    account = accounts.seen(account_id)
    unit = accounts.unit_of(account)
    require(Action.AUDIT_READ, unit)
    found = asked(CursorQuery.kept())
    entries, result = read_log(here(unit), {"unit": unit.id, **found}, about=account.id)
    return page("desk/accounts/log.html", unit=unit, title=f"{account.name} 的日志", entries=entries,
                page_of=pager(result), back=url_for("desk_accounts.show", account_id=account.id), sub=unit.name,
                acts_href=url_for("desk_log.index", actor=account.id),
                crumbs=unit_crumbs(unit, units.sight(), {"title": account.name, "href": url_for(
                    "desk_accounts.show", account_id=account.id)}, {"title": "日志"}))
