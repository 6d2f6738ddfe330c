"""岗位交接 on the console: everything a person holds and owes, shown before it goes to a colleague."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import registry
from app.administration import accounts, overview, units
from app.handover import posts
from app.handover.posts import HandedOver
from app.handover.work import open_work
from app.own.owed import counted, owed
from app.schemas.bodies import HandOverBody
from app.web.desk_accounts import columns_text
from app.web.forms import Attempt, attempt, fields_of, submitted, typed
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.accounts import Account, AccountState
from permissions.actions import Action
from permissions.identity import Principal, principal_of
from permissions.phone import mask_phone
from permissions.roles import PC, Channel, Role
from tenants import clock
from tenants.errors import Conflict
from tenants.models import Unit
from tenants.tree import here

blueprint = Blueprint("desk_hand_over", __name__, url_prefix="/desk/accounts/<account_id>")
OFFERED, SHOWN = 200, 20
PRESENT = (AccountState.opened, AccountState.active)
Answer = str | Response | tuple[str, int]


def _giver(account_id: str) -> tuple[Account, Unit]:
    """A member of staff whose rights are mine to give. NotFound or Forbidden."""
    account = accounts.seen(account_id)
    unit = accounts.require_over(account, Action.GRANT_CREATE)
    if account.kind != "staff":
        raise Conflict("离退休干部账号没有岗位可交接。", code="not_staff")
    return account, unit


def _colleagues(unit: Unit, giver: Account) -> list[tuple[str, str]]:
    found = accounts.listing(guard.sight(Action.ACCOUNT_READ), accounts.Filters(within=here(unit), kind="staff"),
                             cursor=None, limit=OFFERED).items
    return [(each.id, f"{each.name}　{mask_phone(each.phone)}") for each in found
            if each.id != giver.id and each.state in PRESENT]


def _rights(giver: Account) -> list[dict[str, Any]]:
    found = posts.living(giver)
    names = overview.names_of_units([each.unit_id for each in found], units.sight())
    return [{"cells": {"role": Role(each.role).label, "unit": names.get(each.unit_id), "columns": columns_text(each),
                       "until": each.until.isoformat() if each.until else "长期"}} for each in found]


def _owed(principal: Principal) -> list[dict[str, Any]]:
    """The first records he owes, soonest due first; drafts and late ones without a reason among them."""
    today = clock.today()
    found = owed(principal, today, limit=SHOWN)
    return [{"cells": {"what": {"text": record.summary or registry.module(record.module).title,
                                "sub": registry.module(record.module).title}, "due": record.due_on.isoformat(),
                       "state": {"badge": {"timeliness": record.timeliness(today).value, "note": None}}}}
            for record in (*found.overdue, *found.due, *found.reasons)][:SHOWN]


def _form(giver: Account, unit: Unit, failed: Attempt[Any] | None = None) -> str:
    # Asked together what is asked in one scope, so that the database is told each only once: his own, then mine.
    principal, work = principal_of(giver, Channel.pc, clock.today()), open_work(giver)
    waiting, records = counted(principal, clock.today()), _owed(principal)
    rights, seated = _rights(giver), bool(overview.seated([giver.id], guard.sight(Action.ADMINISTRATOR_READ)))
    crumbs = unit_crumbs(unit, units.sight(), {"title": giver.name, "href": _back(giver)}, {"title": "岗位交接"})
    schema, offered = HandOverBody(), _colleagues(unit, giver)
    fields = fields_of(schema, typed(schema) if failed else {}, failed.errors if failed else {}, {"taker_id": offered})
    fields["taker_id"] |= {"placeholder": "请选择", "help": "同一单位、账号在用的工作人员"}
    return page(
        "desk/accounts/hand_over.html", unit=unit, title=f"岗位交接：{giver.name}", sub=unit.name,
        crumbs=crumbs, fields=list(fields.values()), rights=rights, records=records, seated=seated,
        counts=[("要录入的记录（草稿、已到期、缺原因）", waiting.records), ("提醒、退回和督办消息", work.told),
                ("等上级办理的提名", work.nominations)],
        form_of={"action": request.path, "submit": "确定交接", "cancel_href": _back(giver),
                 "general": failed.general_beside(fields) if failed else []})


def _back(account: Account) -> str:
    return url_for("desk_accounts.show", account_id=account.id)


@blueprint.get("/hand-over")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def hand_over(account_id: str) -> str:
    """What there is to hand over, and to whom."""
    return _form(*_giver(account_id))


@blueprint.post("/hand-over")
@guard.guard(Action.GRANT_CREATE, channels=PC)
def handed_over(account_id: str) -> Answer:
    """Hand it over."""
    giver, unit = _giver(account_id)

    def do() -> tuple[Account, HandedOver, date | None]:
        body = submitted(HandOverBody())
        taker, on = accounts.candidate(body["taker_id"], field="taker_id"), body.get("effective_on")
        return taker, posts.hand_over(giver, taker, body.get("reason"), on), on

    done = attempt(do)
    if done.value is None:
        return _form(giver, unit, done), done.status
    taker, moved, on = done.value
    known = f"（另有 {moved.known} 项他本来就有）" if moved.known else ""
    if on is not None:
        flash(f"已登记：{on} 0 时起，{giver.name} 的权限 {moved.rights} 项{known}改由 {taker.name} 持有；"
              "要取消，请在两人的权限里改回日期。", "success")
        return redirect(_back(taker), 303)
    flash(f"{giver.name} 的岗位已交给 {taker.name}：权限 {moved.rights} 项{known}，"
          f"未办消息 {moved.work.told} 件，提名 {moved.work.nominations} 件。", "success")
    return redirect(_back(taker), 303)
