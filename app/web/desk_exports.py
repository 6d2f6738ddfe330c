"""Whole lists as spreadsheets on the console: what for, how far it is, and the file for a day."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, stream_with_context, url_for
from flask import Response as Streamed
from werkzeug.wrappers import Response

from app import job_rows
from app.exports import asking
from app.exports.sources import columns_of, sensitive_of
from app.exports.wanted import CADRES, Wanted, may_be_clear
from app.job_rows import Job
from app.keeping.records import module_of
from app.schemas.bodies import ExportBody
from app.schemas.queries import CadreQuery
from app.web import desk_cadres, desk_records
from app.web import export_words as words
from app.web.desk_records import RecordListQuery
from app.web.forms import Attempt, asked, attempt, fields_of, submitted, typed
from app.web.list_page import narrowed, whole_list
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, my_scope, signed_in
from permissions.roles import PC
from tenants import clock

blueprint = Blueprint("desk_exports", __name__, url_prefix="/desk")
RECENT = 5
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Conditions = dict[str, Any]


@blueprint.get("/cadres/export")
@guard(Action.CADRE_EXPORT, channels=PC)
def cadres() -> str:
    """What the roster is needed for, and what the file will hold."""
    return _form(*_cadres(), None)


@blueprint.post("/cadres/export")
@guard(Action.CADRE_EXPORT, channels=PC)
def make_cadres() -> Any:
    """Have it made."""
    return _make(*_cadres())


@blueprint.get("/records/<module_key>/export")
@guard(Action.RECORD_EXPORT, channels=PC)
def records(module_key: str) -> str:
    """The same for records of one kind."""
    return _form(*_records(module_key), None)


@blueprint.post("/records/<module_key>/export")
@guard(Action.RECORD_EXPORT, channels=PC)
def make_records(module_key: str) -> Any:
    """Have it made."""
    return _make(*_records(module_key))


def _cadres() -> tuple[Wanted, Conditions]:
    whole = my_scope(Action.CADRE_EXPORT)
    found = asked(CadreQuery.kept())
    unit, _inside = narrowed(found.get("unit"), whole)
    return Wanted(None, desk_cadres.filters_of(found), unit), found


def _records(module_key: str) -> tuple[Wanted, Conditions]:
    module = module_of(module_key)
    whole = my_scope(Action.RECORD_EXPORT, module.column)
    found = asked(RecordListQuery.kept())
    alone = bool(found.get("own"))
    unit, _inside = narrowed(found.get("unit"), whole, alone=alone)
    return Wanted(module, desk_records.filters_of(found), unit, alone), found


def _list_href(which: str) -> str:
    if which == CADRES:
        return url_for("desk_cadres.index")
    return url_for("desk_records.index", module_key=which)


def _crumbs(wanted: Wanted, *more: dict[str, Any]) -> list[dict[str, Any]]:
    return desk_cadres.crumbs(*more) if wanted.module is None else desk_records.crumbs(wanted.module, *more)


def _form(wanted: Wanted, found: Conditions, tried: Attempt[Job] | None) -> str:
    schema, failed = ExportBody(), tried is not None and tried.failed
    fields = fields_of(schema, typed(schema) if failed else {}, tried.errors if tried is not None else {})
    fields["purpose"]["help"] = "如：核对走访名单。谁、什么时候、为什么导出了多少行，都会记入日志，上级可以看到。"
    clear = bool(may_be_clear(wanted.module).narrowed(wanted.inside())) and bool(sensitive_of(wanted.module))
    if not clear:
        del fields["clear"]
    else:
        fields["clear"]["help"] = "只对您有权查看原文的单位有效，其余的行仍然遮蔽。"
    title = f"导出{wanted.title}"
    return page(
        "desk/export/ask.html", title=title, crumbs=_crumbs(wanted, {"title": "导出"}), unit=wanted.unit,
        fields=list(fields.values()), rows=asking.count(wanted, clock.today()), action=request.full_path.rstrip("?"),
        general=tried.general_beside(fields) if tried is not None and failed else [],
        conditions=words.conditions(wanted, found), columns=[label for _key, label, _kind, _width in
                                                            columns_of(wanted.module)],
        masked=sensitive_of(wanted.module), cancel_href=whole_list(_list_href(wanted.list)),
        recent=[words.line(job) for job in job_rows.recent(wanted.action.value, RECENT)],
    )


def _make(wanted: Wanted, found: Conditions) -> Any:
    def act() -> Job:
        sent = submitted(ExportBody())
        full = replace(wanted, clear=sent["clear"], purpose=sent["purpose"])
        return asking.ask(full, words.conditions(wanted, found))

    tried = attempt(act)
    if tried.value is None:
        return _form(wanted, found, tried), tried.status
    return redirect(url_for("desk_exports.show", job_id=tried.value.id), 303)


@blueprint.get("/exports/<job_id>")
@signed_in(channels=PC)
def show(job_id: str) -> str:
    """How far it is, or the file."""
    job = asking.mine(job_id)
    frame: dict[str, Any] = {"title": words.title(job), "crumbs": _way_back(job), "job": job,
                             "items": words.items(job), "list_href": _list_href(job.params["list"])}
    if job.state in ("waiting", "running"):
        return page("desk/export/running.html", progress_of=_progress(job), **frame)
    gone = asking.refusal(job) if job.state == "done" else (job.result or {}).get("message")
    return page("desk/export/done.html", gone=gone, notice_of=words.notice(job, gone), **frame)


def _way_back(job: Job) -> list[dict[str, Any]]:
    which = job.params["list"]
    line = desk_cadres.crumbs() if which == CADRES else desk_records.crumbs(module_of(which))
    return [*line, {"title": "导出"}]


def _progress(job: Job) -> dict[str, Any]:
    """What the macro `progress` draws."""
    here = url_for("desk_exports.show", job_id=job.id)
    return {"id": job.id, "title": words.title(job), "percent": round(job.progress * 100), "page_href": here,
            "state": {"waiting": "queued"}.get(job.state, job.state), "result_href": here,
            "message": words.how_far(job, job_rows.ahead(job) if job.state == "waiting" else 0),
            "poll_url": url_for("desk_exports.progress", job_id=job.id)}


@blueprint.get("/exports/<job_id>/progress")
@signed_in(channels=PC)
def progress(job_id: str) -> Response:
    """The same, alone, asked for every two seconds; when it is done the page is loaded anew."""
    job = asking.mine(job_id)
    here = url_for("desk_exports.show", job_id=job.id)
    if "HX-Request" not in request.headers:
        return redirect(here)
    response = make_response(render_template("desk/import/progress_part.html", progress_of=_progress(job)))
    if job.state in ("done", "failed"):
        response.headers["HX-Redirect"] = here
    return response


@blueprint.post("/exports/<job_id>/cancel")
@signed_in(channels=PC)
def cancel(job_id: str) -> Response:
    """Call it off."""
    return redirect(url_for("desk_exports.show", job_id=asking.call_off(job_id).id), 303)


@blueprint.get("/exports/<job_id>/file")
@signed_in(channels=PC)
def file(job_id: str) -> Response:
    """The file, to its asker alone."""
    found = asking.fetch(job_id)
    response = Streamed(stream_with_context(found.parts), mimetype=XLSX)
    response.content_length = found.size
    response.headers["Content-Disposition"] = found.disposition
    return response
