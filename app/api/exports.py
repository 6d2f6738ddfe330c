"""`POST /cadres/export`, `POST /records/{module}/export` and what `/jobs` says of them: whole lists as spreadsheets."""

from typing import Any

from flask import Response, stream_with_context
from flask_smorest import Blueprint

from app import job_rows
from app.administration import units
from app.api import cadres, records
from app.api.declare import routes
from app.api.reading import answer, body, creates, no_body, query
from app.exports import asking
from app.exports.asking import File
from app.exports.conditions import conditions
from app.exports.wanted import Filters, Wanted
from app.keeping.records import module_of
from app.records.module import Module
from app.schemas.bodies import ExportBody
from app.schemas.queries import CadreQuery, RecordQuery
from app.schemas.strict import Strict, load
from permissions.actions import Action
from permissions.guard import guard, my_scope, signed_in
from permissions.roles import PC
from tenants.errors import Malformed

blueprint = Blueprint("api_exports", __name__, url_prefix="/api/v1", description="导出")
route = routes(blueprint)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@route("POST", "/cadres/export", query=CadreQuery, takes=ExportBody, gives=202)
@guard(Action.CADRE_EXPORT, channels=PC)
@creates
def export_cadres() -> Response:
    """导出名册：条件与清单相同，文件由后台生成"""
    found = _narrowing(query(CadreQuery.kept()))
    return _asked(None, cadres.filters_of(found), CadreQuery.kept(), found)


@route("POST", "/records/<module_key>/export", query=RecordQuery, takes=ExportBody, gives=202)
@guard(Action.RECORD_EXPORT, channels=PC)
@creates
def export_records(module_key: str) -> Response:
    """导出某一类记录：条件与清单相同，文件由后台生成"""
    module = module_of(module_key)
    found = _narrowing(query(RecordQuery.kept()))
    return _asked(module, records.filters_of(found), RecordQuery.kept(), found)


def _narrowing(found: dict[str, Any]) -> dict[str, Any]:
    """The filters of the list; an export has no pages."""
    for name in ("cursor", "limit"):
        if name in found:
            raise Malformed("有不认识的查询条件。", fields={name: ["导出不分页。"]})
    return found


def _asked(module: Module | None, filters: Filters, schema: Strict, found: dict[str, Any]) -> Response:
    unit = units.seen(found["unit"]) if found.get("unit") else None
    my_scope(Action.CADRE_EXPORT) if module is None else my_scope(Action.RECORD_EXPORT, module.column)
    sent = load(ExportBody(), body())
    wanted = Wanted(module, filters, unit, clear=sent["clear"], purpose=sent["purpose"])
    return answer({"job": job_rows.out(asking.ask(wanted, conditions(wanted, schema, found)))}, 202)


@route("GET", "/jobs/<job_id>/file")
@signed_in(channels=PC)
def show_file(job_id: str) -> Response:
    """导出的文件：仅提交人本人，24 小时内"""
    query()
    return file_response(asking.fetch(job_id))


@route("POST", "/jobs/<job_id>/cancel")
@signed_in(channels=PC)
@creates
def cancel(job_id: str) -> Response:
    """取消还没有完成的导出"""
    no_body()
    return answer(job_rows.out(asking.call_off(job_id)))


def file_response(file: File) -> Response:
    """The file as a download, part by part."""
    response = Response(stream_with_context(file.parts), mimetype=XLSX)
    response.content_length = file.size
    response.headers["Content-Disposition"] = file.disposition
    return response
