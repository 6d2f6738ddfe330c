"""Long work on the console: what was asked for, by whom, how far it is, what went wrong and what to do about it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from app import job_rows
from app.job_rows import Job
from app.people.roster_upload import KIND as ROSTER
from app.records.redate_asking import KIND as REDATE
from app.schemas.queries import PageQuery
from app.web import words
from app.web.forms import asked
from app.web.list_page import ROWS, pager, unit_names
from app.web.render import page
from permissions import audit, guard
from permissions.actions import Action
from permissions.guard import me, signed_in
from permissions.roles import PC
from tenants import clock
from tenants.errors import Conflict

blueprint = Blueprint("desk_jobs", __name__, url_prefix="/desk/jobs")
STATES: Mapping[str, tuple[str, str]] = {
    "waiting": ("排队中", "plain"), "running": ("正在处理", "calm"), "done": ("已完成", "good"),
    "failed": ("没有完成", "bad")}
COLUMNS = ({"key": "what", "label": "任务", "wide": True}, {"key": "unit", "label": "单位"},
           {"key": "who", "label": "提交人", "nowrap": True}, {"key": "asked", "label": "提交时间", "nowrap": True},
           {"key": "ended", "label": "完成时间", "nowrap": True}, {"key": "state", "label": "情况"})
AGAIN = (REDATE,)  # what may be done once more as it was asked: doing it twice is the same as doing it once


@blueprint.get("")
@signed_in(channels=PC)
def index() -> str:
    """My jobs; for whoever reads the log of units, those asked for there as well."""
    account_id, found = me().account.id, asked(PageQuery())
    jobs = job_rows.listing(guard.sight(Action.AUDIT_READ), account_id, cursor=found.get("cursor"),
                            limit=found.get("limit") or ROWS)
    names = unit_names({job.unit_id for job, _name in jobs.items})
    return page(
        "desk/jobs.html", title="后台任务", crumbs=[{"title": "后台任务"}], columns=COLUMNS, pager=pager(jobs),
        rows=[_row(job, name, names, mine=job.account_id == account_id) for job, name in jobs.items],
        again=[{"action": url_for("desk_jobs.again", job_id=job.id), "title": words.action(job.kind),
                "asked": words.moment(job.created_at)} for job, _name in jobs.items
               if job.account_id == account_id and _may_again(job)])


def _may_again(job: Job) -> bool:
    return job.state == "failed" and job.kind in AGAIN


def _row(job: Job, name: str, names: Mapping[str, str], *, mine: bool) -> dict[str, Any]:
    text, tone = STATES[job.state]
    note = None
    if job.state == "running":
        note = f"已完成 {round(job.progress * 100)}%"
    elif job.state == "waiting" and mine:
        note = f"前面还有 {job_rows.ahead(job)} 个"
    elif job.state == "failed":
        note = str((job.result or {}).get("message") or "请稍后重新提交，仍不行请联系系统管理员。")
    tries = f"第 {job.attempts} 次处理" if job.attempts > 1 else None
    return {"href": _href(job) if mine else None, "cells": {
        "what": {"text": words.action(job.kind), "sub": tries}, "unit": names.get(job.unit_id, ""), "who": name,
        "asked": words.moment(job.created_at), "ended": words.moment(job.finished_at) if job.finished_at else None,
        "state": {"badge": {"text": text, "tone": tone}, "sub": note}}}


def _href(job: Job) -> str | None:
    """The page on which the work was asked for."""
    if job.kind == ROSTER:
        return url_for("desk_import.show", job_id=job.id)
    if job.kind.endswith(":export"):
        return url_for("desk_exports.show", job_id=job.id)
    return url_for("desk_calendar.index", job=job.id) if job.kind == REDATE else None


@blueprint.post("/<job_id>/again")
@signed_in(channels=PC)
def again(job_id: str) -> Response:
    """Ask for the same once more, with the rights I have now."""
    job = job_rows.mine(job_id, lock=True)
    if not _may_again(job):
        raise Conflict("这个任务不需要、或不能原样重做；请到原来的页面重新提交。", code="not_again")
    unit = job_rows.unit_of(job)
    made = job_rows.ask(job.kind, unit, dict(job.params))
    audit.record("job:again", "job", made.id, unit, after={"kind": job.kind, "asked_at": clock.iso(job.created_at)})
    flash("已重新提交，完成后这里显示结果。", "success")
    return redirect(url_for("desk_jobs.index"), 303)
