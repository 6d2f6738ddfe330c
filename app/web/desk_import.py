"""Importing a roster on the console: upload and try, look at what is wrong, then import from the same upload."""

import io
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app import job_rows
from app.administration import units
from app.job_rows import Job
from app.people import importing, roster
from app.people.roster_upload import KIND
from app.schemas.fields import Code, Reference, Whole, is_id
from app.schemas.strict import Strict
from app.web import import_words as words
from app.web.desk_cadres import crumbs
from app.web.forms import Attempt, asked, attempt
from app.web.list_page import chips, unit_field
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, me, my_scope, require
from permissions.roles import PC
from tenants import tree
from tenants.errors import Invalid
from tenants.models import Unit

blueprint = Blueprint("desk_import", __name__, url_prefix="/desk/cadres/import")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = "导入名册"
SHOWN_ERRORS = 200
RECENT = 8
WAYS = {"skip": "导入没有错的行，有错的行退回", "abort": "只要有一行有错，就全部不导入"}


class IndexQuery(Strict):
    """The unit in view."""

    unit = Reference("单位")


class ErrorQuery(Strict):
    """Which errors to show."""

    column = Code("列", {key: column.label for key, column in zip(roster.LABELS, roster.COLUMNS, strict=True)})
    row = Whole("行号", least=1, most=1_048_576)


def _unit(unit_id: str | None) -> Unit:
    """Where to import: seen first (404), then allowed (403); without a choice my own unit, or the first I may."""
    scope = my_scope(Action.CADRE_IMPORT)
    if not unit_id:
        return units.own() if scope.covers(me().at.number) else tree.topmost(scope)[0]
    if not is_id(unit_id):
        raise Invalid(fields={"unit": ["请选择单位。"]})
    unit = units.seen(unit_id)
    require(Action.CADRE_IMPORT, unit)
    return unit


@blueprint.get("")
@guard(Action.CADRE_IMPORT, channels=PC)
def index() -> str:
    """The template, the upload, and what I imported lately."""
    return _form(_unit(asked(IndexQuery.kept()).get("unit")), None)


def _form(unit: Unit, tried: Attempt[Job] | None) -> str:
    errors = tried.errors if tried is not None else {}
    fields = [
        unit_field(my_scope(Action.CADRE_IMPORT), unit) | {
            "label": "单位", "required": True, "no_blank": True, "errors": list(errors.get("unit", ())),
            "help": "表格里没有填“单位”的行，归这个单位管理。更下一级的单位，请先在左边的单位栏里选好。"},
        {"name": "file", "label": "名册文件", "widget": "file", "required": True, "accept": f".xlsx,{XLSX}",
         "errors": list(errors.get("file", ())), "help": "Excel 或 WPS 的 .xlsx 文件，不超过 20 MB、5 万行。"},
    ]
    general = [] if tried is None else tried.general_beside({field["name"]: field for field in fields})
    return page("desk/import/index.html", title=TITLE, unit=unit, crumbs=crumbs({"title": TITLE}), fields=fields,
                general=general if tried is not None and tried.failed else [],
                recent=[words.line(job) for job in job_rows.recent(KIND, RECENT)])


@blueprint.post("")
@guard(Action.CADRE_IMPORT, channels=PC)
def upload() -> Any:
    """Take a file and try it; nothing is imported yet."""
    unit = _unit(request.form.get("unit"))
    sent = request.files.get("file")

    def act() -> Job:
        if sent is None or not sent.filename:
            raise Invalid(fields={"file": ["请选择文件。"]})
        return importing.start(unit, sent.stream.read(), sent.filename, dry_run=True, on_error="skip", keep=True)

    tried = attempt(act)
    if tried.value is None:
        return _form(unit, tried), tried.status
    return redirect(url_for("desk_import.show", job_id=tried.value.id), 303)


@blueprint.get("/template")
@guard(Action.CADRE_IMPORT, channels=PC)
def template() -> Response:
    """The empty workbook."""
    my_scope(Action.CADRE_IMPORT)
    return _download(roster.template(), "离退休干部名册模板.xlsx")


def _mine(job_id: str) -> tuple[Job, Unit]:
    """An import of mine and its unit. NotFound, then Forbidden for one who may no longer import there."""
    job = job_rows.mine(job_id, KIND)
    unit = importing.unit_of(job)
    require(Action.CADRE_IMPORT, unit)
    return job, unit


@blueprint.get("/<job_id>")
@guard(Action.CADRE_IMPORT, channels=PC)
def show(job_id: str) -> str:
    """How far it is, or what came of it."""
    job, unit = _mine(job_id)
    return _show(job, unit, None)


def _show(job: Job, unit: Unit, tried: Attempt[Job] | None) -> str:
    title = words.title(job)
    line = crumbs({"title": TITLE, "href": url_for("desk_import.index", unit=unit.id)}, {"title": title})
    frame: dict[str, Any] = {"title": title, "unit": unit, "owner": unit, "job": job, "crumbs": line,
                             "sub": words.sub(job, unit)}
    if job.state in ("waiting", "running"):
        return page("desk/import/running.html", progress_of=_progress(job), **frame)
    if job.state == "failed":
        return page("desk/import/failed.html", said=words.failure(job), **frame)
    result = job.result or {}
    ways = {"name": "on_error", "label": "有错的行怎么办", "widget": "radio", "required": True, "wide": True,
            "choices": list(WAYS.items()), "value": request.form.get("on_error", "skip"),
            "errors": list(tried.errors.get("on_error", ())) if tried is not None else []}
    return page("desk/import/result.html", result=result, ways=ways, notice_of=words.notice(job),
                general=tried.general_beside({"on_error": ways}) if tried is not None and tried.failed else [],
                stats_of=words.stats(result), may_confirm=words.may_confirm(job),
                confirmed=job.params.get("confirmed"), errors_of=_errors(job), **frame)


def _errors(job: Job) -> dict[str, Any]:
    """The table of errors, narrowed by column and row; the first two hundred."""
    found = asked(ErrorQuery.kept()) if request.method == "GET" else {}
    every = (job.result or {}).get("errors", [])
    label = roster.LABELS.get(found.get("column", ""))
    chosen = [each for each in every if label in (None, each["column"]) and found.get("row") in (None, each["row"])]
    present = {each["column"] for each in every}
    return {
        "all": len(every) + (job.result or {}).get("errors_left_out", 0), "chosen": len(chosen), "most": SHOWN_ERRORS,
        "rows": [{"cells": {"row": f"第 {each['row']:,} 行", "column": each["column"], "why": each["message"]}}
                 for each in chosen[:SHOWN_ERRORS]],
        "fields": [
            {"name": "column", "label": "列", "widget": "select", "placeholder": "全部",
             "value": found.get("column", ""),
             "choices": [(key, name) for key, name in roster.LABELS.items() if name in present]},
            {"name": "row", "label": "行号", "widget": "number", "min": 1, "value": found.get("row")},
        ],
        "active": chips({"column": label, "row": f"第 {found['row']} 行" if found.get("row") else None}),
    }


def _progress(job: Job) -> dict[str, Any]:
    """What the macro `progress` draws."""
    here = url_for("desk_import.show", job_id=job.id)
    return {"id": job.id, "title": words.title(job), "percent": round(job.progress * 100), "page_href": here,
            "state": {"waiting": "queued"}.get(job.state, job.state), "result_href": here,
            "message": _how_far(job),
            "poll_url": url_for("desk_import.progress", job_id=job.id)}


def _how_far(job: Job) -> str:
    waits = job_rows.ahead(job) if job.state == "waiting" else 0
    if waits:
        return f"本单位前面还有 {waits} 个任务，轮到后自动开始；一个单位同时只办一个，不影响其他单位。"
    return f"共 {job.params['rows']:,} 行，已完成 {round(job.progress * 100)}%。"


@blueprint.get("/<job_id>/progress")
@guard(Action.CADRE_IMPORT, channels=PC)
def progress(job_id: str) -> Response:
    """The same, alone, asked for every two seconds; when it is done the page is loaded anew."""
    job, _here = _mine(job_id)
    if "HX-Request" not in request.headers:
        return redirect(url_for("desk_import.show", job_id=job.id))
    response = make_response(render_template("desk/import/progress_part.html", progress_of=_progress(job)))
    if job.state in ("done", "failed"):
        response.headers["HX-Redirect"] = url_for("desk_import.show", job_id=job.id)
    return response


@blueprint.post("/<job_id>/confirm")
@guard(Action.CADRE_IMPORT, channels=PC)
def confirm(job_id: str) -> Any:
    """Import what was tried, from the file kept then."""
    job, unit = _mine(job_id)

    def act() -> Job:
        wanted = request.form.get("on_error", "")
        if wanted not in WAYS:
            raise Invalid(fields={"on_error": ["请选择有错的行怎么办。"]})
        return importing.confirm(job_id, wanted)

    tried = attempt(act)
    if tried.value is None:
        return _show(job, unit, tried), tried.status
    return redirect(url_for("desk_import.show", job_id=tried.value.id), 303)


@blueprint.get("/<job_id>/errors.xlsx")
@guard(Action.CADRE_IMPORT, channels=PC)
def errors(job_id: str) -> Response:
    """The bad rows in the sender's own workbook."""
    job, _here = _mine(job_id)
    return _download(*importing.errors_of(job.id))


def _download(content: bytes, name: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name, max_age=0, etag=False)
