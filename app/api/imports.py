"""`/cadres/import` and `/jobs`: a roster in, its errors back, and how far a long one is."""

import io
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, request, send_file
from flask_smorest import Blueprint
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import UnsupportedMediaType

from app import job_rows
from app.administration import units
from app.api.declare import routes
from app.api.reading import answer, creates, query
from app.people import importing, roster
from app.people.roster_upload import KIND
from app.schemas.fields import Code, Reference, is_id
from app.schemas.strict import Strict
from permissions import transaction
from permissions.actions import Action
from permissions.guard import guard, me, my_scope, require, signed_in
from permissions.roles import PC
from tenants.errors import Invalid, Malformed
from tenants.models import Unit

blueprint = Blueprint("api_imports", __name__, url_prefix="/api/v1", description="名册导入")
route = routes(blueprint)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNIT_FIELDS = ("unit", "unit_id")
YES_NO = {"true": "是", "false": "否"}
BODY = {"required": True, "content": {"multipart/form-data": {"schema": {
    "type": "object", "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}, "unit": {"type": "string"}},
}}}}


class ImportQuery(Strict):
    """How a roster is to be imported, and into which unit."""

    dry_run = Code("试导入，不保存", YES_NO, load_default="false", allow_none=False)
    on_error = Code("有错行时", {"skip": "导入其余的行", "abort": "全部不导入"}, load_default="skip", allow_none=False)
    unit_id = Reference("单位", allow_none=False)


def unhurried(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let the writer's lock go before the upload is read: a slow line must not hold up everybody else."""

    @wraps(view)
    def waiting(*args: Any, **kwargs: Any) -> Response:
        transaction.undo()
        return view(*args, **kwargs)

    return waiting


@route("GET", "/cadres/import-template")
@guard(Action.CADRE_IMPORT, channels=PC)
def import_template() -> Response:
    """名册模板（xlsx）"""
    my_scope(Action.CADRE_IMPORT)
    return download(roster.template(), "离退休干部名册模板.xlsx")


@route("POST", "/cadres/import", query=ImportQuery)
@blueprint.doc(requestBody=BODY)
@guard(Action.CADRE_IMPORT, channels=PC)
@unhurried
@creates
def import_roster() -> Response:
    """导入名册（multipart，字段 file；单位 unit）"""
    wanted = query(ImportQuery.kept())
    unit = _unit(wanted.get("unit_id"))
    upload = the_file()
    job = importing.start(unit, upload.stream.read(), upload.filename, dry_run=wanted["dry_run"] == "true",
                          on_error=wanted["on_error"])
    if job.state == "waiting":
        return answer({"job": job_rows.out(job)}, 202)
    return answer(job_rows.out(job)["result"] | {"job_id": job.id})


def _unit(named: str | None) -> Unit:
    """The unit of the query or the form, else my own: found in my sight (404), then asked for (403)."""
    typed = [value for name in UNIT_FIELDS for value in request.form.getlist(name)]
    if len(typed) + (named is not None) > 1:
        raise Malformed("单位只能写一次。", fields={"unit": ["不能重复。"]})
    unit_id = named or (typed[0] if typed else me().at.id)
    if not is_id(unit_id):
        my_scope(Action.CADRE_IMPORT)
        raise Invalid(fields={"unit": ["请选择单位。"]})
    unit = units.seen(unit_id)
    require(Action.CADRE_IMPORT, unit)
    return unit


def the_file() -> FileStorage:
    """The one file of the request. Raises UnsupportedMediaType, or Invalid naming what is wrong."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    unknown = [name for name in {*request.form, *request.files} if name not in (*UNIT_FIELDS, "file", "csrf_token")]
    if unknown:
        raise Invalid(fields={name[:40]: ["没有这一项。"] for name in unknown})
    found = request.files.getlist("file")
    if len(found) != 1 or not found[0].filename:
        raise Invalid(fields={"file": ["请选择一个文件。" if len(found) < 2 else "一次只能导入一个文件。"]})
    return found[0]


@route("GET", "/jobs/<job_id>")
@signed_in(channels=PC)
def show_job(job_id: str) -> Response:
    """自己提交的任务的进度与结果"""
    query()
    return answer(job_rows.out(job_rows.mine(job_id)))


@route("GET", "/jobs/<job_id>/error-file")
@guard(Action.CADRE_IMPORT, channels=PC)
def show_error_file(job_id: str) -> Response:
    """导入中有错的行：自己的表格加“错误说明”一列"""
    query()
    require(Action.CADRE_IMPORT, importing.unit_of(job_rows.mine(job_id, KIND)))
    return download(*importing.errors_of(job_id))


def download(content: bytes, name: str) -> Response:
    """An .xlsx as a download."""
    return send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name, max_age=0, etag=False)
