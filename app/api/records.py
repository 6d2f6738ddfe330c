"""`/records/{module}`: one set of routes for every kind of record."""

import io
from collections.abc import Mapping
from typing import Any

from flask import Response, request, send_file
from flask_smorest import Blueprint

from app.api.declare import routes
from app.api.placing import narrowed, place_of
from app.api.reading import answer, body, creates, if_match, limit_of, nothing, query
from app.deadlines.rules import Timeliness
from app.keeping import photos
from app.keeping import records as acts
from app.records.listing import Filters
from app.records.model import Attachment
from app.records.page import page as newest
from app.records.page import shown
from app.records.schema import RecordSchema
from app.schemas.bodies import SubmitBody
from app.schemas.queries import RecordQuery
from app.schemas.strict import load
from app.versions import check_version
from permissions.actions import Action
from permissions.guard import guard, me, my_scope, require
from permissions.needs import scope as scope_of
from tenants import clock
from tenants.errors import Invalid

blueprint = Blueprint("api_records", __name__, url_prefix="/api/v1", description="四类服务记录")
route = routes(blueprint)


def filters_of(found: Mapping[str, Any]) -> Filters:
    """What a query narrows a list of records by, its unit apart."""
    wanted = found.get("timeliness")
    return Filters(first=found.get("from"), last=found.get("to"), q=found.get("q"),
                   timeliness=Timeliness(wanted) if wanted else None, odd=bool(found.get("odd")))


@route("GET", "/records/<module_key>", query=RecordQuery)
@guard(Action.RECORD_READ)
def list_records(module_key: str) -> Response:
    """某一类记录"""
    module = acts.module_of(module_key)
    found = query(RecordQuery.kept())
    within = narrowed(found)
    scope = my_scope(Action.RECORD_READ, module.column)
    filters = filters_of(found)
    inside = scope.narrowed(within) if within is not None else scope
    today, cursor, limit = clock.today(), found.get("cursor"), limit_of(found)
    page = newest(module, inside, filters, today=today, cursor=cursor, limit=limit)
    items = shown(module, page.items, scope, scope_of(me(), Action.RECORD_UPDATE, module.column), today)
    return answer({"items": items, "next": page.next, "total": page.total})


@route("POST", "/records/<module_key>", takes=RecordSchema, gives=201)
@guard(Action.RECORD_CREATE)
@creates
def create_record(module_key: str) -> Response:
    """录入一条记录，或存为草稿"""
    module = acts.module_of(module_key)
    raw = body()
    unit = place_of(raw, Action.RECORD_CREATE, column=module.column)
    rest = {name: value for name, value in raw.items() if name != "unit_id"}
    schema = module.schema.kept()
    drafted = rest.get("draft") is True
    values = load(schema, rest, partial=tuple(schema.own()) if drafted else False)
    return answer(acts.create_and_show(module, unit, values), 201)


@route("GET", "/records/<module_key>/<record_id>")
@guard(Action.RECORD_READ)
def show_record(module_key: str, record_id: str) -> Response:
    """一条记录"""
    module = acts.module_of(module_key)
    shown, found = acts.looked_at(module, record_id)
    require(Action.RECORD_READ, found.place, module.column)
    pictures = photos.of([record_id], acts.sight(module))[record_id] if found.has_photos else []
    return answer(shown | {"attachments": [attachment_out(each) for each in pictures]})


@route("PATCH", "/records/<module_key>/<record_id>", takes=RecordSchema)
@guard(Action.RECORD_UPDATE)
def amend_record(module_key: str, record_id: str) -> Response:
    """更改一条记录"""
    module = acts.module_of(module_key)
    record, unit = acts.seen(module, record_id)
    require(Action.RECORD_UPDATE, unit, module.column)
    check_version(record, if_match())
    acts.require_changeable(record, body())
    values = load(module.schema(exclude=("draft",)), body(), partial=True)
    acts.amend(module, record, unit, values, None)
    return answer(acts.shown(module, record, unit))


@route("DELETE", "/records/<module_key>/<record_id>", gives=204)
@guard(Action.RECORD_DELETE)
def delete_record(module_key: str, record_id: str) -> Response:
    """删除一条记录，留痕"""
    module = acts.module_of(module_key)
    record, unit = acts.seen(module, record_id)
    acts.remove(module, record, unit, if_match())
    return nothing()


@route("POST", "/records/<module_key>/<record_id>/submit", takes=SubmitBody)
@guard(Action.RECORD_UPDATE)
@creates
def submit_record(module_key: str, record_id: str) -> Response:
    """提交草稿"""
    module = acts.module_of(module_key)
    record, unit = acts.seen(module, record_id)
    require(Action.RECORD_UPDATE, unit, module.column)
    raw = body() if request.get_data() else {}
    acts.submit(module, record, unit, load(SubmitBody(), raw).get("late_reason"))
    return answer(acts.shown(module, record, unit))


def attachment_out(attachment: Attachment) -> dict[str, Any]:
    """A photo as the API shows it."""
    return {"id": attachment.id, "filename": attachment.filename, "content_type": attachment.content_type,
            "size": attachment.size, "href": f"/api/v1/attachments/{attachment.id}"}


@route("POST", "/records/<module_key>/<record_id>/attachments", gives=201)
@guard(Action.RECORD_UPDATE)
@creates
def add_attachment(module_key: str, record_id: str) -> Response:
    """给记录添加照片（multipart，字段 file）"""
    module = acts.module_of(module_key)
    record, unit = acts.seen(module, record_id)
    require(Action.RECORD_UPDATE, unit, module.column)
    upload = request.files.get("file")
    if upload is None:
        raise Invalid(fields={"file": ["请选择照片。"]})
    attachment = photos.add(module, record, unit, upload.stream.read(), upload.filename or "")
    return answer(attachment_out(attachment), 201)


@route("GET", "/attachments/<attachment_id>")
@guard(Action.RECORD_READ)
def show_attachment(attachment_id: str) -> Response:
    """一张照片"""
    attachment = photos.seen(attachment_id)
    photos.allowed(attachment)
    return photo_response(attachment)


def photo_response(attachment: Attachment) -> Response:
    """The bytes, as a download with a safe name: a page may still show it as an image."""
    return send_file(io.BytesIO(photos.content(attachment)), mimetype=attachment.content_type, as_attachment=True,
                     download_name=attachment.filename, max_age=0, etag=False)
