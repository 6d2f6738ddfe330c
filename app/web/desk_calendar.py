"""The official calendar on the console: a year at a glance; the province types or uploads a notice, looks, confirms."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import job_rows
from app.deadlines.calendar import YearNotice
from app.deadlines.notices import NoticeError, as_json, parse
from app.job_rows import Job
from app.records.calendar import missing_years, work_calendar
from app.schemas.fields import Reference, Whole
from app.schemas.strict import Strict
from app.timing import notices
from app.timing.notices import Preview
from app.timing.redate_job import KIND
from app.web import words
from app.web.calendar_rows import months, said_of, spoken
from app.web.forms import Attempt, asked, attempt
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, my_scope
from permissions.roles import PC
from tenants import clock
from tenants.errors import Invalid

blueprint = Blueprint("desk_calendar", __name__, url_prefix="/desk/calendar")
HOLIDAY_ROWS, MAKEUP_ROWS = 9, 10
TITLE = "放假安排"
Answer = str | Response | tuple[str, int]


class YearQuery(Strict):
    """The year in view, and the job that moves the due dates after a notice."""

    year = Whole("年份", least=2000, most=2100)
    job = Reference("任务")


def _crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"title": TITLE, "href": url_for("desk_calendar.index")}, *more]


@blueprint.get("")
@guard(Action.DEADLINE_EXPLAIN, channels=PC)
def index() -> str:
    """A year: its months, its notice, the notices before."""
    my_scope(Action.DEADLINE_EXPLAIN)
    found, today = asked(YearQuery.kept()), clock.today()
    year, calendar = found.get("year") or today.year, work_calendar()
    job = job_rows.mine(found["job"], KIND) if found.get("job") else None
    return page(
        "desk/calendar/index.html", title=f"{year} 年放假安排", year=year, months=months(calendar, year, today),
        published=calendar.published(year), missing=missing_years(today), may_update=notices.may_update(),
        years=[{"title": f"{each} 年", "href": url_for("desk_calendar.index", year=each), "active": each == year}
               for each in range(today.year - 3, today.year + 3)],
        versions=[{"cells": {"notice": row.notice or "（没有文号）", "issued": row.issued_on,
                             "loaded": words.moment(row.loaded_at), "by": name,
                             "state": {"badge": {"text": "现行", "tone": "good"} if place == 0 else
                                       {"text": "已被替代", "tone": "plain"}}}}
                  for place, (row, name) in enumerate(notices.versions(year))],
        job=job, progress_of=_progress(job, year) if job is not None else None, crumbs=[{"title": TITLE}])


def _progress(job: Job, year: int) -> dict[str, Any]:
    result, here = job.result or {}, url_for("desk_calendar.index", year=year, job=job.id)
    message = f"已完成 {round(job.progress * 100)}%。"
    if job.state == "done":
        message = (f"看过 {result['records']:,} 件待录记录，{result['due_dates_changed']:,} 件的截止日有变动，"
                   f"告知了 {result['told']:,} 人。")
    elif job.state == "failed":
        message = str(result.get("message", ""))
    return {"id": job.id, "title": "重算待录记录的截止日", "percent": round(job.progress * 100), "message": message,
            "state": {"waiting": "queued"}.get(job.state, job.state), "page_href": here,
            "poll_url": url_for("desk_calendar.progress", year=year, job=job.id)}


@blueprint.get("/progress")
@guard(Action.DEADLINE_EXPLAIN, channels=PC)
def progress() -> Response:
    """How far the due dates have been moved; asked for every two seconds."""
    my_scope(Action.DEADLINE_EXPLAIN)
    found = asked(YearQuery.kept())
    year = found.get("year") or clock.today().year
    if not found.get("job") or "HX-Request" not in request.headers:
        return redirect(url_for("desk_calendar.index", year=year, job=found.get("job")))
    job = job_rows.mine(found["job"], KIND)
    return make_response(render_template("desk/import/progress_part.html", progress_of=_progress(job, year)))


@blueprint.get("/edit")
@guard(Action.CALENDAR_UPDATE, channels=PC)
def edit() -> str:
    """The form: a notice typed as it reads, or a file."""
    notices.require_update()
    year = asked(YearQuery.kept()).get("year") or max([*notices.years(), clock.today().year - 1]) + 1
    return _form(_raw(notices.draft(year)), None)


def _raw(notice: YearNotice) -> dict[str, Any]:
    rows = [{"name": each.name, "first": each.first.isoformat(), "last": each.last.isoformat()}
            for each in notice.holidays]
    return {"year": str(notice.year), "notice": notice.notice,
            "issued": notice.issued.isoformat() if notice.issued else "", "rows": rows,
            "makeup": [day.isoformat() for day in notice.makeup]}


def _typed() -> dict[str, Any]:
    form = request.form
    columns = [form.getlist(name)[:40] for name in ("name", "first", "last")]
    rows = [dict(zip(("name", "first", "last"), each, strict=False)) for each in zip(*columns, strict=False)]
    return {"year": form.get("year", "")[:4], "notice": form.get("notice", "")[:100],
            "issued": form.get("issued", "")[:10], "rows": rows, "makeup": form.getlist("makeup")[:40]}


def _form(raw: dict[str, Any], tried: Attempt[Any] | None) -> str:
    errors = tried.errors if tried is not None else {}
    empty = {"name": "", "first": "", "last": ""}
    rows = raw["rows"] + [empty] * max(HOLIDAY_ROWS - len(raw["rows"]), 1)
    makeup = [each for each in raw["makeup"] if each]
    fields = [
        {"name": "year", "label": "年份", "widget": "number", "value": raw["year"], "required": True, "min": 2000,
         "max": 2100, "errors": list(errors.get("year", ()))},
        {"name": "notice", "label": "通知文号", "value": raw["notice"], "required": True, "maxlength": 60,
         "placeholder": "国办发明电〔2026〕8号", "errors": list(errors.get("notice", ()))},
        {"name": "issued", "label": "发文日期", "widget": "date", "value": raw["issued"], "optional": True,
         "errors": list(errors.get("issued", ()))},
    ]
    wrong = [text for key, texts in errors.items() if key not in ("year", "notice", "issued", "file") for text in texts]
    general = wrong or (tried.general if tried is not None and not errors else [])
    return page("desk/calendar/edit.html", title=f"录入 {raw['year']} 年放假安排", fields=fields, rows=rows,
                makeup=makeup + [""] * max(MAKEUP_ROWS - len(makeup), 2), general=general,
                file={"name": "file", "label": "通知文件", "widget": "file", "accept": ".json,.csv",
                      "errors": list(errors.get("file", ())),
                      "help": "CSV 第一行是 date,kind,name，之后每天一行，kind 写 off（放假）或 work（上班）；"
                              "或 JSON。"},
                crumbs=_crumbs({"title": "录入"}))


@blueprint.post("/edit")
@guard(Action.CALENDAR_UPDATE, channels=PC)
def look() -> Answer:
    """What the notice would change; nothing is kept yet."""
    notices.require_update()
    raw = _typed()
    tried = attempt(lambda: notices.preview(_notice(raw)))
    if tried.value is None:
        return _form(raw if raw["rows"] else _raw(notices.draft(_year(raw))), tried), tried.status
    return _preview(tried.value)


def _year(raw: dict[str, Any]) -> int:
    found = raw["year"]
    return int(found) if found.isascii() and found.isdigit() and 2000 <= int(found) <= 2100 else clock.today().year + 1


def _notice(raw: dict[str, Any]) -> YearNotice:
    """From the file if one was sent, else from the rows typed."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        return _one(sent.stream.read(1_000_000), raw["notice"], "file")
    year, issued = raw["year"], raw["issued"]
    if not (year.isascii() and year.isdigit()):
        raise Invalid(fields={"year": ["请填写四位数的年份。"]})
    if not raw["notice"].strip():
        raise Invalid(fields={"notice": ["请填写通知文号。"]})
    try:
        day = date.fromisoformat(issued) if issued else None
    except ValueError as error:
        raise Invalid(fields={"issued": ["发文日期不是有效日期。"]}) from error
    return notices.from_rows(int(year), raw["notice"], day, raw["rows"], raw["makeup"])


def _one(content: bytes | str, number: str, field: str) -> YearNotice:
    try:
        found = parse(content, number.strip())
    except NoticeError as error:
        raise Invalid(fields={field: [str(error)]}) from error
    if len(found) != 1:
        raise Invalid(fields={field: ["一次只能录入一年。"]})
    if not found[0].notice.strip():
        raise Invalid(fields={"notice": ["文件里没有通知文号，请在上面填写。"]})
    return found[0]


def _preview(found: Preview) -> str:
    notice = found.notice
    changed = {each.after.date for each in found.changes}
    rows = [{"cells": {"day": spoken(each.after.date), "before": said_of(each.before), "after": said_of(each.after)}}
            for each in found.changes]
    return page("desk/calendar/preview.html", title=f"核对 {notice.year} 年放假安排", notice=notice, rows=rows,
                records=found.records, months=months(found.calendar, notice.year, clock.today(), changed),
                year=notice.year, sent=as_json(notice), crumbs=_crumbs({"title": "核对"}))


@blueprint.post("/confirm")
@guard(Action.CALENDAR_UPDATE, channels=PC)
def confirm() -> Answer:
    """Keep what was looked at."""
    notices.require_update()
    tried = attempt(lambda: _kept(request.form.get("content", "")))
    if tried.value is None:
        return _form(_raw(notices.draft(clock.today().year + 1)), tried), tried.status
    notice, job = tried.value
    flash(f"已保存 {notice.year} 年放假安排，正在重算待录记录的截止日。", "success")
    return redirect(url_for("desk_calendar.index", year=notice.year, job=job.id), 303)


def _kept(content: str) -> tuple[YearNotice, Job]:
    notice = _one(content, "", "file")
    return notice, notices.confirm(notice)
