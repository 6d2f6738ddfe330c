"""An administrator leaves, on the console: replaced by a colleague or only removed, with what he gave listed before."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.administration import accounts, managing, overview, seats, units
from app.handover import gave
from app.handover import seats as leaving_seats
from app.handover.gave import Fate, Settled
from app.handover.work import open_work
from app.schemas.bodies import RemoveBody, ReplaceBody
from app.schemas.fields import Flag, Reference
from app.schemas.strict import Strict
from app.web.forms import Attempt, asked, attempt, fields_of, submitted, typed
from app.web.left_rows import left_facts
from app.web.render import page, unit_crumbs
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.guard import checked_id, require
from permissions.phone import mask_phone
from permissions.roles import PC
from tenants.errors import NotFound
from tenants.models import Unit
from tenants.tree import here

blueprint = Blueprint("desk_leaving", __name__, url_prefix="/desk/units/<unit_id>/administrators/<account_id>")
OFFERED = 200
Answer = str | Response | tuple[str, int]


class SuccessorQuery(Strict):
    """Who is to be offered first."""

    successor = Reference("接任人")


class RemoveQuery(Strict):
    """Whether the account is to be suspended along with it."""

    suspend = Flag("同时停用")


def _leaving(unit_id: str, account_id: str) -> tuple[Unit, Account]:
    """The unit below me and the administrator who leaves."""
    wanted = checked_id(account_id)
    unit = units.seen(unit_id)
    require(Action.ADMINISTRATOR_REMOVE, unit)
    found = leaving_seats.sitting(unit, wanted)
    if found is None:
        raise NotFound
    return unit, found


def _said(rights: Settled) -> str:
    """What became of what he gave, in words."""
    parts = ((rights.successor, "项改由接手人负责"), (rights.mine, "项改由您负责"), (rights.frozen, "项已冻结"),
             (rights.left, "项不归您管理，维持不变"))
    said = "，".join(f"{count} {text}" for count, text in parts if count)
    return f"他授予的权限：{said}。" if said else ""


def _candidates(unit: Unit, leaving: Account) -> list[tuple[str, str]]:
    """Colleagues who may be seated (第七条), each once."""
    sitting = {account.id for _seat, account in seats.listing(unit)}
    found = accounts.listing(guard.sight(Action.ACCOUNT_READ), accounts.Filters(within=here(unit), kind="staff"),
                             cursor=None, limit=OFFERED).items
    return [(each.id, f"{each.name}　{mask_phone(each.phone)}") for each in found
            if each.id not in sitting and each.id != leaving.id and not seats.eligibility(each, unit)]


def _replacing(unit: Unit, leaving: Account, failed: Attempt[Any] | None = None) -> str:
    schema = ReplaceBody()
    chosen = typed(schema) if failed else {"successor_id": asked(SuccessorQuery.kept()).get("successor")}
    offered = _candidates(unit, leaving)
    fields = fields_of(schema, chosen, failed.errors if failed else {}, {"successor_id": offered})
    fields["successor_id"] |= {"placeholder": "请选择", "help": "只列出符合第七条条件的本单位工作人员"}
    work = open_work(leaving)
    fields["work"]["help"] = f"提醒、退回和督办消息 {work.told} 件，他提出的提名 {work.nominations} 件，改由接任人办理"
    title = f"更换系统管理员：{leaving.name}"
    return page("desk/units/leaving.html", unit=unit, title=title, sub=unit.name, **left_facts(gave.left_by(leaving)),
                crumbs=unit_crumbs(unit, units.sight(), {"title": "更换系统管理员"}), fields=list(fields.values()),
                look_at=None if offered else url_for("desk_seats.candidates", unit_id=unit.id),
                form_of={"action": url_for("desk_leaving.replace", unit_id=unit.id, account_id=leaving.id),
                         "submit": "确定更换", "cancel_href": url_for("desk_seats.index", unit_id=unit.id),
                         "general": failed.general_beside(fields) if failed else []})


@blueprint.get("/replace")
@guard.guard(Action.ADMINISTRATOR_REMOVE, channels=PC)
def replace(unit_id: str, account_id: str) -> str:
    """Who follows, and what becomes of what he gave."""
    unit, leaving = _leaving(unit_id, account_id)
    require(Action.ADMINISTRATOR_APPOINT, unit)
    return _replacing(unit, leaving)


@blueprint.post("/replace")
@guard.guard(Action.ADMINISTRATOR_REMOVE, channels=PC)
def replaced(unit_id: str, account_id: str) -> Answer:
    """Out and in at once."""
    unit, leaving = _leaving(unit_id, account_id)
    require(Action.ADMINISTRATOR_APPOINT, unit)

    def do() -> tuple[Account, Settled]:
        body = submitted(ReplaceBody())
        successor = accounts.candidate(body["successor_id"], field="successor_id")
        done = leaving_seats.replace(unit, leaving, successor, fate=Fate(body["rights"]), reason=body.get("reason"),
                                     work=body["work"])
        return successor, done.rights

    done = attempt(do)
    if done.value is None:
        return _replacing(unit, leaving, done), done.status
    successor, rights = done.value
    flash(f"{leaving.name} 已免去，{successor.name} 已接任，都已报备。{_said(rights)}", "success")
    return redirect(url_for("desk_seats.index", unit_id=unit.id), 303)


def _consequences(unit: Unit, leaving: Account) -> list[str]:
    texts = ["马上失去管理权限，账号仍可登录；", "空出的席位可以另行任命；", "免去当场报备给上级管理单位。"]
    if leaving_seats.fellow(unit, leaving) is None:
        at = managing.answering([unit])[unit.id]
        name = overview.names_of_units([at], units.sight()).get(at or "", "上级管理单位")
        texts.append(f"这是该单位最后一名系统管理员：免去之后由{name}的系统管理员代管，并列入“单位缺项”。")
    return texts


def _removing(unit: Unit, leaving: Account, failed: Attempt[Any] | None = None) -> str:
    left = gave.left_by(leaving)
    chosen = typed(RemoveBody()) if failed else {"suspend": bool(asked(RemoveQuery.kept()).get("suspend"))}
    fields = fields_of(RemoveBody(), chosen, failed.errors if failed else {})
    other = leaving_seats.fellow(unit, leaving)
    fields["rights"]["help"] = f"接手人：{other.name}" if other else "没有其他管理员，接手人是您本人"
    return page("desk/units/leaving.html", unit=unit, title="免去系统管理员", **left_facts(left),
                crumbs=unit_crumbs(unit, units.sight(), {"title": "免去系统管理员"}), ask={
        "title": f"免去 {leaving.name} 的系统管理员？", "danger": True, "submit": "确定免去", "action": request.path,
        "text": "停用之前要先免去系统管理员：下面两件事一次办完。" if chosen.get("suspend") else None,
        "cancel_href": url_for("desk_seats.index", unit_id=unit.id),
        "facts": [{"label": "单位", "value": unit.name}, {"label": "手机号码", "value": mask_phone(leaving.phone)}],
        "fields": [fields[name] for name in (("rights", "suspend") if left else ("suspend",))],
        "consequences": _consequences(unit, leaving),
        "general": failed.general_beside(fields) if failed else []})


@blueprint.get("/remove")
@guard.guard(Action.ADMINISTRATOR_REMOVE, channels=PC)
def remove(unit_id: str, account_id: str) -> str:
    """The question."""
    return _removing(*_leaving(unit_id, account_id))


@blueprint.post("/remove")
@guard.guard(Action.ADMINISTRATOR_REMOVE, channels=PC)
def removed(unit_id: str, account_id: str) -> Answer:
    """Remove and file."""
    unit, leaving = _leaving(unit_id, account_id)

    def do() -> Settled:
        body = submitted(RemoveBody())
        return leaving_seats.remove(unit, leaving, Fate(body["rights"]), suspend=body["suspend"])

    done = attempt(do)
    if done.value is None:
        return _removing(unit, leaving, done), done.status
    flash(f"已免去，并已报备。{_said(done.value)}", "success")
    return redirect(url_for("desk_seats.index", unit_id=unit.id), 303)
