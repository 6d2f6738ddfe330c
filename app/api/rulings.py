"""`/records/{module}/{id}/…`: what the superior says about a record, what the unit asks of him, and `/oversight`."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.api.declare import routes
from app.api.placing import narrowed
from app.api.reading import answer, body, creates, limit_of, query
from app.keeping import oversight, rulings
from app.keeping import records as acts
from app.keeping.rulings import About
from app.records import ruling, view
from app.records.ruling import Ruling
from app.records.standing import CONFIRMED, RETURNED
from app.schemas.queries import OversightQuery
from app.schemas.rulings import ReasonBody, RulingBody, UntilBody
from app.schemas.strict import Strict, load
from permissions.actions import Action
from permissions.guard import guard, my_scope
from tenants import clock, tree

blueprint = Blueprint("api_rulings", __name__, url_prefix="/api/v1", description="上级对下级记录的处理")
route = routes(blueprint)
PLACE = "/records/<module_key>/<record_id>"


def _said(schema: Strict) -> Callable[[], Mapping[str, Any]]:
    return lambda: load(schema, body())


def _shown(about: About) -> Response:
    return answer(acts.shown(about.module, about.record, about.unit))


@route("POST", f"{PLACE}/confirm", takes=RulingBody)
@guard(Action.RECORD_CONFIRM)
@creates
def confirm_record(module_key: str, record_id: str) -> Response:
    """上级确认逾期补录或改期"""
    about = rulings.seen(module_key, record_id, Action.RECORD_CONFIRM)
    rulings.rule(about, CONFIRMED, _said(RulingBody()))
    return _shown(about)


@route("POST", f"{PLACE}/return", takes=RulingBody)
@guard(Action.RECORD_CONFIRM)
@creates
def return_record(module_key: str, record_id: str) -> Response:
    """上级退回逾期补录或改期，写明意见"""
    about = rulings.seen(module_key, record_id, Action.RECORD_CONFIRM)
    rulings.rule(about, RETURNED, _said(RulingBody()))
    return _shown(about)


@route("POST", f"{PLACE}/extension", takes=UntilBody)
@guard(Action.RECORD_EXTEND)
@creates
def extend_record(module_key: str, record_id: str) -> Response:
    """上级在截止日前批准延期"""
    about = rulings.seen(module_key, record_id, Action.RECORD_EXTEND)
    rulings.extend(about, _said(UntilBody()))
    return _shown(about)


@route("POST", f"{PLACE}/extension/decline", takes=ReasonBody)
@guard(Action.RECORD_EXTEND)
@creates
def decline_extension(module_key: str, record_id: str) -> Response:
    """上级不同意延期"""
    about = rulings.seen(module_key, record_id, Action.RECORD_EXTEND)
    rulings.decline(about, _said(ReasonBody()))
    return _shown(about)


@route("POST", f"{PLACE}/extension/ask", takes=UntilBody)
@guard(Action.RECORD_UPDATE)
@creates
def ask_extension(module_key: str, record_id: str) -> Response:
    """本单位在截止日前申请延期"""
    about = rulings.seen(module_key, record_id, Action.RECORD_UPDATE)
    rulings.ask_extension(about, _said(UntilBody()))
    return _shown(about)


@route("POST", f"{PLACE}/reopen", takes=UntilBody)
@guard(Action.RECORD_REOPEN)
@creates
def reopen_record(module_key: str, record_id: str) -> Response:
    """上级重新开放已锁定的记录"""
    about = rulings.seen(module_key, record_id, Action.RECORD_REOPEN)
    rulings.reopen(about, _said(UntilBody()))
    return _shown(about)


@route("GET", f"{PLACE}/rulings")
@guard(Action.RECORD_READ)
def list_rulings(module_key: str, record_id: str) -> Response:
    """对一条记录的全部处理"""
    about = rulings.seen(module_key, record_id, Action.RECORD_READ)
    said = ruling.of(about.record, tree.here(about.unit))
    return answer({"items": [_ruling(each) for each in said]})


def _ruling(each: Ruling) -> dict[str, Any]:
    return {"id": each.id, "kind": each.kind, "kind_label": each.said.label, "words": each.words,
            "until": each.until.isoformat() if each.until else None, "at": clock.iso(each.at), "by_name": each.by_name,
            "by_unit": each.by_unit}


@route("GET", "/oversight", query=OversightQuery)
@guard(Action.RECORD_OVERSEE)
def list_oversight() -> Response:
    """下级记录中待上级处理的和异常录入的，删除的也在内"""
    found = query(OversightQuery.kept())
    within = narrowed(found)
    my_scope(Action.RECORD_OVERSEE, oversight.column_held())
    page = oversight.found(found.get("what"), within, cursor=found.get("cursor"), limit=limit_of(found))
    return answer({"items": [_line(row) for row in page.items], "next": page.next, "total": page.total})


def _line(row: Any) -> dict[str, Any]:
    line = view.line(row, oversight.title_of(row), clock.today())
    return line | {"judged_on": row.due_on.isoformat(), "first_due_on": row.first_due_on.isoformat(),
                   "held_ended_on": row.held_ended_on.isoformat() if row.held_ended_on else None,
                   "asks": (row.asks or "").split(), "odd": (row.odd or "").split(), "recreated_of": row.recreated_of,
                   "late_reason": row.late_reason, "deleted_at": clock.iso(row.deleted_at) if row.deleted_at else None}
